"""分配联系户: who is to be covered in a village, who can look after them, and the lists that follow.

To cover are the households living here or away, without approved exclusions (the denominator of coverage). A cadre
takes part in one village: the own village that was set, else where they are posted as household cadre or tied as
village-contact cadre, else where they have most households now. Those of the township who have none of these and no
other posting are spread over its villages, so that a ledger fresh from its rosters can be allocated at once.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ledger.models import (
    County,
    Household,
    HouseholdTie,
    TieKind,
    Township,
    Village,
)
from ledger.queries.allocation_people import People, people_of
from ledger.queries.dashboard import counted_households
from ledger.rules.allocation import Proposal, propose
from ledger.rules.allocation_figures import Figures, figures
from ledger.rules.allocation_order import Place, in_order
from ledger.rules.allocation_score import Band, Hand, House, Task
from ledger.rules.allocation_words import why_outside
from ledger.rules.days import local_today


@dataclass
class Ground:
    """One village as it stands: what a proposal is drawn from."""

    village: Village
    band: Band
    houses: list[House] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)
    pins: dict[int, int] = field(default_factory=dict)
    avoid: set[tuple[int, int]] = field(default_factory=set)

    def task(self) -> Task:
        return Task(self.houses, self.hands, self.band, self.pins, frozenset(self.avoid))


@dataclass(frozen=True)
class Drawn:
    """The proposal for one village, with its figures and the sentence why the band can't be met (or nothing)."""

    ground: Ground
    proposal: Proposal
    figures: Figures
    why: str

    @property
    def given(self) -> dict[int, int]:
        """Household → cadre."""
        return {house: cadre for cadre, listed in self.proposal.lists.items() for house in listed}


def draw(grounds: Iterable[Ground], *, anew: bool | None = None) -> Iterator[Drawn]:
    """A proposal for each village."""
    for ground in grounds:
        found = propose(ground.houses, ground.hands, band=ground.band, pins=ground.pins, avoid=ground.avoid, anew=anew)
        given = {house: cadre for cadre, listed in found.lists.items() for house in listed}
        why = why_outside(len(ground.houses), ground.hands, ground.band)
        yield Drawn(ground, found, figures(ground.task(), given), why)


def grounds_of(villages: Sequence[Village], *, whole_county: bool = False) -> list[Ground]:
    """The ground of each village, in the order given (``township__county`` is read); a fixed number of queries.

    With ``whole_county`` those who serve the county and no township, and are posted nowhere, are spread as well.
    """
    today = local_today()
    townships = sorted({village.township_id for village in villages})
    people = people_of(townships, today)
    asked = {village.pk for village in villages}
    found = {v.pk: Ground(v, Band(v.township.county.list_least, v.township.county.list_most)) for v in villages}
    for place, houses in houses_lying(asked, today).items():
        found[place].houses = houses
    homes = people.homes(whole_county=whole_county)
    for cadre in people.order:
        places = homes.get(cadre, [])
        for home in asked.intersection(places):
            kept = [n for place, n in people.loads[cadre].items() if place not in asked or place in places]
            elsewhere = sum(kept) - (people.loads[cadre][home])
            found[home].hands.append(Hand(cadre, people.weights.get(cadre, 100), elsewhere))
    _add_ties(found, people)
    return [found[village.pk] for village in villages]


def houses_lying(villages: Iterable[int], today: datetime.date) -> dict[int, list[House]]:
    """Village → its households to cover, in the order in which they lie."""
    rows = Household.objects.filter(counted_households(today), village__in=villages).values_list(
        "pk", "village_id", "group_id", "group__number", "group__name", "code", "house_order", "latitude", "longitude",
        "cadre_id",
    )  # fmt: skip
    places: dict[int, list[Place]] = defaultdict(list)
    about: dict[int, tuple[int | None, int | None]] = {}
    for pk, village, group, number, name, code, order, latitude, longitude, cadre in rows:
        at = None if latitude is None or longitude is None else (float(latitude), float(longitude))
        places[village].append(Place(pk, None if group is None else (number, name), code, order, at))
        about[pk] = group, cadre
    return {
        village: [House(place.key, *about[place.key]) for place in in_order(lying)] for village, lying in places.items()
    }


def _add_ties(found: dict[int, Ground], people: People) -> None:
    """Pins and households to be avoided. Who has a pinned household here but a list elsewhere gets no other here."""
    ties = HouseholdTie.objects.filter(household__village__in=found).order_by("pk")
    for household, village, cadre, kind in ties.values_list(
        "household_id", "household__village_id", "cadre_id", "kind"
    ):
        ground = found[village]
        if kind == TieKind.AVOID:
            ground.avoid.add((cadre, household))
        elif cadre in people.township:
            ground.pins[household] = cadre
            if all(hand.key != cadre for hand in ground.hands):
                elsewhere = sum(n for place, n in people.loads[cadre].items() if place != village)
                ground.hands.append(Hand(cadre, elsewhere=max(elsewhere, ground.band.low)))


def grounds_at(place: County | Township | Village) -> list[Ground]:
    """The ground of all villages of a place."""
    return grounds_of(villages_of(place), whole_county=isinstance(place, County))


def villages_of(place: County | Township | Village) -> list[Village]:
    """The villages of a county or township that still are one, in their order; a village itself."""
    rows = Village.objects.select_related("township__county")
    if isinstance(place, Village):
        return list(rows.filter(pk=place.pk))
    rows = rows.filter(successor__isnull=True)
    rows = rows.filter(township=place) if isinstance(place, Township) else rows.filter(township__county=place)
    return list(rows.order_by("township__sort_order", "township__code", "sort_order", "code"))
