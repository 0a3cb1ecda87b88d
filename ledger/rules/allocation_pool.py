"""Cadres of a township who belong to no village yet, spread over its villages."""

from collections.abc import Sequence
from heapq import heapify, heapreplace

from ledger.rules.allocation_score import USUAL, Band, deviation

Cost = tuple[int, int, int]


def spread(households: Sequence[int], cadres: Sequence[int], free: int, band: Band = USUAL) -> list[int]:
    """How many of ``free`` cadres each village gets, which has so many households and cadres already.

    Each next one goes where it saves most: first a village that has nobody, then the sum of squared deviations from the
    band, then the balance. What the lists of a village deviate, as even as they can be, is convex in their number: what
    one more saves never grows, so that taking the greatest saving each time comes to the greatest sum.
    """
    given = [0] * len(households)

    def next_saving(place: int) -> tuple[Cost, int]:
        lists, size = cadres[place] + given[place], households[place]
        before, after = _cost(size, lists, band), _cost(size, lists + 1, band)
        return (after[0] - before[0], after[1] - before[1], after[2] - before[2]), place

    savings = [next_saving(place) for place in range(len(households))]
    heapify(savings)
    for _ in range(free if savings else 0):
        place = savings[0][1]
        given[place] += 1
        heapreplace(savings, next_saving(place))
    return given


def _cost(size: int, lists: int, band: Band) -> Cost:
    """(households without a cadre, squared deviation, squared sizes) of so many lists, as even as they can be."""
    if not lists:
        return size, 0, 0
    each, longer = divmod(size, lists)
    ends = (band.low, band.high)
    short, long = deviation(each, ends) ** 2, deviation(each + 1, ends) ** 2
    return (
        0, (lists - longer) * short + longer * long, (lists - longer) * each * each + longer * (each + 1) ** 2
    )  # fmt: skip
