"""The part of the trail that somebody may read."""

from typing import Any

from django.db.models import QuerySet

from ledger.models import AuditRow
from ledger.rules.permissions import Permission


def trail(user: Any) -> QuerySet[AuditRow]:
    """Rows of the own territory, without those about sensitive issues that the reader does not know of."""
    rows: QuerySet[AuditRow] = AuditRow.objects.visible_to(user, Permission.SEE_AUDIT)
    return rows
