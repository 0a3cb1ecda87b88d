"""分配联系户: which cadre looks after which households of a village.

**The objective**, each level only after all before it (``Score``):

1. no household without a cadre;
2. as few households as possible taken out of a list because its cadre must not have them (``strays``);
3. least deviation: the sum over all cadres of the square of what the list lacks to the lower end of the band (20) or
   has beyond its upper end (30); the band shrinks with a part-time weight, what a cadre has elsewhere counts, and a
   cadre without any household lacks all of it. The square shares a deviation that cannot be avoided among all;
4. on a re-run (most households have a cadre of those chosen already, and most can stay with theirs): the fewest
   households that change hands;
5. the fewest lists that reach across village groups;
6. balance: the least sum of squared sizes (in proportion to the weight);
7. drawn anew, or for the first time: the fewest households that change hands.

**Always**: every list is a stretch of the order of houses (``allocation_order``), but for pinned households, which stay
with their cadre, and for strays. Both count in the load.

**Optimal, and why.** Levels 3, 5 and 6 of a list depend on its ends alone when nobody has a personal constraint, so
``cheapest_cuts`` finds their least sum over all ways to cut the order (Bellman), with sizes narrowed to those that a
cut of least deviation can have (``windows`` gives the exchange argument). Who gets which list does not touch them.
Level 7, and level 4 on a re-run, depend on who gets the list: there the programme keeps the cadres in the order in
which their households lie now, or takes for each list whom it suits best and then solves the assignment problem. That
is compared with ``bound``: the same programme where each list may be taken by whomever it suits best, which no
allocation can beat; ``Proposal.gap`` is the difference, level by level, and no difference means proven best. With
personal constraints the order is improved: a cadre is moved to where the list costs least of all places
(``allocation_inserting``), two change places, as long as that helps; the gap to the same bound is reported.

A second run on its own result changes nothing: what is so now is one of the candidates, and the search is repeated from
its own result until it stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ledger.rules.allocation_inserting import Order, best_place
from ledger.rules.allocation_lines import Cut, Seat, cheapest_cuts, windows
from ledger.rules.allocation_matching import cheapest_matching
from ledger.rules.allocation_score import USUAL, Band, Hand, House, Score, Task, Weights

TRIES = (24, 96)
"""Searches for better orders of the cadres where there is a gap to the bound: at least, and in small villages."""
WORK = 450_000
"""Households times cadres times searches: about a second."""
MOVE = 2
"""As many searches as finding the best place of one cadre takes."""
REPEATS = 4


@dataclass(frozen=True)
class Proposal:
    """Households by cadre (keys), each list in the order of houses; what it scores, and the bound nothing can beat."""

    lists: dict[int, list[int]]
    score: Score
    bound: Score
    strays: frozenset[int] = frozenset()
    """Households that lie inside another's list, since that cadre must not have them."""
    uncovered: tuple[int, ...] = ()
    """Households that nobody chosen may have."""

    @property
    def gap(self) -> Score:
        """Level by level what the score is beyond the bound; below 0 where an earlier level is beyond it."""
        return self.score - self.bound

    @property
    def is_best(self) -> bool:
        """Whether it is proven that no allocation is better."""
        return not any(self.gap.values())


def propose(
    houses: Sequence[House], hands: Sequence[Hand], *, band: Band = USUAL, pins: Mapping[int, int] | None = None,
    avoid: Iterable[tuple[int, int]] = (), anew: bool | None = None,
) -> Proposal:  # fmt: skip
    """Give each of ``houses`` (in the order in which they lie) to one of ``hands`` (in their own order).

    ``pins`` are household → cadre, ``avoid`` are (cadre, household) that must not be. ``anew`` draws the lists without
    regard to who has what now, but for ties; False keeps as much as possible; None keeps where it is a re-run.
    """
    task = Task(houses, hands, band, pins or {}, frozenset(avoid))
    wish, anew = anew, not task.is_rerun if anew is None else anew
    best = _settled(task, anew)
    score = task.score(best)
    if wish is None and not anew and 2 * score.changed > len(task.line):
        anew, best = True, _settled(task, True)
        score = task.score(best)
    bound = bound_of(task, anew) if task.hands else Score(uncovered=score.uncovered)
    lists: dict[int, list[int]] = {hand.key: [] for hand in task.hands} | task.pinned_lists()
    for house, hand in best.items():
        lists[hand].append(house)
    lists = {key: sorted(keys, key=task.at.__getitem__) for key, keys in lists.items()}
    return Proposal(lists, score, bound, task.strays_of(best), tuple(task.impossible))


