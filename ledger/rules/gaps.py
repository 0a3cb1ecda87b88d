"""漏项清单 as data: what nobody is responsible for, in which words, and what mends it."""

import datetime
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.permissions import Permission


class Gap(TextChoices):
    """The sections of the list, the gravest first."""

    HOUSEHOLDS = "households", _("Households without a cadre")
    ISSUES = "issues", _("Open matters without an owner")
    VILLAGES = "villages", _("Villages without a leader")
    OVERLOADED = "overloaded", _("Cadres with too many households")
    IDLE = "idle", _("Household cadres without a household")


BY_ALLOCATION = (Gap.HOUSEHOLDS, Gap.OVERLOADED)
"""What a proposal for the village mends for all rows at once."""


@dataclass(frozen=True)
class GapRule:
    """``definition`` is the sentence under the figure, ``empty`` what stands there when nothing is missing."""

    definition: Promise | str
    empty: Promise | str
    act: Promise | str
    needs: Permission
    """Who may mend it; others read the list."""


P = Permission
RULES: dict[str, GapRule] = {
    Gap.HOUSEHOLDS: GapRule(
        _("Households living here or away that are assigned to nobody, or to somebody who has left the service or "
          "whose account is closed."),
        _("Every household has a cadre."), _("Name a cadre"), P.ASSIGN_HOUSEHOLDS,
    ),
    Gap.ISSUES: GapRule(
        _("Assigned, under way or deferred, but the handler has left, has no posting and no household any more or a "
          "closed account; or the unit has nobody who handles matters. Sensitive ones are shown to their circle only."),
        _("Every open matter has an owner."), _("Open"), P.DESK,
    ),
    Gap.VILLAGES: GapRule(
        _("Villages to which neither a township leader nor a county leader is tied."),
        _("Every village has a leader."), _("Tie a leader"), P.MANAGE_DISTRICTS,
    ),
    Gap.OVERLOADED: GapRule(
        _("Cadres who look after more than %(most)s households living here or away in this area."),
        _("Nobody has more households than the county allows."), _("See the households"), P.ASSIGN_HOUSEHOLDS,
    ),
    Gap.IDLE: GapRule(
        _("Posted here as household cadres, but no household of this area is theirs."),
        _("Every household cadre has households."), _("Open"), P.MANAGE_CADRES,
    ),
}  # fmt: skip


def said_in(day: datetime.date) -> str:
    """The mark of the notice of that day: while gaps last, they are told once a week."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"
