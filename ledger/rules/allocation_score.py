"""What one way of allocating the households of a village is worth, level by level (``allocation`` names the levels)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from statistics import median_low

LOW, HIGH = 20, 30
FULL = 100
"""The weight of a cadre who looks after households full-time, in per cent."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many households a full-time cadre should have."""

    low: int = LOW
    high: int = HIGH


@dataclass(frozen=True, slots=True)
class House:
    """A household, with the group it lies in and the cadre it has now."""

    key: int
    group: Hashable = None
    cadre: int | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """A cadre who takes part; ``weight`` in per cent of the band, ``elsewhere`` the households of other villages."""

    key: int
    weight: int = FULL
    elsewhere: int = 0


USUAL = Band()


def band_of(hand: Hand, band: Band) -> tuple[int, int]:
    """The band in proportion to the weight, halves rounded up."""
    return (band.low * hand.weight + 50) // FULL, (band.high * hand.weight + 50) // FULL


def deviation(size: int, band: tuple[int, int]) -> int:
    """How many households a list lacks to its band, or has beyond it."""
    return max(0, band[0] - size, size - band[1])


@dataclass(frozen=True)
class Score:
    """The levels of the objective: ``deviation`` sums squares, ``cut`` counts lists, ``changed`` households."""

    uncovered: int = 0
    strays: int = 0
    deviation: int = 0
    changed: int = 0
    cut: int = 0
    balance: int = 0

    def key(self, anew: bool) -> tuple[int, ...]:
        """For comparing: the less the better."""
        return tuple(getattr(self, level) for level in self.levels(anew))

    @staticmethod
    def levels(anew: bool) -> tuple[str, ...]:
        """Their names, the one that comes first for comparing first."""
        rest = ("cut", "balance", "changed") if anew else ("changed", "cut", "balance")
        return ("uncovered", "strays", "deviation", *rest)

    def values(self) -> tuple[int, ...]:
        return tuple(getattr(self, each.name) for each in fields(self))

    def __sub__(self, other: "Score") -> "Score":
        return Score(*(mine - theirs for mine, theirs in zip(self.values(), other.values(), strict=True)))


@dataclass(frozen=True, slots=True)
class Weights:
    """One whole number for all levels: a unit of each is more than all that later levels can come to."""

    stray: int
    deviation: int
    changed: int
    cut: int
    balance: int
    most: tuple[tuple[str, int], ...]
    """(level, weight) from the heaviest on, to read a sum back into levels."""


