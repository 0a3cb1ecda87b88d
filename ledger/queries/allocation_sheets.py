"""A proposal as its workbook has it: village by village the households in the order in which they lie, and who may be
chosen for them. The same words stand in the workbook that goes out and are looked for in the one that comes back."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ledger.models import Allocation, AllocationList, AllocationRow, Cadre, HouseholdTie, TieKind, Village
from ledger.queries.allocation import villages_of


@dataclass
class VillageSheet:
    """One village: ``name`` is told apart from every other village of the proposal."""

    village: Village
    name: str
    rows: list[AllocationRow] = field(default_factory=list)
    lists: list[AllocationList] = field(default_factory=list)
    avoided: set[tuple[int, int]] = field(default_factory=set)
    """(cadre, household) that must not be."""

    @property
    def cadres(self) -> list[Cadre]:
        """Those who take part, in the order of their lists."""
        return [each.cadre for each in self.lists]


def word_of(cadre: Cadre | None) -> str:
    """How a cadre stands in a cell: number and name; empty for nobody."""
    return f"{cadre.cadre_no} {cadre.name}" if cadre is not None else ""


def sheets_of(allocation: Allocation) -> list[VillageSheet]:
    """Every village of the proposal (a fixed number of queries)."""
    villages = villages_of(allocation.place)
    names = _names(villages)
    found = {village.pk: VillageSheet(village, names[village.pk]) for village in villages}
    rows = allocation.rows.select_related("household__group", "before", "after").order_by("village", "place")
    for row in rows:
        found[row.village_id].rows.append(row)
    for each in allocation.lists.select_related("cadre").order_by("village", "place"):
        found[each.village_id].lists.append(each)
    avoided = HouseholdTie.objects.filter(kind=TieKind.AVOID, household__village__in=found)
    for cadre, household, village in avoided.values_list("cadre_id", "household_id", "household__village_id"):
        found[village].avoided.add((cadre, household))
    return [sheet for sheet in found.values() if sheet.rows]


def _names(villages: list[Village]) -> dict[int, str]:
    """Village → its name, with its township's before it where two have the same, with its code where that is alike."""
    alike = Counter(village.name for village in villages)
    longer = {
        village.pk: village.name if alike[village.name] == 1 else f"{village.township.name}{village.name}"
        for village in villages
    }
    twice = Counter(longer.values())
    return {
        village.pk: longer[village.pk] if twice[longer[village.pk]] == 1 else f"{longer[village.pk]} {village.code}"
        for village in villages
    }


def loads_of(sheet: VillageSheet, given: dict[int, int | None]) -> dict[int, int]:
    """Cadre → households altogether, were the village's households given so (household → cadre)."""
    loads: dict[int, int] = defaultdict(int)
    for each in sheet.lists:
        loads[each.cadre_id] += each.elsewhere
    for row in sheet.rows:
        cadre = given.get(row.household_id, row.after_id)
        if cadre is not None:
            loads[cadre] += 1
    return dict(loads)
