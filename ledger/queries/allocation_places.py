"""Where somebody may allocate, with what lies there now."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from ledger.models import Household, Township, Village
from ledger.queries.dashboard import counted_households
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission


@dataclass
class PlaceLine:
    """A village as it stands: households to cover, those of nobody, and who has how many."""

    village: Village
    households: int = 0
    uncovered: int = 0
    loads: Counter[int] = field(default_factory=Counter)
    low: int = 0
    high: int = 0

    @property
    def cadres(self) -> int:
        return len(self.loads)

    @property
    def outside(self) -> int:
        """Lists below or above the band."""
        return sum(not self.low <= load <= self.high for load in self.loads.values())


def places_of(user: Any) -> list[tuple[Township, list[PlaceLine]]]:
    """The townships in which somebody gives out households, each with its villages (three queries)."""
    mine = Township.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS).select_related("county")
    townships = {town.pk: town for town in mine.order_by("county__code", "sort_order", "code")}
    lines: dict[int, PlaceLine] = {}
    for village in Village.objects.filter(township__in=townships, successor__isnull=True).order_by(
        "sort_order", "code"
    ):
        county = townships[village.township_id].county
        lines[village.pk] = PlaceLine(village, low=county.list_least, high=county.list_most)
    counted = Household.objects.filter(counted_households(local_today()), village__in=lines).order_by()
    on_duty = Q(cadre__left_on__isnull=True) | Q(cadre__left_on__gt=local_today())
    found: Any = counted.values_list("village_id", "cadre_id").annotate(n=Count("pk"), held=Count("pk", filter=on_duty))
    for village_id, cadre, count, held in found:
        line = lines[village_id]
        line.households += count
        if cadre is None or not held:
            line.uncovered += count
        else:
            line.loads[cadre] += count
    return [
        (town, [line for line in lines.values() if line.village.township_id == pk]) for pk, town in townships.items()
    ]  # fmt: skip
