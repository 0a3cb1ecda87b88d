"""What the clock of an issue counted, as its page says it."""

import datetime
from typing import Any

import pytest
from django.utils import translation

from ledger.models import CalendarDay, Extension, Issue, IssueStep
from ledger.queries import calendar as calendars
from ledger.queries import issue_clock
from ledger.queries.issue_clock import IssueClock, clock_of
from ledger.queries.issue_timeline import steps_of
from ledger.rules.days import day_start
from ledger.rules.issue_clock import Late
from ledger.rules.issues import State
from ledger.templatetags.issue_clock import clock_sentence, clock_standing, extension_words
from tests.issue_chain import raise_issue
from tests.world import World

date = datetime.date
TODAY = date(2026, 10, 9)


@pytest.fixture(autouse=True)
def _friday_after_national_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "local_today", lambda: TODAY)


def moment(day: date, hour: int = 9) -> datetime.datetime:
    return day_start(day) + datetime.timedelta(hours=hour)


def issue_in(world: World, state: str, **fields: Any) -> Issue:
    issue = raise_issue(world)
    given = {
        "state": state, "handler": world.cadre("household_cadre"), "assigned_at": moment(date(2026, 9, 18)),
        "first_due_on": date(2026, 10, 10), "due_on": date(2026, 10, 10), "triage_due_on": None, **fields,
    }  # fmt: skip
    Issue.objects.filter(pk=issue.pk).update(**given)
    return Issue.objects.select_related("township__county").get(pk=issue.pk)


def step(issue: Issue, name: str, day: date) -> None:
    IssueStep.objects.create(issue=issue, step=name, to_state=issue.state, at=moment(day))


def read(issue: Issue) -> IssueClock:
    return clock_of(issue, list(steps_of(issue)), waited=30)


def said(clock: IssueClock) -> tuple[str, str]:
    with translation.override("zh-hans"):
        return clock_sentence(clock, TODAY), clock_standing(clock, TODAY)


def test_days_off_are_named_and_weekends_counted(world: World) -> None:
    CalendarDay.objects.create(county=world.county, day=date(2026, 9, 22), is_working=False, note="开渔节")
    CalendarDay.objects.create(county=world.other_county, day=date(2026, 9, 23), is_working=False, note="外县")
    with translation.override("zh-hans"):
        clock = read(issue_in(world, State.IN_PROGRESS))
    assert clock.counted is not None
    assert [(off.name, off.days.count) for off in clock.named_off] == [("开渔节", 1), ("中秋节", 3), ("国庆节", 7)]
    assert (clock.counted.given, clock.weekend_days, clock.left, clock.late) == (10, 1, 1, None)
    assert said(clock) == ("时限 10 个工作日，10月10日到期", "还剩 1 个工作日。")


def test_a_registered_issue_has_no_clock_yet(world: World) -> None:
    clock = clock_of(raise_issue(world), [], waited=0)
    assert (clock.counted, clock.left, clock.late, clock.pauses, clock.extensions) == (None, None, None, [], [])


