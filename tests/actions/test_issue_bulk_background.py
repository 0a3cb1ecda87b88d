"""A long bulk act: in parts, each with its audit row; interrupted, sent again or run by two, no row is done twice."""

import datetime
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from zeal import zeal_ignore

from ledger.actions import issue_bulk_background
from ledger.actions.issue_bulk_background import begin_many, begin_taking_back, go_on, go_on_with_forgotten
from ledger.models import AuditRow, Issue, IssueBatch, IssueStep, Notice, Posting
from ledger.queries import issue_batches
from ledger.queries.issue_batches import stands_since
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.issue_chain import raise_issue, take
from tests.world import World

WHO = "district_secretary"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue_bulk_background, "PART", 2)
    monkeypatch.setattr(issue_bulk_background, "BREATH", 0)


def begin(world: World, issues: list[Issue], sent: uuid.UUID | None = None, **data: Any) -> IssueBatch:
    chosen = [(issue.pk, issue.version) for issue in issues]
    said = {"assignee": world.organisations["村镇建设办"], "due_on": local_today(), "text": "请抓紧"} | data
    return begin_many(by=world.user(WHO), step=Step.ASSIGN, chosen=chosen, data=said, asked={}, client_id=sent)


def work(batch: IssueBatch) -> IssueBatch:
    with zeal_ignore():  # each row is locked on its own, by design
        go_on.func(batch.pk, "zh-hans")
    return IssueBatch.objects.get(pk=batch.pk)


def outcomes(batch: IssueBatch) -> dict[int, str]:
    return dict(batch.rows.values_list("issue", "outcome"))


def audited() -> list[dict[str, Any]]:
    return [row.detail for row in AuditRow.objects.filter(verb="issue.bulk").order_by("pk")]


def test_nothing_moves_before_the_worker_and_then_each_part_is_on_record(world: World) -> None:
    issues, foreign = [raise_issue(world) for _each in range(5)], world.issues["东沈"]
    moved, again = issues[1], uuid.uuid4()
    batch = begin(world, [*issues, foreign], again)
    assert begin(world, [*issues, foreign], again) == batch
    assert not IssueStep.objects.filter(step=Step.ASSIGN).exists()
    assert outcomes(batch) == dict.fromkeys([issue.pk for issue in issues], "waiting"), "the foreign row is not named"
    take(world, "village_cadre", moved, Step.ESCALATE, text="村里办不了")
    batch = work(batch)
    assert (batch.state, batch.done, batch.left) == ("done", 4, 1)
    assert outcomes(batch) == {issue.pk: "moved" if issue == moved else "done" for issue in issues}
    assert IssueStep.objects.filter(step=Step.ASSIGN).count() == 4
    step = IssueStep.objects.filter(step=Step.ASSIGN).first()
    assert step is not None
    assert (step.to_organisation, step.due_on, step.text, step.data["batch"]) == (
        world.organisations["村镇建设办"], local_today(), "请抓紧", batch.pk,
    )  # fmt: skip
    parts = [(2, 0), (1, 0)]
    assert audited()[0] == {"step": "assign", "rows": 5}
    assert sum(part["changed"] for part in audited()[1:]) == 4
    assert len(audited()) == 2 + len(parts)
    assert Notice.objects.filter(sort="assigned", cadre=world.cadre("department_handler")).count() == 4
    rows = AuditRow.objects.count()
    work(batch)
    assert AuditRow.objects.count() == rows, "the second run finds nothing to do"


def test_one_that_was_interrupted_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [raise_issue(world) for _each in range(5)]
    batch = begin(world, issues)
    told, calls = issue_bulk_background.notices.tell_many, []

    def killed(steps: Any) -> None:
        calls.append(len(steps))
        if len(calls) == 2:
            raise KeyboardInterrupt
        told(steps)

    with monkeypatch.context() as patch:
        patch.setattr(issue_bulk_background.notices, "tell_many", killed)
        with pytest.raises(KeyboardInterrupt):
            work(batch)
    assert sorted(outcomes(batch).values()) == ["done", "done", "waiting", "waiting", "waiting"]
    assert IssueStep.objects.filter(step=Step.ASSIGN).count() == 2
    IssueBatch.objects.update(made_at="2026-01-01T00:00+08:00")
    with zeal_ignore():
        assert go_on_with_forgotten("zh-hans") == 1
    assert go_on_with_forgotten("zh-hans") == 0
    assert IssueStep.objects.filter(step=Step.ASSIGN).values("issue").distinct().count() == 5
    assert IssueStep.objects.filter(step=Step.ASSIGN).count() == 5
    assert IssueBatch.objects.get().done == 5


