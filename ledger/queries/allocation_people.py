"""Who could look after households of some townships, and in which village each takes part."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from ledger.models import Cadre, CadreShare, Household, LinkKind, Posting, Township, Village, VillageLink
from ledger.queries.dashboard import counted_households
from ledger.rules.allocation_pool import spread
from ledger.rules.allocation_score import Band
from ledger.rules.permissions import Role
from ledger.rules.visits import Profession


@dataclass
class People:
    """The cadres who could look after households of some townships."""

    order: list[int] = field(default_factory=list)
    """Serving cadres, in the order of their lists."""
    loads: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """Cadre → village → households to cover."""
    places: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Cadre → villages where posted or tied for households."""
    own: dict[int, int] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    willing: set[int] = field(default_factory=set)
    """Those said to take part."""
    busy: set[int] = field(default_factory=set)
    """Those with any posting, or said not to take part."""
    township: dict[int, int | None] = field(default_factory=dict)
    villages: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Village → (township, households to cover), in the order of the county."""
    bands: dict[int, Band] = field(default_factory=dict)

    def homes(self, *, whole_county: bool) -> dict[int, list[int]]:
        """Cadre → the villages in which they take part: several only for who is posted in each and has some in each."""
        homes = {cadre: [village] for cadre, village in self.own.items()}
        for cadre in self.order:
            if cadre not in homes and (found := self._known(cadre)):
                homes[cadre] = found
        for township in [*self.bands, *([None] if whole_county else [])]:
            homes |= self._spread(township, homes)
        return homes

    def _known(self, cadre: int) -> list[int]:
        """Where they are posted and have households, else where posted, else where they have most."""
        loads, posted = self.loads.get(cadre, Counter[int]()), self.places.get(cadre, set())
        both = [village for village in posted if loads[village]]
        if len(both) > 1:
            return both
        choices = both or posted or {village for village, n in loads.items() if n}
        rank = {village: place for place, village in enumerate(self.villages)}
        return [min(choices, key=lambda v: (-loads[v], rank.get(v, len(rank)), v))] if choices else []

    def _spread(self, township: int | None, homes: dict[int, list[int]]) -> dict[int, list[int]]:
        """Those of a township over its villages; None: those of the county over all."""
        free = [
            cadre for cadre in self.order
            if cadre not in homes and self.township[cadre] == township
            and (cadre in self.willing or cadre not in self.busy)
        ]  # fmt: skip
        villages = [pk for pk, (place, _size) in self.villages.items() if township in (None, place)]
        band = next(iter(self.bands.values())) if township is None else self.bands[township]
        serving = set(self.order)
        fixed = Counter(village for cadre, places in homes.items() if cadre in serving for village in places)
        shares = spread([self.villages[pk][1] for pk in villages], [fixed[pk] for pk in villages], len(free), band)
        ordered = iter(free)
        return {next(ordered): [village] for village, share in zip(villages, shares, strict=True) for _ in range(share)}


def people_of(townships: Sequence[int], today: datetime.date) -> People:
    people = People()
    inside = Q(village__township__in=townships) | Q(cadre__township__in=townships)
    loads = Household.objects.filter(counted_households(today), inside).order_by()
    sizes: Counter[int] = Counter()
    for village, cadre, count in loads.values_list("village_id", "cadre_id").annotate(n=Count("pk")):
        sizes[village] += count
        if cadre is not None:
            people.loads[cadre][village] += count
    around = Village.objects.filter(township__in=townships, successor__isnull=True).select_related("township__county")
    for village in around.order_by("township__sort_order", "township__code", "sort_order", "code"):
        people.villages[village.pk] = village.township_id, sizes[village.pk]
        county = village.township.county
        people.bands[village.township_id] = Band(county.list_least, county.list_most)
    _add_posts(people, townships, today)
    _add_shares(people, townships)
    _add_serving(people, townships, today)
    return people


def _add_posts(people: People, townships: Sequence[int], today: datetime.date) -> None:
    held = Posting.objects.open_on(today).filter(
        Q(cadre__township__in=townships) | Q(village__township__in=townships) | Q(cadre__township__isnull=True)
    )  # fmt: skip
    for cadre, role, village in held.values_list("cadre_id", "role", "village_id"):
        people.busy.add(cadre)
        if role == Role.HOUSEHOLD_CADRE and village in people.villages:
            people.places[cadre].add(village)
    tied = VillageLink.objects.open_on(today).filter(village__in=people.villages, kind=LinkKind.VILLAGE_CADRE)
    for cadre, village in tied.values_list("cadre_id", "village_id"):
        people.places[cadre].add(village)


def _add_shares(people: People, townships: Sequence[int]) -> None:
    counties = Township.objects.filter(pk__in=townships).values("county")
    shares = CadreShare.objects.filter(cadre__county__in=counties)
    for cadre, takes_part, weight, village in shares.values_list("cadre_id", "takes_part", "weight", "village_id"):
        people.weights[cadre] = weight
        if not takes_part:
            people.busy.add(cadre)
            people.own.pop(cadre, None)
            people.weights[cadre] = 0
        elif village in people.villages:
            people.own[cadre] = village
            people.willing.add(cadre)
        else:
            people.willing.add(cadre)


def _add_serving(people: People, townships: Sequence[int], today: datetime.date) -> None:
    """Whoever serves there or has, or is to have, households there; not who is said to take no part, nor whose account
    is closed."""
    known = {*people.loads, *people.places, *people.own}
    serving = Cadre.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=today))
    counties = Township.objects.filter(pk__in=townships).values("county")
    pool = Q(township__in=townships) | Q(township__isnull=True, county__in=counties)
    rows: Any = serving.filter(pool & Q(profession=Profession.CADRE) | Q(pk__in=known)).exclude(user__is_active=False)
    for pk, township in rows.order_by("sort_order", "pk").values_list("pk", "township_id"):
        if people.weights.get(pk, 1):
            people.order.append(pk)
            people.township[pk] = township
    people.own = {cadre: village for cadre, village in people.own.items() if cadre in people.township}
