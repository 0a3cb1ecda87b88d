"""今日待办: own households in order of need, promises, own issues; a constant number of queries."""

import datetime

import pytest
from django.utils import timezone

from ledger.models import Household, Issue
from ledger.queries.today import SHOWN_HOUSEHOLDS, own_issues, today_of
from ledger.rules.days import local_today
from tests.world import World, make_household, make_issue, make_visit

TODAY = local_today
DAY = datetime.timedelta(days=1)


def met(household: Household, days: int | None) -> None:
    day = TODAY() - days * DAY if days is not None else None
    Household.objects.filter(pk=household.pk).update(last_met_on=day, last_visit_on=day)


def test_never_met_first_then_longest_ago(world: World) -> None:
    first, second, _foreign = world.households["城垵"]
    third = make_household(world.villages["城垵"], 9, world.cadre("household_cadre"))
    gone = make_household(world.villages["城垵"], 8, world.cadre("household_cadre"), status="moved")
    met(first, 5)
    met(second, 90)
    met(third, None)
    met(gone, None)
    found = today_of(world.user("household_cadre"), TODAY())
    assert found.households == [third, second, first]
    assert (found.total, found.never) == (3, 1)


def test_a_promise_stands_until_the_next_visit(world: World) -> None:
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    asked = make_visit(household, cadre, occurred_on=TODAY() - 9 * DAY, follow_up_on=TODAY() - DAY, promise="带表格")
    far = world.households["城垵"][1]
    make_visit(far, cadre, follow_up_on=TODAY() + 30 * DAY)
    met(household, 9)
    met(far, 0)
    found = today_of(world.user("household_cadre"), TODAY())
    assert found.promises == [asked]
    assert found.households == [far]

    met(household, 0)
    assert today_of(world.user("household_cadre"), TODAY()).promises == []


def test_a_void_promise_is_none(world: World) -> None:
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    visit = make_visit(household, cadre, follow_up_on=TODAY())
    met(household, 0)
    visit.voided_at, visit.voided_by = visit.recorded_at, cadre.user
    visit.save()
    assert today_of(world.user("household_cadre"), TODAY()).promises == []


def test_own_issues_are_those_one_handles_registered_or_looks_after(world: World) -> None:
    own = own_issues(world.user("household_cadre"))
    assert set(own) == {world.issues["城垵"], world.issues["城垵-sensitive"]}
    other = world.cadre("village_official")
    for_me = make_issue(world.households["马銮"][0], other, 900)
    Issue.objects.filter(pk=for_me.pk).update(handler=world.cadre("household_cadre"), state="assigned")
    closed = make_issue(world.households["城垵"][0], other, 901)
    Issue.objects.filter(pk=closed.pk).update(state="void")
    assert set(own_issues(world.user("household_cadre"))) == {
        world.issues["城垵"],
        world.issues["城垵-sensitive"],
        for_me,
    }


def test_nobody_s_day_is_empty(world: World) -> None:
    found = today_of(world.user("nobody"), TODAY())
    assert (found.households, found.issues, found.promises, found.total) == ([], [], [], 0)


@pytest.mark.parametrize("count", [3, 30])
def test_the_same_number_of_queries(world: World, django_assert_num_queries, count: int) -> None:
    cadre = world.cadre("household_cadre")
    for n in range(10, 10 + count):
        household = make_household(world.villages["城垵"], n, cadre)
        make_issue(household, cadre, 1000 + n)
        if n % 2:
            make_visit(household, cadre, follow_up_on=TODAY())
            met(household, 0)
    with django_assert_num_queries(9):
        found = today_of(world.user("household_cadre"), TODAY())
        assert len(found.households) <= SHOWN_HOUSEHOLDS
        for household in found.households:
            assert str(household.village)
            assert list(household.types.all()) == []


def test_what_a_leader_watches_comes_before_what_is_due_sooner(world: World) -> None:
    today, leader = local_today(), world.cadre("county_leader")
    late = world.issues["城垵"]
    watched = make_issue(world.households["城垵"][0], world.cadre("household_cadre"), 930)
    Issue.objects.filter(pk=late.pk).update(due_on=today)
    Issue.objects.filter(pk=watched.pk).update(
        due_on=today + DAY, is_supervised=True, supervised_by=leader, supervised_at=timezone.now()
    )
    shown = [issue.pk for issue in today_of(world.user("household_cadre"), today).issues]
    assert shown.index(watched.pk) < shown.index(late.pk)
