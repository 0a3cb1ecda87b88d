"""矛盾纠纷: sides, and what a mediation needs before it counts as one."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LEAST_PARTIES = 2
MOST_PARTIES = 6
FOLLOW_UP_AHEAD = 7
"""Days ahead that a planned follow-up is shown among what is due."""


class Side(TextChoices):
    """On which side somebody stands; a third may be concerned without being on either."""

    FIRST = "first", _("First side")
    SECOND = "second", _("Second side")
    OTHER = "other", _("Also concerned")


def mediation_lacks(*, sides: list[str], agreement: str) -> Promise | str | None:
    """What a dispute still needs before it can end as mediated; None when it is whole."""
    if not {Side.FIRST, Side.SECOND} <= set(sides):
        return _("Mediated needs both sides on record: add the parties first.")
    if not agreement.strip():
        return _("Mediated needs the text of the agreement: write it down first.")
    return None
