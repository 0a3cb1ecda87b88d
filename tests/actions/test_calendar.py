"""A year taken in, the county's own days, and what is due by them."""

import datetime

import pytest

from ledger.actions.calendar import clear_day, drop_year, library_lines, plan_year, set_day, set_year, take_over
from ledger.models import AuditRow, CalendarDay, County
from ledger.queries.calendar import YearSource, calendar_of, year_sheet
from ledger.rules.calendar_notice import CalendarLine
from ledger.rules.issues import Urgency
from ledger.rules.lists import ListRefused
from ledger.rules.official_days import official_days
from tests.issue_chain import raise_issue, take
from tests.world import World

date = datetime.date
LINES = [CalendarLine(1, "2098-01-01", False, "元旦"), CalendarLine(2, "2098-01-04", True, "元旦")]


def verbs() -> list[str]:
    found = AuditRow.objects.filter(verb__startswith="calendar.year")
    return list(found.order_by("pk").values_list("verb", flat=True))


def rows(county: County) -> set[tuple[date, bool, bool]]:
    return set(CalendarDay.objects.filter(county=county).values_list("day", "is_working", "is_official"))


def test_a_year_nobody_knew_is_known_once_it_is_taken_in(world: World) -> None:
    admin, county = world.user("county_admin"), world.county
    assert date(2098, 1, 4).isoweekday() == 6
    assert year_sheet(county, 2098).source == YearSource.NOBODY
    before = calendar_of(county, since=date(2098, 1, 1))
    assert before.guessed_until(date(2098, 1, 5))
    plan = set_year(by=admin, county=county, year=2098, lines=LINES, file_name="通知.xlsx")
    assert (len(plan.new), plan.off, plan.made_up) == (2, 1, 1)
    assert rows(county) == {(date(2098, 1, 1), False, True), (date(2098, 1, 4), True, True)}
    assert rows(world.other_county) == set()
    after = calendar_of(county)
    assert 2098 not in after.guessed_until(date(2098, 12, 31))
    assert (after.overrides[date(2098, 1, 3)], after.overrides[date(2098, 1, 4)]) == (True, True)
    assert (after.overrides[date(2098, 1, 1)], after.overrides[date(2098, 1, 5)]) == (False, False)
    assert verbs() == ["calendar.year_set"]


def test_the_list_stands_for_the_year_and_own_days_stay(world: World) -> None:
    admin, county = world.user("county_admin"), world.county
    set_year(by=admin, county=county, year=2098, lines=LINES)
    own = set_day(by=admin, county=county, day=date(2098, 1, 4), is_working=False, note="本县")
    again = [CalendarLine(1, "2098-01-01", False, "元旦"), CalendarLine(2, "2098-05-01", False, "劳动节")]
    plan = plan_year(county=county, year=2098, lines=again)
    assert ([line.day for line in plan.new], plan.unchanged, [row.day for row in plan.gone], plan.own) == (
        ["2098-05-01"], 1, [date(2098, 1, 4)], 1,
    )  # fmt: skip
    set_year(by=admin, county=county, year=2098, lines=again)
    assert rows(county) == {
        (date(2098, 1, 1), False, True), (date(2098, 5, 1), False, True), (date(2098, 1, 4), False, False),
    }  # fmt: skip
    set_year(by=admin, county=county, year=2098, lines=again)
    assert verbs() == ["calendar.year_set"] * 2, "nothing to change is no act"
    assert drop_year(by=admin, county=county, year=2098) == 2
    assert rows(county) == {(date(2098, 1, 4), False, False)}
    clear_day(by=admin, day=own)
    assert rows(county) == set()


def test_a_list_that_does_not_fit_changes_nothing(world: World) -> None:
    wrong = [*LINES, CalendarLine(3, "2097-01-01", False)]
    with pytest.raises(ListRefused):
        set_year(by=world.user("county_admin"), county=world.county, year=2098, lines=wrong)
    assert (rows(world.county), verbs()) == (set(), [])


def test_the_built_in_year_taken_over_counts_the_same(world: World) -> None:
    county = world.county
    built_in = year_sheet(county, 2026)
    plan = take_over(by=world.user("county_admin"), county=county, year=2026)
    taken = year_sheet(county, 2026)
    assert (built_in.source, taken.source) == (YearSource.LIBRARY, YearSource.COUNTY)
    assert plan.off + plan.made_up == len(official_days(2026)) == len(library_lines(2026))
    assert taken.working_days == built_in.working_days
    assert [(run.first, run.last, run.note) for run in taken.holidays if run.note == "国庆节"] == [
        (date(2026, 10, 1), date(2026, 10, 7), "国庆节")
    ]
    with pytest.raises(ListRefused):
        take_over(by=world.user("county_admin"), county=county, year=2098)


def test_no_given_date_moves_and_the_next_one_counts_anew(world: World) -> None:
    admin, issue = world.user("county_admin"), raise_issue(world)
    handler = world.cadre("household_cadre")
    take(world, "village_cadre", issue, "assign", assignee=handler)
    issue.refresh_from_db()
    given, triage = issue.due_on, raise_issue(world).triage_due_on
    set_day(by=admin, county=world.county, day=given, is_working=False, note="节庆")
    set_day(by=admin, county=world.county, day=triage, is_working=False, note="节庆")
    issue.refresh_from_db()
    assert issue.due_on == given
    assert raise_issue(world).triage_due_on > triage


def test_a_countys_limits_are_its_own_and_danger_to_life_is_today(world: World) -> None:
    County.objects.filter(pk=world.county.pk).update(urgent_days=1, long_days=30, assign_days=2, return_days=1)
    calendar = calendar_of(County.objects.get(pk=world.county.pk))
    assert calendar.handler_due_on(Urgency.URGENT, 15) == calendar.due_on(1)
    assert calendar.handler_due_on(Urgency.LONG, 15) == calendar.due_on(30)
    assert calendar.triage_due_on(Urgency.NORMAL) == calendar.due_on(2)
    assert calendar.return_due_on(Urgency.NORMAL) == calendar.due_on(1)
    danger = raise_issue(world, urgency=Urgency.LIFE)
    assert danger.triage_due_on == calendar.today == calendar.handler_due_on(Urgency.LIFE, 15)
    elsewhere = calendar_of(world.other_county)
    assert elsewhere.handler_due_on(Urgency.LONG, 15) == elsewhere.due_on(90)
