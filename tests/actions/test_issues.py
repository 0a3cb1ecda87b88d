"""The chain of an issue, step by step; every (state, step, person) is walked in ``test_issue_table``."""

import contextlib
import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from ledger.actions.issue_moves import NEW_ROUND
from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, transition
from ledger.models import CalendarDay, Household, Issue
from ledger.models.issue_scope import capacities
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, Outcome, State
from ledger.rules.permissions import Role
from tests.issue_chain import advance, open_issues, raise_issue, snapshot, take
from tests.world import World, make_cadre, make_household, post

PEOPLE = (
    "household_cadre", "village_official", "village_cadre", "district_secretary", "district_secretary@西",
    "township_desk", "township_leader", "township_desk@前楼", "county_desk", "county_leader", "department_handler",
    "department_handler@纪委", "inspector", "township_admin", "nobody",
)  # fmt: skip


class Undo(Exception):
    """Rolls one step back, so that the next person meets the same issue."""


def test_who_stands_in_which_capacity(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    found = {who: {str(c) for c in capacities(world.user(who), issue)} for who in PEOPLE}
    assert {who: held for who, held in found.items() if held} == {
        "household_cadre": {"registrant"},
        "village_cadre": {"desk"},
        "district_secretary": {"desk"},
        "township_desk": {"desk"},
        "township_leader": {"desk", "leader", "township_leader"},
        "county_desk": {"desk"},
        "county_leader": {"leader"},
        "department_handler": {"handler", "resolver"},
    }


# ---- single steps ----


def test_the_due_date_comes_from_category_and_urgency(world: World) -> None:
    today = local_today()
    for day in range(1, 140):  # every day is a working day, so that limits can be counted on the fingers
        date = today + datetime.timedelta(days=day)
        CalendarDay.objects.create(county=world.county, day=date, is_working=True)
    for urgency, days in (("normal", 15), ("urgent", 3), ("long", 90)):
        issue = raise_issue(world, urgency=urgency)
        assert issue.triage_due_on == today + datetime.timedelta(days=1)
        moved = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
        assert moved.due_on == moved.first_due_on == today + datetime.timedelta(days=days)
        assert moved.triage_due_on is None


def test_a_second_date_never_hides_the_first(world: World) -> None:
    issue = raise_issue(world)
    first, second = local_today() + datetime.timedelta(days=3), local_today() + datetime.timedelta(days=30)
    issue = take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"), due_on=first)
    issue = take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("household_cadre"), due_on=second)
    assert (issue.first_due_on, issue.due_on) == (first, second)
    assert issue.handler == world.cadre("household_cadre")


@pytest.mark.parametrize("to", ["unit", "person"])
def test_a_later_date_for_who_works_on_it_is_refused(world: World, to: str) -> None:
    """Given to the unit, accepted by one of its people: naming either again with more days is an extension."""
    unit, person = world.organisations["村镇建设办"], world.cadre("department_handler")
    issue = advance(world, State.IN_PROGRESS)
    before, later = snapshot(), issue.due_on + datetime.timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        take(world, "township_desk", issue, Step.ASSIGN, assignee={"unit": unit, "person": person}[to], due_on=later)
    assert set(refused.value.message_dict) == {"due_on"}
    assert snapshot() == before
    with contextlib.suppress(Undo), transaction.atomic():
        again = take(world, "township_desk", issue, Step.ASSIGN, assignee=unit, due_on=issue.due_on)
        assert (again.state, again.due_on) == (State.ASSIGNED, issue.due_on)
        raise Undo
    other = take(world, "township_desk", issue, Step.ASSIGN, assignee=world.organisations["派出所"], due_on=later)
    assert (other.due_on, other.first_due_on) == (later, issue.due_on)


@pytest.mark.parametrize("days", [-1, 4000])
def test_a_due_date_past_or_absurd_is_refused(world: World, days: int) -> None:
    issue = raise_issue(world)
    due = local_today() + datetime.timedelta(days=days)
    with pytest.raises(ValidationError) as refused:
        take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"), due_on=due)
    assert set(refused.value.message_dict) == {"due_on"}


