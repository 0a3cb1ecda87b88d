"""The ledger number: gap-free per township and year (design.md 5 and 10)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from ledger.models import NumberCounter, Township


@dataclass(frozen=True)
class LedgerNumber:
    """A number as it is stored: ``康美-2026-00017`` with its year and running number."""

    year: int
    serial: int
    text: str


def next_number(township: Township, year: int) -> LedgerNumber:
    """The township's next number of the year. Call it last: the counter row stays locked until the commit.

    A transaction that is rolled back gives its number back.
    """
    return next_numbers(township, year, 1)[0]


def next_numbers(township: Township, year: int, count: int) -> list[LedgerNumber]:
    """The township's next numbers of the year, in one go, under the same rules."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A ledger number is given inside the transaction that stores the issue.")
    counter = NumberCounter.objects.filter(township=township, year=year)
    # The update takes the row's lock (on SQLite the transaction is IMMEDIATE), so the value read after it is ours.
    if not counter.update(last=F("last") + count):
        # The first of the year; of two at once the unique constraint lets one make the row and both count it up.
        NumberCounter.objects.get_or_create(township=township, year=year)
        counter.update(last=F("last") + count)
    last = counter.values_list("last", flat=True)[0]
    return [
        LedgerNumber(year, serial, f"{township.short_name}-{year}-{serial:05d}")
        for serial in range(last - count + 1, last + 1)
    ]