def _settled(task: Task, anew: bool) -> dict[int, int]:
    """Household → cadre of the line; searched again from its own result until it stays."""
    if not task.hands:
        return {}
    best = _searched(task, anew)
    if task.is_plain and anew:
        return best
    for _ in range(REPEATS):
        again = _searched(task.starting_from(best), False)
        if again == best or task.score(again).key(anew) >= task.score(best).key(anew):
            return best
        best = again
    return best


def _searched(task: Task, anew: bool) -> dict[int, int]:
    found = _found(task, anew)
    kept = task.now()
    if kept is not None and task.score(kept).key(anew) <= task.score(found).key(anew):
        return kept
    return found


@dataclass
class _Search:
    """The seats of a task: who is named, in which order, and how many of the rest are alike."""

    task: Task
    anew: bool
    slack: int = 0
    spaces: list[tuple[int, int]] = field(default_factory=list)
    _seats: dict[int, Seat] = field(default_factory=dict)
    """Hand → the seat that it takes; -1 for the spare one."""

    def __post_init__(self) -> None:
        task = self.task
        narrow = windows(len(task.line), task.bands)
        self.spaces = [
            (max(0, low - self.slack), min(len(task.line), high + self.slack)) for low, high in narrow
        ]  # fmt: skip

    def run(self, named: Sequence[int], alike: Sequence[int]) -> tuple[int, dict[int, int]] | None:
        """The cheapest lists with ``named`` (indexes of hands) in that order and the others wherever they suit."""
        task = self.task
        found = cheapest_cuts(
            size=len(task.line), group_ends=task.group_ends, cut_cost=self._weights.cut,
            seats=[self._seat(hand) for hand in named], spare=self._spare(alike), spares=len(alike),
        )  # fmt: skip
        if found is None:
            return None
        return found[0], self._given(found[1], named, alike)

    def moved(self, hand: int, named: Sequence[int], alike: Sequence[int]) -> list[int] | None:
        """``named`` with this hand where its list costs least; None where no place is possible or it stays."""
        task, others = self.task, [each for each in named if each != hand]
        order = Order(
            len(task.line), task.group_ends, self._weights.cut, [self._seat(each) for each in others],
            self._spare(alike), len(alike),
        )  # fmt: skip
        place = best_place(order, self._seat(hand))
        if place is None or named[place] == hand:
            return None
        return [*others[:place], hand, *others[place:]]

    @cached_property
    def _weights(self) -> Weights:
        return self.task.weights(self.anew)

    def _seat(self, hand: int) -> Seat:
        if hand not in self._seats:
            (low, high), task = self.spaces[hand], self.task
            costs, worth = task.size_costs(hand, self._weights, high), task.worth(hand, self._weights)
            self._seats[hand] = Seat(low, high, costs, worth)
        return self._seats[hand]

    def _spare(self, alike: Sequence[int]) -> Seat | None:
        """Those who are alike are the same in every search of one task."""
        if alike and -1 not in self._seats:
            (low, high), task = self.spaces[alike[0]], self.task
            best = task.best_worth(alike, self._weights, high) if self.anew else ()
            self._seats[-1] = Seat(low, high, task.size_costs(alike[0], self._weights, high), (), best)
        return self._seats[-1] if alike else None

    def _given(self, cuts: Sequence[Cut], named: Sequence[int], alike: Sequence[int]) -> dict[int, int]:
        open_cuts = [cut for cut in cuts if cut.seat is None]
        costs = [
            [self.task.handing(cut.start, cut.end, hand) + abs(place - other) for other, hand in enumerate(alike)]
            for place, cut in enumerate(open_cuts)
        ]
        chosen = iter(cheapest_matching(costs))
        way = [
            (alike[next(chosen)] if cut.seat is None else named[cut.seat], cut.start, cut.end) for cut in cuts
        ]  # fmt: skip
        return self.task.with_strays_moved(way)


