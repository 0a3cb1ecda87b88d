"""户的变动: what can happen to a household, in words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ledger.rules.households import HouseholdStatus


class EventKind(TextChoices):
    """One dated change of a household as a whole."""

    STATUS = "status", _("Change of status")
    SPLIT = "split", _("Split off")
    MERGE = "merge", _("Merged into another")
    MOVE = "move", _("Moved to another village")


BY_FORM = tuple(status for status in HouseholdStatus if status != HouseholdStatus.MERGED)
"""Statuses that somebody chooses; a household is merged by naming the one it becomes part of."""
UNDO_DAYS = 30
"""So long a wrong entry can be reversed; later it is put right by another event."""
