"""Where in the order of the lists one more would cost least: every place, for about the price of two searches.

The cheapest ways from the beginning of the order and from its end meet at the list that is put in between: what lies
before and behind it is drawn once and holds for all places (Bellman, as in ``allocation_lines``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.rules.allocation_lines import Seat, State, all_ways

Ways = Mapping[tuple[int, int], State]


@dataclass(frozen=True)
class Order:
    """The lists that are there: ``seats`` in their order, ``spares`` more for ``spare`` wherever they suit."""

    size: int
    group_ends: Sequence[int]
    cut_cost: int
    seats: Sequence[Seat]
    spare: Seat | None = None
    spares: int = 0

    @property
    def mirrored(self) -> "Order":
        """The same, read from the end."""
        spare = None if self.spare is None else _mirrored(self.spare, self.size)
        seats = [_mirrored(seat, self.size) for seat in reversed(self.seats)]
        return Order(self.size, _ends_mirrored(self.group_ends), self.cut_cost, seats, spare, self.spares)

    def ways(self, one_more: tuple[int, int]) -> Ways:
        """What it costs at least to come to each place with so many seats and spares used, and leave room for one more
        list of that least and greatest size."""
        return all_ways(
            size=self.size, group_ends=self.group_ends, cut_cost=self.cut_cost, seats=self.seats, spare=self.spare,
            spares=self.spares, one_more=one_more,
        )  # fmt: skip


def best_place(order: Order, seat: Seat) -> int | None:
    """Before which of ``order.seats`` the list of ``seat`` costs least (their number: behind all); the first of equals;
    None when the sizes allow no way at all."""
    more = (seat.low, seat.high)
    before, behind = order.ways(more), order.mirrored.ways(more)
    best: tuple[int, int] | None = None
    for place in range(len(order.seats) + 1):
        for others in range(order.spares + 1):
            front = before.get((place, others))
            back = behind.get((len(order.seats) - place, order.spares - others))
            if front is None or back is None:
                continue
            cost = _between(order, seat, front.costs, back.costs)
            if cost is not None and (best is None or cost < best[0]):
                best = cost, place
    return None if best is None else best[1]


def _between(order: Order, seat: Seat, front: Mapping[int, int], back: Mapping[int, int]) -> int | None:
    costs, worth, size, least = seat.costs, seat.worth, order.size, None
    for at, so_far in front.items():
        whole = order.group_ends[at] - at if at < size else 0
        for length in range(seat.low, min(seat.high, size - at) + 1):
            rest = back.get(size - at - length)
            if rest is None:
                continue
            total = so_far + rest + costs[length] + (order.cut_cost if length > whole else 0)
            if worth:
                total -= worth[at + length] - worth[at]
            if least is None or total < least:
                least = total
    return least


def _mirrored(seat: Seat, size: int) -> Seat:
    worth = [seat.worth[-1] - value for value in reversed(seat.worth)] if seat.worth else ()
    best = [
        [seat.best[size - at - length][length] for length in range(min(len(seat.best[0]), size - at + 1))]
        for at in range(size + 1)
    ] if seat.best else ()  # fmt: skip
    return Seat(seat.low, seat.high, seat.costs, worth, best)


def _ends_mirrored(group_ends: Sequence[int]) -> list[int]:
    size = len(group_ends)
    found, begin = [0] * size, 0
    for at, end in enumerate(group_ends):
        if at and group_ends[at - 1] != end:
            begin = at
        found[size - 1 - at] = size - begin
    return found
