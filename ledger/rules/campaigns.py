"""专题: how many points, how long, what may be said of one, how late a visit may still be entered."""

import datetime
from collections.abc import Sequence

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_POINTS = 8
"""More would be a form of its own at each door."""
LONGEST_POINT = 60
LONGEST_TEXT = 100
LONGEST_DAYS = 366
LATE = datetime.timedelta(days=14)
"""So long after the end a visit of its days may still be entered with its points: paper comes late."""


class Answer(TextChoices):
    """What became of a point at a household; both finish it."""

    DONE = "done", _("Done")
    NOT_APPLICABLE = "na", _("Does not apply")


class Reach(TextChoices):
    """How far a household has come: the figures of a campaign."""

    MEANT = "meant", _("Households meant")
    REACHED = "reached", _("Reached")
    DONE = "done", _("All points done")
    OPEN = "open", _("Still open")


def lines_of(text: str) -> list[str]:
    """The points as they were typed, one a line; blank lines and repeated ones count once."""
    return list(dict.fromkeys(line for raw in text.splitlines() if (line := raw.strip())))


def faults_of(points: Sequence[str]) -> str:
    """``none``, ``many`` or ``long``; empty for a good list."""
    if not points:
        return "none"
    if len(points) > MOST_POINTS:
        return "many"
    return "long" if any(len(point) > LONGEST_POINT for point in points) else ""
