"""协办: the units that support a matter see it, are told, report progress, and do nothing else to it."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ledger.actions.daily import run_day
from ledger.actions.issues import StepRefused, transition
from ledger.models import AuditRow, Household, Issue, Notice, Visit
from ledger.queries.issue_standing import standing_of
from ledger.queries.issue_timeline import line_of, steps_of
from ledger.queries.issues import may_add_evidence, may_see_phone, step_offers
from ledger.queries.notices import line
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome
from ledger.rules.notices import Sort
from ledger.rules.permissions import Permission, Role
from tests.issue_chain import raise_issue, snapshot, take
from tests.world import World, make_cadre, post

OFFICE = "department_handler"


@pytest.fixture
def helper(world: World) -> User:
    """Who handles for the police station, which supports the matter of the tests."""
    cadre = make_cadre(world.township, "康美派出所民警", world.county)
    post(cadre, Role.DEPARTMENT_HANDLER, organisation=world.organisations["派出所"])
    assert isinstance(cadre.user, User)
    return cadre.user


def supported(world: World, **said: Any) -> Issue:
    """Led by 村镇建设办, supported by 派出所."""
    data = {"assignee": world.organisations["村镇建设办"], "supporting": [world.organisations["派出所"]], **said}
    return take(world, "township_desk", raise_issue(world), Step.ASSIGN, **data)


def accepted(world: World) -> Issue:
    return take(world, OFFICE, supported(world), Step.ACCEPT)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(cadre__user=user).order_by("pk").values_list("sort", flat=True))


def anew(user: User) -> User:
    """Without a kept scope."""
    return User.objects.get(pk=user.pk)


def test_a_supporting_unit_sees_what_it_supports_and_nothing_beside_it(world: World, helper: User) -> None:
    neighbour = raise_issue(world)
    issue = accepted(world)
    assert list(Issue.objects.visible_to(helper)) == [issue]
    assert list(Issue.objects.visible_to(helper, Permission.HANDLE_ISSUE)) == []
    assert not Household.objects.visible_to(helper).exists()
    assert not Visit.objects.visible_to(helper).exists()
    assert not may_see_phone(helper, issue)
    assert not may_add_evidence(helper, issue)
    assert not Issue.objects.visible_to(helper).filter(pk=neighbour.pk).exists()
    Issue.objects.filter(pk=issue.pk).update(is_sensitive=True)
    assert not Issue.objects.visible_to(anew(helper)).exists()
    assert step_offers(anew(helper), Issue.objects.get(pk=issue.pk), standing_of(issue)) == []


def test_it_reports_progress_under_its_own_name_and_takes_no_other_step(world: World, helper: User) -> None:
    issue = accepted(world)
    issue = take(world, "county_leader", issue, Step.SUPERVISE, report_every=7)
    before, report = snapshot(), issue.report_due_on
    far = local_today() + datetime.timedelta(days=60)
    data = {
        "text": "已到场", "outcomes": [Outcome.SOLVED], "seen": "已到场", "answer": Answer.SATISFIED, "wanted_on": far,
        "assignee": world.organisations["派出所"],
    }  # fmt: skip
    for step in (Step.ACCEPT, Step.RETURN, Step.RESOLVE, Step.REQUEST_EXTENSION, Step.CALL_BACK, Step.CLOSE,
                 Step.ASSIGN, Step.VOID):  # fmt: skip
        with pytest.raises(StepRefused):
            transition(by=helper, issue=issue, step=step, version=issue.version, data=data)
    assert snapshot() == before
    offered = [offer.step for offer in step_offers(helper, issue, standing_of(issue)) if offer.refusal is None]
    assert offered == [Step.PROGRESS]
    moved = transition(by=helper, issue=issue, step=Step.PROGRESS, version=issue.version, data={"text": "已维持秩序"})
    assert (moved.state, moved.handler_id, moved.report_due_on) == (issue.state, issue.handler_id, report)
    row = steps_of(moved).last()
    assert row is not None
    assert "派出所" in line_of(row).title
    assert row.data["supporter"] == world.organisations["派出所"].pk
    audited = AuditRow.objects.latest("pk")
    assert (audited.verb, audited.user_id) == ("issue.progress", helper.pk)


def test_who_supports_nothing_there_reports_nothing(world: World, helper: User) -> None:
    issue = accepted(world)
    before = snapshot()
    for who in (world.user("department_handler@纪委"), world.user("village_official")):
        with pytest.raises(StepRefused):
            transition(by=who, issue=issue, step=Step.PROGRESS, version=issue.version, data={"text": "路过"})
    assert snapshot() == before


def test_it_is_told_when_it_is_named_and_only_once(world: World, helper: User) -> None:
    issue = supported(world)
    assert told(helper) == [Sort.SUPPORTING]
    units = {"assignee": world.organisations["村镇建设办"], "supporting": [world.organisations["派出所"]]}
    take(world, "township_desk", issue, Step.ASSIGN, **units, due_on=local_today() + datetime.timedelta(days=3))
    assert told(helper) == [Sort.SUPPORTING]
    assert not Notice.objects.filter(issue=issue, sort=Sort.SUPPORTING).exclude(cadre__user=helper).exists()


def test_the_line_of_each_assignment_names_who_supports_from_then_on(world: World) -> None:
    office, police = world.organisations["村镇建设办"], world.organisations["派出所"]
    issue = supported(world)
    issue = take(world, "township_desk", issue, Step.ASSIGN, assignee=police, supporting=[police, office])
    issue = take(world, "township_desk", issue, Step.ASSIGN, assignee=office)
    assigned = steps_of(issue).filter(step=Step.ASSIGN)
    ends = [line_of(row).title.rpartition(" · ")[2] for row in assigned]
    assert ends[:2] == ["协办 派出所", "协办 村镇建设办"]
    assert "协办" not in line_of(assigned[2]).title


def test_it_is_told_when_it_is_overdue_and_when_it_is_struck_off(world: World, helper: User) -> None:
    issue = accepted(world)
    alone = take(world, "township_desk", raise_issue(world), Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    late = local_today() - datetime.timedelta(days=2)
    Issue.objects.filter(pk__in=[issue.pk, alone.pk]).update(due_on=late)
    run_day(world.county)
    run_day(world.county)
    assert told(helper) == [Sort.SUPPORTING, Sort.OVERDUE_SUPPORTED]
    issue.refresh_from_db()
    issue = take(world, OFFICE, issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了")
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    take(world, "village_cadre", issue, Step.CLOSE)
    assert told(helper) == [Sort.SUPPORTING, Sort.OVERDUE_SUPPORTED, Sort.CLOSED]
    assert list(Issue.objects.visible_to(anew(helper))) == [issue]


def test_a_late_matter_is_said_to_who_supports_it_in_words_of_their_own(world: World, helper: User) -> None:
    issue = accepted(world)
    Issue.objects.filter(pk=issue.pk).update(due_on=local_today() - datetime.timedelta(days=1))
    run_day(world.county)
    notice = Notice.objects.get(cadre__user=helper, sort=Sort.OVERDUE_SUPPORTED)
    shown = line(notice)
    handler = world.cadre(OFFICE).name
    assert handler in shown.said
    assert handler not in shown.chat
    assert not Notice.objects.filter(cadre__user=helper, sort=Sort.OVERDUE).exists()


def test_who_has_it_and_supports_it_too_is_told_once(world: World, helper: User) -> None:
    issue = accepted(world)
    Issue.objects.filter(pk=issue.pk).update(due_on=local_today() - datetime.timedelta(days=1), handler=helper.cadre)
    run_day(world.county)
    assert told(helper) == [Sort.SUPPORTING, Sort.OVERDUE, Sort.DIGEST]


def test_nobody_supports_a_sensitive_matter(world: World) -> None:
    issue = raise_issue(world, kind=IssueKind.EARLY_SIGN)
    before = snapshot()
    with pytest.raises(ValidationError):
        take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"),
             supporting=[world.organisations["派出所"]])  # fmt: skip
    assert snapshot() == before


def test_its_list_its_page_and_the_form_of_its_progress(world: World, helper: User, client: Client) -> None:
    issue, neighbour = accepted(world), raise_issue(world)
    client.force_login(helper)
    rows = client.get(reverse("issue_list"), {"mine": "supported", "state": "unfinished"})
    assert [row.pk for row in rows.context["rows"]] == [issue.pk]
    assert rows.context["supporting"] == 1
    page = client.get(reverse("issue_detail", args=[issue.pk]))
    phone = Household.objects.get(pk=issue.household_id).residents.get().phone
    assert phone not in page.content.decode()
    assert client.get(reverse("issue_detail", args=[neighbour.pk])).status_code == 404
    assert (
        client.post(reverse("issue_step", args=[issue.pk, Step.RESOLVE]), {"version": issue.version}).status_code == 403
    )
    said = {"version": issue.version, "text": "已维持秩序"}
    assert client.post(reverse("issue_step", args=[issue.pk, Step.PROGRESS]), said).status_code == 302
    assert issue.steps.latest("pk").text == "已维持秩序"


def test_the_form_of_an_assignment_keeps_who_supports_it(world: World, client: Client) -> None:
    issue = accepted(world)
    client.force_login(world.user("township_desk"))
    form = client.get(reverse("issue_step", args=[issue.pk, Step.ASSIGN])).context["form"]
    assert form["supporting"].value() == [world.organisations["派出所"].pk]
