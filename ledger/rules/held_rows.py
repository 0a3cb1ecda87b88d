"""Rows of a roster that might be a household the ledger has: what may be decided about them (design.md 10)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HeldFor(TextChoices):
    """Why a row is held; the codes of the import's report."""

    ID_ELSEWHERE = "id_elsewhere", _("Already in another household")
    POSSIBLE_DUPLICATE = "possible_duplicate", _("Possibly there already")
    CODE_CONFLICT = "code_conflict", _("Household number belongs to another")
    ID_DUPLICATE_IN_FILE = "id_duplicate_in_file", _("ID number twice in the file")


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
