"""专题: begun, changed, ended, removed; its figures; who is told; and what a visit says of its points."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ledger.actions.campaigns import begin, change, end, remove, tell_of_the_day
from ledger.actions.households import change_status
from ledger.actions.versions import StaleEdit
from ledger.actions.visits import correct_visit, log_visit, void_visit
from ledger.models import (
    Assignment,
    Campaign,
    CampaignTick,
    Exclusion,
    Household,
    HouseholdCode,
    HouseholdType,
    Notice,
    StatusPeriod,
    Visit,
    VisitCorrection,
)
from ledger.queries.campaigns import at_end, own_campaigns, points_ahead, progress, running_at
from ledger.queries.campaigns import households_of as rows_of
from ledger.rules.campaigns import Reach, faults_of, lines_of
from ledger.rules.days import local_today
from tests.world import START, World, make_household, make_visit

TODAY = local_today()
DAY = datetime.timedelta(days=1)


def begun(world: World, *places: str, by: str = "township_desk", types: Any = (), **more: Any) -> Campaign:
    said = {
        "name": "医保缴费提醒", "purpose": "", "start_on": TODAY - 3 * DAY, "last_on": TODAY + 6 * DAY,
        "all_villages": not places, **more,
    }  # fmt: skip
    place = world.county if by == "county_desk" else world.township
    names = places or ("城垵", "马銮", "东沈")
    return begin(
        by=world.user(by), place=place, data=said, villages=[world.villages[name] for name in names], types=types,
        points=["核对参保人数", "发明白卡"],
    )  # fmt: skip


def ticked(world: World, household: Household, runs: Campaign, *answers: str, **more: Any) -> Visit:
    """A visit of the household's place that says this of the points, one after the other."""
    points = [
        {"point": point, "answer": answer, "text": ""}
        for point, answer in zip(runs.points.all(), answers, strict=False)
    ]
    place = household.village.name.removesuffix("村")
    data = {"kind": "phone", "result": "met", "occurred_on": TODAY, "household": household, "content": "", **more}
    made, _new = log_visit(by=world.user(f"household_cadre@{place}"), data=data | {"points": points})
    return Visit.objects.get(pk=made)


def names(world: World, runs: Campaign, reach: str, who: str = "township_desk") -> set[str]:
    return set(rows_of(runs, world.user(who), reach).values_list("head_name", flat=True))


def test_the_points_are_lines_of_their_own() -> None:
    assert lines_of(" 一 \n\n二\n一\n") == ["一", "二"]
    assert [faults_of(one) for one in ([], ["点"] * 8, ["点"] * 9, ["长" * 61])] == ["none", "", "many", "long"]


def test_the_figures_count_meant_reached_and_done_and_no_neighbour(world: World) -> None:
    runs = begun(world, "城垵", "马銮")
    first, second, third = world.households["城垵"]
    Visit.objects.all().delete()
    make_visit(first, world.cadre("household_cadre"), kind="household", occurred_on=TODAY - 4 * DAY)  # before it began
    make_visit(second, world.cadre("household_cadre"), kind="household", occurred_on=TODAY - DAY)
    Exclusion.objects.create(
        household=third, start_on=START, reason="外出", approved_by=world.users["township_leader"],
        approved_at=timezone.now(),
    )  # fmt: skip
    neighbour = world.households["马銮"][0]
    ticked(world, neighbour, runs, "done", "na")
    void = ticked(world, world.households["马銮"][1], runs, "done", "done")
    void_visit(by=world.user("household_cadre@马銮"), visit=void, version=1, reason="记错")
    all_meant = {"城垵户主1", "城垵户主2", "马銮户主1", "马銮户主2", "马銮户主3"}
    assert names(world, runs, Reach.MEANT) == all_meant
    assert names(world, runs, Reach.REACHED) == {"城垵户主2", "马銮户主1"}
    assert names(world, runs, Reach.DONE) == {"马銮户主1"}
    assert names(world, runs, Reach.OPEN) == all_meant - {"马銮户主1"}
    assert names(world, runs, Reach.MEANT, "household_cadre") == {"城垵户主1", "城垵户主2"}
    assert names(world, runs, Reach.MEANT, "township_leader@前楼") == set()
    homes = at_end(runs, Household.objects.visible_to(world.user("township_desk")))
    lines = progress(runs, homes, "village")
    assert [(line.name, *line.counts.values(), line.share) for line in lines] == [
        ("城垵村", 2, 1, 0, 2, 0), ("马銮村", 3, 1, 1, 2, 33),
    ]  # fmt: skip
    by_cadre = progress(runs, homes.filter(village=world.villages["马銮"]), "cadre")
    assert sorted((line.name, line.counts[Reach.MEANT]) for line in by_cadre) == [("", 1), ("马銮包户干部", 2)]


