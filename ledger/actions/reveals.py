"""查看完整号码: one number at a time, with a reason, always on record (design.md 3).

The trail itself is the count: a number is shown only after its row was written, and the readers of one account take
turns. So tries at the same moment are all counted, and nothing that is lost or restarted makes the limit milder.
"""

import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.models import AuditRow, Resident

REVEALS, MOST_AN_HOUR = ("resident.revealed",), 30
CALLS, MOST_CALLS_AN_HOUR = ("resident.called", "issue.phone_read"), 60
"""Of phones read for a call about one's own work: a morning on the telephone stays below it, a copied list doesn't."""
HOUR = datetime.timedelta(hours=1)
FIELDS = ("phone", "id_no")


class TooManyReveals(Exception):
    """More numbers in an hour than anybody's work needs; ``limit`` is how many it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@transaction.atomic
def reveal(*, by: Any, resident: Resident, field: str, reason: str) -> str:
    """The full phone or ID number of a member; one audit row says who read which and why.

    Raises TooManyReveals after 30 in an hour. Commit before the number is shown: then the row stands whatever follows.
    """
    refuse_too_many(by, REVEALS, MOST_AN_HOUR)
    return _recorded(by, resident, field, "resident.revealed", reason)


@transaction.atomic
def call(*, by: Any, resident: Resident) -> str:
    """The phone of a member of one's own household, for a call: a reveal with a preset reason.

    Raises TooManyReveals after 60 calls in an hour, those about issues counted along.
    """
    refuse_too_many(by, CALLS, MOST_CALLS_AN_HOUR)
    return _recorded(by, resident, "phone", "resident.called", "call")


def _recorded(by: Any, resident: Resident, field: str, verb: str, reason: str) -> str:
    if field not in FIELDS:
        raise ValueError(f"{field} is nothing to reveal.")
    record(verb=verb, by=by, obj=resident, detail={"field": field, "reason": reason})
    value: str = getattr(resident, field)
    return value


def refuse_too_many(by: Any, verbs: tuple[str, ...], limit: int) -> None:
    """Raise TooManyReveals when this account has done ``limit`` of these acts within the last hour.

    Call it in the transaction that records the next one: until its end the account's other readers wait.
    """
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    since = timezone.now() - HOUR
    if AuditRow.objects.filter(user_id=by.pk, verb__in=verbs, at__gt=since)[:limit].count() >= limit:
        raise TooManyReveals(limit)
