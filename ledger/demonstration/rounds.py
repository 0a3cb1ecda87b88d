"""What goes on around the lists: leaders and a unit join visits, cadres promise to come back, households change their
status, a proposal waits for the administrator."""

import datetime
from typing import Any

from ledger.actions.allocation import begin, fill
from ledger.actions.households import change_status
from ledger.demonstration.places import Town
from ledger.models import Cadre, Household, LinkKind, Rotation, Village, VillageLink, Visit
from ledger.rules.days import local_today
from ledger.rules.households import HouseholdStatus

DAY = datetime.timedelta(days=1)
LATELY = 45 * DAY
PROMISES = ("把医保缴费单送上门", "带农技员来看果树", "问清低保复核的结果", "送新办的残疾证")


def arrange_rounds(town: Town, admin: Any) -> None:
    villages = Village.objects.filter(township=town.township)
    _leaders_go_along(villages)
    _units_go_along(villages)
    _promise(villages)
    _change_statuses(admin, villages)
    uncovered = villages.filter(households__status=HouseholdStatus.ACTIVE, households__cadre__isnull=True)
    if place := uncovered.select_related("township__county").order_by("sort_order", "pk").first():
        fill(begin(by=admin, place=place))


def _visits(villages: Any) -> Any:
    return Visit.objects.filter(village__in=villages, household__isnull=False, voided_at__isnull=True).order_by("-pk")


def _leaders_go_along(villages: Any) -> None:
    """Two of three leaders were in their first village lately."""
    links = VillageLink.objects.filter(village__in=villages, kind=LinkKind.TOWNSHIP_LEADER, end_on__isnull=True)
    for number, link in enumerate(links.order_by("village__sort_order", "pk")):
        visit = _visits(villages).filter(village=link.village, occurred_on__gt=local_today() - LATELY).first()
        if number % 3 != 2 and visit is not None and link.cadre is not None:
            visit.companions.add(link.cadre)


def _units_go_along(villages: Any) -> None:
    """Somebody of the unit at a household of each group where it has been but one."""
    for plan in Rotation.objects.filter(stops__group__village__in=villages).distinct():
        people = list(Cadre.objects.filter(organisation=plan.organisation, left_on__isnull=True).order_by("pk")[:2])
        for stop in list(plan.stops.filter(start_on__lte=local_today()).order_by("start_on"))[1:]:
            there = _visits(villages).filter(household__group=stop.group, occurred_on__gte=stop.start_on)
            visit = there.filter(occurred_on__lt=stop.end_on).exclude(lead__in=people).first()
            if visit is not None:
                visit.companions.add(*people)


def _promise(villages: Any) -> None:
    """The latest visits of a few cadres promise to come back."""
    latest = _visits(villages).filter(occurred_on__gt=local_today() - 8 * DAY, result="met", follow_up_on__isnull=True)
    for number, visit in enumerate(latest.select_related("household")[: 3 * len(PROMISES)]):
        if visit.household is not None and visit.household.last_visit_on == visit.occurred_on:
            day = local_today() + (number % 5 + 1) * DAY
            Visit.objects.filter(pk=visit.pk).update(promise=PROMISES[number % len(PROMISES)], follow_up_on=day)


def _change_statuses(admin: Any, villages: Any) -> None:
    """A family that went away to work and one that came back: the whole of it stays on record."""
    homes = Household.objects.filter(village__in=villages, cadre__isnull=False, events__isnull=True)
    for status, to, reason in (
        (HouseholdStatus.ACTIVE, HouseholdStatus.AWAY, "全家外出务工"),
        (HouseholdStatus.AWAY, HouseholdStatus.ACTIVE, "务工返乡"),
        (HouseholdStatus.ACTIVE, HouseholdStatus.VACANT, "迁入县城居住，房屋空置"),
    ):
        home = homes.filter(status=status).order_by("-pk").first()
        if home is not None:
            change_status(by=admin, household=home, version=home.version, status=to, on=local_today(), reason=reason)
