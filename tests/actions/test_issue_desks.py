"""Escalate, send down, instruct, supervise: between desks and leaders."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from ledger.actions.issues import StepRefused
from ledger.models import AuditRow, Posting
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, Outcome, State
from ledger.rules.permissions import Level, Role
from tests.issue_chain import advance, asked, raise_issue, shown_for, snapshot, take, working
from tests.world import World

DAY = datetime.timedelta(days=1)


def vacate(role: str) -> None:
    Posting.objects.filter(role=role).update(end_on=local_today())


def test_it_climbs_from_desk_to_desk_and_comes_down_again(world: World) -> None:
    issue = raise_issue(world)
    levels = [issue.level]
    for who in ("village_cadre", "district_secretary", "township_desk"):
        issue = take(world, who, issue, Step.ESCALATE, text="本级办不了")
        levels.append(issue.level)
    assert levels == [Level.VILLAGE, Level.DISTRICT, Level.TOWNSHIP, Level.COUNTY]
    with pytest.raises(StepRefused, match="上级"):
        take(world, "county_desk", issue, Step.ESCALATE, text="没有上级了")
    issue = take(world, "county_desk", issue, Step.SEND_DOWN, text="属地办理")
    assert issue.level == Level.TOWNSHIP, "without a choice the next desk down"
    issue = take(world, "township_desk", issue, Step.SEND_DOWN, text="村里可办", level=Level.VILLAGE)
    assert issue.level == Level.VILLAGE
    assert [(s.step, s.data["from_level"], s.data["level"]) for s in issue.steps.order_by("pk")[1:]] == [
        ("escalate", "village", "district"), ("escalate", "district", "township"), ("escalate", "township", "county"),
        ("send_down", "county", "township"), ("send_down", "township", "village"),
    ]  # fmt: skip


def test_a_vacant_desk_passes_it_to_the_next(world: World) -> None:
    vacate(Role.DISTRICT_SECRETARY)
    issue = take(world, "village_cadre", raise_issue(world), Step.ESCALATE, text="办不了")
    assert issue.level == Level.TOWNSHIP
    vacate(Role.COUNTY_DESK)
    with pytest.raises(StepRefused):
        take(world, "township_desk", issue, Step.ESCALATE, text="没有人值守")
    issue = take(world, "township_desk", issue, Step.SEND_DOWN, text="下面办")
    assert issue.level == Level.VILLAGE, "over the vacant district"


@pytest.mark.parametrize("level", ["district", "county", "x", "村"])
def test_it_goes_to_no_desk_that_is_not_there(world: World, level: str) -> None:
    """A step down goes down, one up goes up, and a word that is no level goes nowhere."""
    issue = take(world, "village_cadre", raise_issue(world), Step.ESCALATE, text="办不了")
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        take(world, "district_secretary", issue, Step.SEND_DOWN, text="下面办", level=level)
    assert set(refused.value.message_dict) == {"level"}
    assert snapshot() == before


def test_it_lies_on_the_new_desk_given_to_nobody_with_a_limit_of_its_own(world: World) -> None:
    issue = asked(world)
    first = issue.first_due_on
    issue = take(world, "village_cadre", issue, Step.ESCALATE, text="办不了")
    assert (issue.state, issue.handler, issue.lead_organisation, issue.due_on, issue.extension_level) == (
        State.REGISTERED, None, None, None, "",
    )  # fmt: skip
    assert issue.triage_due_on == issue.steps.latest("pk").due_on
    assert issue.triage_due_on > local_today()
    assert issue.first_due_on == first, "the first date stays in sight"
    lapsed = issue.extensions.get()
    assert (lapsed.is_granted, lapsed.decided_by) == (False, None)
    with pytest.raises(StepRefused):
        take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"))


def test_a_restricted_matter_never_goes_below_the_township(world: World) -> None:
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=world.cadre("village_cadre"))
    before = snapshot()
    with pytest.raises(StepRefused):
        take(world, "township_desk", issue, Step.SEND_DOWN, text="下面办", level=Level.VILLAGE)
    assert snapshot() == before


def test_a_complaint_passes_over_the_desk_of_whom_it_is_about(world: World) -> None:
    vacate(Role.TOWNSHIP_LEADER)
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=world.cadre("county_desk"))
    with pytest.raises(StepRefused):
        take(world, "township_desk", issue, Step.ESCALATE, text="报县里")


def test_a_leader_instructs_in_their_own_name_and_the_desk_on_their_behalf(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    leader = world.cadre("township_leader")
    own = take(world, "township_leader", issue, Step.INSTRUCT, leader=leader, text="请抓紧")
    issue = take(
        world,
        "village_cadre",
        own,
        Step.INSTRUCT,
        leader=leader,
        text="请一周内办结",
        instructed_on=local_today() - DAY,
    )
    rows = issue.steps.order_by("pk")[2:]
    assert [(r.by, r.acting_for, r.text) for r in rows] == [
        (leader, None, "请抓紧"), (world.cadre("village_cadre"), leader, "请一周内办结"),
    ]  # fmt: skip
    audit = AuditRow.objects.filter(verb="issue.instruct").order_by("pk")
    assert [row.acting_for for row in audit] == ["", leader.name]
    assert issue.state == State.ASSIGNED


@pytest.mark.parametrize("leader", ["township_leader@前楼", "village_cadre", "county_desk"])
def test_only_a_leader_of_the_place_instructs(world: World, leader: str) -> None:
    issue = raise_issue(world)
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        take(world, "village_cadre", issue, Step.INSTRUCT, leader=world.cadre(leader), text="请办")
    assert set(refused.value.message_dict) == {"leader"}
    assert snapshot() == before


def test_a_leader_speaks_for_no_other(world: World) -> None:
    issue = raise_issue(world)
    with pytest.raises(ValidationError):
        take(world, "county_leader", issue, Step.INSTRUCT, leader=world.cadre("township_leader"), text="请办")
    issue = take(world, "county_leader", issue, Step.INSTRUCT, text="请办")
    assert issue.steps.latest("pk").acting_for is None


def test_an_instruction_is_not_of_tomorrow(world: World) -> None:
    issue = raise_issue(world)
    with pytest.raises(ValidationError) as refused:
        take(world, "county_leader", issue, Step.INSTRUCT, text="请办", instructed_on=local_today() + DAY)
    assert set(refused.value.message_dict) == {"instructed_on"}


def test_supervision_wants_progress_and_ends_with_a_leader(world: World) -> None:
    today = local_today()
    issue = take(world, "county_leader", working(world), Step.SUPERVISE, report_every=5)
    leader = world.cadre("county_leader")
    assert (issue.supervised_by, issue.report_every, issue.report_due_on) == (leader, 5, today + 5 * DAY)
    issue = take(world, "department_handler", issue, Step.PROGRESS, text="材料已到")
    assert issue.report_due_on == today + 5 * DAY
    said = {"outcomes": [Outcome.SOLVED], "text": "补好了", **shown_for([Outcome.SOLVED])}
    issue = take(world, "department_handler", issue, Step.RESOLVE, **said)
    assert (issue.is_supervised, issue.report_due_on) == (True, None)
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer="satisfied")
    with pytest.raises(StepRefused, match="督办的事项"):
        take(world, "village_cadre", issue, Step.CLOSE)
    issue = take(world, "county_leader", issue, Step.CLOSE)
    assert (issue.state, issue.is_supervised, issue.supervised_by) == (State.CLOSED, False, None)


def test_a_released_matter_is_closed_by_the_desk_again(world: World) -> None:
    issue = take(world, "township_leader", working(world), Step.SUPERVISE, report_every=5)
    with pytest.raises(ValidationError):
        take(world, "county_leader", issue, Step.RELEASE, text=" ")
    issue = take(world, "county_leader", issue, Step.RELEASE, text="已按期推进")
    assert (issue.is_supervised, issue.supervised_by, issue.supervised_at, issue.report_due_on) == (
        False,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("every", [0, 91, -3])
def test_progress_is_wanted_within_reason(world: World, every: int) -> None:
    issue = working(world)
    with pytest.raises(ValidationError) as refused:
        take(world, "county_leader", issue, Step.SUPERVISE, report_every=every)
    assert set(refused.value.message_dict) == {"report_every"}


def test_a_reopened_supervised_matter_owes_a_report_again(world: World) -> None:
    issue = take(world, "county_leader", working(world), Step.SUPERVISE, report_every=5)
    said = {"outcomes": [Outcome.SOLVED], "text": "补好了", **shown_for([Outcome.SOLVED])}
    issue = take(world, "department_handler", issue, Step.RESOLVE, **said)
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="没好")
    assert (issue.is_supervised, issue.report_due_on) == (True, local_today() + 5 * DAY)
