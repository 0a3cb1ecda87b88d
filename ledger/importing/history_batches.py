"""The past of an office as an import: the batch that stands for it, its record, and the check of what was reached."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from ledger.actions import planner
from ledger.importing.apply import StalePlan
from ledger.importing.batches import OutOfScope, create_batch, record_batch
from ledger.importing.history import KIND, HistoryPlan, plan_history, write_history
from ledger.importing.history_tables import read_history
from ledger.importing.kept_rows import ROW, import_row, is_kept, quiet_rows
from ledger.importing.memory import collector_paused
from ledger.importing.plan import Outcome
from ledger.importing.pulse import Pulse
from ledger.importing.writing import insert
from ledger.models import (
    BatchState,
    Enterprise,
    Household,
    ImportBatch,
    ImportRow,
    Issue,
    Township,
    Village,
    Visit,
)
from ledger.rules.history import Table
from ledger.rules.permissions import Permission

CHUNK = 5_000


def import_history_at_once(
    *, by: Any, townships: Iterable[Township], name: str, files: list[tuple[str, bytes]], dry_run: bool = False
) -> HistoryPlan:
    """Read, plan and apply in one go, as the command does; all or nothing. Raises FileRefused.

    Where nothing is new nothing at all is written, not even a batch.
    """
    with collector_paused():
        history, listed = read_history(files), list(townships)
        with transaction.atomic():
            list(Township.objects.select_for_update().filter(pk__in=[t.pk for t in listed]).order_by("pk"))
            plan = plan_history(history, listed)
            if plan.has_changes and not dry_run:
                batch = create_batch(by=by, townships=listed, file_name=name, data=_bundle(files), keep=False)
                batch.kind, batch.layout = KIND, history.described()
                ImportBatch.objects.filter(pk=batch.pk).update(kind=KIND)
                apply_history(by=by, batch=batch, plan=plan)
    return plan


def _bundle(files: list[tuple[str, bytes]]) -> bytes:
    """The bytes that the batch's digest and size speak of: the one workbook, or all files of the folder together."""
    return b"".join(data for _name, data in files)


@transaction.atomic
def apply_history(*, by: Any, batch: ImportBatch, plan: HistoryPlan, pulse: Pulse | None = None) -> None:
    """Write the plan and all that says so: its rows, the counts, one audit row.

    Raises OutOfScope when something was written that its importer may not reach, StalePlan when the batch was taken
    back meanwhile; the transaction is then the caller's to roll back.
    """
    write_history(by=by, batch=batch, plan=plan, tell=pulse.tell if pulse is not None else None)
    ImportRow.objects.filter(batch=batch).delete()
    insert(ImportRow, ROW, [import_row(batch, planned) for planned in plan.rows if is_kept(planned)])
    _recount(by, plan)
    counts, total = plan.counts, len(plan.rows)
    told = {name: count for name, count in counts.items() if name != "codes"}
    record_batch("import.applied", by, batch, plan.now.ledger.townships, kind=KIND, **told)
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state)
    fresh = {
        "applied_at": batch.applied_at or timezone.now(), "finished_at": timezone.now(), "error_code": "",
        "counts": counts, "done": total, "total": total, "version": F("version") + 1,
        "layout": batch.layout | {"quiet": quiet_rows(plan.rows)},
    }  # fmt: skip
    if held.update(state=BatchState.APPLIED, **fresh) != 1:
        raise StalePlan
    planner.after_bulk_write()


def _recount(by: Any, plan: HistoryPlan) -> None:
    """Count what was written once more, through the importer's own scope (style.md 1, netbox)."""
    reach = Village.objects.filter(township__in=[township.pk for township in plan.now.ledger.townships])
    if hasattr(by, "pk"):
        reach = reach.visible_to(by, Permission.IMPORT_HOUSEHOLDS)
    villages = list(reach.values_list("pk", flat=True))
    written = {table: [p for p in rows if p.outcome == Outcome.CREATED] for table, rows in plan.tables.items()}
    checks: tuple[tuple[type[Model], list[Any]], ...] = (
        (Household, [p.household for p in written[Table.HOUSEHOLDS]]),
        (Visit, [p.row.fields["contact"].pk for p in written[Table.EVENTS]]),
        (Issue, [p.row.fields["pk"] for p in written[Table.ISSUES]]),
        (Enterprise, [p.row.fields["firm"].pk for p in written[Table.ENTERPRISES]]),
    )
    for model, keys in checks:
        chunks = (keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK))
        mine = model._base_manager.filter(village__in=villages)
        if sum(mine.filter(pk__in=chunk).count() for chunk in chunks) != len(keys):
            raise OutOfScope
