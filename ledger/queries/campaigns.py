"""专题: which households one means, how far each has come, and what a visitor finds open at a door.

A figure is a condition on households ``at_end`` of the campaign: as they are today while it runs, and as they were on
its last day from then on, so that it stays what it was. Its sentence stands in ``DEFINITIONS``. Of those that run,
``campaign`` may be a key, or, where households are asked about inside a question about campaigns, ``OF_EACH``.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import (
    Cadre,
    Campaign,
    CampaignPoint,
    CampaignTick,
    CampaignVillage,
    Household,
    HouseholdType,
    Village,
    Visit,
)
from ledger.models.scope import scope_of
from ledger.queries.dashboard import counted_households
from ledger.queries.figures_households import counted_q, placed
from ledger.queries.figures_visits import CONTACT
from ledger.queries.figures_window import Window
from ledger.rules.campaigns import LATE, Reach
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission

OF_EACH = OuterRef(OuterRef("pk"))
"""The campaign, two questions up."""


def end_of(campaign: Campaign) -> Window:
    """The days up to its last, or up to today while it runs."""
    return Window(None, min(campaign.last_on, local_today()))


def at_end(campaign: Campaign, rows: QuerySet[Household]) -> QuerySet[Any]:
    """These households with the village and the cadre (``at_village``, ``at_cadre``) of its last day."""
    return placed(rows, end_of(campaign))


def meant_q(campaign: Any, window: Window | None = None) -> Q:
    """Households of its villages that coverage counts, of one of its types where it names any.

    Today; or, of households that are placed by ``window``, on its last day. Their types have no history.
    """
    named = Campaign.types.through._base_manager.filter(campaign=campaign)
    villages = CampaignVillage._base_manager.filter(campaign=campaign).order_by().values("village")
    of_type = ~Q(Exists(named)) | Q(Exists(named.filter(householdtype__households=OuterRef("pk"))))
    if window is None:
        return Q(village__in=villages) & of_type & counted_households(local_today())
    counted = counted_households(window.last) if window.is_now else counted_q(window)
    return Q(at_village__in=villages) & of_type & counted


def standing() -> QuerySet[CampaignTick]:
    """What was said of points by visits that stand, of the campaign's own days."""
    return CampaignTick.objects.filter(
        visit__voided_at__isnull=True, visit__occurred_on__gte=F("point__campaign__start_on"),
        visit__occurred_on__lte=F("point__campaign__last_on"),
    )  # fmt: skip


def _left(campaign: Any) -> Q:
    """Households of which a point is not answered yet."""
    answered = standing().filter(point=OuterRef("pk"), household=OuterRef(OuterRef("pk")))
    return Q(Exists(CampaignPoint._base_manager.filter(~Exists(answered), campaign=campaign)))


def open_q(campaign: Any) -> Q:
    """Those meant today of which a point is left without an answer."""
    return meant_q(campaign) & _left(campaign)


def _reached(campaign: Campaign) -> Q:
    """Met at home on one of its days, or with an answer to a point."""
    days = Q(occurred_on__range=(campaign.start_on, campaign.last_on))
    met = Exists(Visit.objects.filter(CONTACT, days, household=OuterRef("pk")))
    answered = Exists(standing().filter(point__campaign=campaign.pk, household=OuterRef("pk")))
    return Q(met) | Q(answered)


DEFINITIONS: dict[str, Promise | str] = {
    Reach.MEANT: _(
        "Households of the campaign's villages that live here or are away, without approved exclusions, as they are "
        "today and, once it is over, as they were on its last day; where it names household types, those that are of "
        "one of them now."
    ),
    Reach.REACHED: _(
        "Of these, those met at home on one of the campaign's days, or of which a visit of those days answered a point."
    ),
    Reach.DONE: _(
        "Of these, those of which every point was answered, done or not applicable, by visits of the campaign's days "
        "that are not void."
    ),
    Reach.OPEN: _("Of these, those of which a point is not answered yet."),
}


def figure_q(campaign: Campaign, reach: str) -> Q:
    """The condition of one figure, on households ``at_end``."""
    meant = meant_q(campaign.pk, end_of(campaign))
    if reach == Reach.REACHED:
        return meant & _reached(campaign)
    if reach in {Reach.DONE, Reach.OPEN}:
        left = _left(campaign.pk)
        return meant & (left if reach == Reach.OPEN else ~left)
    return meant


