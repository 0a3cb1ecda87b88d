"""Who handed over, who is on leave and who stands in, which unit goes round: rows of the world of the access guards."""

import datetime
from typing import Any

from django.utils import timezone

from ledger.models import (
    Campaign,
    CampaignTick,
    HandOver,
    HandOverRow,
    Organisation,
    Posting,
    Rotation,
    RotationStop,
    Substitution,
)
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.world import START, World, make_cadre, post


def substitutes(world: World) -> None:
    """Without a posting of their own: one stands in for a village cadre of 城垵 today, one did until yesterday."""
    today, day = local_today(), datetime.timedelta(days=1)
    for key, name, absent, start, end in (
        ("substitute", "正在代管", "village_cadre", today - day, today + 5 * day),
        ("substitute before", "曾经代管", "village_cadre", today - 9 * day, today),
    ):
        stands_in = make_cadre(world.township, name, world.county)
        Substitution.objects.create(
            absent=world.cadre(absent), substitute=stands_in, start_on=start, end_on=end, reason="事假",
            appointed_by=world.users["township_admin"], appointed_at=timezone.now(),
        )  # fmt: skip
        world.users[key] = stands_in.user  # type: ignore[assignment]


def handed_over(village: Any, household: Any, place: str, admin: Any) -> None:
    """What one cadre of the place gave to another."""
    made = HandOver.objects.create(
        cadre=_official(village), county=village.township.county, township=village.township, on=START,
        reason=f"{place}交接原因", made_by=admin, made_at=timezone.now(),
    )  # fmt: skip
    HandOverRow.objects.create(handover=made, kind="household", household=household, to_cadre=household.cadre)


def going_round(village: Any, admin: Any) -> None:
    """A unit of the township that goes from group to group: one for all of its villages."""
    if Rotation.objects.filter(organisation__township=village.township).exists():
        return
    unit = Organisation.objects.filter(township=village.township, village=None).latest("pk")
    goes = Rotation.objects.create(organisation=unit, start_on=START, made_by=admin, made_at=timezone.now())
    group = village.groups.get(number=1)
    RotationStop.objects.create(rotation=goes, group=group, start_on=START, end_on=local_today())


def campaigned(village: Any, visit: Any, place: str, admin: Any) -> Campaign:
    """A campaign of the village alone, with a point that a visit answered."""
    runs = Campaign.objects.create(
        county=village.township.county, township=village.township, name=f"{place}专题", purpose=f"{place}目的",
        start_on=START, last_on=local_today() + datetime.timedelta(days=9), made_by=admin, made_at=timezone.now(),
        told_at=timezone.now(),
    )  # fmt: skip
    runs.places.create(village=village)
    point = runs.points.create(text=f"{place}要点")
    CampaignTick.objects.create(visit=visit, household=visit.household, point=point, answer="done", text=f"{place}说明")
    return runs


def on_leave(village: Any, place: str, admin: Any) -> None:
    """Somebody of the place will be on leave; nobody has more by it today."""
    away, stands_in = (
        make_cadre(village.township, f"{place}{what}", village.township.county) for what in ("将休", "将代")
    )
    for cadre in (away, stands_in):
        post(cadre, Role.VILLAGE_OFFICIAL, village=village)
    later = local_today() + datetime.timedelta(days=10)
    Substitution.objects.create(
        absent=away, substitute=stands_in, start_on=later, end_on=later + datetime.timedelta(days=5),
        reason=f"{place}休假", appointed_by=admin, appointed_at=timezone.now(),
    )  # fmt: skip


def _official(village: Any) -> Any:
    """Somebody of the village who handed something over."""
    return Posting.objects.filter(village=village, role=Role.VILLAGE_OFFICIAL).earliest("pk").cadre
