"""The best place in an order is the one that trying all of them finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.allocation_inserting import Order, best_place
from ledger.rules.allocation_lines import Seat, cheapest_cuts


@st.composite
def orders(draw: st.DrawFn) -> tuple[Order, Seat]:
    """A short line in groups, a few seats of different widths and tastes, spares, and one more."""
    size = draw(st.integers(3, 11))
    borders = sorted(draw(st.sets(st.integers(1, size - 1), max_size=3)) | {size})
    ends = [next(end for end in borders if end > at) for at in range(size)]

    def seat() -> Seat:
        low = draw(st.integers(0, 2))
        high = low + draw(st.integers(0, 3))
        costs = draw(st.lists(st.integers(0, 50), min_size=high + 1, max_size=high + 1))
        worth = [0]
        for gain in draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size)):
            worth.append(worth[-1] + gain)
        return Seat(low, high, costs, worth)

    seats = [seat() for _ in range(draw(st.integers(0, 4)))]
    spares = draw(st.integers(0, 2))
    costs, taste = draw(st.lists(st.integers(0, 50), min_size=5, max_size=5)), draw(st.integers(0, 3))
    best = [[taste * at % (length + 3) for length in range(min(4, size - at) + 1)] for at in range(size + 1)]
    spare = Seat(0, 4, costs, (), best if draw(st.booleans()) else ())
    return Order(size, ends, draw(st.integers(0, 9)), seats, spare if spares else None, spares), seat()


def cost(order: Order, seats: list[Seat]) -> int | None:
    found = cheapest_cuts(
        size=order.size, group_ends=order.group_ends, cut_cost=order.cut_cost, seats=seats, spare=order.spare,
        spares=order.spares,
    )  # fmt: skip
    return None if found is None else found[0]


@settings(max_examples=300, deadline=None)
@given(orders())
def test_no_other_place_costs_less(case: tuple[Order, Seat]) -> None:
    order, seat = case
    costs = [cost(order, [*order.seats[:at], seat, *order.seats[at:]]) for at in range(len(order.seats) + 1)]
    possible = [each for each in costs if each is not None]
    found = best_place(order, seat)
    assert found == (costs.index(min(possible)) if possible else None)
