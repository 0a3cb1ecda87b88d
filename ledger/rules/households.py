"""What a household can be (design.md 2 and 6)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HouseholdStatus(TextChoices):
    """Dated; active and away households are the denominator of coverage."""

    ACTIVE = "active", _("Living here")
    AWAY = "away", _("Away from home")
    VACANT = "vacant", _("Vacant")
    MERGED = "merged", _("Merged into another")
    MOVED = "moved", _("Moved away")
    CLOSED = "closed", _("Closed household")


COUNTED_STATUSES = (HouseholdStatus.ACTIVE, HouseholdStatus.AWAY)
"""Statuses in the denominator of coverage (design.md 6)."""


ORDINARY_TYPE = "一般户"
"""The household type (terms.md 3) that says only that no other holds: a list leaves it out."""


class Relation(TextChoices):
    """A member's relation to the head."""

    HEAD = "head", _("Head of household")
    SPOUSE = "spouse", _("Spouse")
    CHILD = "child", _("Child")
    CHILD_IN_LAW = "child_in_law", _("Child-in-law")
    PARENT = "parent", _("Parent")
    GRANDCHILD = "grandchild", _("Grandchild")
    GRANDPARENT = "grandparent", _("Grandparent")
    SIBLING = "sibling", _("Brother or sister")
    OTHER = "other", _("Other member")


class Gender(TextChoices):
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")
    UNKNOWN = "", _("Not recorded")


GENERATED_CODE_PREFIX = "自编"
"""What a code made here begins with. No roster's code is taken for one: an import refuses a code of this shape."""


def generated_code(number: int) -> str:
    """The household code made for a household that came without one: ``自编0007``, counted in its village."""
    return f"{GENERATED_CODE_PREFIX}{number:04d}"


def is_generated_code(code: str) -> bool:
    """Whether a code has the shape of one made here."""
    return code.startswith(GENERATED_CODE_PREFIX)


def generated_number(code: str) -> int:
    """The number in a generated code; 0 for any other."""
    digits = code.removeprefix(GENERATED_CODE_PREFIX)
    return int(digits) if is_generated_code(code) and digits.isdecimal() else 0
