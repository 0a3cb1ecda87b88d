"""享受政策 of a household, written with the household and under its version."""

from collections.abc import Sequence
from typing import Any

from ledger.models import Household, HouseholdBenefit

Row = dict[str, Any]
"""``kind``, ``start_on``, ``end_on``, ``amount`` and ``source`` of one benefit."""
FIELDS = ("kind", "start_on", "end_on", "amount", "source")


def differing(household: Household, rows: Sequence[Row]) -> list[str] | None:
    """What is recorded, in words, where these rows say something else; None where they say the same."""
    held = list(HouseholdBenefit.objects.filter(household=household).select_related("kind").order_by("pk"))
    was = [tuple(getattr(one, name) for name in FIELDS) for one in held]
    now = [tuple(row[name] for name in FIELDS) for row in rows]
    return None if sorted(map(str, was)) == sorted(map(str, now)) else [words_of(one) for one in held]


def write(household: Household, rows: Sequence[Row]) -> list[str]:
    """Make these the household's; what they say, in words."""
    HouseholdBenefit.objects.filter(household=household).delete()
    made = [HouseholdBenefit(household=household, **row) for row in rows]
    HouseholdBenefit.objects.bulk_create(made)
    return [words_of(one) for one in made]


def words_of(one: HouseholdBenefit) -> str:
    """As the trail keeps it: the kind and its days; amounts are the household's own affair."""
    days = "-".join(day.isoformat() if day is not None else "" for day in (one.start_on, one.end_on))
    return f"{one.kind.name} {days}" if days != "-" else one.kind.name
