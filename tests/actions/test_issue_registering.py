"""登记: numbers, places, desks, what is sensitive, where complaints go, what is settled on the spot."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Value
from django.db.models.functions import Concat
from zeal import zeal_context

from ledger.actions.issues import StepRefused, register
from ledger.models import AuditRow, Category, Household, Issue, NumberCounter, Posting
from ledger.models.issue_scope import capacities
from ledger.queries.issue_desks import assignable_units
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State
from ledger.rules.permissions import Level, Role
from tests.issue_chain import ROAD, category_of, open_issues, raise_issue, snapshot, take
from tests.world import World


@pytest.fixture(autouse=True)
def _numbers_start_at_one(world: World) -> None:
    """The world's own issues stay, under numbers of an earlier year."""
    Issue.objects.update(year=2020, number=Concat(Value("旧-"), "number"))
    NumberCounter.objects.update(year=2020)


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


def test_a_category_below_a_restricted_one_is_restricted_too(world: World) -> None:
    parent = Category.objects.create(county=world.county, name="村务作风", is_restricted=True)
    child = Category.objects.create(county=world.county, name="三资", parent=parent, is_restricted=False)
    issue = raise_issue(world, category=child)
    assert (issue.is_sensitive, issue.level) == (True, Level.TOWNSHIP)


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


def test_a_category_begins_at_its_own_desk_or_the_next_above(world: World) -> None:
    """The category's own level, else that of the one above; the register keeps the category's name of then."""
    category = category_of(world)
    assert category.parent is not None
    assert raise_issue(world).level == Level.VILLAGE
    Category.objects.filter(pk=category.parent_id).update(start_level=Level.TOWNSHIP)
    issue = raise_issue(world)
    assert issue.level == Level.TOWNSHIP
    Category.objects.filter(pk=category.pk).update(start_level=Level.DISTRICT, name="新名字")
    renamed = Category.objects.get(pk=category.pk)
    assert raise_issue(world, category=renamed).level == Level.DISTRICT
    assert issue.steps.get().data["category"] == "道路交通 · 村道破损"
    issue.refresh_from_db()
    assert (issue.level, issue.category.full_name) == (Level.TOWNSHIP, "道路交通 · 新名字")
