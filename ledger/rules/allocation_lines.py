"""Cutting the houses of a village, in their order, into one list for each cadre: a dynamic programme.

``cheapest_cuts`` tries, for every place in the order and every number of lists already drawn, every size that the next
list may have, and keeps the cheapest way to each place. What a list costs depends on its own ends alone, so a cheapest
way to a place stays part of every cheapest way beyond it (Bellman), and the result is the least sum over *all* ways to
cut the order, given which sizes each seat may have. ``windows`` says which sizes those are and why no other can be
part of a best cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seat:
    """Whoever takes one list: the sizes it may have, what each size costs, and what single houses are worth to them.

    ``worth`` is a running sum over the order (``worth[j] - worth[i]`` for the houses i to j-1), empty for nothing.
    ``best`` is the same for seats that several people could take: what the list that begins at i and has s houses is
    worth to whom it suits best.
    """

    low: int
    high: int
    costs: Sequence[int]
    worth: Sequence[int] = ()
    best: Sequence[Sequence[int]] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """One list: houses ``start`` to ``end - 1`` of the order; ``seat`` is None for one of those that anybody takes."""

    seat: int | None
    start: int
    end: int


@dataclass(slots=True)
class State:
    """So many seats and so many spares used: the least cost for each place reached, and from where."""

    costs: dict[int, int] = field(default_factory=dict)
    came: dict[int, tuple[int, bool]] = field(default_factory=dict)


def cheapest_cuts(
    *, size: int, group_ends: Sequence[int], cut_cost: int, seats: Sequence[Seat], spare: Seat | None = None,
    spares: int = 0,
) -> tuple[int, list[Cut]] | None:  # fmt: skip
    """The cheapest way to cut ``size`` houses into a list for each of ``seats``, in their order, with ``spares`` lists
    for ``spare`` in between wherever they suit; None when the sizes allow no way at all.

    ``group_ends[i]`` is where the group of house i ends: a list that reaches beyond costs ``cut_cost`` more. Of equally
    cheap ways always the same one is taken: the one whose earlier lists are shorter, and named seats before spares.
    """
    states = all_ways(
        size=size, group_ends=group_ends, cut_cost=cut_cost, seats=seats, spare=spare, spares=spares
    )  # fmt: skip
    last = states.get((len(seats), spares))
    if last is None or size not in last.costs:
        return None
    return last.costs[size], _way_back(states, len(seats), spares, size)


def all_ways(
    *, size: int, group_ends: Sequence[int], cut_cost: int, seats: Sequence[Seat], spare: Seat | None = None,
    spares: int = 0, one_more: tuple[int, int] = (0, 0),
) -> dict[tuple[int, int], State]:  # fmt: skip
    """(seats used, spares used) → the least cost for each place that they reach and from which the others, and one more
    list of a size within ``one_more``, can take exactly all the rest."""
    states = {(0, 0): State({0: 0})}
    for named in range(len(seats) + 1):
        for others in range(spares + 1):
            here = states.get((named, others))
            if here is None or not here.costs:
                continue
            if named < len(seats):
                room = _room(size, seats[named + 1 :], spare, spares - others, one_more)
                there = states.setdefault((named + 1, others), State())
                _step(here, there, seats[named], room, group_ends, cut_cost, is_spare=False)
            if others < spares and spare is not None:
                room = _room(size, seats[named:], spare, spares - others - 1, one_more)
                there = states.setdefault((named, others + 1), State())
                _step(here, there, spare, room, group_ends, cut_cost, is_spare=True)
    return states


def _room(
    size: int, after: Sequence[Seat], spare: Seat | None, spares: int, one_more: tuple[int, int]
) -> tuple[int, int]:  # fmt: skip
    """The places at which a list may end so that those after it can still take all the rest."""
    least = sum(seat.low for seat in after) + (spares * spare.low if spare else 0) + one_more[0]
    most = sum(seat.high for seat in after) + (spares * spare.high if spare else 0) + one_more[1]
    return size - most, size - least


def _step(
    here: State, there: State, seat: Seat, room: tuple[int, int], group_ends: Sequence[int], cut_cost: int, *,
    is_spare: bool,
) -> None:  # fmt: skip
    """Draw one more list from every place reached."""
    first_end, last_end = room
    costs, worth, low, high = seat.costs, seat.worth, seat.low, seat.high
    reached, came, far = there.costs, there.came, len(group_ends)
    for at in sorted(here.costs):
        so_far, whole = here.costs[at], (group_ends[at] - at if at < far else 0)
        gain = seat.best[at] if seat.best else None
        for length in range(max(low, first_end - at), min(high, last_end - at) + 1):
            end = at + length
            total = so_far + costs[length] + (cut_cost if length > whole else 0)
            if gain is not None:
                total -= gain[length]
            elif worth:
                total -= worth[end] - worth[at]
            known = reached.get(end)
            if known is None or total < known:
                reached[end], came[end] = total, (at, is_spare)


def _way_back(states: dict[tuple[int, int], State], named: int, others: int, size: int) -> list[Cut]:
    cuts, end = [], size
    while named or others:
        start, is_spare = states[named, others].came[end]
        cuts.append(Cut(None if is_spare else named - 1, start, end))
        named, others, end = (named, others - 1, start) if is_spare else (named - 1, others, start)
    return cuts[::-1]


def windows(size: int, bands: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sizes that lists of the least deviation can have: for each band (low, high; what a cadre has already is
    taken off, so either may be below 0) the least and the greatest.

    Where the houses fit between the sums of the lower and of the upper ends, no deviation is needed and each list stays
    in its band. With fewer houses, taking one from a list that lacks d and giving it to one that lacks d + 2 or more
    lowers the sum of squares, so all lists of a best cut lack the same, or one more; with more houses likewise.
    """
    least, most = sum(max(0, low) for low, _ in bands), sum(max(0, high) for _, high in bands)
    if least <= size <= most:
        return [(max(0, low), max(0, high)) for low, high in bands]
    if not bands:
        return []
    if size < least:
        lacking = _first(lambda by: sum(max(0, low - by) for low, _ in bands) <= size)
        return [(max(0, low - lacking), max(0, low - lacking + 1)) for low, _ in bands]
    beyond = _first(lambda by: sum(max(0, high + by) for _, high in bands) >= size)
    return [(max(0, high + beyond - 1), max(0, high + beyond)) for _, high in bands]


def _first(holds: Callable[[int], bool]) -> int:
    """The least number for which it holds; it holds for all beyond."""
    beyond = 1
    while not holds(beyond):
        beyond *= 2
    below = beyond // 2
    while beyond - below > 1:
        middle = (below + beyond) // 2
        below, beyond = (below, middle) if holds(middle) else (middle, beyond)
    return beyond
