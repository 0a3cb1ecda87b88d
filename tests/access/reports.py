"""What the townships of the access world reported."""

from typing import Any

from ledger.models import StatisticsSnapshot
from ledger.queries.statistics import KEYS
from tests.world import START


def reported(township: Any, admin: Any) -> None:
    """A statistics table as the township reported it."""
    counts = dict.fromkeys(KEYS, 1)
    StatisticsSnapshot.objects.get_or_create(
        area=f"township-{township.pk}", name=f"{township.short_name}一月报",
        defaults={
            "county": township.county, "township": township, "since": START, "until": START, "made_by": admin,
            "lines": [[f"{township.short_name}试管区", "district-1", counts, counts], ["合计", None, counts, counts]],
        },
    )  # fmt: skip
