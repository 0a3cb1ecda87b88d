"""Rows of a roster that might be a household the ledger has: what may be decided about them (design.md 10)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Decision(TextChoices):
    """What somebody says of a held row."""

    MOVED = "moved", _("The same, moved here")
    SAME = "same", _("The same household, these values")
    TWO = "two", _("Two different ones")
    OUT = "out", _("A mistake in the file")
    TAKE = "take", _("Taken in as it stands")


class HeldState(TextChoices):
    """Where a held row stands."""

    OPEN = "open", _("To be decided")
    DECIDED = "decided", _("Decided")
    REPLACED = "replaced", _("Asked again by a later file")
    EXPIRED = "expired", _("Ended without a decision")
