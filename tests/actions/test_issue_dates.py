"""Extensions, deferral and resumption: what they do to the dates, and what stays on record."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ledger.actions.issues import StepRefused
from ledger.models import CalendarDay, Extension, Issue, Posting
from ledger.queries.issue_dates import overdue_q
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Level, Permission, Role
from tests.issue_chain import asked, put_off, raise_issue, shown_for, snapshot, take, working
from tests.world import World

DAY = datetime.timedelta(days=1)


def every_day_works(world: World) -> None:
    """So that working days can be counted on the fingers."""
    days = [local_today() + n * DAY for n in range(-40, 200)]
    CalendarDay.objects.bulk_create(CalendarDay(county=world.county, day=day, is_working=True) for day in days)


def back(issue: Issue, days: int) -> None:
    """As if it had been deferred so many days ago."""
    Issue.objects.filter(pk=issue.pk).update(deferred_on=local_today() - days * DAY)


def test_an_extension_is_kept_as_it_was_asked_and_granted(world: World) -> None:
    issue = asked(world, days=20)
    first, wanted = issue.due_on, issue.due_on + 20 * DAY
    assert (issue.extension_level, issue.due_on) == (Level.VILLAGE, first), "asking moves nothing"
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=wanted - 5 * DAY, text="十五天够了")
    kept = issue.extensions.get()
    assert (kept.round, kept.level, kept.due_on, kept.wanted_on, kept.reason) == (
        1,
        "village",
        first,
        wanted,
        "材料未到",
    )
    assert (kept.requested_by, kept.decided_by) == (world.cadre("department_handler"), world.cadre("village_cadre"))
    assert (kept.is_granted, kept.granted_on, kept.decision_text) == (True, wanted - 5 * DAY, "十五天够了")
    assert (issue.due_on, issue.first_due_on, issue.extension_level) == (wanted - 5 * DAY, first, "")


def test_a_refused_extension_keeps_the_date_and_the_reason(world: World) -> None:
    issue = asked(world)
    due = issue.due_on
    with pytest.raises(ValidationError):
        take(world, "village_cadre", issue, Step.REFUSE_EXTENSION, text=" ")
    issue = take(world, "village_cadre", issue, Step.REFUSE_EXTENSION, text="请按期办结")
    kept = issue.extensions.get()
    assert (kept.is_granted, kept.granted_on, kept.decision_text, issue.due_on) == (False, None, "请按期办结", due)
    assert asked(world, issue=issue).extension_level == Level.VILLAGE, "still the first one"


def test_a_further_extension_is_for_the_desk_above(world: World) -> None:
    issue = asked(world)
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=issue.due_on + 5 * DAY)
    issue = asked(world, issue=issue)
    assert issue.extension_level == Level.DISTRICT
    before = snapshot()
    with pytest.raises(StepRefused):
        take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=issue.due_on + 5 * DAY)
    assert snapshot() == before
    issue = take(world, "district_secretary", issue, Step.GRANT_EXTENSION, granted_on=issue.due_on + 5 * DAY)
    assert Extension.objects.filter(issue=issue, is_granted=True).count() == 2


def test_the_desk_above_sees_what_it_decides_on(world: World) -> None:
    """A restricted matter of the village is none of the district's, but for the extension it is asked for."""
    issue = take(world, "village_cadre", raise_issue(world, kind=IssueKind.EARLY_SIGN), Step.ASSIGN,
                 assignee=world.cadre("village_official"))  # fmt: skip
    issue = take(world, "village_official", issue, Step.ACCEPT)
    mine = Issue.objects.filter(pk=issue.pk)
    secretary = world.user("district_secretary")
    for sees, decides in ((False, "village_cadre"), (True, "district_secretary")):
        later = issue.due_on + 5 * DAY
        issue = take(world, "village_official", issue, Step.REQUEST_EXTENSION, wanted_on=later, text="要时间")
        assert mine.visible_to(secretary, Permission.DESK).exists() is sees
        assert not mine.visible_to(world.user("district_secretary@西"), Permission.DESK).exists()
        issue = take(world, decides, issue, Step.GRANT_EXTENSION, granted_on=later)
    assert not mine.visible_to(secretary, Permission.DESK).exists()


def test_where_nobody_is_above_the_desk_itself_decides(world: World) -> None:
    Posting.objects.exclude(role__in=[Role.VILLAGE_CADRE, Role.DEPARTMENT_HANDLER, Role.HOUSEHOLD_CADRE]).filter(
        village__isnull=True, organisation__isnull=True
    ).exclude(role=Role.DISTRICT_SECRETARY).update(end_on=local_today())
    issue = asked(world)
    Posting.objects.filter(role=Role.DISTRICT_SECRETARY).update(end_on=local_today())
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=issue.due_on + 5 * DAY)
    assert asked(world, issue=issue).extension_level == Level.VILLAGE


def test_one_request_at_a_time(world: World) -> None:
    issue = asked(world)
    with pytest.raises(StepRefused, match="已提交"):
        asked(world, issue=issue)
    assert Extension.objects.count() == 1


