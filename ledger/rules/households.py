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
