"""One act of a desk on many issues: each row its own step with its own lock and timeline row; one audit row for all."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import notices
from ledger.actions.audit import record
from ledger.actions.issue_together import Together
from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, take_step
from ledger.actions.submissions import replayed, submit
from ledger.models import BatchOutcome, Cadre, Issue, IssueBatch, IssueBatchRow
from ledger.queries.desk import on_desk
from ledger.queries.issue_batches import READ_FOR_STEPS, kept_out, may_be_taken_back
from ledger.rules.issue_steps import Step

MOST_AT_ONCE = 500
"""Issues of one short transaction; an act on more goes on in the background (``issue_bulk_background``)."""
KEPT = ("state", "level", "handler_id", "lead_organisation_id", "due_on", "first_due_on", "triage_due_on", "review_on")
"""What a row keeps of the issue before and after, where it changed."""
Chosen = Sequence[tuple[int, int]]


class NothingDone(Exception):
    """Not one of the rows could be changed, so nothing was written: ``rows`` say of each why."""

    def __init__(self, rows: list[IssueBatchRow]) -> None:
        super().__init__("No row of the bulk act could be changed.")
        self.rows = rows


def act_on_many(
    *, by: Any, step: str, chosen: Chosen, data: dict[str, Any], asked: dict[str, Any],
    client_id: uuid.UUID | None = None,
) -> IssueBatch:  # fmt: skip
    """Take the step on each (issue id, version) with the same data; returns the batch that says what became of each.

    The scope is asked again for every row: what has left the person's sight is not touched and not named, what left
    the desk or was moved meanwhile is left and named, and so is what the step does not fit. ``asked`` is the filter
    that chose the rows. The same ``client_id`` again returns the same batch.

    Raises NothingDone when no row could be changed; nothing is written then.
    """

    def write() -> int:
        return int(_act(by, step, chosen, data, asked).pk)

    body = {"step": step, "chosen": [list(pair) for pair in chosen], "data": data}
    try:
        made, _new = submit(user=by, form="issue_batch", client_id=client_id, body=body, write=write)
    except NothingDone:
        # Sent twice at one moment: the twin has moved the rows, and its batch says so.
        twin = replayed(user=by, form="issue_batch", client_id=client_id, body=body)
        if twin is None:
            raise
        made = twin
    return IssueBatch.objects.get(pk=made)


def _act(by: Any, step: str, chosen: Chosen, data: dict[str, Any], asked: dict[str, Any]) -> IssueBatch:
    versions = dict(chosen[:MOST_AT_ONCE])
    seen = Issue.objects.visible_to(by).filter(pk__in=versions).select_related(*READ_FOR_STEPS)
    # In the order of their ids: two bulk acts on the same rows wait for each other instead of locking crosswise.
    issues = list(seen.order_by("pk"))
    if not issues:
        raise NothingDone([])
    townships = {issue.township for issue in issues}
    batch = IssueBatch.objects.create(
        step=step, county=issues[0].township.county, township=townships.pop() if len(townships) == 1 else None,
        made_by=by, made_at=timezone.now(), said=plain(data), asked=asked,
    )  # fmt: skip
    mine = set(on_desk(by).filter(pk__in=versions).values_list("pk", flat=True))
    together = Together(batch.pk)
    rows = [IssueBatchRow(batch=batch, issue=issue, outcome=BatchOutcome.MOVED) for issue in issues]
    for row in rows:
        if row.issue_id in mine:
            act_on_row(by, row, step, versions[row.issue_id], data, together)
    if not any(row.outcome == BatchOutcome.DONE for row in rows):
        raise NothingDone(rows)
    IssueBatchRow.objects.bulk_create(rows)
    batch.done = sum(row.outcome == BatchOutcome.DONE for row in rows)
    batch.left = len(rows) - batch.done
    batch.save(update_fields=["done", "left"])
    record_act(by, batch, step, issues, changed=batch.done, refused=batch.left)
    notices.tell_many(together.steps)
    return batch


def act_on_row(by: Any, row: IssueBatchRow, step: str, version: int, data: dict[str, Any], together: Together) -> None:
    """Take the step on the issue of a row, and keep on the row (not stored) what became of it."""
    issue = row.issue
    old, row.outcome = _values(issue), BatchOutcome.REFUSED
    try:
        said = _for_one(issue, step, data)
        take_step(by=by, current=issue, step=step, version=version, data=said, together=together)
    except StaleIssue:
        row.outcome = BatchOutcome.MOVED
    except StepRefused as refused:
        row.why = str(refused)[:300]
    except ValidationError as fault:
        row.why = " ".join(fault.messages)[:300]
    else:
        new = _values(issue)
        row.outcome, row.version = BatchOutcome.DONE, issue.version
        row.old = {name: value for name, value in old.items() if new[name] != value}
        row.new = {name: value for name, value in new.items() if old[name] != value}


def _for_one(issue: Issue, step: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data of this row: a later review keeps each matter's own obstacle and planned date."""
    why = kept_out(step, issue)
    if why is not None:
        raise StepRefused(str(why))
    return data if step != Step.DEFER else {**data, "text": issue.obstacle, "deferred_until": issue.deferred_until}


