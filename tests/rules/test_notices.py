"""Which sorts the clock raises on which day, what is quiet when, and that every sort has its words."""

import datetime

import pytest

from ledger.rules.days import SHANGHAI
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, State
from ledger.rules.notices import CLOCK_RULES, FIXED, SORTS, STEP_RULES, Clock, Days, Sort, clock_sorts, step_rules
from ledger.rules.quiet_hours import AT_ANY_HOUR, QuietHours

TODAY = datetime.date(2026, 3, 2)
DAYS = Days(TODAY, near_until=datetime.date(2026, 3, 4), escalate_days=3)
LATE = [Sort.OVERDUE, Sort.OVERDUE_SUPPORTED]
NIGHT = QuietHours(datetime.time(20), datetime.time(7))


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "sorts"),
    [
        (3, []), (2, [Sort.NEAR]), (1, [Sort.NEAR]), (0, [Sort.TODAY]), (-1, LATE), (-2, LATE),
        (-3, [*LATE, Sort.OVERDUE_BELOW]), (-30, [*LATE, Sort.OVERDUE_BELOW]), (-31, []),
    ],
)  # fmt: skip
def test_a_date_says_one_thing_a_day(offset: int, sorts: list[str]) -> None:
    said = clock_sorts(Clock(State.IN_PROGRESS, day(offset)), DAYS)
    assert said == [(sort, day(offset)) for sort in sorts]


@pytest.mark.parametrize("state", sorted(set(State) - {State.ASSIGNED, State.IN_PROGRESS}))
def test_no_clock_runs_elsewhere(state: str) -> None:
    assert clock_sorts(Clock(state, day(-5)), DAYS) == []
    assert clock_sorts(Clock(State.ASSIGNED), DAYS) == []


def test_a_county_may_leave_the_desk_above_alone() -> None:
    days = Days(TODAY, DAYS.near_until, escalate_days=0)
    assert clock_sorts(Clock(State.ASSIGNED, day(-9)), days) == [(sort, day(-9)) for sort in LATE]


@pytest.mark.parametrize(("offset", "raised"), [(1, False), (0, True), (-30, True), (-31, False)])
def test_a_deferred_matter_is_reviewed_on_its_day(offset: int, raised: bool) -> None:
    said = clock_sorts(Clock(State.DEFERRED, day(-5), review_on=day(offset)), DAYS)
    assert said == [(Sort.REVIEW, day(offset))] * raised
    assert clock_sorts(Clock(State.RESOLVED, None, review_on=day(offset)), DAYS) == []


@pytest.mark.parametrize(("offset", "raised"), [(0, False), (-1, True), (-31, False)])
def test_a_supervised_matter_reports_on_its_day(offset: int, raised: bool) -> None:
    said = clock_sorts(Clock(State.IN_PROGRESS, day(9), report_due_on=day(offset)), DAYS)
    assert said == [(Sort.REPORT_LATE, day(offset))] * raised
    assert clock_sorts(Clock(State.RESOLVED, None, report_due_on=day(offset)), DAYS) == []


@pytest.mark.parametrize(
    ("now", "rings"),
    [
        ((2, 6, 59), (2, 7, 0)), ((2, 7, 0), (2, 7, 0)), ((2, 12, 0), (2, 12, 0)), ((2, 19, 59), (2, 19, 59)),
        ((2, 20, 0), (3, 7, 0)), ((2, 23, 59), (3, 7, 0)), ((3, 0, 0), (3, 7, 0)),
    ],
)  # fmt: skip
def test_what_comes_at_night_rings_in_the_morning(now: tuple[int, ...], rings: tuple[int, ...]) -> None:
    at = datetime.datetime(2026, 3, *now, tzinfo=SHANGHAI)  # type: ignore[misc]
    morning = datetime.datetime(2026, 3, *rings, tzinfo=SHANGHAI)  # type: ignore[misc]
    assert NIGHT.rings_at(at) == morning
    assert NIGHT.rings_at(at.astimezone(datetime.UTC)) == morning
    assert AT_ANY_HOUR.rings_at(at) == at


def test_quiet_at_noon_does_not_pass_midnight() -> None:
    noon = QuietHours(datetime.time(12), datetime.time(14))
    at = datetime.datetime(2026, 3, 2, 13, 5, tzinfo=SHANGHAI)
    assert noon.rings_at(at) == datetime.datetime(2026, 3, 2, 14, tzinfo=SHANGHAI)
    late = at.replace(hour=23)
    assert noon.rings_at(late) == late


def test_every_sort_has_its_words_and_somebody_raises_it() -> None:
    assert set(SORTS) == set(Sort)
    raised = {rule.sort for rules in STEP_RULES.values() for rule in rules} | set(CLOCK_RULES)
    others = {Sort.CAMPAIGN, Sort.DIGEST, Sort.ENTRY_DECIDED, Sort.GAPS, Sort.HANDED_OVER, Sort.KEPT_ENTRY}
    assert raised | others | {Sort.REMINDED} == set(Sort)
    assert set(STEP_RULES) <= set(Step)
    assert {Sort.ASSIGNED, Sort.OVERDUE} <= FIXED


def rule_of(step: str, before: str, after: str, answer: str = "") -> set[str]:
    return {rule.sort for rule in step_rules(step, before=before, after=after, answer=answer)}


def test_only_a_dissatisfied_answer_is_told() -> None:
    told = {answer for answer in Answer if rule_of(Step.CALL_BACK, State.RESOLVED, State.RESOLVED, answer)}
    assert told == {Answer.DISSATISFIED}
    assert rule_of(Step.PROGRESS, State.IN_PROGRESS, State.IN_PROGRESS) == set()


def test_a_trace_on_another_matter_is_no_news() -> None:
    """The master of a merge stays where it is; what was merged waits for its master again when that is reopened."""
    assert rule_of(Step.MERGE, State.ASSIGNED, State.MERGED) == {Sort.MERGED}
    assert rule_of(Step.MERGE, State.ASSIGNED, State.ASSIGNED) == set()
    assert rule_of(Step.REOPEN, State.CLOSED, State.REGISTERED) == {Sort.REOPENED}
    assert rule_of(Step.REOPEN, State.CLOSED, State.MERGED) == set()
    assert rule_of(Step.RECLASSIFY, State.IN_PROGRESS, State.REGISTERED) == {Sort.ARRIVED, Sort.TAKEN}
    assert rule_of(Step.RECLASSIFY, State.IN_PROGRESS, State.IN_PROGRESS) == set()
    assert rule_of(Step.RECLASSIFY, State.REGISTERED, State.REGISTERED) == set()


def test_only_who_had_it_loses_it() -> None:
    losing = {step for step in Step if Sort.TAKEN in rule_of(step, State.IN_PROGRESS, State.REGISTERED)}
    assert losing == {Step.ASSIGN, Step.WITHDRAW, Step.ESCALATE, Step.SEND_DOWN, Step.RECLASSIFY}
    assert not any(Sort.TAKEN in rule_of(step, State.REGISTERED, State.REGISTERED) for step in Step)
