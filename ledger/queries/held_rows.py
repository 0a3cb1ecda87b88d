"""Rows of rosters that wait for a decision."""

from typing import Any

from django.db.models import QuerySet

from ledger.models import BatchState, HeldRow
from ledger.rules.held_rows import HeldState

_BESIDE = ("row__batch", "township__county", "household", "decided_by")


def held_rows(user: Any) -> QuerySet[HeldRow]:
    """The held rows of the imports that ``user`` sees."""
    found: QuerySet[HeldRow] = HeldRow.objects.visible_to(user)
    return found.select_related(*_BESIDE)


def to_decide(rows: QuerySet[HeldRow]) -> QuerySet[HeldRow]:
    """Those nobody has decided, of imports that were applied; in the order of their files."""
    return rows.filter(state=HeldState.OPEN, row__batch__state=BatchState.APPLIED).order_by("held_at", "row")


def decided(rows: QuerySet[HeldRow]) -> QuerySet[HeldRow]:
    """Those somebody has decided, the latest first."""
    return rows.filter(state=HeldState.DECIDED).order_by("-decided_at", "-pk")
