"""The part of the trail that somebody may read."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.models import AuditRow, Issue
from ledger.rules.permissions import Permission


def trail(user: Any) -> QuerySet[AuditRow]:
    """Rows of the own territory, without those about sensitive issues that the reader does not know of.

    An administrator reads the trail but not complaints and early signs (design.md 3): their numbers, steps and
    actors would tell of them.
    """
    sensitive = Issue.objects.filter(pk=OuterRef("object_id"), is_sensitive=True)
    seen = Issue.objects.visible_to(user).values("pk")
    hidden = Q(object_type="issue") & Exists(sensitive.exclude(pk__in=seen))
    return AuditRow.objects.visible_to(user, Permission.SEE_AUDIT).exclude(hidden)