@pytest.mark.parametrize("days", [0, -1, 1200])
def test_an_extension_is_later_and_within_reason(world: World, days: int) -> None:
    issue = working(world)
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        asked(world, days=days, issue=issue)
    assert set(refused.value.message_dict) == {"wanted_on"}
    assert snapshot() == before
    issue = asked(world, issue=issue)
    with pytest.raises(ValidationError) as refused:
        take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=issue.due_on + days * DAY)
    assert set(refused.value.message_dict) == {"granted_on"}


def test_who_handles_it_does_not_grant_it(world: World) -> None:
    """The village cadre gave it to themselves: the district's secretary decides."""
    issue = take(world, "district_secretary", working(world), Step.ASSIGN, assignee=world.cadre("village_cadre"))
    issue = take(world, "village_cadre", issue, Step.ACCEPT)
    later = issue.due_on + 5 * DAY
    issue = take(world, "village_cadre", issue, Step.REQUEST_EXTENSION, wanted_on=later, text="要等雨停")
    with pytest.raises(StepRefused, match="承办人"):
        take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=later)
    assert take(world, "district_secretary", issue, Step.GRANT_EXTENSION, granted_on=later).due_on == later


@pytest.mark.parametrize("step", [Step.RESOLVE, Step.ASSIGN, Step.VOID])
def test_a_request_lapses_when_the_matter_moves_on(world: World, step: str) -> None:

    said = {
        "text": "补好了",
        "outcomes": ["solved"],
        "assignee": world.organisations["派出所"],
        **shown_for(["solved"]),
    }
    who = "department_handler" if step == Step.RESOLVE else "township_desk"
    issue = take(world, who, asked(world), step, **said)
    kept = issue.extensions.get()
    assert (issue.extension_level, kept.is_granted, kept.decided_by) == ("", False, None)


# ---- deferral ----


def test_a_deferred_matter_is_not_overdue_until_its_planned_date(world: World) -> None:
    today = local_today()
    issue = put_off(world, days=40)
    assert (issue.state, issue.obstacle, issue.deferred_on) == (State.DEFERRED, "等上级资金", today)
    Issue.objects.filter(pk=issue.pk).update(due_on=today - 10 * DAY)
    late = Issue.objects.filter(pk=issue.pk)
    assert not late.filter(overdue_q(today + 40 * DAY)).exists()
    assert late.filter(overdue_q(today + 41 * DAY)).exists()


def test_resuming_moves_the_date_by_the_working_days_it_stood_still(world: World) -> None:
    every_day_works(world)
    issue = put_off(world)
    due = issue.due_on
    back(issue, 6)
    issue = take(world, "village_cadre", issue, Step.RESUME)
    assert (issue.state, issue.due_on, issue.paused_days) == (State.IN_PROGRESS, due + 6 * DAY, 6)
    assert (issue.obstacle, issue.deferred_on, issue.deferred_until, issue.review_on) == ("", None, None, None)
    assert issue.first_due_on == due
    issue = put_off(world, issue=issue)
    back(issue, 2)
    assert take(world, "village_cadre", issue, Step.RESUME).paused_days == 8, "two pauses add up"


def test_what_was_late_when_it_was_deferred_is_as_late_afterwards(world: World) -> None:
    every_day_works(world)
    issue, today = working(world), local_today()
    Issue.objects.filter(pk=issue.pk).update(due_on=today - 3 * DAY)
    issue = put_off(world, issue=issue)
    back(issue, 2)
    issue = take(world, "village_cadre", issue, Step.RESUME)
    assert issue.due_on == today - DAY, "one day late when it stopped, one day late now"


def test_an_extension_granted_while_it_is_deferred_moves_only_with_the_rest_of_the_pause(world: World) -> None:
    every_day_works(world)
    issue = put_off(world, issue=asked(world))
    back(issue, 10)
    later = issue.due_on + 30 * DAY
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=later)
    Extension.objects.filter(issue=issue).update(decided_at=timezone.now() - 4 * DAY)
    issue = take(world, "village_cadre", issue, Step.RESUME)
    assert issue.due_on == later + 4 * DAY


def test_a_review_puts_it_off_again_and_the_clock_has_stood_still_since_the_first(world: World) -> None:
    every_day_works(world)
    issue = put_off(world)
    back(issue, 9)
    issue = put_off(world, days=60, issue=issue)
    assert issue.deferred_on == local_today() - 9 * DAY
    assert issue.deferred_until == local_today() + 60 * DAY
    assert take(world, "village_cadre", issue, Step.RESUME).paused_days == 9


@pytest.mark.parametrize(
    ("until", "review", "field"),
    [(0, 1, "deferred_until"), (1200, 5, "deferred_until"), (10, 11, "review_on"), (10, 0, "review_on")],
)
def test_a_deferral_has_a_plan_within_reason(world: World, until: int, review: int, field: str) -> None:
    issue, today = working(world), local_today()
    before = snapshot()
    said = {"deferred_until": today + until * DAY, "review_on": today + review * DAY, "text": "等资金"}
    with pytest.raises(ValidationError) as refused:
        take(world, "village_cadre", issue, Step.DEFER, **said)
    assert set(refused.value.message_dict) == {field}
    assert snapshot() == before


def test_its_handler_reports_progress_meanwhile(world: World) -> None:
    issue = take(world, "department_handler", put_off(world), Step.PROGRESS, text="资金已报批")
    assert issue.state == State.DEFERRED
