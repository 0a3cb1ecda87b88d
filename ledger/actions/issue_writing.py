"""The one writer of an issue's moves: the lock, the timeline, the household's count, the round, the audit row."""

import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from ledger.actions import notices
from ledger.actions.audit import record
from ledger.actions.issue_extensions import keep_extension
from ledger.actions.issue_moves import Effect, Move
from ledger.actions.issue_rounds import keep_round
from ledger.actions.wish_claims import end_claim
from ledger.models import Cadre, Household, Issue, IssueResult, IssueStep
from ledger.models.acting import acting_for
from ledger.rules.issue_steps import STEPS
from ledger.rules.issues import counts_as_open


class StaleIssue(Exception):
    """Somebody moved the issue first (409): ``issue`` as it is now, ``steps`` that happened meanwhile."""

    def __init__(self, issue: Issue, steps: list[IssueStep]) -> None:
        super().__init__(f"Issue {issue.pk} has version {issue.version} by now.")
        self.issue = issue
        self.steps = steps

    @classmethod
    def of(cls, current: Issue, version: int) -> "StaleIssue":
        """Each step adds one to the version, so the last ones are what the form did not know."""
        missed = max(current.version - version, 1)
        steps = current.steps.select_related("by__organisation", "acting_for", "to_cadre", "to_organisation")
        return cls(current, list(reversed(steps.order_by("-pk")[:missed])))


def read_issue(pk: int) -> Issue:
    """The issue as it is now, with what the steps read."""
    issue: Issue = Issue.objects.select_related(
        "township__county", "village__township", "category__parent", "household", "handler", "lead_organisation"
    ).get(pk=pk)
    return issue


def write_step(
    move: Move, effect: Effect, *, by: Any, on_spot: bool = False, marks: dict[str, Any] | None = None,
    audited: bool = True,
) -> IssueStep:  # fmt: skip
    """Lock by the conditional update, then all that goes with a step. ``move.issue`` is brought along.

    ``audited=False``: it is part of a bulk act, whose one audit row names the batch that ``marks`` name, too.

    Raises StaleIssue when somebody moved it since it was read.
    """
    issue, kind = move.issue, move.issue.kind
    before, target = issue.state, effect.state or STEPS[move.step].target or issue.state
    changes = {**effect.changes, "state": target}
    if Issue.objects.filter(pk=issue.pk, version=issue.version).update(version=F("version") + 1, **changes) != 1:
        raise StaleIssue.of(read_issue(issue.pk), issue.version)
    waited, was_open = issue.extension_level, counts_as_open(before, sensitive=issue.is_sensitive)
    for name, value in changes.items():
        setattr(issue, name, value)
    issue.version += 1
    if effect.supporting is not None:
        issue.supporting.set(effect.supporting)
    count_open(issue, before=was_open, after=counts_as_open(target, sensitive=issue.is_sensitive))
    keep_round(issue, move.step)
    keep_extension(move, waited)
    end_claim(move, kind=kind)
    if effect.result is not None:
        IssueResult.objects.create(issue=issue, round=issue.round, **effect.result)
    facts = {**effect.row}
    facts["data"] = {**facts.get("data", {}), **({"on_spot": True} if on_spot else {}), **(marks or {})}
    detail = {"from": before, "to": target, "version": issue.version, **facts["data"]}
    return add_step(
        issue, by=by, detail=detail, step=move.step, from_state=before, to_state=target, cadre=move.cadre, at=move.now,
        text=move.text, audited=audited, **facts,
    )  # fmt: skip


def add_step(
    issue: Issue, *, by: Any, detail: dict[str, Any], step: str, cadre: Cadre | None, at: datetime.datetime,
    audited: bool = True, **facts: Any,
) -> IssueStep:  # fmt: skip
    """One row of the timeline with its audit row: nothing else writes either."""
    absent = acting_for(by, issue) if "acting_for" not in facts else None
    if absent is not None:
        facts["acting_for"] = Cadre.objects.get(pk=absent.pk)
    row = IssueStep.objects.create(issue=issue, step=step, round=issue.round, by=cadre, at=at, **facts)
    if audited:  # else it is part of a bulk act, which is recorded and told as one
        behalf = facts.get("acting_for")
        record(
            verb=f"issue.{step}", by=by, obj=issue, label=issue.number, detail=detail,
            on_behalf=behalf.name if behalf is not None else "",
        )  # fmt: skip
        notices.tell(row)
    return row


def count_open(issue: Issue, *, before: bool, after: bool) -> None:
    """Keep the household's count of open issues; it never falls below zero, whatever it was."""
    if issue.household_id is None or before == after:
        return
    change = 1 if after else -1
    Household.objects.filter(pk=issue.household_id).update(open_issues=Greatest(F("open_issues") + change, 0))
