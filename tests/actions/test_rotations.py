"""轮流挂钩: the calendar of a plan, its progress by what was done there, stopping it; leaders and their villages."""

import datetime
import itertools
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from ledger.actions.rotations import plan, stop
from ledger.models import Group, Household, LinkKind, Rotation, RotationStop, Village, VillageLink
from ledger.queries.rotations import leaders, members, own_stop, own_villages, progress, units
from ledger.rules.days import local_today
from ledger.rules.rotations import fits, months_later, stops
from tests.world import START, World, make_visit

TODAY = local_today()
DAY = datetime.timedelta(days=1)


def test_each_group_has_whole_months_but_the_first() -> None:
    found = stops([7, 8, 9], datetime.date(2025, 11, 17), 2)
    day = datetime.date
    assert found == [
        (7, day(2025, 11, 17), day(2026, 1, 1)), (8, day(2026, 1, 1), day(2026, 3, 1)),
        (9, day(2026, 3, 1), day(2026, 5, 1)),
    ]  # fmt: skip
    assert months_later(day(2025, 12, 1), 1) == day(2026, 1, 1)
    assert [fits(24, 1), fits(25, 1), fits(12, 2), fits(13, 2)] == [True, False, True, False]


def goes(world: World, *places: str, unit: str = "村镇建设办", start_on: datetime.date = TODAY) -> Rotation:
    return plan(
        by=world.user("township_admin"), organisation=world.organisations[unit],
        villages=[world.villages[place] for place in places], months=1, start_on=start_on,
    )  # fmt: skip


def test_a_unit_goes_through_all_groups_in_order(world: World) -> None:
    made = goes(world, "马銮", "城垵")
    order = [(stop.group.village.name, stop.group.number) for stop in made.stops.select_related("group__village")]
    assert order == [("城垵村", 1), ("城垵村", 2), ("马銮村", 1), ("马銮村", 2)]
    days = list(made.stops.values_list("start_on", "end_on"))
    assert days[0][0] == TODAY
    assert all(one[1] == other[0] for one, other in itertools.pairwise(days))


def test_one_plan_at_a_time_and_not_longer_than_two_years(world: World) -> None:
    goes(world, "城垵")
    with pytest.raises(ValidationError):
        goes(world, "马銮")
    Group.objects.bulk_create(Group(village=world.villages["东沈"], number=n) for n in range(3, 30))
    with pytest.raises(ValidationError):
        goes(world, "东沈", unit="纪委")
    assert Rotation.objects.count() == 1


def test_progress_counts_the_groups_that_were_visited_in_their_days(world: World) -> None:
    start = TODAY - 70 * DAY
    made = goes(world, "城垵", start_on=start)
    first = made.stops.select_related("group").first()
    unit = world.cadre("department_handler")
    colleague = world.cadre("village_official")
    of_unit = type(unit).objects.filter(pk__in=[unit.pk, colleague.pk])
    of_unit.update(organisation=world.organisations["村镇建设办"])
    there = Household.objects.filter(group=first.group).first()
    beside = Household.objects.exclude(group=first.group).filter(village=world.villages["城垵"]).first()
    make_visit(there, unit, occurred_on=start)
    make_visit(there, unit, occurred_on=start - DAY)  # before the days of the stop
    make_visit(beside, unit, occurred_on=start)  # of another group
    joined = make_visit(there, world.cadre("visitor"), occurred_on=start + DAY)  # led by another unit
    make_visit(there, world.cadre("visitor"), occurred_on=start)  # of another unit
    joined.companions.add(unit, colleague)
    (shown,) = progress(Rotation.objects.all(), Village.objects.filter(pk=world.villages["城垵"].pk))
    assert (len(shown.stops), shown.reached, shown.visited) == (2, 1, {first.pk: 2})
    assert progress(Rotation.objects.all(), Village.objects.filter(pk=world.villages["马銮"].pk)) == []


def test_a_stopped_plan_keeps_what_was_made(world: World) -> None:
    made = goes(world, "城垵", "马銮", start_on=TODAY - 40 * DAY)
    admin = world.user("township_admin")
    assert (stop(by=admin, rotation=made), stop(by=admin, rotation=made)) == (True, False)
    left = RotationStop.objects.filter(rotation=made)
    assert left.exists()
    assert all(row.end_on <= TODAY for row in left)
    goes(world, "城垵")


