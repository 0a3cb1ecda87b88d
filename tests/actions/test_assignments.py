"""One open assignment per household, its history dated, nobody left without a cadre."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from ledger.actions.assignments import Change, assign, assign_many, end, refresh_cadres
from ledger.models import Assignment, AuditRow, Household
from ledger.models.scope import may
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from tests.world import START, World

TODAY = local_today


def periods(household: Household) -> list[tuple[int, datetime.date, datetime.date | None]]:
    rows = Assignment.objects.filter(household=household).order_by("pk")
    return list(rows.values_list("cadre_id", "start_on", "end_on"))


def test_the_next_cadre_ends_the_assignment_of_the_last(world: World) -> None:
    household, before = world.households["城垵"][0], world.cadre("household_cadre")
    after = world.cadre("village_cadre")

    assign(by=world.users["township_admin"], household=household, cadre=after, on=TODAY(), reason="调岗")

    assert periods(household) == [(before.pk, START, TODAY()), (after.pk, TODAY(), None)]
    assert Household.objects.get(pk=household.pk).cadre == after
    row = AuditRow.objects.get(verb="assignment.changed")
    assert (row.household_id, row.detail["from"][0], row.detail["to"][0]) == (household.pk, before.pk, after.pk)
    assert not may(world.user("household_cadre"), Permission.LOG_VISIT, household)
    assert may(world.user("village_cadre"), Permission.CALL_OWN, household)


def test_the_same_cadre_again_changes_nothing(world: World) -> None:
    household = world.households["城垵"][0]
    assign(by=world.users["township_admin"], household=household, cadre=world.cadre("household_cadre"))
    assert len(periods(household)) == 1
    assert not AuditRow.objects.exists()


def test_a_household_without_a_cadre_gets_one(world: World) -> None:
    household, cadre = world.households["城垵"][2], world.cadre("household_cadre")
    assign(by=world.users["township_admin"], household=household, cadre=cadre, on=datetime.date(2026, 1, 5))
    assert periods(household) == [(cadre.pk, datetime.date(2026, 1, 5), None)]


def test_refused_days_and_people_change_nothing(world: World) -> None:
    household, before = world.households["城垵"][0], world.cadre("household_cadre")
    ours, elsewhere = world.cadre("village_cadre"), world.cadre("village_cadre@前楼")
    tomorrow = TODAY() + datetime.timedelta(days=1)
    refused = [(ours, tomorrow), (ours, START - datetime.timedelta(days=1)), (elsewhere, TODAY())]
    for cadre, day in refused:
        with pytest.raises(ValidationError), transaction.atomic():
            assign(by=world.users["township_admin"], household=household, cadre=cadre, on=day)
    ours.left_on = TODAY()
    ours.save()
    with pytest.raises(ValidationError):
        assign(by=world.users["township_admin"], household=household, cadre=ours)
    assert periods(household) == [(before.pk, START, None)]
    assert not AuditRow.objects.exists()


def test_an_assignment_only_ends_with_its_household(world: World) -> None:
    household = world.households["城垵"][0]
    with pytest.raises(ValidationError):
        end(by=world.users["township_admin"], household=household)
    assert periods(household)[0][2] is None

    Household.objects.filter(pk=household.pk).update(status="moved")
    end(by=world.users["township_admin"], household=household, reason="搬离")
    assert periods(household)[0][2] == TODAY()
    assert Household.objects.get(pk=household.pk).cadre is None


def test_many_in_few_statements(world: World, django_assert_max_num_queries) -> None:
    first, second, third = world.households["城垵"]
    old, new = world.cadre("household_cadre"), world.cadre("village_cadre")
    day = datetime.date(2026, 3, 1)
    pairs = [(first.pk, old.pk), (second.pk, new.pk), (third.pk, new.pk)]

    with django_assert_max_num_queries(9):  # two of them the savepoint, two who the actor is
        changes = assign_many(by=world.users["township_admin"], pairs=pairs, on=day)

    assert changes == [Change(second.pk, old.pk, new.pk), Change(third.pk, None, new.pk)]
    assert periods(first) == [(old.pk, START, None)]
    assert periods(second) == [(old.pk, START, day), (new.pk, day, None)]
    assert periods(third) == [(new.pk, day, None)]
    cadres = Household.objects.filter(village=first.village).order_by("pk").values_list("cadre_id", flat=True)
    assert list(cadres) == [old.pk, new.pk, new.pk]
    assert AuditRow.objects.get().detail["households"] == 2


def test_many_again_change_nothing(world: World) -> None:
    pairs = [(world.households["城垵"][0].pk, world.cadre("household_cadre").pk)]
    assert assign_many(by="system", pairs=pairs, on=TODAY()) == []
    assert not AuditRow.objects.exists()


def test_many_never_end_before_they_began(world: World) -> None:
    household, new = world.households["城垵"][0], world.cadre("village_cadre")
    assign_many(by="system", pairs=[(household.pk, new.pk)], on=START - datetime.timedelta(days=9))
    assert periods(household)[0][1:] == (START, START)
    assert periods(household)[1] == (new.pk, START, None)


def test_what_is_kept_beside_the_household_can_be_rebuilt(world: World) -> None:
    household = world.households["城垵"][0]
    Household.objects.filter(pk=household.pk).update(cadre=None)
    refresh_cadres([household.pk])
    assert Household.objects.get(pk=household.pk).cadre == world.cadre("household_cadre")


def test_nobody_writes_an_assignment_by_hand(world: World) -> None:
    with pytest.raises(TypeError):
        Assignment(household=world.households["城垵"][2], cadre=world.cadre("household_cadre"), start_on=START).save()