def _found(task: Task, anew: bool) -> dict[int, int]:
    """The best of searches by orders of the cadres: as their households lie now, then each cadre moved to where the
    list costs least until nobody moves any more, then exchanges, as long as the bound is not reached."""
    alike = task.alike(named_if_known=not anew)
    named = sorted((hand for hand in range(len(task.hands)) if hand not in set(alike)), key=task.middle)
    first = _Search(task, anew).run(named, alike)
    assert first is not None
    climb = _Climb(task, anew, alike, named, first[1])
    if task.is_plain and anew:
        return climb.best
    for slack in (0, 2):
        search = _Search(task, anew, slack)
        while climb.goes_on and climb.move_all(search):
            pass
        for order in _exchanges(climb.named, task.special):
            if not climb.goes_on:
                return climb.best
            climb.take(search, order)
    return climb.best


@dataclass
class _Climb:
    """The best lists so far, the order of cadres that they came from, and how much more may be tried."""

    task: Task
    anew: bool
    alike: Sequence[int]
    named: list[int]
    best: dict[int, int]
    tried: int = 0

    def __post_init__(self) -> None:
        self.key = self.task.score(self.best).key(self.anew)
        self.goal = bound_of(self.task, self.anew).key(self.anew)
        size = len(self.task.line) * len(self.task.hands) or 1
        self.tries = min(TRIES[1], max(TRIES[0], WORK // size))
        self.matters = Score.levels(self.anew).index("balance")
        special = self.task.special
        self.moving = sorted(self.named, key=lambda hand: hand not in special)

    @property
    def goes_on(self) -> bool:
        """No further search for lists that would only be a little more even: those of the first are the most even for
        its order, and constraints keep the bound out of reach anyway."""
        return self.key[: self.matters] > self.goal[: self.matters] and self.tried < self.tries

    def move_all(self, search: _Search) -> int:
        """Each cadre once; how many moves made the lists better."""
        return sum(self.move(search, hand) for hand in self.moving)

    def move(self, search: _Search, hand: int) -> bool:
        """Whether the lists are better with this cadre in the best place of the order."""
        if not self.goes_on:
            return False
        self.tried += MOVE
        order = search.moved(hand, self.named, self.alike)
        return order is not None and self.take(search, order)

    def take(self, search: _Search, order: Sequence[int]) -> bool:
        """Whether this order makes better lists than the best so far; they are kept."""
        self.tried += 1
        found = search.run(order, self.alike)
        if found is None or (key := self.task.score(found[1]).key(self.anew)) >= self.key:
            return False
        self.best, self.key, self.named = found[1], key, list(order)
        return True


def gap_of(task: Task, given: Mapping[int, int], anew: bool | None) -> tuple[str, int] | None:
    """The first level at which lists (household → cadre; they may have been changed by hand) are beyond the bound, and
    by how much; None where nothing is better. Beyond that level the bound says nothing."""
    if not task.hands:
        return None
    free = {house.key: given[house.key] for house in task.line if house.key in given}
    score = task.score(free)
    drawn_anew = not task.is_rerun or 2 * score.changed > len(task.line) if anew is None else anew
    gap = score - bound_of(task, drawn_anew)
    return next(((level, more) for level in Score.levels(drawn_anew) if (more := getattr(gap, level))), None)


def _exchanges(named: Sequence[int], special: frozenset[int]) -> Iterable[list[int]]:
    """The order itself, then each in which a cadre with a constraint changes places with another."""
    yield list(named)
    for near in range(1, len(named)):
        for at in range(len(named) - near):
            if named[at] in special or named[at + near] in special:
                order = list(named)
                order[at], order[at + near] = order[at + near], order[at]
                yield order


def bound_of(task: Task, anew: bool) -> Score:
    """What no allocation can beat: each list is taken by whomever it suits best, whoever has another one already."""
    weights = task.weights(anew)
    spaces = windows(len(task.line), task.bands)
    hands = range(len(task.hands))
    low, high = min(space[0] for space in spaces), max(space[1] for space in spaces)
    costs = [min(task.size_costs(hand, weights, high)[size] for hand in hands) for size in range(high + 1)]
    spare = Seat(low, high, costs, (), task.best_worth(list(hands), weights, high))
    found = cheapest_cuts(
        size=len(task.line), group_ends=task.group_ends, cut_cost=weights.cut, seats=(), spare=spare,
        spares=len(task.hands),
    )  # fmt: skip
    assert found is not None
    return task.read_back(found[0], weights)
