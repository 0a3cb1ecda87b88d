"""A proposal as its pages show it: the figures of each village, and one village list by list."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.models import Allocation, AllocationList, AllocationRow, HouseholdTie, TieKind, Village
from ledger.rules.allocation import gap_of
from ledger.rules.allocation_figures import Figures, figures
from ledger.rules.allocation_score import Band, Hand, House, Task, band_of
from ledger.rules.allocation_words import how_good, why_outside


@dataclass
class ListLine:
    """One cadre's list: what it holds now and what it would hold."""

    of: AllocationList
    band: tuple[int, int]
    before: int
    """Households of the village that are with them now."""
    rows: list[AllocationRow] = field(default_factory=list)
    first: int = 0
    """Where its first household lies; those without one come last."""

    @property
    def load(self) -> int:
        """Altogether, with those of other villages."""
        return len(self.rows) + self.of.elsewhere

    @property
    def state(self) -> str:
        """``in``, ``below`` or ``above`` the band."""
        return "below" if self.load < self.band[0] else "above" if self.load > self.band[1] else "in"

    @property
    def span(self) -> str:
        """The groups it lies in."""
        return "、".join(dict.fromkeys(str(row.household.group) for row in self.rows if row.household.group))


@dataclass
class VillageDraft:
    """A village of a proposal."""

    village: Village
    figures: Figures
    why: str
    good: str
    """How far it is from the bound that no allocation can beat, or that it is proven best."""
    lists: list[ListLine]
    loose: list[AllocationRow]
    """Households that nobody has in it."""
    longest: int

    @property
    def changes(self) -> list[AllocationRow]:
        """What is different from now, in the order of the houses."""
        rows = [row for line in self.lists for row in line.rows if row.before_id != row.after_id]
        return sorted(rows, key=lambda row: row.place)


def figures_of(allocation: Allocation) -> dict[int, Figures]:
    """Village → the figures of the proposal as it stands (two queries)."""
    values = allocation.rows.order_by("village_id", "place").values_list(
        "village_id", "household_id", "household__group_id", "before_id", "after_id", "is_pinned"
    )
    houses: dict[int, list[tuple[House, int | None, bool]]] = defaultdict(list)
    for village, household, group, before, after, pinned in values:
        houses[village].append((House(household, group, before), after, pinned))
    hands: dict[int, list[Hand]] = defaultdict(list)
    for village, cadre, weight, elsewhere in allocation.lists.values_list("village", "cadre", "weight", "elsewhere"):
        hands[village].append(Hand(cadre, weight, elsewhere))
    band = band_for(allocation)
    return {village: _figures(houses[village], hands[village], band) for village in houses.keys() | hands.keys()}


def _figures(rows: Iterable[tuple[House, int | None, bool]], hands: list[Hand], band: Band) -> Figures:
    listed = list(rows)
    return figures(_task(listed, hands, band), _given(listed))


def _task(
    rows: list[tuple[House, int | None, bool]], hands: list[Hand], band: Band, avoid: Iterable[tuple[int, int]] = ()
) -> Task:
    pins = {house.key: after for house, after, pinned in rows if pinned and after is not None}
    return Task([house for house, _after, _pinned in rows], hands, band, pins, frozenset(avoid))


def _given(rows: list[tuple[House, int | None, bool]]) -> dict[int, int]:
    return {house.key: after for house, after, _pinned in rows if after is not None}


def band_for(allocation: Allocation) -> Band:
    """The band of its county."""
    return Band(allocation.county.list_least, allocation.county.list_most)


def village_draft(allocation: Allocation, village: Village) -> VillageDraft:
    """One village with everything its page prints (three queries)."""
    rows = list(
        allocation.rows.filter(village=village)
        .select_related("household__group", "before", "after")
        .order_by("place")
    )  # fmt: skip
    band = band_for(allocation)
    shown = {
        each.cadre_id: ListLine(each, band_of(Hand(each.cadre_id, each.weight), band), 0, first=len(rows))
        for each in allocation.lists.filter(village=village).select_related("cadre__organisation").order_by("place")
    }
    loose = []
    for row in rows:
        if row.before_id in shown:
            shown[row.before_id].before += 1
        if row.after_id in shown:
            line = shown[row.after_id]
            line.first = min(line.first, row.place)
            line.rows.append(row)
        else:
            loose.append(row)
    hands = [Hand(key, line.of.weight, line.of.elsewhere) for key, line in shown.items()]
    places = [(House(r.household_id, r.household.group_id, r.before_id), r.after_id, r.is_pinned) for r in rows]
    lists = sorted(shown.values(), key=lambda line: (line.first, line.of.place))
    ties = HouseholdTie.objects.filter(household__village=village, kind=TieKind.AVOID)
    task = _task(places, hands, band, ties.values_list("cadre_id", "household_id"))
    good = how_good(task, gap_of(task, _given(places), allocation.anew))
    return VillageDraft(
        village, _figures(places, hands, band), why_outside(len(rows), hands, band), good, lists, loose,
        max([band.high, *(line.load for line in lists)]),
    )  # fmt: skip
