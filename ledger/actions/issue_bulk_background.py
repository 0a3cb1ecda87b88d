"""A bulk act on more rows than one short transaction holds: some at a time, by a worker, each part with its audit row.

What was seen and chosen is kept at once, as rows that wait; a part that was interrupted is done again whole, and what
is done is never done twice: a row waits, or it has its outcome.
"""

import datetime
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django_tasks import task

from ledger.actions import notices
from ledger.actions.issue_bulk import Chosen, NothingDone, act_on_row, plain, record_act, withdraw
from ledger.actions.issue_together import Together
from ledger.actions.submissions import submit
from ledger.models import BatchOutcome, BulkState, Cadre, Issue, IssueBatch, IssueBatchRow, Organisation
from ledger.queries.desk import on_desk
from ledger.queries.issue_batches import READ_FOR_STEPS, may_be_taken_back
from ledger.rules.issue_steps import Step

_log = logging.getLogger(__name__)

MOST_IN_ALL = 5000
"""Rows of one bulk act, looked through and said yes to on one page."""
PART = 200
"""Rows of one transaction: other desks wait for it no longer than about a second."""
BREATH = 0.2
"""Seconds between two parts: whoever waits for SQLite's one writer looks every hundredth of a second, and one part
after the other would leave nobody a moment in which the file is free."""
FORGOTTEN = datetime.timedelta(minutes=10)
"""An act that has not ended by then has lost its worker, or is done by two in turn, which does no harm; the daily run
goes on with it."""
WAITING = {BulkState.RUNNING: BatchOutcome.WAITING, BulkState.TAKING_BACK: BatchOutcome.GOING_BACK}


def begin_many(
    *, by: Any, step: str, chosen: Chosen, data: dict[str, Any], asked: dict[str, Any],
    client_id: uuid.UUID | None = None,
) -> IssueBatch:  # fmt: skip
    """Keep what is to be done, as rows that wait; ``go_on`` does it. The same ``client_id`` again returns the same
    batch. Raises NothingDone when none of the issues is in the person's sight."""

    def write() -> int:
        return int(_begin(by, step, chosen, data, asked).pk)

    body = {"step": step, "chosen": [list(pair) for pair in chosen], "data": data}
    made, _new = submit(user=by, form="issue_batch", client_id=client_id, body=body, write=write)
    return IssueBatch.objects.get(pk=made)


def _begin(by: Any, step: str, chosen: Chosen, data: dict[str, Any], asked: dict[str, Any]) -> IssueBatch:
    versions = dict(chosen[:MOST_IN_ALL])
    seen = Issue.objects.visible_to(by).filter(pk__in=versions)
    issues = list(seen.select_related("township__county").order_by("pk"))
    if not issues:
        raise NothingDone([])
    townships = {issue.township for issue in issues}
    batch = IssueBatch.objects.create(
        step=step, county=issues[0].township.county, township=townships.pop() if len(townships) == 1 else None,
        made_by=by, made_at=timezone.now(), said=plain(data), asked=asked, state=BulkState.RUNNING,
    )  # fmt: skip
    IssueBatchRow.objects.bulk_create(
        [
            IssueBatchRow(batch=batch, issue=issue, outcome=BatchOutcome.WAITING, version=versions[issue.pk])
            for issue in issues
        ],
        batch_size=PART,
    )
    record_act(by, batch, step, issues, rows=len(issues))
    return batch


@transaction.atomic
def begin_taking_back(*, by: Any, batch: IssueBatch) -> int:
    """Mark what can go back of a long assignment; ``go_on`` takes it back. How many rows; once only."""
    rows = [row.pk for row in may_be_taken_back(by, batch)]
    fresh = IssueBatch.objects.filter(pk=batch.pk, taken_back_at__isnull=True, state=BulkState.DONE)
    if not rows or not fresh.update(taken_back_at=timezone.now(), taken_back_by=by, state=BulkState.TAKING_BACK):
        return 0
    IssueBatchRow.objects.filter(pk__in=rows, batch=batch).update(outcome=BatchOutcome.GOING_BACK)
    return len(rows)