def test_each_desk_reaches_its_own_people_only(world: World) -> None:
    insider = world.cadre("village_official")
    neighbour = world.cadre("village_official@马銮")
    west = world.cadre("village_official@东沈")
    foreign = world.cadre("village_official@前楼")
    office, police = world.organisations["村镇建设办"], world.organisations["派出所"]
    far_office = world.organisations["村镇建设办@前楼"]
    reach = {
        "village_cadre": [insider],
        "district_secretary": [insider, neighbour, office, police],
        "township_desk": [insider, neighbour, west, office, police],
    }
    everybody = [insider, neighbour, west, foreign, office, police, far_office]
    for who, allowed in reach.items():
        for to in everybody:
            issue = raise_issue(world)
            before = snapshot()
            if to in allowed:
                assert take(world, who, issue, Step.ASSIGN, assignee=to).state == State.ASSIGNED
                continue
            with pytest.raises(ValidationError):
                take(world, who, issue, Step.ASSIGN, assignee=to)
            assert snapshot() == before


def test_handing_to_an_outside_unit_is_marked(world: World) -> None:
    inside = take(world, "township_desk", raise_issue(world), Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    outside = take(world, "township_desk", raise_issue(world), Step.ASSIGN, assignee=world.organisations["派出所"])
    assert inside.steps.get(step=Step.ASSIGN).data == {"outside": False}
    assert outside.steps.get(step=Step.ASSIGN).data == {"outside": True}


def test_supporting_units_are_kept_and_leave_with_a_return(world: World) -> None:
    police, office = world.organisations["派出所"], world.organisations["村镇建设办"]
    issue = take(world, "township_desk", raise_issue(world), Step.ASSIGN, assignee=office, supporting=[police, office])
    assert list(issue.supporting.all()) == [police]
    issue = take(world, "department_handler", issue, Step.RETURN, text="不归我们管")
    assert list(issue.supporting.all()) == []


def test_accepting_makes_the_person_the_handler(world: World) -> None:
    issue = advance(world, State.IN_PROGRESS)
    assert issue.handler == world.cadre("department_handler")
    assert issue.lead_organisation == world.organisations["村镇建设办"]
    assert issue.accepted_at is not None


def test_a_return_puts_it_back_on_the_desk(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    first = issue.first_due_on
    issue = take(world, "department_handler", issue, Step.RETURN, text="应由派出所办理")
    assert (issue.state, issue.handler, issue.lead_organisation, issue.due_on) == (State.REGISTERED, None, None, None)
    assert issue.triage_due_on is not None
    assert issue.first_due_on == first
    assert issue.steps.get(step=Step.RETURN).text == "应由派出所办理"


@pytest.mark.parametrize(
    ("state", "who", "step", "data", "missing"),
    [
        (State.REGISTERED, "village_cadre", Step.ASSIGN, {}, {"assignee"}),
        (State.ASSIGNED, "department_handler", Step.RETURN, {"text": "  "}, {"text"}),
        (State.IN_PROGRESS, "department_handler", Step.PROGRESS, {}, {"text"}),
        (State.IN_PROGRESS, "department_handler", Step.RESOLVE, {"text": "好了"}, {"outcomes"}),
        (State.IN_PROGRESS, "department_handler", Step.RESOLVE, {"outcomes": [Outcome.SOLVED]}, {"text"}),
        (State.RESOLVED, "village_cadre", Step.CALL_BACK, {}, {"answer"}),
        (State.RESOLVED, "village_cadre", Step.CALL_BACK, {"answer": Answer.ON_SITE}, {"text"}),
        (State.RESOLVED, "village_cadre", Step.REOPEN, {}, {"text"}),
        (State.CLOSED, "village_cadre", Step.REOPEN, {}, {"text"}),
    ],
)
def test_a_step_without_what_it_needs_changes_nothing(
    world: World, state: str, who: str, step: str, data: dict[str, Any], missing: set[str]
) -> None:
    issue = advance(world, state)
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        take(world, who, issue, step, **data)
    assert set(refused.value.message_dict) == missing
    assert snapshot() == before


def test_an_outcome_of_another_kind_is_refused(world: World) -> None:
    issue = advance(world, State.IN_PROGRESS)
    with pytest.raises(ValidationError) as refused:
        take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.MEDIATED], text="好了")
    assert set(refused.value.message_dict) == {"outcomes"}