def test_pauses_of_this_assignment_and_extensions_of_this_round(world: World) -> None:
    issue = issue_in(world, State.IN_PROGRESS, due_on=date(2026, 10, 15), paused_days=2)
    for name, day in (
        ("defer", date(2026, 9, 1)), ("resume", date(2026, 9, 3)), ("assign", date(2026, 9, 18)),
        ("defer", date(2026, 9, 29)), ("defer", date(2026, 9, 30)), ("resume", date(2026, 10, 8)),
    ):  # fmt: skip
        step(issue, name, day)
    handler, desk = world.cadre("household_cadre"), world.cadre("village_cadre")
    for number, fields in enumerate(({"is_granted": True, "granted_on": date(2026, 10, 13)}, {"is_granted": False})):
        Extension.objects.create(
            issue=issue, round=1, level="village", requested_at=moment(date(2026, 9, 28)), requested_by=handler,
            due_on=date(2026, 10, 10 + 3 * number), wanted_on=date(2026, 10, 13 + 3 * number), reason="雨",
            decided_at=moment(date(2026, 9, 28)), decided_by=desk, **fields,
        )  # fmt: skip
    Extension.objects.create(
        issue=issue, round=2, level="village", requested_at=moment(TODAY), requested_by=handler, reason="别的轮次",
        due_on=TODAY, wanted_on=TODAY,
    )  # fmt: skip
    clock = read(issue)
    assert [(pause.since, pause.until, pause.days) for pause in clock.pauses] == [
        (date(2026, 9, 29), date(2026, 10, 8), 2)
    ]
    assert (clock.paused, clock.is_moved, clock.first_due) == (2, True, date(2026, 10, 10))
    assert said(clock)[0] == "时限 13 个工作日，另暂停 2 个，10月15日到期"
    with translation.override("zh-hans"):
        assert [extension_words(each, TODAY) for each in clock.extensions] == [
            f"10月10日 → 10月13日，{handler.name}申请，{desk.name}于9月28日同意",
            f"10月13日 → 10月16日，{handler.name}申请，{desk.name}于9月28日不同意",
        ]


def test_the_days_of_a_pause_are_those_that_moved_the_date(world: World) -> None:
    issue = issue_in(world, State.IN_PROGRESS, paused_days=1)
    step(issue, "defer", date(2026, 9, 29))
    row = IssueStep(issue=issue, step="resume", to_state=issue.state, at=moment(date(2026, 10, 8)), data={"paused": 1})
    row.save()
    assert [pause.days for pause in read(issue).pauses] == [1]


def test_a_deferred_issue_stands_still_and_is_not_late(world: World) -> None:
    issue = issue_in(
        world, State.DEFERRED, due_on=date(2026, 9, 30), deferred_on=date(2026, 9, 29),
        deferred_until=date(2026, 12, 1), review_on=date(2026, 11, 1),
    )  # fmt: skip
    step(issue, "defer", date(2026, 9, 29))
    clock = read(issue)
    assert (clock.late, clock.left, clock.paused) == (None, None, 3)
    assert said(clock)[1] == "9月29日起挂账，时限暂停；计划12月1日办成。"


@pytest.mark.parametrize(
    ("due", "resolved", "late", "words"),
    [
        (date(2026, 9, 30), None, Late(2, 9), "已超期 2 个工作日（9 天）"),
        (date(2026, 10, 9), None, None, "今日到期。"),
        (date(2026, 9, 30), date(2026, 10, 8), Late(1, 8), "超期 1 个工作日（8 天）办结"),
        (date(2026, 9, 30), date(2026, 9, 30), None, "9月30日按时办结。"),
    ],
)
def test_late_in_working_days_and_in_days(
    world: World, due: date, resolved: date | None, late: Late | None, words: str
) -> None:
    more = {} if resolved is None else {"resolved_at": moment(resolved, 23), "state": State.RESOLVED}
    fields = {"due_on": due, "first_due_on": due, **more}
    clock = read(issue_in(world, fields.pop("state", State.IN_PROGRESS), **fields))
    assert clock.late == late
    assert said(clock)[1] == words


def test_a_date_in_a_year_without_a_calendar_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue_clock, "local_day", lambda moment: date(2098, 12, 1))
    clock = read(issue_in(world, State.IN_PROGRESS, due_on=date(2099, 1, 5)))
    assert clock.counted is not None
    assert clock.counted.guessed == (2098, 2099)
    for year in (2098, 2099):
        CalendarDay.objects.create(county=world.county, day=date(year, 1, 1), is_working=False, is_official=True)
    known = read(issue_in(world, State.IN_PROGRESS, due_on=date(2099, 1, 5)))
    assert known.counted is not None
    assert known.counted.guessed == ()