def test_one_that_is_over_counts_the_households_of_its_last_day(world: World) -> None:
    runs, desk = begun(world, "城垵", "马銮"), world.user("township_desk")
    done, gone, _other = world.households["马銮"]
    ticked(world, done, runs, "done", "na", occurred_on=TODAY - 2 * DAY)
    Campaign.objects.filter(pk=runs.pk).update(last_on=TODAY - DAY)
    runs.refresh_from_db()

    def told() -> list[Any]:
        homes = at_end(runs, Household.objects.visible_to(desk))
        lines = [progress(runs, homes, unit) for unit in ("township", "village", "cadre")]
        return [[(line.name, *line.counts.values()) for line in each] for each in lines]

    def opened() -> list[set[str]]:
        return [names(world, runs, reach) for reach in (Reach.MEANT, Reach.DONE, Reach.OPEN)]

    before, rows = told(), opened()
    assert before[1] == [("城垵村", 3, 0, 0, 3), ("马銮村", 3, 1, 1, 2)]
    change_status(by=desk, household=gone, version=gone.version, status="vacant", on=TODAY, reason="搬走")
    make_household(world.villages["马銮"], 30, world.cadre("household_cadre@马銮"))
    for model, day in ((StatusPeriod, TODAY), (HouseholdCode, TODAY), (Assignment, TODAY)):
        newest = model._base_manager.filter(household__village=world.villages["马銮"]).order_by("-pk")[0]
        model._base_manager.filter(pk=newest.pk).update(start_on=day)
    ended, cadre = Assignment._base_manager.filter(household=done), world.cadre("village_cadre@马銮")
    ended.update(end_on=TODAY)
    Assignment.objects.bulk_create([Assignment(household=done, cadre=cadre, start_on=TODAY)])
    Household.objects.filter(pk=done.pk).update(cadre=cadre)
    assert (told(), opened()) == (before, rows)
    Campaign.objects.filter(pk=runs.pk).update(last_on=TODAY)
    runs.refresh_from_db()
    assert names(world, runs, Reach.MEANT) == rows[0] - {"马銮户主2"} | {"马銮户主30"}


def test_only_households_of_its_types_are_meant(world: World) -> None:
    kind = HouseholdType.objects.get(county=world.county, name="低保户")
    world.households["城垵"][1].types.add(kind)
    runs = begun(world, types=[kind])
    assert names(world, runs, Reach.MEANT) == {"城垵户主2"}
    user = world.user("village_cadre")
    assert [one.campaign for one in running_at(world.households["城垵"][1], TODAY, user)] == [runs]
    assert running_at(world.households["城垵"][0], TODAY, user) == []


def test_two_visits_together_finish_a_household(world: World) -> None:
    runs, home = begun(world, "城垵"), world.households["城垵"][0]
    user = world.user("household_cadre")
    ticked(world, home, runs, "done")
    mine = own_campaigns(user, TODAY)
    assert [(one.pk, one.mine, one.mine_open) for one in mine] == [(runs.pk, 2, 2)]  # type: ignore[attr-defined]
    assert [point.text for point in running_at(home, TODAY, user)[0].left] == ["发明白卡"]
    ahead = points_ahead([each.pk for each in world.households["城垵"]], TODAY, user)
    assert sorted((pk == home.pk, point.text) for pk, point in ahead) == [
        (False, "发明白卡"), (False, "发明白卡"), (False, "核对参保人数"), (False, "核对参保人数"), (True, "发明白卡"),
    ]  # fmt: skip
    second = list(runs.points.all())[1]
    log_visit(by=user, data={"kind": "household", "result": "met", "occurred_on": TODAY, "household": home,
                             "points": [{"point": second, "answer": "na", "text": "户里没有老人"}]})  # fmt: skip
    assert names(world, runs, Reach.DONE) == {"城垵户主1"}
    assert own_campaigns(user, TODAY)[0].mine_open == 1  # type: ignore[attr-defined]


