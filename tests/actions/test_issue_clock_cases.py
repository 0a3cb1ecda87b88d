"""The clock's named cases (issue 5), each by the real steps at a moment of Shanghai, counted by hand on the calendar.

2026: off 15-23 February (worked on Saturdays 14 and 28), 25-27 September, 1-7 October (worked on Sunday 20 September
and Saturday 10 October). 2027 and 2028 are years whose calendar nobody has entered yet.
"""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone, translation

from ledger.actions.calendar import set_year
from ledger.actions.issues import StepRefused
from ledger.models import Extension, Issue
from ledger.queries.issue_clock import IssueClock, clock_of
from ledger.queries.issue_timeline import steps_of
from ledger.rules.calendar_notice import CalendarLine
from ledger.rules.days import SHANGHAI, local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Urgency
from ledger.templatetags.issue_clock import clock_sentence, clock_standing, guess_words
from tests.issue_chain import raise_issue, snapshot, take
from tests.world import World

date = datetime.date
At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """``at("2026-07-06 23:59")``: what the server's clock says, as a clock on the wall in China does."""

    def go(moment: str) -> None:
        now = datetime.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return go


def assigned(world: World, **data: Any) -> Issue:
    """Registered and given to the office now; roads take 15 working days, urgent ones 3."""
    issue = raise_issue(world, **data)
    return take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])


def working_on(world: World, **data: Any) -> Issue:
    return take(world, "department_handler", assigned(world, **data), Step.ACCEPT)


def defer(world: World, issue: Issue, until: date) -> Issue:
    return take(world, "village_cadre", issue, Step.DEFER, text="等料", deferred_until=until, review_on=until)


def clock(issue: Issue) -> IssueClock:
    fresh = Issue.objects.select_related("township__county").get(pk=issue.pk)
    return clock_of(fresh, list(steps_of(fresh)), waited=0)


def said(issue: Issue) -> tuple[str, str]:
    with translation.override("zh-hans"):
        found = clock(issue)
        return clock_sentence(found, local_today()), clock_standing(found, local_today())


def test_over_holidays_and_a_make_up_sunday(world: World, at: At) -> None:
    at("2026-09-18 10:00")
    issue = assigned(world)
    assert (issue.due_on, issue.first_due_on) == (date(2026, 10, 15), date(2026, 10, 15))
    assert said(issue) == ("时限 15 个工作日，10月15日到期", "还剩 15 个工作日。")
    counted = clock(issue).counted
    assert counted is not None
    assert counted.made_up == (date(2026, 9, 20), date(2026, 10, 10))


def test_a_make_up_saturday_is_a_working_day(world: World, at: At) -> None:
    at("2026-02-13 16:00")
    issue = raise_issue(world, urgency=Urgency.URGENT)
    assert issue.triage_due_on == date(2026, 2, 14), "the desk works on that Saturday"
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert issue.due_on == date(2026, 2, 25), "14, 24 and 25 February"
    at("2026-02-14 09:00")
    assert said(issue) == ("时限 3 个工作日，2月25日到期", "还剩 2 个工作日。")
    assert raise_issue(world).triage_due_on == date(2026, 2, 24), "registered on it: after the festival"


@pytest.mark.parametrize("known", [False, True])
def test_a_leap_day_is_a_day(world: World, at: At, known: bool) -> None:
    at("2028-02-28 10:00")
    if known:
        line = CalendarLine(1, "2028-03-01", False, "县庆")
        set_year(by=world.user("county_admin"), county=world.county, year=2028, lines=[line])
    issue = assigned(world, urgency=Urgency.URGENT)
    assert issue.due_on == (date(2028, 3, 3) if known else date(2028, 3, 2))
    at("2028-02-29 23:59")
    assert raise_issue(world).triage_due_on == (date(2028, 3, 2) if known else date(2028, 3, 1))
    found = clock(issue)
    assert found.counted is not None
    assert (found.counted.guessed, found.left) == (() if known else (2028,), 2)


def test_a_pause_across_a_holiday(world: World, at: At) -> None:
    at("2026-09-18 10:00")
    issue = working_on(world)
    at("2026-09-29 10:00")
    issue = defer(world, issue, date(2026, 10, 20))
    at("2026-10-10 10:00")
    assert said(issue) == ("时限 15 个工作日，已暂停 4 个", "9月29日起挂账，时限暂停；计划10月20日办成。")
    issue = take(world, "village_cadre", issue, Step.RESUME)
    # 30 September, 8, 9 and 10 October stood still: the date moves from the 15th over 16, 19, 20 to the 21st.
    assert (issue.paused_days, issue.due_on, issue.first_due_on) == (4, date(2026, 10, 21), date(2026, 10, 15))
    assert said(issue) == ("时限 15 个工作日，另暂停 4 个，10月21日到期", "还剩 8 个工作日。")


