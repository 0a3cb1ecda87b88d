"""三级挂钩: leaders and their villages, units and their groups, members and their households; who has been there."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from ledger.models import (
    Cadre,
    Household,
    LinkKind,
    Organisation,
    Rotation,
    RotationStop,
    Village,
    VillageLink,
    Visit,
)
from ledger.models.cadres import UNIT_LINKS
from ledger.models.scope import scope_of
from ledger.rules.days import local_today
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.rotations import VISIT_EVERY_DAYS

LEADERS = (LinkKind.COUNTY_LEADER, LinkKind.TOWNSHIP_LEADER)


@dataclass
class Tie:
    """A village of a leader, and when the leader was last there."""

    village: Village
    kind: str
    last_on: datetime.date | None = None

    @property
    def is_due(self) -> bool:
        """Whether a day in the village is advised: none in the last month."""
        return self.last_on is None or (local_today() - self.last_on).days > VISIT_EVERY_DAYS


def leaders(villages: QuerySet[Village]) -> list[tuple[Cadre, list[Tie]]]:
    """The leaders of these villages with all of those villages that are theirs; two queries."""
    today = local_today()
    links = VillageLink.objects.open_on(today).filter(
        village__in=villages, kind__in=LEADERS, cadre__left_on__isnull=True
    )
    found: dict[Cadre, list[Tie]] = defaultdict(list)
    order = ("cadre__sort_order", "cadre_id", "village__sort_order", "village__code")
    for link in links.select_related("cadre", "village__township").order_by(*order):
        found[link.cadre].append(Tie(link.village, link.get_kind_display()))
    _last_there(found)
    return list(found.items())


def own_villages(user: Any) -> list[Tie]:
    """The villages one leads, with one's last day there; none for everybody else: for the own day's page."""
    me = scope_of(user).cadre_id
    if me is None:
        return []
    links = VillageLink.objects.open_on(local_today()).filter(cadre=me, kind__in=LEADERS)
    ties = [Tie(link.village, link.get_kind_display()) for link in links.select_related("village", "cadre")]
    if ties:
        _last_there({Cadre(pk=me): ties})
    return ties


def _last_there(found: dict[Cadre, list[Tie]]) -> None:
    """A leader was in the village when leading or joining a visit or meeting there; phone calls are none."""
    places = {tie.village.pk for ties in found.values() for tie in ties}
    there = Visit.objects.filter(voided_at__isnull=True, village__in=places).exclude(kind="phone").order_by()
    people = [cadre.pk for cadre in found]
    led = there.filter(lead__in=people).values_list("lead_id", "village_id").annotate(last=Max("occurred_on"))
    joined = (
        there.filter(companions__in=people).values_list("companions", "village_id").annotate(last=Max("occurred_on"))
    )
    last: dict[tuple[int, int], datetime.date] = {}
    for cadre, village, day in [*led, *joined]:
        last[cadre, village] = max(day, last.get((cadre, village), day))
    for leader, ties in found.items():
        for tie in ties:
            tie.last_on = last.get((leader.pk, tie.village.pk))


def units(villages: QuerySet[Village]) -> list[tuple[Organisation, list[Village]]]:
    """The units that are tied to these villages, each with all of those villages that are theirs; one query."""
    links = VillageLink.objects.open_on(local_today()).filter(village__in=villages, kind__in=UNIT_LINKS)
    found: dict[Organisation, list[Village]] = defaultdict(list)
    order = ("organisation__sort_order", "organisation_id", "village__sort_order", "village__code")
    for link in links.select_related("organisation", "village__township").order_by(*order):
        found[link.organisation].append(link.village)
    return list(found.items())


@dataclass
class Progress:
    """A plan: where the unit is now, how many groups it has been through, in how many somebody was visited."""

    rotation: Rotation
    stops: list[RotationStop] = field(default_factory=list)
    visited: dict[int, int] = field(default_factory=dict)
    """Stop → visits made in its group, in its days, that people of the unit led or joined."""

    @property
    def now(self) -> RotationStop | None:
        today = local_today()
        return next((stop for stop in self.stops if stop.start_on <= today < (stop.end_on or today)), None)

    @property
    def past(self) -> int:
        return sum(stop.end_on is not None and stop.end_on <= local_today() for stop in self.stops)

    @property
    def reached(self) -> int:
        """Groups in which at least one visit was made in the unit's days there."""
        return sum(bool(self.visited.get(stop.pk)) for stop in self.stops)

    @property
    def is_over(self) -> bool:
        """Whether it has been through all of its groups."""
        return self.until < local_today()

    @property
    def until(self) -> datetime.date:
        """The last day of the plan."""
        last = self.stops[-1]
        return (last.end_on or last.start_on) - datetime.timedelta(days=1)


def progress(rotations: QuerySet[Rotation], villages: QuerySet[Village]) -> list[Progress]:
    """Each plan with its stops in these villages and what was done at them; three queries for any number of plans."""
    found = {each.pk: Progress(each) for each in rotations.select_related("organisation__township")}
    rows = (
        RotationStop.objects.filter(rotation__in=found, group__village__in=villages)
        .select_related("group__village")
        .order_by("start_on", "pk")
    )
    at: dict[tuple[int, int], list[RotationStop]] = defaultdict(list)
    for stop in rows:
        found[stop.rotation_id].stops.append(stop)
        at[found[stop.rotation_id].rotation.organisation_id, stop.group_id].append(stop)
    for unit, group, day in _visits_of(at):
        for stop in at[unit, group]:
            if stop.end_on is not None and stop.start_on <= day < stop.end_on:
                visited = found[stop.rotation_id].visited
                visited[stop.pk] = visited.get(stop.pk, 0) + 1
    return [each for each in found.values() if each.stops]


def _visits_of(places: Collection[tuple[int, int]]) -> Iterator[tuple[int, int, datetime.date]]:
    """(unit, group, day) of each visit in these groups that people of the unit led or joined: most groups are the own
    of nobody in a unit, whose people then go along with the household's cadre. One row for each visit and unit."""
    units, groups = {unit for unit, _group in places}, {group for _unit, group in places}
    made = Visit.objects.filter(voided_at__isnull=True, household__group__in=groups).order_by()
    led, joined = made.filter(lead__organisation__in=units), made.filter(companions__organisation__in=units)
    rows = led.values_list("pk", "lead__organisation", "household__group", "occurred_on").union(
        joined.values_list("pk", "companions__organisation", "household__group", "occurred_on")
    )
    for _visit, unit, group, day in rows:
        if (unit, group) in places:
            yield unit, group, day


def own_stop(user: Any) -> RotationStop | None:
    """Where one's own unit is today; for the own day's page."""
    me = scope_of(user).cadre_id
    if me is None:
        return None
    today = RotationStop.objects.open_on(local_today()).filter(rotation__organisation__cadres=me)
    found: RotationStop | None = today.select_related("group__village", "rotation__organisation").first()
    return found


def members(villages: QuerySet[Village]) -> dict[str, int]:
    """The third tier: how many cadres look after how many households there."""
    own = Household.objects.filter(village__in=villages, status__in=COUNTED_STATUSES)
    counted = own.aggregate(
        households=Count("pk"), cadres=Count("cadre", distinct=True), without=Count("pk", filter=Q(cadre__isnull=True))
    )
    return {name: int(value) for name, value in counted.items()}
