"""Bulk acts: each row its own step, one audit row, what moved is left and named, nothing foreign is touched."""

import datetime
import uuid
from typing import Any

import pytest
from django.utils import timezone
from zeal import zeal_ignore

from ledger.actions.issue_bulk import NothingDone, act_on_many, record_act, take_back
from ledger.actions.submissions import SubmissionConflict
from ledger.models import AuditRow, Issue, IssueBatch, IssueStep, Notice
from ledger.queries.issue_batches import SENSITIVE, plan_of
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.issue_chain import advance, raise_issue, snapshot, take
from tests.world import World, make_issue

DAY = datetime.timedelta(days=1)


def bulk(world: World, by: str, step: str, issues: list[Issue], **data: Any) -> IssueBatch:
    chosen = [(issue.pk, issue.version) for issue in issues]
    with zeal_ignore():  # each row is locked on its own, by design
        return act_on_many(by=world.user(by), step=step, chosen=chosen, data=data, asked={"lane": "to_assign"})


def outcomes(batch: IssueBatch) -> dict[int, str]:
    return dict(batch.rows.values_list("issue", "outcome"))


def test_many_are_assigned_with_one_audit_row_and_a_timeline_row_each(world: World) -> None:
    first, second = (
        raise_issue(world),
        raise_issue(world, household=world.households["马銮"][0], by="household_cadre@马銮"),
    )
    moved, foreign = world.issues["马銮"], world.issues["东沈"]
    Issue.objects.filter(pk=moved.pk).update(version=2)
    before = AuditRow.objects.count()
    office, day = world.organisations["村镇建设办"], local_today() + 9 * DAY
    batch = bulk(world, "district_secretary", Step.ASSIGN, [first, second, moved, foreign], assignee=office, due_on=day)
    assert outcomes(batch) == {first.pk: "done", second.pk: "done", moved.pk: "moved"}, (
        "the foreign row is not even named"
    )
    assert (batch.done, batch.left) == (2, 1)
    states = dict(Issue.objects.filter(pk__in=[first.pk, second.pk, moved.pk, foreign.pk]).values_list("pk", "state"))
    assert states == {first.pk: "assigned", second.pk: "assigned", moved.pk: "registered", foreign.pk: "registered"}
    for issue in (first, second):
        row = IssueStep.objects.get(issue=issue, step=Step.ASSIGN)
        assert (row.to_organisation, row.due_on, row.data["batch"]) == (office, day, batch.pk)
    (audit,) = AuditRow.objects.order_by("pk")[before:]
    assert (audit.verb, audit.object_id, audit.township_id) == ("issue.bulk", batch.pk, world.township.pk)
    assert audit.detail == {"step": "assign", "changed": 2, "refused": 1}
    row = batch.rows.get(issue=first)
    assert row.old["state"] == "registered"
    assert (row.new["state"], row.new["lead_organisation_id"], row.new["due_on"]) == (
        "assigned",
        office.pk,
        day.isoformat(),
    )
    assert batch.said == {"assignee": f"u{office.pk}", "due_on": day.isoformat()}


def test_a_sensitive_matter_is_not_assigned_along_with_the_rest(world: World) -> None:
    """A complaint on the desk would have gone to whoever got the others, and be theirs to read."""
    plain, secret = raise_issue(world), raise_issue(world)
    Issue.objects.filter(pk__in=[plain.pk, secret.pk]).update(level="township")
    Issue.objects.filter(pk=secret.pk).update(is_sensitive=True)
    plain, secret = Issue.objects.get(pk=plain.pk), Issue.objects.get(pk=secret.pk)
    kept = Issue.objects.filter(pk=secret.pk).values()
    office, before = world.organisations["村镇建设办"], kept.get()
    plan = plan_of(world.user("township_leader"), Step.ASSIGN, [plain, secret])
    assert (plan.possible, plan.left) == ([plain], [(secret, SENSITIVE)])
    batch = bulk(world, "township_leader", Step.ASSIGN, [plain, secret], assignee=office, due_on=local_today() + DAY)
    assert outcomes(batch) == {plain.pk: "done", secret.pk: "refused"}
    assert kept.get() == before


def test_without_a_date_each_gets_its_own(world: World) -> None:
    urgent, normal = raise_issue(world, urgency="urgent"), raise_issue(world)
    bulk(world, "district_secretary", Step.ASSIGN, [urgent, normal], assignee=world.organisations["村镇建设办"])
    urgent.refresh_from_db()
    normal.refresh_from_db()
    assert urgent.due_on is not None
    assert normal.due_on is not None
    assert urgent.due_on < normal.due_on


