"""The chain of an issue: every (state, step, person) does what the table says, or changes nothing."""

import contextlib
import datetime
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from zeal import zeal_context

from ledger.actions.issue_steps import NEW_ROUND
from ledger.actions.issues import StaleIssue, StepRefused, register, transition
from ledger.models import AuditRow, CalendarDay, Category, Household, Issue, IssueStep, NumberCounter, Posting
from ledger.models.issue_scope import capacities
from ledger.models.scope import scope_of
from ledger.queries.issue_desks import assignable_units
from ledger.rules.days import local_today
from ledger.rules.issues import STEPS, Answer, CallBackRecord, CloseBasis, IssueKind, Outcome, State, Step, refusal
from ledger.rules.permissions import Level, Role
from tests.world import World, make_cadre, make_household, post

ROAD = {"kind": IssueKind.REQUEST, "title": "村道破损", "text": "下雨积水"}


@pytest.fixture(autouse=True)
def _numbers_start_at_one(world: World) -> None:
    """The world's own issues stay, under numbers of an earlier year."""
    Issue.objects.update(year=2020, number=Concat(Value("旧-"), "number"))
    NumberCounter.objects.update(year=2020)


def raise_issue(world: World, by: str = "household_cadre", **data: Any) -> Issue:
    place = {} if "village" in data or "household" in data else {"household": world.households["城垵"][0]}
    category = data.pop("category", None) or category_of(world)
    return register(by=world.user(by), data={**ROAD, "category": category, **place, **data})


def category_of(world: World) -> Category:
    return Category.objects.get(county=world.county, name="村道破损")


def take(world: World, by: str, issue: Issue, step: str, **data: Any) -> Issue:
    return transition(by=world.user(by), issue=issue, step=step, version=issue.version, data=data)


def advance(world: World, to: str, **data: Any) -> Issue:
    """An issue in 城垵 brought to a state: 村镇建设办 handles it, the village cadre assigns and calls back."""
    issue = raise_issue(world, **data)
    moves: list[tuple[str, str, dict[str, Any]]] = [
        ("district_secretary", Step.ASSIGN, {"assignee": world.organisations["村镇建设办"]}),
        ("department_handler", Step.ACCEPT, {}),
        ("department_handler", Step.RESOLVE, {"outcomes": [Outcome.SOLVED], "text": "补好了"}),
        ("village_cadre", Step.CALL_BACK, {"answer": Answer.SATISFIED}),
        ("village_cadre", Step.CLOSE, {}),
    ]
    for who, step, said in moves:
        if issue.state == to and step != Step.CLOSE:
            break
        issue = take(world, who, issue, step, **said)
    assert issue.state == to
    return issue


def snapshot() -> tuple[Any, ...]:
    """Everything a refused step must leave alone."""
    return (
        list(Issue.objects.order_by("pk").values()),
        list(Household.objects.order_by("pk").values_list("pk", "open_issues")),
        IssueStep.objects.count(),
        AuditRow.objects.count(),
    )


def open_issues(issue: Issue) -> int:
    return Household.objects.get(pk=issue.household_id).open_issues


# ---- registering ----


def test_registering_numbers_dates_and_places_the_issue(world: World) -> None:
    household = Household.objects.get(pk=world.households["城垵"][0].pk)
    before = household.open_issues
    issue = raise_issue(world)
    year = local_today().year
    assert (issue.number, issue.serial, issue.year) == (f"康美-{year}-00001", 1, year)
    assert (issue.state, issue.level, issue.round, issue.version) == (State.REGISTERED, Level.VILLAGE, 1, 1)
    assert (issue.village, issue.group) == (household.village, household.group)
    assert issue.triage_due_on is not None
    assert issue.triage_due_on > local_today()
    assert not issue.is_sensitive
    assert open_issues(issue) == before + 1
    step = issue.steps.get()
    assert (step.step, step.to_state, step.by) == (Step.REGISTER, State.REGISTERED, world.cadre("household_cadre"))
    row = AuditRow.objects.get(verb="issue.register")
    assert (row.object_id, row.label, row.user_id) == (issue.pk, issue.number, world.users["household_cadre"].pk)