class Task:
    """What is to be allocated: the line of houses that are free to be cut, and what each cadre may have of it."""

    def __init__(
        self, houses: Sequence[House], hands: Sequence[Hand], band: Band, pins: Mapping[int, int],
        avoid: frozenset[tuple[int, int]],
    ) -> None:  # fmt: skip
        keys = {hand.key for hand in hands}
        self.houses, self.hands, self.band, self.avoid = list(houses), list(hands), band, avoid
        self.at = {house.key: place for place, house in enumerate(self.houses)}
        self.pins = {house: cadre for house, cadre in pins.items() if cadre in keys and house in self.at}
        free = [house for house in self.houses if house.key not in self.pins]
        self.impossible = [h.key for h in free if not any((hand.key, h.key) not in avoid for hand in self.hands)]
        nobody = set(self.impossible)
        self.line = [house for house in free if house.key not in nobody]
        self.held = [
            hand.elsewhere + sum(cadre == hand.key for cadre in self.pins.values()) for hand in self.hands
        ]  # fmt: skip
        self.full_bands = [band_of(hand, band) for hand in self.hands]
        self.bands = [
            (low - held, high - held) for (low, high), held in zip(self.full_bands, self.held, strict=True)
        ]  # fmt: skip
        self.index = {hand.key: place for place, hand in enumerate(self.hands)}
        self.avoided = [
            frozenset(house for cadre, house in avoid if cadre == hand.key) for hand in self.hands
        ]  # fmt: skip

    def starting_from(self, given: Mapping[int, int]) -> "Task":
        """The same task as if ``given`` were so now."""
        houses = [House(h.key, h.group, given.get(h.key, h.cadre)) for h in self.houses]
        return Task(houses, self.hands, self.band, self.pins, self.avoid)

    @cached_property
    def is_rerun(self) -> bool:
        """Whether most of the households have one of these cadres already."""
        known = sum(house.cadre in self.index for house in self.line)
        return 2 * known > len(self.line)

    @cached_property
    def group_ends(self) -> list[int]:
        """For each place of the line where its group ends."""
        ends = [0] * len(self.line)
        end = len(self.line)
        for at in range(len(self.line) - 1, -1, -1):
            if at + 1 < len(self.line) and self.line[at].group != self.line[at + 1].group:
                end = at + 1
            ends[at] = end
        return ends

    @cached_property
    def special(self) -> frozenset[int]:
        """Cadres with something of their own: another band than most, or households they must not have."""
        usual = self._usual_band()
        return frozenset(
            hand for hand in range(len(self.hands)) if self.bands[hand] != usual or self._avoids_some(hand)
        )

    @property
    def is_plain(self) -> bool:
        """Whether nobody has a personal constraint."""
        return not self.special

    def _avoids_some(self, hand: int) -> bool:
        return not self.avoided[hand].isdisjoint(house.key for house in self.line)

    def _usual_band(self) -> tuple[int, int]:
        free = [self.bands[hand] for hand in range(len(self.hands)) if not self._avoids_some(hand)] or self.bands
        return max(dict.fromkeys(free), key=free.count)

    def alike(self, *, named_if_known: bool) -> list[int]:
        """Cadres who can stand for each other; with ``named_if_known`` only those without a household in the line."""
        known = {house.cadre for house in self.line} if named_if_known else set()
        return [
            place for place, hand in enumerate(self.hands) if place not in self.special and hand.key not in known
        ]  # fmt: skip

    def middle(self, hand: int) -> tuple[int, int]:
        """Where the households of a cadre lie now: the middle one, those pinned if there are no others, else last."""
        key = self.hands[hand].key
        mine = [place for place, house in enumerate(self.line) if house.cadre == key]
        if mine:
            return median_low(mine), hand
        pinned = [self.at[house] for house, cadre in self.pins.items() if cadre == key]
        return (min(median_low(pinned), len(self.line)) if pinned else len(self.line)), hand

    def weights(self, anew: bool) -> Weights:
        size, hands = len(self.line) + 1, len(self.hands) + 1
        limits = {"balance": size * size * FULL, "cut": hands, "changed": size + 1}
        order = ("cut", "balance", "changed") if anew else ("changed", "cut", "balance")
        weight, unit = {}, 1
        for level in reversed(order):
            weight[level] = unit
            unit *= limits[level] + 1
        weight["deviation"] = unit
        reach = size + max(self.held, default=0) + max((high for _low, high in self.full_bands), default=0)
        unit *= reach * reach * hands + 1
        heavy = (("strays", unit), ("deviation", weight["deviation"]), *((level, weight[level]) for level in order))
        return Weights(unit, weight["deviation"], weight["changed"], weight["cut"], weight["balance"], heavy)

    def read_back(self, total: int, weights: Weights) -> Score:
        """The levels of a sum of costs of the line."""
        found = {"uncovered": len(self.impossible)}
        for level, weight in weights.most:
            found[level], total = divmod(total, weight)
        found["changed"] += self._pins_changed()
        return Score(**found)

    def size_costs(self, hand: int, weights: Weights, most: int) -> list[int]:
        """What a list of each size costs this cadre, were all of it to change hands."""
        held, band, weight = self.held[hand], self.full_bands[hand], self.hands[hand].weight
        return [
            deviation(size + held, band) ** 2 * weights.deviation
            + (size + held) ** 2 * FULL // max(1, weight) * weights.balance
            + size * weights.changed
            for size in range(most + 1)
        ]

    def worth(self, hand: int, weights: Weights) -> list[int]:
        """Running sum over the line: households the cadre has already save a change, those avoided cost a stray."""
        key, avoided, total = self.hands[hand].key, self.avoided[hand], 0
        running = [0]
        for house in self.line:
            total += weights.changed * (house.cadre == key) - weights.stray * (house.key in avoided)
            running.append(total)
        return running

    def best_worth(self, hands: Sequence[int], weights: Weights, most: int) -> list[list[int]]:
        """For each place and size the households that whoever has most of them there would keep."""
        keys = {self.hands[hand].key for hand in hands}
        table = []
        for start in range(len(self.line) + 1):
            counts: dict[int, int] = {}
            row, best = [0], 0
            for house in self.line[start : start + most]:
                if house.cadre in keys:
                    counts[house.cadre] = counts.get(house.cadre, 0) + 1
                    best = max(best, counts[house.cadre])
                row.append(best * weights.changed)
            table.append(row)
        return table

    def handing(self, start: int, end: int, hand: int) -> int:
        """How many households would change hands, weighing more than any difference of order."""
        key = self.hands[hand].key
        return sum(house.cadre != key for house in self.line[start:end]) * (len(self.hands) ** 2 + 1)

    def with_strays_moved(self, way: Sequence[tuple[int, int, int]]) -> dict[int, int]:
        """Household → cadre; who must not have a household leaves it to the cadre of the nearest list who may."""
        given = {}
        for place, (hand, start, end) in enumerate(way):
            for house in self.line[start:end]:
                taker = hand
                if house.key in self.avoided[hand]:
                    near = sorted(range(len(way)), key=lambda other: (abs(other - place), other))
                    taker = next(way[other][0] for other in near if house.key not in self.avoided[way[other][0]])
                given[house.key] = self.hands[taker].key
        return given

    def pinned_lists(self) -> dict[int, list[int]]:
        lists: dict[int, list[int]] = {hand.key: [] for hand in self.hands}
        for house, cadre in self.pins.items():
            lists[cadre].append(house)
        return lists

    def now(self) -> dict[int, int] | None:
        """What is so now, where it keeps every rule: all have a chosen cadre, in stretches, none that is avoided."""
        given: dict[int, int] = {}
        for house in self.line:
            if house.cadre is None or house.cadre not in self.index or (house.cadre, house.key) in self.avoid:
                return None
            given[house.key] = house.cadre
        strays = self.strays_of(given)
        stretches = self._stretches(given, [house for house in self.line if house.key not in strays])
        return given if len(stretches) == len(set(stretches)) else None

    def _stretches(self, given: Mapping[int, int], line: Sequence[House]) -> list[int]:
        """The cadres along a line, each as often as a stretch of theirs begins."""
        cadres = [given[house.key] for house in line]
        return [cadre for place, cadre in enumerate(cadres) if not place or cadres[place - 1] != cadre]

    def strays_of(self, given: Mapping[int, int]) -> frozenset[int]:
        """Households between two lists of others; only one that somebody must not have can be."""
        stretches = self._stretches(given, self.line)
        if len(stretches) == len(set(stretches)):
            return frozenset()
        delicate = frozenset(house for _cadre, house in self.avoid)
        neighbours: dict[int, set[int]] = {}
        for line in (self.line, self.line[::-1]):
            last = 0
            for house in line:
                if house.key in delicate:
                    neighbours.setdefault(house.key, set()).add(last)
                else:
                    last = given[house.key]
        found = {key for key, around in neighbours.items() if given[key] not in around}
        return frozenset(found | self._interleaved(given, delicate, found))

    def _interleaved(self, given: Mapping[int, int], delicate: frozenset[int], strays: set[int]) -> set[int]:
        """Those to be left out besides ``strays`` so that each list is one stretch: two next to each other may each
        border on their own list and still lie between the other's."""
        found: set[int] = set()
        line = [house for house in self.line if house.key not in strays]
        while len(stretches := self._stretches(given, line)) != len(set(stretches)):
            often = {cadre for cadre in stretches if stretches.count(cadre) > 1}
            key = next(
                (
                    house.key for at, house in enumerate(line)
                    if house.key in delicate and given[house.key] in often
                    and (not at or given[line[at - 1].key] != given[house.key])
                ), None,
            )  # fmt: skip
            if key is None:
                break
            found.add(key)
            line = [house for house in line if house.key != key]
        return found

    def score(self, given: Mapping[int, int]) -> Score:
        """Every level of an allocation of the line (household → cadre)."""
        strays = self.strays_of(given)
        sizes, groups = list(self.held), [set[Hashable]() for _ in self.hands]
        for house in self.line:
            if house.key in given:
                hand = self.index[given[house.key]]
                sizes[hand] += 1
                if house.key not in strays:
                    groups[hand].add(house.group)
        together = list(zip(self.hands, self.full_bands, sizes, strict=True))
        return Score(
            uncovered=len(self.impossible) + len(self.line) - len(given),
            strays=len(strays),
            deviation=sum(deviation(size, band) ** 2 for _hand, band, size in together),
            changed=self._pins_changed() + sum(house.cadre != given.get(house.key) for house in self.line),
            cut=sum(len(each) > 1 for each in groups),
            balance=sum(size**2 * FULL // max(1, hand.weight) for hand, _band, size in together),
        )

    def _pins_changed(self) -> int:
        return sum(house.cadre != self.pins[house.key] for house in self.houses if house.key in self.pins)