def test_who_is_out_of_reach_is_given_nothing(world: World) -> None:
    """A village gives to its own people: the township's office is out of its reach, row by row."""
    issue = raise_issue(world)
    before = Issue.objects.filter(pk=issue.pk).values().get()
    with pytest.raises(NothingDone) as nothing:
        bulk(world, "village_cadre", Step.ASSIGN, [issue], assignee=world.organisations["村镇建设办"])
    (row,) = nothing.value.rows
    assert (row.issue, row.outcome, bool(row.why)) == (issue, "refused", True)
    assert not IssueBatch.objects.exists()
    assert Issue.objects.filter(pk=issue.pk).values().get() == before
    assert not IssueStep.objects.filter(step=Step.ASSIGN).exists()


@pytest.mark.parametrize("who", ["village_cadre@东沈", "township_desk@前楼", "inspector", "household_cadre", "nobody"])
def test_nothing_outside_the_own_desk_is_touched(world: World, who: str) -> None:
    issues = [world.issues["城垵"], world.issues["城垵-sensitive"]]
    office = world.organisations["村镇建设办"]
    before = snapshot()
    with pytest.raises(NothingDone) as nothing:
        bulk(world, who, Step.ASSIGN, issues, assignee=office)
    assert {row.outcome for row in nothing.value.rows} <= {"moved"}, "seen perhaps, but on no desk of theirs"
    assert snapshot() == before
    assert not IssueBatch.objects.exists()


def test_a_reminder_leaves_the_state_and_comes_once_a_day(world: World) -> None:
    issue = advance(world, State.IN_PROGRESS)
    batch = bulk(world, "village_cadre", Step.REMIND, [issue], text="请抓紧")
    assert outcomes(batch) == {issue.pk: "done"}
    issue.refresh_from_db()
    assert (issue.state, issue.reminded_on) == (State.IN_PROGRESS, local_today())
    with pytest.raises(NothingDone):
        bulk(world, "village_cadre", Step.REMIND, [issue])
    said = bulk(world, "village_cadre", Step.REMIND, [issue], text="领导问起")
    assert outcomes(said) == {issue.pk: "done"}


def test_what_nobody_has_accepted_is_taken_back_once(world: World) -> None:
    fresh, taken, was_elsewhere = raise_issue(world), raise_issue(world), raise_issue(world)
    limit = fresh.triage_due_on
    was_elsewhere = take(world, "village_cadre", was_elsewhere, Step.ASSIGN, assignee=world.cadre("village_official"))
    office = world.organisations["村镇建设办"]
    batch = bulk(world, "district_secretary", Step.ASSIGN, [fresh, taken, was_elsewhere], assignee=office)
    taken.refresh_from_db()
    take(world, "department_handler", taken, Step.ACCEPT)
    before = AuditRow.objects.count()
    with zeal_ignore():
        assert take_back(by=world.user("district_secretary"), batch=batch) == 1
    assert outcomes(batch) == {fresh.pk: "taken_back", taken.pk: "done", was_elsewhere.pk: "done"}
    fresh.refresh_from_db()
    assert (fresh.state, fresh.lead_organisation, fresh.due_on, fresh.first_due_on) == (
        State.REGISTERED,
        None,
        None,
        None,
    )
    assert fresh.triage_due_on == limit, "the desk gains no time by it"
    assert fresh.steps.last().step == Step.WITHDRAW
    states = dict(Issue.objects.filter(pk__in=[taken.pk, was_elsewhere.pk]).values_list("pk", "state"))
    assert states == {taken.pk: State.IN_PROGRESS, was_elsewhere.pk: State.ASSIGNED}
    assert [row.detail for row in AuditRow.objects.order_by("pk")[before:]] == [
        {"step": "withdraw", "changed": 1, "refused": 2}
    ]
    batch.refresh_from_db()
    kept = snapshot()
    assert take_back(by=world.user("district_secretary"), batch=batch) == 0
    assert snapshot() == kept


def test_one_withdrawn_by_itself_keeps_the_desks_limit(world: World) -> None:
    issue = raise_issue(world)
    limit = issue.triage_due_on
    issue = take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"))
    issue = take(world, "village_cadre", issue, Step.WITHDRAW, text="点错了人")
    assert (issue.state, issue.handler, issue.triage_due_on) == (State.REGISTERED, None, limit)