def test_numbers_have_no_gaps_and_belong_to_the_township(world: World) -> None:
    for _each in range(3):
        raise_issue(world)
    with pytest.raises(ValidationError):
        raise_issue(world, on_spot=True, outcomes=[], result_text="")
    raise_issue(world)
    other = raise_issue(world, "village_cadre@前楼", household=world.households["前楼"][0])
    serials = Issue.objects.filter(township=world.township, steps__step=Step.REGISTER).values_list("serial", flat=True)
    assert sorted(serials) == [1, 2, 3, 4]
    assert other.number == f"前楼-{local_today().year}-00001"
    assert NumberCounter.objects.get(township=world.township, year=local_today().year).last == 4


def test_the_same_submission_twice_is_one_issue(world: World) -> None:
    client_id = uuid.uuid4()
    data = {**ROAD, "category": category_of(world), "household": world.households["城垵"][0]}
    first = register(by=world.user("household_cadre"), data=data, client_id=client_id)
    counted = snapshot()
    again = register(by=world.user("household_cadre"), data=data, client_id=client_id)
    assert again == first
    assert snapshot() == counted


def test_nobody_registers_outside_their_area(world: World) -> None:
    before = snapshot()
    for who, place in (
        ("household_cadre", {"household": world.households["前楼"][0]}),
        ("village_cadre", {"village": world.villages["东沈"]}),
        ("inspector", {"village": world.villages["城垵"]}),
        ("department_handler", {"village": world.villages["城垵"]}),
        ("nobody", {"village": world.villages["城垵"]}),
    ):
        with pytest.raises(StepRefused):
            raise_issue(world, who, **place)
    assert snapshot() == before


@pytest.mark.parametrize("field", ["kind", "category", "title"])
def test_a_needed_field_left_out_is_named(world: World, field: str) -> None:
    data = {**ROAD, "category": category_of(world), "household": world.households["城垵"][0], field: None}
    before = snapshot()
    with pytest.raises(ValidationError) as refused:
        register(by=world.user("household_cadre"), data=data)
    assert set(refused.value.message_dict) == {field}
    assert snapshot() == before


def test_a_category_of_another_county_is_refused(world: World) -> None:
    with pytest.raises(ValidationError):
        raise_issue(world, category=Category.objects.filter(county=world.other_county).first())


def test_it_lands_on_the_lowest_desk_that_somebody_holds(world: World) -> None:
    Posting.objects.filter(role=Role.VILLAGE_CADRE, village=world.villages["城垵"]).update(end_on=local_today())
    assert raise_issue(world).level == Level.DISTRICT
    Posting.objects.filter(role=Role.DISTRICT_SECRETARY, district=world.east).update(end_on=local_today())
    assert raise_issue(world).level == Level.TOWNSHIP
    township_desk = {Role.TOWNSHIP_DESK, Role.TOWNSHIP_LEADER}
    Posting.objects.filter(role__in=township_desk, township=world.township).update(end_on=local_today())
    assert raise_issue(world).level == Level.COUNTY
    Posting.objects.filter(role=Role.COUNTY_DESK).update(end_on=local_today())
    assert raise_issue(world).level == Level.VILLAGE


@pytest.mark.parametrize(
    ("kind", "ticked", "sensitive"),
    [
        (IssueKind.EARLY_SIGN, False, True), (IssueKind.COMPLAINT, False, True), (IssueKind.DISPUTE, True, True),
        (IssueKind.DISPUTE, False, False), (IssueKind.REQUEST, True, False),
    ],
)  # fmt: skip
def test_what_is_sensitive(world: World, kind: str, ticked: bool, sensitive: bool) -> None:
    before = Household.objects.get(pk=world.households["城垵"][0].pk).open_issues
    issue = raise_issue(world, kind=kind, is_sensitive=ticked)
    assert issue.is_sensitive is sensitive
    assert open_issues(issue) == before + (not sensitive), "the household's count must not betray a sensitive issue"


