"""企业: those somebody sees, with when each was visited last."""

from typing import Any

from django.db.models import Max, Q, QuerySet

from ledger.models import Enterprise
from ledger.rules.permissions import Permission


def enterprises(user: Any, permission: Permission = Permission.VIEW) -> QuerySet[Enterprise]:
    """In use first; of these the never visited first, then longest ago (``last_on``)."""
    rows: QuerySet[Any] = Enterprise.objects.visible_to(user, permission).select_related("village")
    stands = Q(visits__voided_at__isnull=True)
    return rows.annotate(last_on=Max("visits__occurred_on", filter=stands)).order_by("-is_active", "last_on", "pk")