def households_of(campaign: Campaign, user: Any, reach: str = Reach.MEANT) -> QuerySet[Household]:
    """Those of one figure that somebody may see."""
    return at_end(campaign, Household.objects.visible_to(user)).filter(figure_q(campaign, reach))


@dataclass
class Line:
    """One unit of a campaign's progress."""

    key: str
    name: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> int:
        """Done of meant, in per cent."""
        meant = self.counts[Reach.MEANT]
        return self.counts[Reach.DONE] * 100 // meant if meant else 0


SHOWN = (Reach.MEANT, Reach.REACHED, Reach.DONE, Reach.OPEN)


def progress(campaign: Campaign, rows: QuerySet[Household], unit: str) -> list[Line]:
    """The figures of ``rows`` (``at_end``) by township, village or cadre: four questions whatever there is.

    Units without households meant are none; places in the county's order, people by their names, never by figures.
    """
    column = "at_cadre" if unit == "cadre" else "at_village"
    counts: dict[Any, dict[Reach, int]] = {}
    for reach in (Reach.MEANT, Reach.REACHED, Reach.DONE):
        counted = rows.filter(figure_q(campaign, reach)).order_by().annotate(part=F(column)).values_list("part")
        for part, n in counted.annotate(n=Count("pk")):
            counts.setdefault(part, {})[reach] = n
    found: dict[str, Line] = {}
    for part, key, called in _units(unit, counts):
        line = found.setdefault(key, Line(key, called, dict.fromkeys(SHOWN, 0)))
        for reach, n in counts[part].items():
            line.counts[reach] += n
    for line in found.values():
        line.counts[Reach.OPEN] = line.counts[Reach.MEANT] - line.counts[Reach.DONE]
    return list(found.values())


def _units(unit: str, parts: Collection[Any]) -> list[tuple[Any, str, str]]:
    """Each village or cadre of ``parts`` with the key and the name of the line it counts in, in order."""
    if unit == "cadre":
        people = Cadre._base_manager.filter(pk__in=[part for part in parts if part is not None])
        named = [(one.pk, f"cadre-{one.pk}", one.name) for one in people.order_by("pinyin", "pk")]
        return [*named, *([(None, "", "")] if None in parts else [])]
    places = Village._base_manager.filter(pk__in=parts).select_related("township")
    places = places.order_by("township__sort_order", "township_id", "sort_order", "code")
    if unit == "township":
        return [(one.pk, f"township-{one.township_id}", one.township.name) for one in places]
    return [(one.pk, f"village-{one.pk}", one.name) for one in places]


def whole(lines: list[Line]) -> Line:
    """The sum of the units."""
    return Line("", "", {reach: sum(line.counts[reach] for line in lines) for reach in SHOWN})


def campaigns(user: Any) -> QuerySet[Campaign]:
    """Those somebody may read, with whose they are; villages and types are counted along."""
    rows: QuerySet[Campaign] = Campaign.objects.visible_to(user)
    types = Prefetch("types", queryset=HouseholdType.objects.order_by("sort_order", "pk"))
    return rows.select_related("county", "township", "ended_by").prefetch_related(types)


def running(user: Any, day: datetime.date) -> QuerySet[Campaign]:
    """Those that run on that day."""
    return campaigns(user).filter(start_on__lte=day, last_on__gte=day, ended_at__isnull=True)


def own_campaigns(user: Any, day: datetime.date) -> list[Campaign]:
    """Those that run and mean own households, each with ``mine`` and ``mine_open``: how many, how many still open."""
    scope = scope_of(user)
    own = Household.objects.filter(scope.own_households("cadre_id")).order_by().annotate(one=Value(1)).values("one")
    if not scope.has_households:
        return []
    rows = running(user, day).annotate(
        mine=Coalesce(Subquery(own.filter(meant_q(OF_EACH)).annotate(n=Count("pk")).values("n")), 0),
        mine_open=Coalesce(Subquery(own.filter(open_q(OF_EACH)).annotate(n=Count("pk")).values("n")), 0),
    )
    return list(rows.filter(mine__gt=0).order_by("last_on", "pk"))


@dataclass
class AtDoor:
    """One campaign at one household: its points, with the last answer of each or None."""

    campaign: Campaign
    points: list[tuple[CampaignPoint, CampaignTick | None]]
    is_over: bool

    @property
    def left(self) -> list[CampaignPoint]:
        return [point for point, tick in self.points if tick is None]