def test_a_correction_keeps_what_was_said_of_a_point(world: World) -> None:
    runs, home = begun(world, "城垵"), world.households["城垵"][0]
    visit = ticked(world, home, runs, "done", "done")
    first, second = runs.points.all()
    said = [{"point": first, "answer": "na", "text": "租户"}, {"point": second, "answer": "", "text": ""}]
    user = world.user("household_cadre")
    correct_visit(by=user, visit=visit, version=1, data={"points": said}, reason="记错户")
    assert [(tick.point, tick.answer, tick.text) for tick in visit.ticks.all()] == [(first, "na", "租户")]
    old = VisitCorrection.objects.get(visit=visit).old
    assert [len(old["ticks"]), old["ticks"][0].split("：")[0]] == [2, "核对参保人数"]
    again = Visit.objects.get(pk=visit.pk)
    correct_visit(by=user, visit=again, version=2, data={"points": said}, reason="再看")
    assert VisitCorrection.objects.count() == 1
    assert names(world, runs, Reach.DONE) == set()


def test_those_it_concerns_are_told_once_when_it_runs(world: World) -> None:
    runs = begun(world, "城垵", start_on=TODAY + DAY)
    assert Notice.objects.count() == 0
    Campaign.objects.filter(pk=runs.pk).update(start_on=TODAY)
    assert [tell_of_the_day(world.county), tell_of_the_day(world.county)] == [2, 0]
    told = {notice.cadre for notice in Notice.objects.filter(sort="campaign", mark=str(runs.pk), issue=None)}
    assert told == {world.cadre("household_cadre"), world.cadre("village_cadre")}


def test_a_change_keeps_the_points_that_were_answered(world: World) -> None:
    runs = begun(world, "城垵")
    ticked(world, world.households["城垵"][0], runs, "done")
    data = {"name": "改名", "purpose": "", "start_on": runs.start_on, "last_on": TODAY + DAY, "all_villages": False}
    said: dict[str, Any] = {
        "by": world.user("township_desk"), "campaign": runs, "villages": [world.villages["马銮"]], "types": [],
        "data": data,
    }  # fmt: skip
    with pytest.raises(ValidationError) as fault:
        change(**said, version=1, points=["发明白卡"])
    assert set(fault.value.error_dict) == {"points"}
    with pytest.raises(ValidationError) as fault:
        change(**said | {"data": data | {"start_on": TODAY}}, version=1, points=["核对参保人数"])
    assert set(fault.value.error_dict) == {"start_on"}
    with pytest.raises(StaleEdit):
        change(**said, version=7, points=["核对参保人数"])
    runs.refresh_from_db()
    assert (runs.name, runs.points.count(), runs.places.get().village.name) == ("医保缴费提醒", 2, "城垵村")
    after = change(**said, version=1, points=["新要点", "核对参保人数"])
    assert [point.text for point in after.points.all()] == ["新要点", "核对参保人数"]
    assert (after.name, after.version, after.places.get().village.name) == ("改名", 2, "马銮村")


def test_it_ends_before_its_time_and_is_not_changed_any_more(world: World) -> None:
    runs, user = begun(world, "城垵"), world.user("township_desk")
    assert [end(by=user, campaign=runs), end(by=user, campaign=runs)] == [True, False]
    runs.refresh_from_db()
    assert (runs.last_on, runs.ended_by) == (TODAY, world.users["township_desk"])
    assert own_campaigns(world.user("household_cadre"), TODAY) == []
    with pytest.raises(ValidationError):
        change(by=user, campaign=runs, version=2, data={}, villages=[], types=[], points=[])
    ahead = begun(world, "城垵", start_on=TODAY + DAY)
    assert end(by=user, campaign=ahead) is False


def test_only_one_that_nobody_worked_on_is_removed(world: World) -> None:
    runs, user = begun(world, "城垵"), world.user("township_desk")
    visit = ticked(world, world.households["城垵"][0], runs, "done")
    void_visit(by=world.user("household_cadre"), visit=visit, version=1, reason="记错")
    assert remove(by=user, campaign=runs) is False
    assert (Campaign.objects.count(), Notice.objects.filter(sort="campaign").count()) == (1, 2)
    CampaignTick.objects.all().delete()
    assert remove(by=user, campaign=runs) is True
    assert (Campaign.objects.count(), Notice.objects.filter(sort="campaign").count()) == (0, 0)
