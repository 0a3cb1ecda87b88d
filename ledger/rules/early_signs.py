"""苗头隐患: colours, and how soon each is looked at again."""

import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Colour(TextChoices):
    """How near it is to going wrong, the worst first."""

    RED = "1red", _("Red")
    ORANGE = "2orange", _("Orange")
    YELLOW = "3yellow", _("Yellow")
    BLUE = "4blue", _("Blue")


REVIEW_DAYS = {Colour.RED: 1, Colour.ORANGE: 3, Colour.YELLOW: 7, Colour.BLUE: 30}
"""Days until it is looked at again, unless another day is chosen."""
BADGES = {Colour.RED: "late", Colour.ORANGE: "due", Colour.YELLOW: "due", Colour.BLUE: "calm"}


def next_review(colour: str, today: datetime.date) -> datetime.date:
    """The day by which a sign of this colour is looked at again."""
    return today + datetime.timedelta(days=REVIEW_DAYS[Colour(colour)])