def points_offered(household: Household, day: datetime.date, user: Any) -> QuerySet[CampaignPoint]:
    """The points of campaigns that mean this household and run on that day, or ended days ago: paper comes late.

    Of those that ``user`` may read: who has moved on still corrects own visits, and knows nothing of what runs now.
    """
    here = Household._base_manager.filter(meant_q(OF_EACH), pk=household.pk)
    rows = Campaign.objects.visible_to(user).filter(Exists(here), start_on__lte=day, last_on__gte=day - LATE)
    points: QuerySet[CampaignPoint] = CampaignPoint.objects.filter(campaign__in=rows).select_related("campaign")
    return points.order_by("campaign__last_on", "campaign", "sort_order", "pk")


def at_door(household: Household, points: list[CampaignPoint], day: datetime.date) -> list[AtDoor]:
    """What a visitor finds at this household of these points: one question more, none without points."""
    said = standing().filter(household=household, point__in=points) if points else standing().none()
    answers = {tick.point_id: tick for tick in said.select_related("visit__lead").order_by("visit__occurred_on", "pk")}
    found: dict[int, AtDoor] = {}
    for point in points:
        one = found.setdefault(point.campaign_id, AtDoor(point.campaign, [], point.campaign.is_over(day)))
        one.points.append((point, answers.get(point.pk)))
    return list(found.values())


def running_at(household: Household, day: datetime.date, user: Any) -> list[AtDoor]:
    """The campaigns that run at this household: one question where there are none, two else."""
    points = points_offered(household, day, user).filter(campaign__last_on__gte=day, campaign__ended_at__isnull=True)
    return at_door(household, list(points), day)


def points_said(visit: Visit, user: Any) -> QuerySet[CampaignTick]:
    """What a visit says of points, of campaigns that somebody may read."""
    seen = Campaign.objects.visible_to(user)
    rows: QuerySet[CampaignTick] = CampaignTick.objects.filter(visit=visit, point__campaign__in=seen)
    rows = rows.select_related("point__campaign")
    return rows.order_by("point__campaign", "point__sort_order", "pk")


def left_of(campaign: Campaign, households: list[int]) -> dict[int, list[str]]:
    """The texts of the points that are open at each of these households: two questions for any number of them."""
    points = list(campaign.points.all())
    said = standing().filter(point__campaign=campaign.pk, household__in=households)
    answered = set(said.values_list("household_id", "point_id"))
    return {home: [point.text for point in points if (home, point.pk) not in answered] for home in households}


def points_ahead(
    households: list[int], day: datetime.date, user: Any, *, late: bool = False
) -> list[tuple[int, CampaignPoint]]:
    """(household, point) of all that running campaigns still ask at these households: three questions at most.

    ``late``: of those too that ended days ago, of which visits are still entered.
    """
    return [(home, point) for home, point, is_open in points_at(households, day, user, late=late) if is_open]


def points_at(
    households: list[int], day: datetime.date, user: Any, *, late: bool = False
) -> list[tuple[int, CampaignPoint, bool]]:
    """(household, point, whether it is open there) of all that campaigns ask at these households."""
    ran = campaigns(user).filter(start_on__lte=day, last_on__gte=day - LATE) if late else running(user, day)
    runs = ran.prefetch_related(None).order_by().values("pk")
    here = Household._base_manager.filter(meant_q(OuterRef(OuterRef("campaign_id"))), pk=OuterRef("home"))
    pairs = CampaignVillage._base_manager.annotate(home=F("village__households")).order_by()
    meant = list(pairs.filter(Exists(here), campaign__in=runs, home__in=households).values_list("campaign_id", "home"))
    if not meant:
        return []
    points = CampaignPoint.objects.filter(campaign__in={campaign for campaign, _home in meant})
    asked = list(points.select_related("campaign").order_by("campaign__last_on", "campaign", "sort_order", "pk"))
    said = standing().filter(point__in=asked, household__in=households)
    answered = set(said.values_list("household_id", "point_id"))
    return [
        (home, point, (home, point.pk) not in answered)
        for campaign, home in meant
        for point in asked
        if point.campaign_id == campaign
    ]


def is_worked_on(campaign: Campaign) -> bool:
    """Whether any visit, void or not, says something of one of its points."""
    return bool(CampaignTick.objects.filter(point__campaign=campaign).exists())


def may_run(user: Any, campaign: Campaign) -> bool:
    """Whether somebody may change or end it."""
    return bool(Campaign.objects.visible_to(user, Permission.RUN_CAMPAIGNS).filter(pk=campaign.pk).exists())