def test_a_restricted_category_makes_it_sensitive_at_the_township(world: World) -> None:
    category = Category.objects.create(county=world.county, name="村务作风", is_restricted=True)
    issue = raise_issue(world, category=category)
    assert (issue.is_sensitive, issue.level) == (True, Level.TOWNSHIP)


def test_a_complaint_goes_straight_to_the_discipline_office(world: World) -> None:
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=world.cadre("village_cadre"))
    assert (issue.state, issue.level) == (State.ASSIGNED, Level.TOWNSHIP)
    assert issue.lead_organisation == world.organisations["纪委"]
    step = issue.steps.get(step=Step.ASSIGN)
    assert (step.by, step.to_organisation) == (None, world.organisations["纪委"])
    assert AuditRow.objects.get(verb="issue.assign").actor == "system"
    visible = {who for who in world.users if Issue.objects.visible_to(world.user(who)).filter(pk=issue.pk).exists()}
    leaders = {"county_leader", "township_leader", "township_desk"}
    own = {"household_cadre", "household_cadre@城垵"}
    assert visible == leaders | own | {"department_handler@纪委"}


def test_a_complaint_never_reaches_whom_it_is_about(world: World) -> None:
    about = world.cadre("department_handler@纪委")
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=about)
    assert (issue.state, issue.lead_organisation) == (State.REGISTERED, None)
    desk = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=world.cadre("township_desk"))
    assert capacities(world.user("township_desk"), desk) == frozenset()
    with pytest.raises(ValidationError):
        take(world, "township_leader", issue, Step.ASSIGN, assignee=about)