def test_the_same_form_sent_twice_is_one_batch(world: World) -> None:
    issue, sent = raise_issue(world), uuid.uuid4()
    said: dict[str, Any] = {"assignee": world.organisations["村镇建设办"]}
    send = {"by": world.user("district_secretary"), "step": Step.ASSIGN, "chosen": [(issue.pk, 1)], "client_id": sent}
    first = act_on_many(**send, data=said, asked={})
    assert act_on_many(**send, data=said, asked={}) == first
    assert IssueBatch.objects.count() == 1
    with pytest.raises(SubmissionConflict):
        act_on_many(**send, data={**said, "text": "另一句"}, asked={})
    assert IssueStep.objects.filter(step=Step.ASSIGN).count() == 1


def test_each_further_row_costs_the_same_few_queries(world: World, django_assert_max_num_queries: Any) -> None:
    """What is read is read once for all; a row is its lock, its units, its timeline row."""
    office, cost = world.organisations["村镇建设办"], []
    for begin, count in ((1000, 3), (2000, 33)):
        issues = [
            make_issue(world.households["城垵"][2], world.cadre("household_cadre"), begin + n) for n in range(count)
        ]
        with django_assert_max_num_queries(400) as captured:
            batch = bulk(world, "district_secretary", Step.ASSIGN, issues, assignee=office)
        assert batch.done == count
        cost.append(len(captured))
    assert (cost[1] - cost[0]) / 30 <= 5


def test_a_later_review_keeps_each_obstacle_and_planned_date(world: World) -> None:
    until, review = local_today() + 40 * DAY, local_today() + 5 * DAY
    issues = []
    for obstacle in ("等资金", "等雨停"):
        issue = advance(world, State.IN_PROGRESS)
        said = {"text": obstacle, "deferred_until": until, "review_on": review}
        issues.append(take(world, "village_cadre", issue, Step.DEFER, **said))
    working = advance(world, State.IN_PROGRESS)
    later = local_today() + 20 * DAY
    batch = bulk(world, "village_cadre", Step.DEFER, [*issues, working], review_on=later)
    assert outcomes(batch) == {issues[0].pk: "done", issues[1].pk: "done", working.pk: "refused"}
    stored = Issue.objects.filter(pk__in=[issue.pk for issue in issues]).order_by("pk")
    assert list(stored.values_list("obstacle", "deferred_until", "review_on")) == [
        ("等资金", until, later), ("等雨停", until, later),
    ]  # fmt: skip
    beyond = local_today() + 90 * DAY
    with pytest.raises(NothingDone):
        bulk(world, "village_cadre", Step.DEFER, list(stored), review_on=beyond)


def test_many_are_escalated_to_the_next_desk_that_somebody_holds(world: World) -> None:
    first, second = raise_issue(world), raise_issue(world)
    batch = bulk(world, "village_cadre", Step.ESCALATE, [first, second], text="村里办不了")
    assert batch.done == 2
    assert set(Issue.objects.filter(pk__in=[first.pk, second.pk]).values_list("level", flat=True)) == {"district"}


def test_a_bulk_act_tells_each_handler_once_for_each_matter(world: World) -> None:
    issues = [raise_issue(world), raise_issue(world)]
    bulk(world, "district_secretary", Step.ASSIGN, issues, assignee=world.organisations["村镇建设办"])
    told = Notice.objects.filter(sort="assigned").values_list("cadre", "issue")
    handler = world.cadre("department_handler").pk
    assert sorted(told) == sorted((handler, issue.pk) for issue in issues)


@pytest.mark.parametrize(
    ("secret", "label"), [((False, False, False), "0 +2"), ((True, False, True), "1 +2"), ((True, True, True), "+3")]
)
def test_the_trail_names_no_sensitive_matter(world: World, secret: tuple[bool, ...], label: str) -> None:
    """More people read the trail than may know that there is such a matter."""
    issues = [raise_issue(world) for _ in secret]
    for issue, is_sensitive in zip(issues, secret, strict=True):
        issue.is_sensitive = is_sensitive
    batch = IssueBatch.objects.create(
        step="remind", county=world.county, township=world.township, made_by=world.user("township_desk"),
        made_at=timezone.now(),
    )  # fmt: skip
    record_act(world.user("township_desk"), batch, "remind", issues, changed=3)
    named = label.split()[0]
    expected = label.replace(named, issues[int(named)].number) if named.isdigit() else label
    assert AuditRow.objects.latest("pk").label == expected
