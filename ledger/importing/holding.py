"""Keep the rows of an import that wait for a decision, and end those that nobody decides."""

import datetime
import json
from typing import Any

from django.db.models import F
from django.utils import timezone

from ledger.importing.columns import Role
from ledger.importing.held_memory import held_for, key_of
from ledger.importing.plan import Outcome, Planned, plain_fields
from ledger.importing.writing import as_json
from ledger.models import BatchState, HeldRow, Household, ImportBatch, ImportRow
from ledger.rules.held_rows import HeldState

KEPT = datetime.timedelta(days=30)
"""How long a row waits for its decision: a village has to be asked. Its values go with it."""


def keep_held(batch: ImportBatch, rows: list[Planned]) -> int:
    """Keep the held rows of a plan that was just written; open questions about the same rows are asked once."""
    held = {(p.row.sheet[:100], p.row.row, str(p.row.role)): p for p in rows if p.row.findings and is_held(p)}
    if not held:
        return 0
    kept = ImportRow.objects.filter(batch=batch, outcome=Outcome.REFUSED, row__in={key[1] for key in held})
    found = [(row, held[key]) for row in kept if (key := (row.sheet, row.row, row.role)) in held]
    townships = list(batch.townships.values_list("pk", flat=True))
    _replace(townships, {key_of(row.role, plain_fields(planned.row.fields)) for row, planned in found})
    homes = [planned.household or 0 for _row, planned in found if planned.row.role == Role.RESIDENTS]
    at_home = dict(Household.objects.filter(pk__in=homes).values_list("pk", "village__township_id"))
    HeldRow.objects.bulk_create(
        HeldRow(
            row=row, said=as_json(plain_fields(planned.row.fields)), reason=held_for(planned.row),
            in_file=planned.row.twin is not None,
            household_id=planned.household if row.role == Role.RESIDENTS else None,
            township_id=at_home[planned.household or 0] if row.role == Role.RESIDENTS
            else planned.row.fields["village"].township_id,
        )
        for row, planned in found
    )  # fmt: skip
    return len(found)


def is_held(planned: Planned) -> bool:
    """Whether a planned row waits for a decision."""
    return planned.outcome == Outcome.REFUSED and bool(planned.row.findings) and bool(held_for(planned.row))


def _replace(townships: list[int], keys: set[tuple[Any, ...]]) -> None:
    """The same row came again: the earlier question goes, so that nobody answers it twice."""
    open_ones = HeldRow.objects.filter(township__in=townships, state=HeldState.OPEN).select_related("row")
    same = [held for held in open_ones if held.said and key_of(held.row.role, json.loads(held.said)) in keys]
    _close(same, HeldState.REPLACED)


def expire_held(now: datetime.datetime | None = None) -> int:
    """End the questions that nobody answered within ``KEPT``; how many. Their values are no longer kept."""
    before = (now or timezone.now()) - KEPT
    old = HeldRow.objects.filter(held_at__lt=before, state=HeldState.OPEN).select_related("row")
    return _close(list(old), HeldState.EXPIRED)


def drop_held(batch: ImportBatch) -> None:
    """An import that is undone asks nothing any more."""
    _close(
        list(HeldRow.objects.filter(row__batch=batch, state=HeldState.OPEN).select_related("row")), HeldState.EXPIRED
    )


def _close(listed: list[HeldRow], state: HeldState) -> int:
    ended = HeldRow.objects.filter(pk__in=[held.pk for held in listed], state=HeldState.OPEN)
    count = ended.update(state=state, said="")
    for held in listed:
        recount(held.row.batch_id, held=-1)
    return count


def recount(batch_id: int, **changes: int) -> None:
    """Change the counts that the page of an import shows; the caller holds the transaction."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    counts = batch.counts | {name: max(0, batch.counts.get(name, 0) + by) for name, by in changes.items()}
    ImportBatch.objects.filter(pk=batch_id).update(counts=counts, version=F("version") + 1)


def waiting(batch: ImportBatch) -> int:
    """How many rows of an import wait for a decision."""
    return HeldRow.objects.filter(row__batch=batch, state=HeldState.OPEN).count() if _asks(batch) else 0


def _asks(batch: ImportBatch) -> bool:
    return batch.state == BatchState.APPLIED