def test_the_people_of_a_unit_see_where_it_is(world: World) -> None:
    made = goes(world, "城垵")
    unit = world.cadre("department_handler")
    type(unit).objects.filter(pk=unit.pk).update(organisation=made.organisation)
    assert own_stop(world.user("department_handler")) == made.stops.first()
    assert own_stop(world.user("visitor")) is None


def test_a_leader_is_advised_where_nobody_came_for_a_month(world: World) -> None:
    leader = world.cadre("township_leader")
    for place in ("城垵", "马銮", "前楼"):
        VillageLink.objects.create(
            village=world.villages[place], kind=LinkKind.TOWNSHIP_LEADER, cadre=leader, start_on=START
        )
    make_visit(world.households["城垵"][0], leader, occurred_on=TODAY - 3 * DAY)
    make_visit(world.households["马銮"][0], leader, occurred_on=TODAY, kind="phone")
    joined = make_visit(world.households["前楼"][0], world.cadre("visitor@前楼"), occurred_on=TODAY - 40 * DAY)
    joined.companions.add(leader)
    ties = {tie.village.name: (tie.last_on, tie.is_due) for tie in own_villages(world.user("township_leader"))}
    assert ties == {
        "城垵村": (TODAY - 3 * DAY, False), "马銮村": (None, True), "前楼村": (TODAY - 40 * DAY, True)
    }  # fmt: skip
    here = Village.objects.filter(township=world.township)
    assert [(who, [tie.village.name for tie in ties]) for who, ties in leaders(here)] == [
        (leader, ["城垵村", "马銮村"])
    ]  # fmt: skip
    assert own_villages(world.user("village_cadre")) == []


def test_the_page(world: World, sign_in: Callable[[str], Client]) -> None:
    made = goes(world, "城垵")
    page = sign_in("township_admin").get("/tiers/").content.decode()
    assert "村镇建设办" in page
    assert "前楼" not in page
    assert "村镇建设办" not in sign_in("village_cadre@马銮").get("/tiers/").content.decode()
    assert members(Village.objects.filter(pk=world.villages["城垵"].pk)) == {
        "households": 3, "cadres": 1, "without": 1
    }  # fmt: skip
    assert sign_in("household_cadre").get("/tiers/").status_code == 403
    assert sign_in("township_leader").post(f"/tiers/rotations/{made.pk}/stop/").status_code == 403
    assert sign_in("township_admin@前楼").post(f"/tiers/rotations/{made.pk}/stop/").status_code == 404
    assert Rotation.objects.get().stopped_on is None
    assert "值得去一天" in _led(world, sign_in)


def _led(world: World, sign_in: Callable[[str], Client]) -> str:
    VillageLink.objects.create(
        village=world.villages["城垵"], kind=LinkKind.TOWNSHIP_LEADER, cadre=world.cadre("township_leader"),
        start_on=START,
    )  # fmt: skip
    return sign_in("township_leader").get("/today/").content.decode()


def test_a_plan_that_has_been_through_all_groups_makes_room(world: World, sign_in: Callable[[str], Client]) -> None:
    over = goes(world, "城垵", start_on=TODAY - 200 * DAY)
    page = sign_in("township_admin").get("/tiers/").content.decode()
    assert "各组已走完" in page
    assert f"/tiers/rotations/{over.pk}/stop/" not in page
    last = over.stops.last()
    assert last is not None
    made = goes(world, "马銮")
    over.refresh_from_db()
    assert over.stopped_on == last.end_on
    assert list(Rotation.objects.filter(stopped_on=None)) == [made]
    with pytest.raises(ValidationError):
        goes(world, "城垵")


def test_units_stand_with_their_villages(world: World, sign_in: Callable[[str], Client]) -> None:
    unit, beside = world.organisations["村镇建设办"], world.organisations["纪委"]
    for place, organisation, end_on in (("马銮", unit, None), ("城垵", unit, None), ("东沈", beside, TODAY)):
        VillageLink.objects.create(village=world.villages[place], kind=LinkKind.TOWNSHIP_UNIT,
                                   organisation=organisation, start_on=START, end_on=end_on)  # fmt: skip
    here = Village.objects.filter(township=world.township)
    assert [(who, [each.name for each in places]) for who, places in units(here)] == [(unit, ["城垵村", "马銮村"])]
    assert units(Village.objects.filter(pk=world.villages["前楼"].pk)) == []
    page = sign_in("township_leader").get("/tiers/").content.decode()
    assert "单位挂村" in page
    assert "单位挂村" not in sign_in("township_admin@前楼").get("/tiers/").content.decode()
