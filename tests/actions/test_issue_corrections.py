"""Merge, void, reclassify: the ledger put right, with its traces."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ledger.actions.issues import StepRefused
from ledger.models import Category, Issue
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, CloseBasis, IssueKind, Outcome, State
from ledger.rules.permissions import Level
from tests.issue_chain import advance, open_issues, put_off, raise_issue, shown_for, snapshot, take, working
from tests.world import World


def merge(world: World, child: Issue, master: Issue, who: str = "village_cadre") -> Issue:
    return take(world, who, child, Step.MERGE, master=master, text="同一处")


def finish(world: World, issue: Issue) -> Issue:
    """The master's whole way."""
    said = {"outcomes": [Outcome.SOLVED], "text": "补好了", **shown_for([Outcome.SOLVED])}
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    issue = take(world, "department_handler", issue, Step.RESOLVE, **said)
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    return take(world, "village_cadre", issue, Step.CLOSE)


def fresh(issue: Issue) -> Issue:
    return Issue.objects.get(pk=issue.pk)


def test_a_merged_matter_points_at_its_master_with_a_trace_on_both(world: World) -> None:
    master, child = raise_issue(world), working(world)
    count = open_issues(child)
    child = merge(world, child, master)
    assert (child.state, child.master, child.handler, child.lead_organisation) == (State.MERGED, master, None, None)
    assert open_issues(child) == count - 1
    mine, theirs = child.steps.latest("pk"), fresh(master).steps.latest("pk")
    assert (mine.text, mine.data) == ("同一处", {"master": master.pk, "number": master.printed_number})
    assert (theirs.step, theirs.from_state, theirs.to_state) == (Step.MERGE, State.REGISTERED, State.REGISTERED)
    assert theirs.data == {"merged": child.pk, "number": child.printed_number}


def test_it_is_struck_off_and_reopened_with_its_master(world: World) -> None:
    master, child = raise_issue(world), raise_issue(world)
    child = merge(world, child, master)
    closed = finish(world, fresh(master))
    child = fresh(child)
    assert (child.state, child.close_basis, child.closed_by) == (
        State.CLOSED, CloseBasis.WITH_MASTER, world.cadre("village_cadre"),
    )  # fmt: skip
    take(world, "village_cadre", closed, Step.REOPEN, text="又坏了")
    child = fresh(child)
    assert (child.state, child.close_basis, child.closed_at, child.master) == (State.MERGED, "", None, master)


def test_closed_with_its_master_it_may_be_reopened_by_itself(world: World) -> None:
    master, child = raise_issue(world), raise_issue(world)
    child = merge(world, child, master)
    finish(world, fresh(master))
    child = take(world, "village_cadre", fresh(child), Step.REOPEN, text="这一处没修")
    assert (child.state, child.master, child.round, child.number) == (State.REGISTERED, None, 2, child.number)


def test_no_chains_and_no_circles(world: World) -> None:
    first, second, third = raise_issue(world), raise_issue(world), raise_issue(world)
    second = merge(world, second, first)
    before = snapshot()
    with pytest.raises(StepRefused, match="并入"):
        merge(world, fresh(first), third)
    with pytest.raises(ValidationError):
        merge(world, third, second)
    with pytest.raises(ValidationError):
        merge(world, third, third)
    with pytest.raises(StepRefused):
        take(world, "village_cadre", fresh(first), Step.VOID, text="登错了")
    assert snapshot() == before


def test_only_into_an_open_matter_of_the_same_circle_in_reach(world: World) -> None:
    child = raise_issue(world)
    early = raise_issue(world, kind=IssueKind.EARLY_SIGN)
    masters = [
        world.issues["马銮"], world.issues["前楼"], world.issues["城垵-sensitive"], early,
        advance(world, State.RESOLVED), advance(world, State.CLOSED),
    ]  # fmt: skip
    before = snapshot()
    for master in masters:
        with pytest.raises(ValidationError) as refused:
            merge(world, child, fresh(master))
        assert set(refused.value.message_dict) == {"master"}
    with pytest.raises(ValidationError):
        merge(world, early, child)
    assert snapshot() == before
    assert merge(world, child, fresh(world.issues["马銮"]), who="district_secretary").state == State.MERGED


def test_complaints_merge_only_about_the_same_person(world: World) -> None:
    official, other = world.cadre("village_official"), world.cadre("village_official@马銮")
    one, two, three = (
        raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=who) for who in (official, official, other)
    )
    with pytest.raises(ValidationError):
        merge(world, one, three, who="township_desk")
    assert merge(world, one, two, who="township_desk").state == State.MERGED


def test_a_void_entry_keeps_its_number_and_leaves_the_counts(world: World) -> None:
    issue = put_off(world)
    count = open_issues(issue)
    issue = take(world, "village_cadre", issue, Step.VOID, text="登错了户")
    assert (issue.state, issue.number, issue.handler, issue.deferred_until) == (State.VOID, issue.number, None, None)
    assert open_issues(issue) == count - 1
    following = raise_issue(world)
    assert following.serial == issue.serial + 1, "its number is not given again"