def test_a_pause_inside_a_holiday_moves_nothing(world: World, at: At) -> None:
    at("2026-09-18 10:00")
    issue = working_on(world)
    at("2026-10-01 09:00")
    issue = defer(world, issue, date(2026, 10, 20))
    at("2026-10-07 23:59")
    issue = take(world, "village_cadre", issue, Step.RESUME)
    assert (issue.paused_days, issue.due_on) == (0, date(2026, 10, 15))


def test_an_extension_granted_while_paused(world: World, at: At) -> None:
    at("2026-09-18 10:00")
    issue = working_on(world)
    at("2026-09-28 10:00")
    issue = take(world, "department_handler", issue, Step.REQUEST_EXTENSION, wanted_on=date(2026, 10, 30), text="缺料")
    at("2026-09-29 10:00")
    issue = defer(world, issue, date(2026, 11, 20))
    assert issue.extension_level, "still undecided"
    at("2026-10-09 10:00")
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=date(2026, 10, 30))
    at("2026-10-12 10:00")
    issue = take(world, "village_cadre", issue, Step.RESUME)
    # Whoever granted it on the 9th saw the pause so far: only 10 and 12 October move the new date.
    assert (issue.due_on, issue.first_due_on) == (date(2026, 11, 3), date(2026, 10, 15))
    kept = Extension.objects.get(issue=issue)
    assert (kept.due_on, kept.wanted_on) == (date(2026, 10, 15), date(2026, 10, 30))
    assert kept.granted_on == kept.wanted_on


def test_no_extension_is_asked_for_while_paused(world: World, at: At) -> None:
    at("2026-09-18 10:00")
    issue = defer(world, working_on(world), date(2026, 10, 20))
    before = snapshot()
    with pytest.raises(StepRefused):
        take(world, "department_handler", issue, Step.REQUEST_EXTENSION, wanted_on=date(2026, 11, 1), text="要时间")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("moment", "year", "triage"),
    [
        # A minute before midnight is still that day, whatever London says; a minute later it is the next one.
        ("2026-07-06 23:59", 2026, date(2026, 7, 7)),
        ("2026-07-07 00:00", 2026, date(2026, 7, 8)),
        ("2026-07-07 07:59", 2026, date(2026, 7, 8)),  # 23:59 of the day before in London
        # The last minute of a year and the first of the next.
        ("2025-12-31 23:59", 2025, date(2026, 1, 4)),
        ("2026-01-01 00:00", 2026, date(2026, 1, 4)),
        # On days off: a Saturday, a Sunday late in the evening, inside a festival.
        ("2026-07-04 09:00", 2026, date(2026, 7, 6)),
        ("2026-07-05 23:59", 2026, date(2026, 7, 6)),
        ("2026-10-03 12:00", 2026, date(2026, 10, 8)),
    ],
)
def test_registered_at_midnight_or_on_a_day_off(
    world: World, at: At, moment: str, year: int, triage: date
) -> None:  # fmt: skip
    at(moment)
    issue = raise_issue(world)
    assert (issue.year, issue.triage_due_on) == (year, triage)
    assert issue.number.startswith(f"康美-{year}-")


def test_the_first_number_of_a_year_is_given_at_chinese_midnight(world: World, at: At) -> None:
    at("2026-12-31 23:59")
    last = raise_issue(world)
    at("2027-01-01 00:00")
    first, second = raise_issue(world), raise_issue(world)
    assert (last.year, first.serial, second.serial) == (2026, 1, 2)
    assert first.number == "康美-2027-00001"


def test_given_on_a_day_off_the_first_working_day_is_day_one(world: World, at: At) -> None:
    at("2026-07-05 20:00")
    assert assigned(world, urgency=Urgency.URGENT).due_on == date(2026, 7, 8)
    assert assigned(world, urgency=Urgency.LIFE).due_on == date(2026, 7, 5), "danger to life does not wait for Monday"


def test_a_year_without_a_calendar_says_so_and_the_date_given_stays(world: World, at: At) -> None:
    at("2026-12-28 10:00")
    issue = assigned(world)
    assert issue.due_on == date(2027, 1, 18), "29-31 December, then Monday to Friday from 1 January"
    before = clock(issue).counted
    assert before is not None
    with translation.override("zh-hans"):
        assert guess_words(before.guessed) == "2027年放假安排尚未录入，暂按周一至周五计算。"
    line = CalendarLine(1, "2027-01-01", False, "元旦")
    set_year(by=world.user("county_admin"), county=world.county, year=2027, lines=[line])
    issue.refresh_from_db()
    after = clock(issue).counted
    assert after is not None
    assert (issue.due_on, after.guessed, after.given) == (date(2027, 1, 18), (), 14)
    assert assigned(world).due_on == date(2027, 1, 19), "counted anew"
