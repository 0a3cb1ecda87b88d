"""A resolved round is kept: what was on time stays so when the issue is opened again."""

import importlib
from typing import Any

import pytest
from django.apps import apps

from ledger.models import Issue, IssueRound
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, CloseBasis, Outcome, State
from tests.issue_chain import advance, take
from tests.world import World


def rows() -> list[dict[str, Any]]:
    return list(IssueRound.objects.order_by("issue_id", "round").values())


def second_round(world: World) -> Issue:
    """Closed in time, opened again, resolved late."""
    issue = take(world, "village_cadre", advance(world, State.CLOSED), Step.REOPEN, text="又坏了")
    office = world.organisations["村镇建设办"]
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=office)
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    Issue.objects.filter(pk=issue.pk).update(due_on=issue.registered_at.date().replace(year=2020))
    said = {"outcomes": [Outcome.ASSISTED], "text": "再补一次"}
    return take(world, "department_handler", issue, Step.RESOLVE, **said)


def test_a_round_is_kept_from_its_resolving_to_its_close(world: World) -> None:
    handler, closer = world.cadre("department_handler"), world.cadre("village_cadre")
    issue = advance(world, State.RESOLVED)
    (kept,) = rows()
    assert kept == {
        "id": kept["id"], "issue_id": issue.pk, "round": 1, "assigned_at": issue.assigned_at,
        "first_due_on": issue.due_on, "due_on": issue.due_on, "paused_days": 0,
        "lead_organisation_id": issue.lead_organisation_id, "resolved_at": issue.resolved_at,
        "resolved_by_id": handler.pk, "in_time": True, "outcomes": [Outcome.SOLVED], "result_text": "补好了",
        "answer": "", "called_back_at": None, "called_back_by_id": None, "closed_at": None, "closed_by_id": None,
        "close_basis": "",
    }  # fmt: skip
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.ACCEPTABLE)
    issue = take(world, "village_cadre", issue, Step.CLOSE)
    assert rows() == [kept | {
        "answer": Answer.ACCEPTABLE, "called_back_at": issue.called_back_at, "called_back_by_id": closer.pk,
        "closed_at": issue.closed_at, "closed_by_id": closer.pk, "close_basis": CloseBasis.CALLED_BACK,
    }]  # fmt: skip


def test_reopening_changes_no_earlier_round(world: World) -> None:
    issue = advance(world, State.CLOSED)
    before = rows()
    issue = take(world, "village_cadre", second_round(world), Step.CALL_BACK, answer=Answer.DISSATISFIED)
    mine = [row for row in rows() if row["issue_id"] == issue.pk]
    assert before[0] in rows()
    assert [(row["round"], row["in_time"], row["answer"]) for row in mine] == [
        (1, True, Answer.SATISFIED), (2, False, Answer.DISSATISFIED),
    ]  # fmt: skip


def test_a_kept_round_refuses_a_direct_save(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    kept = issue.rounds.get()
    kept.in_time = False
    with pytest.raises(TypeError):
        kept.save()
    assert issue.rounds.get().in_time is True


def test_rounds_of_before_are_told_by_their_steps(world: World) -> None:
    """The migration finds what the writer would have kept."""
    second_round(world)
    advance(world, State.CLOSED)
    advance(world, State.IN_PROGRESS)
    written = [{key: value for key, value in row.items() if key != "id"} for row in rows()]
    assert len(written) == 3
    IssueRound.objects.all().delete()
    importlib.import_module("ledger.migrations.0012_fill_issue_rounds").fill(apps, None)
    assert [{key: value for key, value in row.items() if key != "id"} for row in rows()] == written