def test_who_handles_it_does_not_void_it(world: World) -> None:
    issue = take(world, "village_cadre", raise_issue(world), Step.ASSIGN, assignee=world.cadre("village_cadre"))
    with pytest.raises(StepRefused, match="承办人"):
        take(world, "village_cadre", issue, Step.VOID, text="不办了")


def test_a_supervised_matter_is_neither_merged_nor_voided_by_the_desk(world: World) -> None:
    issue = take(world, "county_leader", raise_issue(world), Step.SUPERVISE, report_every=7)
    master = raise_issue(world)
    before = snapshot()
    for step, said in ((Step.VOID, {}), (Step.MERGE, {"master": master})):
        with pytest.raises(StepRefused, match="督办"):
            take(world, "village_cadre", issue, step, text="不办了", **said)
    assert snapshot() == before
    assert take(world, "township_leader", issue, Step.VOID, text="误登").state == State.VOID


# ---- reclassify ----


def reclassify(world: World, issue: Issue, who: str = "village_cadre", **said: Any) -> Issue:
    said.setdefault("kind", issue.kind)
    said.setdefault("category", issue.category)
    return take(world, who, issue, Step.RECLASSIFY, text="更正", **said)


def test_a_new_category_brings_its_date_and_keeps_the_first(world: World) -> None:
    quick = Category.objects.create(county=world.county, name="停电", name_en="Power cut", days=1)
    issue = working(world)
    first, tomorrow = issue.due_on, local_today() + datetime.timedelta(days=1)
    moved = reclassify(world, issue, category=quick)
    assert (moved.category, moved.first_due_on) == (quick, first)
    assert tomorrow <= moved.due_on < first
    told = moved.steps.latest("pk")
    assert told.data["categories"] == [["村道破损", "Village road"], ["停电", "Power cut"]]
    assert told.data["kinds"] == ["request", "request"]
    typed = reclassify(world, moved, category=issue.category, due_on=tomorrow)
    assert typed.due_on == tomorrow


def test_nothing_new_is_no_reclassification(world: World) -> None:
    issue = raise_issue(world)
    with pytest.raises(ValidationError):
        reclassify(world, issue)


def test_a_category_of_another_county_is_none(world: World) -> None:
    issue = raise_issue(world)
    before = snapshot()
    for category in (
        Category.objects.filter(county=world.other_county).first(),
        Category.objects.create(county=world.county, name="旧类", days=9, is_active=False),
    ):
        with pytest.raises(ValidationError) as refused:
            reclassify(world, issue, category=category)
        assert set(refused.value.message_dict) == {"category"}
    assert snapshot() == before


def test_an_early_sign_leaves_the_households_count_and_comes_back(world: World) -> None:
    issue = raise_issue(world)
    count = open_issues(issue)
    issue = reclassify(world, issue, kind=IssueKind.EARLY_SIGN)
    assert (issue.is_sensitive, open_issues(issue)) == (True, count - 1)
    issue = reclassify(world, issue, kind=IssueKind.REQUEST)
    assert (issue.is_sensitive, open_issues(issue)) == (False, count)


def test_what_turns_out_a_complaint_goes_to_the_discipline_office(world: World) -> None:
    official = world.cadre("village_official")
    issue = take(world, "village_cadre", raise_issue(world), Step.ASSIGN, assignee=official)
    issue = reclassify(world, issue, kind=IssueKind.COMPLAINT, about_cadre=official)
    issue = fresh(issue)
    assert (issue.kind, issue.is_sensitive, issue.about_cadre, issue.handler) == ("complaint", True, official, None)
    assert (issue.level, issue.state, issue.lead_organisation) == (
        Level.TOWNSHIP, State.ASSIGNED, world.organisations["纪委"],
    )  # fmt: skip
    assert not Issue.objects.visible_to(world.user("village_official")).filter(pk=issue.pk).exists()
    assert [row.step for row in issue.steps.order_by("pk")][-2:] == [Step.RECLASSIFY, Step.ASSIGN]
    with pytest.raises(ValidationError) as refused:
        reclassify(world, issue, who="township_desk", kind=IssueKind.REQUEST)
    assert set(refused.value.message_dict) == {"kind"}


def test_a_restricted_category_lifts_it_to_the_township(world: World) -> None:
    restricted = Category.objects.create(county=world.county, name="村务作风", days=15, is_restricted=True)
    issue = reclassify(world, working(world), category=restricted)
    assert (issue.level, issue.state, issue.is_sensitive, issue.lead_organisation) == (
        Level.TOWNSHIP, State.REGISTERED, True, None,
    )  # fmt: skip


def test_a_master_stays_in_its_circle(world: World) -> None:
    master, child = raise_issue(world), raise_issue(world)
    merge(world, child, master)
    before = snapshot()
    with pytest.raises(ValidationError):
        reclassify(world, fresh(master), kind=IssueKind.EARLY_SIGN)
    assert snapshot() == before