@pytest.mark.parametrize(("days", "in_time"), [(0, True), (1, True), (-1, False)])
def test_on_time_is_fixed_at_resolving(world: World, days: int, in_time: bool) -> None:
    issue = advance(world, State.IN_PROGRESS)
    Issue.objects.filter(pk=issue.pk).update(due_on=local_today() + datetime.timedelta(days=days))
    issue = take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="好了")
    assert issue.resolved_in_time is in_time
    assert issue.steps.get(step=Step.RESOLVE).data == {"outcomes": ["solved"], "in_time": in_time}


def test_the_household_count_follows_the_issue(world: World) -> None:
    start = Household.objects.get(pk=world.households["城垵"][0].pk).open_issues
    issue = advance(world, State.IN_PROGRESS)
    assert open_issues(issue) == start + 1
    issue = take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="好了")
    assert open_issues(issue) == start
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert open_issues(issue) == start + 1


def test_who_resolved_neither_calls_back_nor_closes_whatever_else_they_are(world: World) -> None:
    """Also when the resolver holds the desk, and when the matter lies with their organisation."""
    issue = raise_issue(world)
    issue = take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_cadre"))
    issue = take(world, "village_cadre", issue, Step.ACCEPT)
    issue = take(world, "village_cadre", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="好了")
    before = snapshot()
    with pytest.raises(StepRefused):
        take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    assert snapshot() == before
    issue = take(world, "household_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    with pytest.raises(StepRefused):
        take(world, "village_cadre", issue, Step.CLOSE)
    assert take(world, "household_cadre", issue, Step.CLOSE).closed_by == world.cadre("household_cadre")


def test_a_colleague_of_the_resolver_may_not_call_back_as_handler(world: World) -> None:
    colleague = make_cadre(world.township, "康美同事", world.county)
    post(colleague, Role.DEPARTMENT_HANDLER, organisation=world.organisations["村镇建设办"])
    issue = advance(world, State.RESOLVED)
    with pytest.raises(StepRefused):
        transition(
            by=colleague.user, issue=issue, step=Step.CALL_BACK, version=issue.version,
            data={"answer": Answer.SATISFIED},
        )  # fmt: skip


def test_reopening_keeps_number_and_history_and_starts_a_new_round(world: World) -> None:
    issue = advance(world, State.CLOSED)
    earlier = list(issue.steps.values())
    again = take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert (again.number, again.round, again.state) == (issue.number, 2, State.REGISTERED)
    assert {name: getattr(again, name) for name in NEW_ROUND} == NEW_ROUND
    assert list(again.steps.values())[: len(earlier)] == earlier
    assert again.steps.get(step=Step.RESOLVE, round=1).data["in_time"] is True
    assert again.steps.get(step=Step.REOPEN).round == 2


# ---- two at once ----


def test_of_two_people_closing_one_wins_and_the_other_learns_what_happened(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    issue = take(world, "household_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    take(world, "village_cadre", issue, Step.CLOSE)
    before = snapshot()
    with pytest.raises(StaleIssue) as lost:
        take(world, "district_secretary", issue, Step.CLOSE)
    assert [(s.step, s.by) for s in lost.value.steps] == [(Step.CLOSE, world.cadre("village_cadre"))]
    assert lost.value.issue.state == State.CLOSED
    assert snapshot() == before


def test_the_conditional_update_is_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the other's change falls between our reading and our writing."""
    from ledger.actions import issues

    issue = advance(world, State.ASSIGNED)
    read = issues.EFFECTS[Step.ACCEPT]

    def interrupted(move: Any) -> Any:
        Issue.objects.filter(pk=issue.pk).update(version=issue.version + 1)
        return read(move)

    monkeypatch.setitem(issues.EFFECTS, Step.ACCEPT, interrupted)
    with pytest.raises(StaleIssue):
        take(world, "department_handler", issue, Step.ACCEPT)
    assert Issue.objects.get(pk=issue.pk).state == State.ASSIGNED


def test_a_stored_issue_refuses_a_direct_save(world: World) -> None:
    issue = raise_issue(world)
    issue.state = State.CLOSED
    with pytest.raises(TypeError):
        issue.save()


def test_a_household_of_two_issues_counts_both(world: World) -> None:
    household = make_household(world.villages["城垵"], 9, world.cadre("household_cadre"))
    for _each in range(2):
        issue = raise_issue(world, household=household)
    assert open_issues(issue) == 2
