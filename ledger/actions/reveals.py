"""查看完整号码: one number at a time, with a reason, always on record (design.md 3)."""

from typing import Any

from django.core.cache import cache
from django.db import transaction

from ledger.actions.audit import record
from ledger.models import Resident

MOST_AN_HOUR = 30
MOST_CALLS_AN_HOUR = 60
"""Of phones read for a call about one's own work: a morning on the telephone stays below it, a copied list doesn't."""
HOUR = 3600
FIELDS = ("phone", "id_no")


class TooManyReveals(Exception):
    """More numbers in an hour than anybody's work needs; ``limit`` is how many it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def reveal(*, by: Any, resident: Resident, field: str, reason: str) -> str:
    """The full phone or ID number of a member; one audit row says who read which and why.

    Raises TooManyReveals after 30 in an hour.
    """
    count_reading(by, "reveals", MOST_AN_HOUR)
    return _recorded(by, resident, field, "resident.revealed", reason)


def call(*, by: Any, resident: Resident) -> str:
    """The phone of a member of one's own household, for a call: a reveal with a preset reason.

    Raises TooManyReveals after 60 calls in an hour, those about issues counted along.
    """
    count_reading(by, "calls", MOST_CALLS_AN_HOUR)
    return _recorded(by, resident, "phone", "resident.called", "call")


@transaction.atomic
def _recorded(by: Any, resident: Resident, field: str, verb: str, reason: str) -> str:
    if field not in FIELDS:
        raise ValueError(f"{field} is nothing to reveal.")
    record(verb=verb, by=by, obj=resident, detail={"field": field, "reason": reason})
    value: str = getattr(resident, field)
    return value


def count_reading(by: Any, what: str, limit: int) -> None:
    """One more of ``what`` by this user in this hour. Raises TooManyReveals beyond ``limit``.

    A counter in the shared cache; a lost one only makes the limit milder for an hour.
    """
    key = f"{what}:{by.pk}"
    cache.add(key, 0, HOUR)
    try:
        made = cache.incr(key)
    except ValueError:  # expired between the two calls
        return
    if made > limit:
        raise TooManyReveals(limit)
