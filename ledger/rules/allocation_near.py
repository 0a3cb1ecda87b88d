"""Who lives nearest to some households and has room for them: for whoever hands them over."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.rules.allocation_score import USUAL, Band, House


@dataclass(frozen=True, slots=True)
class Near:
    """A cadre who could take households: what they have now, the room below the upper end, and how far they are.

    ``distance`` counts houses along the order between the nearest of theirs and the nearest that is handed over; None
    where they have none in this village. ``suits`` is how many of those handed over lie next to a household of theirs.
    """

    cadre: int
    load: int
    room: int
    distance: int | None
    suits: int


def near_with_room(
    houses: Sequence[House], leaving: Collection[int], loads: Mapping[int, int], *, band: Band = USUAL,
    without: Iterable[int] = (),
) -> list[Near]:  # fmt: skip
    """The cadres of ``loads`` (cadre → households altogether), the most suitable first.

    ``houses`` are those of the village in the order in which they lie, ``leaving`` the keys that are handed over.
    Those with room for at least one come first, then by distance, then the lighter load; ``without`` are left out.
    """
    going = frozenset(leaving)
    spots = [place for place, house in enumerate(houses) if house.key in going]
    gone, theirs = frozenset(without), dict[int, list[int]]()
    for place, house in enumerate(houses):
        if house.cadre is not None and house.key not in going:
            theirs.setdefault(house.cadre, []).append(place)
    found = []
    for cadre, load in loads.items():
        if cadre in gone:
            continue
        near = [_distance(theirs.get(cadre, []), spot) for spot in spots]
        known = [distance for distance in near if distance is not None]
        found.append(
            Near(cadre, load, max(0, band.high - load), min(known, default=None), sum(d == 1 for d in known))
        )  # fmt: skip
    return sorted(found, key=lambda each: (
        each.room == 0, each.distance is None, each.distance or 0, -each.suits, each.load, each.cadre,
    ))  # fmt: skip


def _distance(places: Sequence[int], spot: int) -> int | None:
    """From one place to the nearest of some sorted ones."""
    at = bisect_left(places, spot)
    around = [abs(places[near] - spot) for near in (at - 1, at) if 0 <= near < len(places)]
    return min(around, default=None)