def test_settled_on_the_spot_waits_for_another_to_call_back(world: World) -> None:
    before = snapshot()
    issue = raise_issue(world, on_spot=True, outcomes=[Outcome.EXPLAINED], result_text="讲清了政策")
    me = world.cadre("household_cadre")
    assert (issue.state, issue.handler, issue.resolved_by, issue.resolved_in_time) == (State.RESOLVED, me, me, True)
    assert [s.step for s in issue.steps.all()] == [Step.REGISTER, Step.ASSIGN, Step.ACCEPT, Step.RESOLVE]
    assert dict(before[1])[issue.household_id] == open_issues(issue)
    with pytest.raises(StepRefused):
        take(world, "household_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    assert take(world, "village_cadre", issue, Step.CLOSE).state == State.CLOSED


def test_a_complaint_is_not_settled_on_the_spot(world: World) -> None:
    before = snapshot()
    with pytest.raises(ValidationError):
        raise_issue(world, kind=IssueKind.COMPLAINT, on_spot=True, outcomes=[Outcome.SOLVED], result_text="好了")
    assert snapshot() == before


# ---- the table, walked ----

PEOPLE = (
    "household_cadre", "village_official", "village_cadre", "district_secretary", "district_secretary@西",
    "township_desk", "township_leader", "township_desk@前楼", "county_desk", "county_leader", "department_handler",
    "department_handler@纪委", "inspector", "township_admin", "nobody",
)  # fmt: skip
FULL = {
    "text": "写明情况", "outcomes": [Outcome.SOLVED], "answer": Answer.SATISFIED,
}  # fmt: skip


class Undo(Exception):
    """Rolls one step back, so that the next person meets the same issue."""


@pytest.mark.parametrize("state", [State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS, State.RESOLVED, State.CLOSED])
def test_each_step_from_a_state_by_each_person(world: World, state: str) -> None:
    issue = advance(world, state)
    call_back = CallBackRecord(issue.answer, issue.call_back_tries)
    users = {who: world.user(who) for who in PEOPLE}
    data = {**FULL, "assignee": world.cadre("village_official")}
    done: set[str] = set()
    before = snapshot()
    for step in [each for each in Step if each != Step.REGISTER]:
        rule = STEPS[step]
        for who, user in users.items():
            held = capacities(user, issue)
            if refusal(step, state=state, capacities=held, call_back=call_back) is not None:
                with pytest.raises(StepRefused):
                    transition(by=user, issue=issue, step=step, version=issue.version, data=data)
                assert snapshot() == before, (who, step)
                continue
            assert state in rule.sources
            assert rule.who & held
            assert not rule.never & held
            with contextlib.suppress(Undo), transaction.atomic():
                moved = transition(by=user, issue=issue, step=step, version=issue.version, data=data)
                assert moved.state == (rule.target or state)
                assert moved.version == issue.version + 1
                last = moved.steps.order_by("-pk")[0]
                assert (last.step, last.from_state, last.to_state, last.by_id) == (
                    step, state, moved.state, scope_of(user).cadre_id,
                )  # fmt: skip
                assert AuditRow.objects.filter(verb=f"issue.{step}", object_id=issue.pk, user_id=user.pk).exists()
                raise Undo
            done.add(step)
    possible = {step for step, rule in STEPS.items() if state in rule.sources}
    assert done == possible - ({Step.CLOSE} if state == State.RESOLVED else set()), "a close waits for the call-back"


def test_who_stands_in_which_capacity(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    found = {who: {str(c) for c in capacities(world.user(who), issue)} for who in PEOPLE}
    assert {who: held for who, held in found.items() if held} == {
        "household_cadre": {"registrant"},
        "village_cadre": {"desk"},
        "district_secretary": {"desk"},
        "township_desk": {"desk"},
        "township_leader": {"desk", "leader"},
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


def test_unreachable_counts_after_three_tries(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    for tries in (1, 2, 3):
        with pytest.raises(StepRefused):
            take(world, "village_cadre", issue, Step.CLOSE)
        issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.UNREACHABLE)
        assert issue.call_back_tries == tries
    assert issue.steps.filter(step=Step.CALL_BACK).count() == 3
    closed = take(world, "village_cadre", issue, Step.CLOSE)
    assert closed.close_basis == CloseBasis.UNREACHABLE


def test_after_dissatisfied_only_a_leader_closes_with_a_reason(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.DISSATISFIED)
    for who in ("village_cadre", "district_secretary", "township_desk", "county_desk"):
        with pytest.raises(StepRefused):
            take(world, who, issue, Step.CLOSE, text="已尽力")
    with pytest.raises(StepRefused):  # a second call can't wash the answer away
        take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    with pytest.raises(ValidationError):
        take(world, "township_leader", issue, Step.CLOSE)
    closed = take(world, "township_leader", issue, Step.CLOSE, text="诉求不合政策，已当面说明")
    assert (closed.answer, closed.close_basis) == (Answer.DISSATISFIED, CloseBasis.CALLED_BACK)


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


def test_two_issues_of_one_visit_are_registered_in_one_request(world: World) -> None:
    """The forms of visits do so; the tests watch requests for repeated reads."""
    user = world.user("household_cadre")
    data = {**ROAD, "category": category_of(world), "household": world.households["城垵"][0]}
    with zeal_context():
        numbers = {register(by=user, data=data).serial for _each in range(3)}
    assert numbers == {1, 2, 3}


def test_a_complaint_is_not_for_the_colleagues_of_whom_it_is_about(world: World) -> None:
    unit, other = world.organisations["村镇建设办"], world.organisations["派出所"]
    about = world.cadre("department_handler")
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=about)
    desk = world.user("township_desk")
    units = set(assignable_units(desk, issue))
    assert other in units
    assert unit not in units
    about.organisation = other
    about.save()
    assert other not in assignable_units(desk, issue)
