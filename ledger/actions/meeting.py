"""A decision of the weekly meeting: one step of the one table, marked as decided there; never a side door."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import transition
from ledger.models import Cadre, Issue, Organisation
from ledger.models.issue_scope import capacities
from ledger.queries.meeting import MARK
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Capacity, Step
from ledger.rules.issues import State
from ledger.rules.meeting import decision, next_review


@transaction.atomic
def decide(
    *, by: Any, issue: Issue, version: int, to: Cadre | Organisation | None, wanted: datetime.date | None, goal: str
) -> Issue:
    """Take the step that handler, day and next step amount to; returns the issue as it is afterwards.

    What is opened again or taken up again and has a handler named is given to them in the same breath, and so is what
    comes next said of what is put off: two steps.

    Raises ValidationError with the sentence when they amount to none, and what ``transition`` raises.
    """
    if issue.version != version:
        raise StaleIssue.of(issue, version)
    standing = issue.lead_organisation or issue.handler
    hands_over = to is not None and to not in (issue.lead_organisation, issue.handler)
    stands_on = issue.deferred_until if issue.state == State.DEFERRED else issue.due_on
    step = decision(
        state=issue.state, hands_over=hands_over, wanted=wanted, due_on=stands_on, goal=goal,
        extension_asked=bool(issue.extension_level),
        leads=Capacity.LEADER in capacities(by, issue),
    )  # fmt: skip
    if not isinstance(step, Step):
        raise ValidationError(str(step))
    if step == Step.REOPEN and to is not None:
        issue = transition(by=by, issue=issue, step=step, version=version, data={"text": goal}, marks={MARK: True})
        return decide(by=by, issue=issue, version=issue.version, to=to, wanted=wanted, goal=goal)
    if step in {Step.RESUME, Step.DEFER}:
        return _deferred(by, issue, step, to, wanted, goal)
    data: dict[str, Any] = {"text": goal}
    if step == Step.ASSIGN:
        stands = issue.due_on if issue.due_on is not None and issue.due_on >= local_today() else None
        units = list(issue.supporting.all())
        data |= {"assignee": to or standing, "due_on": wanted or stands, "supporting": units}
    elif step == Step.GRANT_EXTENSION:
        data["granted_on"] = wanted
    return transition(by=by, issue=issue, step=step, version=version, data=data, marks={MARK: True})


def _deferred(
    by: Any, issue: Issue, step: Step, to: Cadre | Organisation | None, wanted: datetime.date | None, goal: str
) -> Issue:
    """Another handler takes it up again, by the planned date where that is still ahead; or it is put off anew."""
    today, planned = local_today(), issue.deferred_until
    data: dict[str, Any] = {}
    if step == Step.DEFER and wanted is not None:
        review = next_review(issue.review_on, wanted, today)
        data = {"text": issue.obstacle, "deferred_until": wanted, "review_on": review}
    issue = transition(by=by, issue=issue, step=step, version=issue.version, data=data, marks={MARK: True})
    if step == Step.RESUME:
        passed = wanted is not None and wanted == planned and wanted < today
        return decide(by=by, issue=issue, version=issue.version, to=to, wanted=None if passed else wanted, goal=goal)
    return decide(by=by, issue=issue, version=issue.version, to=None, wanted=None, goal=goal) if goal else issue