def test_an_act_that_fails_keeps_no_other_waiting(world: World, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = begin(world, [raise_issue(world)]), begin(world, [raise_issue(world)])
    IssueBatch.objects.update(made_at=timezone.now() - issue_bulk_background.FORGOTTEN * 2)
    IssueBatch.objects.filter(pk=broken.pk).update(said={"assignee": "c0"})
    with zeal_ignore():
        assert go_on_with_forgotten("zh-hans") == 1
    assert dict(IssueBatch.objects.values_list("pk", "state")) == {broken.pk: "running", whole.pk: "done"}
    assert f"Bulk act {broken.pk} failed." in caplog.text
    assert list(outcomes(IssueBatch.objects.get(pk=broken.pk)).values()) == ["waiting"]


def test_who_lost_the_desk_meanwhile_moves_nothing_more(world: World) -> None:
    issues = [raise_issue(world) for _each in range(3)]
    batch = begin(world, issues)
    Posting.objects.filter(cadre=world.cadre(WHO)).update(end_on=local_today())
    batch = work(batch)
    assert (batch.state, batch.done, batch.left) == ("done", 0, 3)
    assert set(Issue.objects.filter(pk__in=[i.pk for i in issues]).values_list("state", flat=True)) == {"registered"}


def test_a_long_assignment_is_taken_back_in_parts_and_once(world: World) -> None:
    issues = [raise_issue(world) for _each in range(4)]
    batch = work(begin(world, issues))
    issues[0].refresh_from_db()
    accepted = take(world, "department_handler", issues[0], Step.ACCEPT)
    assert begin_taking_back(by=world.user(WHO), batch=batch) == 3
    assert begin_taking_back(by=world.user(WHO), batch=IssueBatch.objects.get()) == 0
    issues[1].refresh_from_db()
    late = take(world, "department_handler", issues[1], Step.ACCEPT)
    batch = work(batch)
    kept = {accepted.pk: "done", late.pk: "done"}
    assert outcomes(batch) == {issue.pk: kept.get(issue.pk, "taken_back") for issue in issues}
    states = dict(Issue.objects.filter(pk__in=[i.pk for i in issues]).values_list("pk", "state"))
    assert states == {i.pk: State.IN_PROGRESS if i.pk in kept else State.REGISTERED for i in issues}


def test_the_page_says_how_far_it_is_and_then_names_each_refusal(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.views.desk_bulk.MOST_AT_ONCE", 1)
    monkeypatch.setattr("ledger.views.desk_bulk.go_on", SimpleNamespace(enqueue=lambda *_args: None))
    issues = [raise_issue(world) for _each in range(3)]
    Issue.objects.filter(pk=issues[2].pk).update(version=9)
    client.force_login(world.user(WHO))
    chosen = " ".join(f"{issue.pk}:1" for issue in issues)
    address = f"{reverse('desk_bulk', args=['assign'])}?all=1&lane=to_assign"
    said = {"chosen": chosen, "assignee": f"u{world.organisations['村镇建设办'].pk}", "client_id": str(uuid.uuid4())}
    for _twice in range(2):
        assert client.post(address, said).url == reverse("desk_batch", args=[IssueBatch.objects.get().pk])
    running = client.get(reverse("desk_batch", args=[IssueBatch.objects.get().pk]))
    assert (running.context["value"], running.context["max"]) == (0, 3)
    work(IssueBatch.objects.get())
    page = client.get(reverse("desk_batch", args=[IssueBatch.objects.get().pk]))
    assert [row.issue_id for row in page.context["done"]] == [issue.pk for issue in issues[:2]]
    assert [(row.issue_id, row.outcome) for row in page.context["left"]] == [(issues[2].pk, "moved")]
    assert page.context["may_go_back"] == 2


def test_the_page_says_that_nobody_works_on_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = begin(world, [raise_issue(world)])
    assert stands_since(batch) is None
    monkeypatch.setattr(issue_batches, "STANDS_STILL", datetime.timedelta(0))
    last = AuditRow.objects.filter(verb="issue.bulk").latest("pk")
    assert stands_since(batch) == last.at
