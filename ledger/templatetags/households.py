"""How a household's place and last contact are worded: the same on every page."""

import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.models import Household, HouseholdType, Visit
from ledger.rules.days import local_day
from ledger.rules.freshness import Band, band_of
from ledger.rules.households import ORDINARY_TYPE, HouseholdStatus
from ledger.templatetags.issues import day_words

register = template.Library()

BAND_COLOURS = {
    Band.NEVER: "due",
    Band.OVER_90: "due",
    Band.TO_90: "plain",
    Band.TO_60: "plain",
    Band.TO_30: "done",
}


@register.filter
def home_place(household: Any) -> str:
    """Village and group of a household or a visit."""
    return f"{household.village} {household.group}" if household.group else str(household.village)


@register.filter
def home_address(household: Household) -> str:
    """Place and address; the place is left out where the address begins with it anyway."""
    place, address = home_place(household), household.address
    if not address:
        return place
    return address if address.startswith(household.village.name) else f"{place} · {address}"


@register.filter
def telling_types(household: Household) -> list[HouseholdType]:
    """The types that set a household apart; the ordinary one would stand on nearly each row of a list."""
    return [kind for kind in household.types.all() if kind.name != ORDINARY_TYPE]


@register.filter
def met_words(household: Household, today: datetime.date) -> str:
    """``Nobody met yet``, ``Met today``, ``Last met April 2, 96 days ago``."""
    if household.last_met_on is None:
        return _("Nobody has been met yet")
    days = (today - household.last_met_on).days
    if days <= 0:
        return _("Met today")
    values = {"day": day_words(household.last_met_on, today), "n": days}
    return ngettext("Last met %(day)s, %(n)s day ago", "Last met %(day)s, %(n)s days ago", days) % values


@register.filter
def met_day(household: Household, today: datetime.date) -> str:
    """``April 2, 96 days ago``, where a label says what of."""
    if household.last_met_on is None or household.last_met_on >= today:
        return met_words(household, today)
    days = (today - household.last_met_on).days
    values = {"day": day_words(household.last_met_on, today), "n": days}
    return ngettext("%(day)s, %(n)s day ago", "%(day)s, %(n)s days ago", days) % values


@register.filter
def is_narrowed(chosen: Any) -> bool:
    """Whether anything beside the search of a list's filter is chosen: then a phone shows the choices, and Clear."""
    return any(chosen.data.get(field.name) for field in chosen.form if field.name != "q")


@register.inclusion_tag("components/_badge.html")
def met_badge(household: Household, today: datetime.date) -> dict[str, str]:
    """The freshness band."""
    band = band_of(household.last_met_on, today)
    return {"label": str(band.label), "state": BAND_COLOURS[band]}


@register.inclusion_tag("components/_badge.html")
def status_badge(household: Household) -> dict[str, str]:
    """Where the household is, when it is not simply living here."""
    return {"label": household.get_status_display(), "state": "plain"}


@register.filter
def is_elsewhere(household: Household) -> bool:
    """Whether the status needs a word."""
    return household.status != HouseholdStatus.ACTIVE


@register.filter
def is_gone(household: Household) -> bool:
    """Whether nobody lives there under this entry any more."""
    return household.status in {HouseholdStatus.MERGED, HouseholdStatus.MOVED, HouseholdStatus.CLOSED}


@register.inclusion_tag("components/_badge.html")
def promise_badge(visit: Visit, today: datetime.date) -> dict[str, str]:
    """The day somebody is expected again: late, due, or still ahead."""
    day = visit.follow_up_on
    assert day is not None, "only visits that promise a day"
    late = (today - day).days
    if late > 0:
        return {"label": ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}, "state": "late"}
    if late == 0:
        return {"label": _("Promised for today"), "state": "due"}
    return {"label": day_words(day, today), "state": "plain"}


@register.inclusion_tag("components/_badge.html")
def result_badge(visit: Visit) -> dict[str, str]:
    """What came of a visit; a void one says so instead."""
    if visit.voided_at is not None:
        return {"label": _("Void"), "state": "plain"}
    if not visit.result:
        return {"label": visit.get_kind_display(), "state": "plain"}
    return {"label": visit.get_result_display(), "state": "done" if visit.result == "met" else "plain"}


@register.filter
def entered_late(visit: Visit) -> bool:
    """Whether it was written down on a later day: normal, and shown."""
    return local_day(visit.recorded_at) > visit.occurred_on