@task()
def go_on(batch_id: int, language: str) -> None:
    """Do what waits of a bulk act. Run twice, the second run finds nothing to do."""
    with translation.override(language):
        while _part(batch_id):
            time.sleep(BREATH)


def go_on_with_forgotten(language: str) -> int:
    """Acts whose worker was killed; returns how many. One that fails is logged and waits for tomorrow: the rest of the
    daily run must not wait with it."""
    left = IssueBatch.objects.exclude(state=BulkState.DONE).filter(made_at__lt=timezone.now() - FORGOTTEN)
    ids = list(left.order_by("pk").values_list("pk", flat=True))
    return sum(_ended(pk, language) for pk in ids)


def _ended(batch_id: int, language: str) -> bool:
    try:
        go_on.func(batch_id, language)
    except Exception:
        _log.exception("Bulk act %s failed.", batch_id)
        return False
    return True


@transaction.atomic
def _part(batch_id: int) -> bool:
    """The next rows, in one transaction; a second worker waits for the lock. False when the act is over."""
    batch = IssueBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == BulkState.DONE:
        return False
    waiting = batch.rows.filter(outcome=WAITING[BulkState(batch.state)]).select_related("issue")
    rows = list(waiting.order_by("issue_id")[:PART])
    if not rows:
        IssueBatch.objects.filter(pk=batch.pk).update(state=BulkState.DONE)
        return False
    # Read anew for each part: who has lost the desk meanwhile moves nothing more.
    by = get_user_model().objects.get(pk=batch.taken_back_by_id or batch.made_by_id)
    ids = [row.issue_id for row in rows]
    found = Issue.objects.visible_to(by).filter(pk__in=ids).select_related(*READ_FOR_STEPS).in_bulk()
    mine = set(on_desk(by).filter(pk__in=ids).values_list("pk", flat=True))
    together = Together(batch.pk)
    for row in rows:
        row.issue = found.get(row.issue_id, row.issue)
    ACTS[BulkState(batch.state)](by, batch, rows, mine & found.keys(), together)
    IssueBatchRow.objects.bulk_update(rows, ["outcome", "why", "version", "old", "new"])
    notices.tell_many(together.steps)
    return True


def _take(by: Any, batch: IssueBatch, rows: list[IssueBatchRow], mine: set[int], together: Together) -> None:
    data = _said(batch.said)
    for row in rows:
        seen, row.version, row.outcome = row.version, 0, BatchOutcome.MOVED
        if row.issue_id in mine:
            act_on_row(by, row, batch.step, seen, data, together)
    done = sum(row.outcome == BatchOutcome.DONE for row in rows)
    IssueBatch.objects.filter(pk=batch.pk).update(done=F("done") + done, left=F("left") + len(rows) - done)
    record_act(by, batch, batch.step, [row.issue for row in rows], changed=done, refused=len(rows) - done)


def _take_back(by: Any, batch: IssueBatch, rows: list[IssueBatchRow], mine: set[int], together: Together) -> None:
    for row in rows:
        is_back = row.issue_id in mine and withdraw(by, row, together)
        row.outcome = BatchOutcome.TAKEN_BACK if is_back else BatchOutcome.DONE
    back = sum(row.outcome == BatchOutcome.TAKEN_BACK for row in rows)
    record_act(by, batch, Step.WITHDRAW, [row.issue for row in rows], changed=back, refused=len(rows) - back)


ACTS: dict[str, Callable[..., None]] = {BulkState.RUNNING: _take, BulkState.TAKING_BACK: _take_back}


def _said(said: dict[str, Any]) -> dict[str, Any]:
    """What the form said, out of what the batch keeps of it (``plain``)."""
    found: dict[str, Any] = dict(said)
    for name in ("due_on", "review_on"):
        if found.get(name):
            found[name] = datetime.date.fromisoformat(found[name])
    key = str(found.get("assignee") or "")
    if key:
        model: Any = Cadre if key.startswith("c") else Organisation
        found["assignee"] = model.objects.get(pk=int(key[1:]))
    return found
