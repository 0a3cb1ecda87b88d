"""Who gets which list: the assignment problem, by the Hungarian method with potentials (Kuhn, Munkres; O(n³))."""

from collections.abc import Sequence


def cheapest_matching(costs: Sequence[Sequence[int]]) -> list[int]:
    """For each row the column it is given, so that the sum of ``costs[row][column]`` is least; rows ≤ columns.

    Of equally cheap ones always the same. Whole numbers only, so that no rounding decides.
    """
    rows = len(costs)
    columns = len(costs[0]) if rows else 0
    rent, price = [0] * (rows + 1), [0] * (columns + 1)
    holder = [0] * (columns + 1)
    for row in range(1, rows + 1):
        holder[0] = row
        _free_a_column(costs, rent, price, holder)
    given = [0] * rows
    for column in range(1, columns + 1):
        if holder[column]:
            given[holder[column] - 1] = column - 1
    return given


def _free_a_column(costs: Sequence[Sequence[int]], rent: list[int], price: list[int], holder: list[int]) -> None:
    """Find the cheapest chain from the row in column 0 to a free column, and hand the columns on along it."""
    columns = len(holder) - 1
    slack: list[int | None] = [None] * (columns + 1)
    seen, before, column = [False] * (columns + 1), [0] * (columns + 1), 0
    while holder[column]:
        seen[column], row = True, holder[column]
        least: int | None = None
        following = 0
        for other in range(1, columns + 1):
            if seen[other]:
                continue
            reduced = costs[row - 1][other - 1] - rent[row] - price[other]
            known = slack[other]
            if known is None or reduced < known:
                slack[other], before[other] = reduced, column
                known = reduced
            if least is None or known < least:
                least, following = known, other
        assert least is not None
        _move_prices(least, rent, price, holder, slack, seen)
        column = following
    while column:
        holder[column] = holder[before[column]]
        column = before[column]


def _move_prices(
    by: int, rent: list[int], price: list[int], holder: list[int], slack: list[int | None], seen: list[bool]
) -> None:
    for column, was_seen in enumerate(seen):
        if was_seen:
            rent[holder[column]] += by
            price[column] -= by
        elif column and (known := slack[column]) is not None:
            slack[column] = known - by