@transaction.atomic
def take_back(*, by: Any, batch: IssueBatch) -> int:
    """Take a bulk assignment back where nobody has accepted or moved it since; returns how many rows went back.

    Each is a step of its own (withdraw) under the issue's version. What was with somebody else before stays: giving it
    back there is another assignment, not an undoing. Once only; the second time nothing is left to take back.
    """
    rows = may_be_taken_back(by, batch)
    if not rows:
        return 0
    now = timezone.now()
    if not IssueBatch.objects.filter(pk=batch.pk, taken_back_at__isnull=True).update(
        taken_back_at=now, taken_back_by=by
    ):
        return 0
    together, taken = Together(batch.pk), []
    for row in sorted(rows, key=lambda each: each.issue_id):
        if withdraw(by, row, together):
            taken.append(row)
    IssueBatchRow.objects.filter(pk__in=[row.pk for row in taken]).update(outcome=BatchOutcome.TAKEN_BACK)
    issues = [row.issue for row in taken] or [rows[0].issue]
    record_act(by, batch, Step.WITHDRAW, issues, changed=len(taken), refused=batch.done - len(taken))
    notices.tell_many(together.steps)
    return len(taken)


def withdraw(by: Any, row: IssueBatchRow, together: Together) -> bool:
    """Take one assignment of a batch back; False when it has moved on, or is not theirs to take back any more."""
    data = {"text": _("Taken back before anybody had accepted it."), **_as_before(row.old)}
    try:
        take_step(by=by, current=row.issue, step=Step.WITHDRAW, version=row.version, data=data, together=together)
    except (StaleIssue, StepRefused, ValidationError):
        return False
    return True


def _as_before(old: dict[str, Any]) -> dict[str, Any]:
    """The dates that the assignment had changed."""
    days = {name: old[name] for name in ("triage_due_on", "first_due_on") if name in old}
    return {name: datetime.date.fromisoformat(day) if day else None for name, day in days.items()}


def record_act(by: Any, batch: IssueBatch, step: str, issues: Sequence[Issue], **counts: int) -> None:
    """The one audit row of the act, or of a part of a long one; the rest stands in the batch and in each timeline.

    More people read the trail than sensitive issues: it names one that is none, or only says how many there were.
    """
    named = next((issue.number for issue in issues if not issue.is_sensitive), "")
    more = len(issues) - bool(named)
    label = " ".join(filter(None, (named, f"+{more}" if more else "")))
    record(
        verb="issue.bulk", by=by, obj=batch, label=label, detail={"step": step, **counts},
        county_id=batch.county_id, township_id=batch.township_id,
    )  # fmt: skip


def _values(issue: Issue) -> dict[str, Any]:
    return {name: plain(getattr(issue, name)) for name in KEPT}


def plain(value: Any) -> Any:
    """As JSON keeps it: a cadre as ``c12``, a unit as ``u3``, a day as text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item not in (None, "", [], ())}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Model):
        return f"{'c' if isinstance(value, Cadre) else 'u'}{value.pk}"
    return value.isoformat() if isinstance(value, datetime.date) else value
