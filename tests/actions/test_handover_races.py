"""Twenty hand-overs and edits at once: a household has one open assignment always, and the kept cadre is its cadre."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Count

from ledger.actions import assignments
from ledger.actions.handovers import StaleHandOver, hand_over
from ledger.actions.households import edit_household
from ledger.actions.versions import StaleEdit
from ledger.models import Assignment, AuditRow, Cadre, HandOver, Household
from ledger.queries.handovers import holding
from ledger.rules.days import local_today
from tests.actions.test_races import at_once
from tests.world import World, build, make_household

pytestmark = pytest.mark.django_db(transaction=True)
LOSES = (StaleHandOver, StaleEdit, ValidationError)


@pytest.fixture
def crowd() -> World:
    world = build()
    owner = world.cadre("household_cadre")
    for order in range(4, 10):
        make_household(world.villages["城垵"], order, owner)
    return world


def test_one_open_assignment_always(crowd: World) -> None:
    owner = crowd.cadre("household_cadre")
    others = [crowd.cadre(key) for key in ("village_cadre", "village_official", "visitor")]
    homes = list(Household.objects.filter(cadre=owner).order_by("pk"))

    def act(number: int) -> str:
        try:
            return [_hand_over, _give_one, _edit][number % 3](crowd, number)
        except LOSES as lost:
            return type(lost).__name__

    def _hand_over(world: World, number: int) -> str:
        by, cadre = world.user("township_admin"), Cadre.objects.get(pk=owner.pk)
        held, to = holding(by, cadre), others[number % len(others)]
        rows: dict[str, Any] = {"household": {each.pk: to.pk for each in held.households}, "issue": {}, "follow_up": {}}
        hand_over(by=by, cadre=cadre, seen=held.seen, on=local_today(), to=rows)
        return "handed over"

    def _give_one(world: World, number: int) -> str:
        household = Household.objects.get(pk=homes[number % len(homes)].pk)
        assignments.assign(by=world.user("township_admin"), household=household, cadre=others[number % len(others)])
        return "given"

    def _edit(world: World, number: int) -> str:
        household = Household.objects.get(pk=homes[number % len(homes)].pk)
        data = {"address": f"上里{number}号"}
        edit_household(by=world.user("township_admin"), household=household, version=household.version, data=data)
        return "edited"

    said = at_once(20, act)
    assert len(said) == 20
    assert {"given", "edited"} <= set(said)
    opened = Assignment.objects.filter(end_on__isnull=True, household__in=homes)
    assert dict(opened.values_list("household").annotate(count=Count("pk"))) == {home.pk: 1 for home in homes}
    assert dict(opened.values_list("household", "cadre")) == dict(
        Household.objects.filter(pk__in=[home.pk for home in homes]).values_list("pk", "cadre")
    )
    assert (
        HandOver.objects.count() == AuditRow.objects.filter(verb="handover.made").count() == said.count("handed over")
    )
