"""Undo an applied import: in one transaction, what it made goes and what it changed is put back.

Rows that somebody has built on stay, each with its reason (``undo_check``). Codes of households that go are free again.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ledger.actions import planner
from ledger.importing.apply import StalePlan
from ledger.importing.batches import OutOfScope, held_townships, record_batch
from ledger.importing.holding import drop_held
from ledger.importing.memory import readers_let_in
from ledger.importing.past_undo_check import PastUndo, undo_plan
from ledger.importing.pulse import Pulse, forget
from ledger.importing.put_back import put_back, take_back_beside
from ledger.importing.undo_check import UndoPlan
from ledger.importing.undo_past import lock_past, take_back_past
from ledger.importing.writing import CHUNK, set_column
from ledger.models import (
    Assignment,
    BatchState,
    Group,
    Household,
    HouseholdCode,
    ImportBatch,
    ImportRow,
    Resident,
    StatusPeriod,
)
from ledger.rules.history import Table
from ledger.rules.permissions import Permission

_log = logging.getLogger(__name__)


@transaction.atomic
def request_undo(*, by: Any, batch: ImportBatch, version: int, digest: str) -> bool:
    """Take an applied batch for undoing as ``digest`` shows it; False for who comes second or looked at less."""
    taken = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLIED, version=version)
    fresh = {"state": BatchState.UNDOING, "undone_by": by, "undone_at": timezone.now(), "error_code": ""}
    if taken.update(version=F("version") + 1, layout=batch.layout | {"undo": digest}, **fresh) != 1:
        return False
    forget(batch.pk)
    record_batch("import.undo_confirmed", by, batch, batch.townships.all())
    return True


@transaction.atomic
def give_up_undo(*, by: Any, batch: ImportBatch) -> bool:
    """Leave a batch applied whose undoing seems to be dead; nothing was undone."""
    if not _end(batch, BatchState.APPLIED, undone_by=None, undone_at=None, error_code="undo_failed"):
        return False
    forget(batch.pk)
    record_batch("import.undo_failed", by, batch, batch.townships.all())
    return True


def undo_batch(batch_id: int) -> None:
    """Undo a batch that was taken for it; if what would be undone is no longer what was looked at, nothing is."""
    batch = ImportBatch.objects.select_related("undone_by").get(pk=batch_id)
    if batch.state != BatchState.UNDOING:
        return
    pulse = Pulse(batch)
    try:
        with readers_let_in(), transaction.atomic():
            _undo(batch, pulse)
    except Exception as error:
        _log.exception("Undoing import %s failed.", batch_id)
        code = "undo_stale" if isinstance(error, StalePlan) else "undo_failed"
        with transaction.atomic():
            if _end(batch, BatchState.APPLIED, undone_by=None, undone_at=None, error_code=code):
                record_batch("import.undo_failed", batch.undone_by, batch, batch.townships.all())
    finally:
        pulse.end()


def _undo(batch: ImportBatch, pulse: Pulse) -> None:
    townships = held_townships(batch)
    written = ImportRow.objects.filter(batch=batch).exclude(household=None)
    # Whoever records something for one of these households meanwhile waits, and finds it gone or as it was.
    named = Household.objects.filter(pk__in=written.values("household")).order_by("pk")
    list(named.select_for_update(of=("self",)).values_list("pk"))
    plan = undo_plan(batch)
    if isinstance(plan, PastUndo):
        lock_past(plan)
        plan = undo_plan(batch)
    if plan.digest() != batch.layout.get("undo"):
        raise StalePlan
    _refuse_out_of_scope(batch, plan)
    told = _take_back(batch, plan, pulse)
    set_column(ImportRow, "left_because", [(row.left, row.pk) for row in plan.rows if row.left])
    if not _end(batch, BatchState.UNDONE, counts=batch.counts | {"undone": told}, undone_at=timezone.now()):
        raise StalePlan
    record_batch("import.undone", batch.undone_by, batch, townships, **told)
    planner.after_bulk_write()


def _take_back(batch: ImportBatch, plan: UndoPlan, pulse: Pulse) -> dict[str, int]:
    """Do what the plan says; how many things went, were put back and stay."""
    told = {
        "removed": len(plan.households), "members": len(plan.members), "restored": len(plan.restored),
        "left": sum(plan.left.values()),
    }  # fmt: skip
    total = len(plan.rows)
    if isinstance(plan, PastUndo):
        take_back_past(batch, plan, households=_remove_households, tell=lambda n: pulse.tell("written", n, total))
        return told | {"visits": len(plan.made[Table.EVENTS]), "issues": len(plan.made[Table.ISSUES])}
    put_back(batch, plan)
    pulse.tell("written", len(plan.restored), total)
    _remove_members(plan.members)
    done = len(plan.restored) + len(plan.members)
    listed = sorted(plan.households)
    for at in range(0, len(listed), CHUNK):
        _remove_households(listed[at : at + CHUNK])
        pulse.tell("written", done + len(listed[: at + CHUNK]), total)
    take_back_beside(plan.rows)
    drop_held(batch)
    _remove_groups(batch.layout.get("groups", []))
    return told


def _end(batch: ImportBatch, state: str, **values: Any) -> bool:
    held = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.UNDOING, version=batch.version)
    return held.update(state=state, version=F("version") + 1, **values) == 1


def _refuse_out_of_scope(batch: ImportBatch, plan: UndoPlan) -> None:
    """Count what will be written once more, through the scope of who undoes it."""
    if not ImportBatch.objects.visible_to(batch.undone_by, Permission.IMPORT_HOUSEHOLDS).filter(pk=batch.pk).exists():
        raise OutOfScope
    ids = sorted(plan.households | {row.household for row in plan.rows if row.household and not row.left})
    mine = Household.objects.visible_to(batch.undone_by, Permission.IMPORT_HOUSEHOLDS)
    reachable = sum(mine.filter(pk__in=ids[at : at + CHUNK]).count() for at in range(0, len(ids), CHUNK))
    if reachable != len(ids):
        raise OutOfScope


def _remove_members(members: set[int]) -> None:
    listed = sorted(members)
    for at in range(0, len(listed), CHUNK):
        ImportRow.objects.filter(resident__in=listed[at : at + CHUNK]).update(resident=None)
        Resident.objects.filter(pk__in=listed[at : at + CHUNK]).delete()


def _remove_households(ids: list[int]) -> None:
    """Households with all that came with them; whatever else names one of them makes the database refuse."""
    rows = ImportRow.objects.filter(household__in=ids)
    rows.update(household=None, resident=None)
    Household.types.through.objects.filter(household__in=ids).delete()
    for table in (Assignment, HouseholdCode, StatusPeriod, Resident):
        table.objects.filter(household__in=ids).delete()
    Household.objects.filter(pk__in=ids).delete()


def _remove_groups(groups: list[int]) -> None:
    """Groups that the import added to villages, where nothing names them any more."""
    unused = Group.objects.filter(pk__in=groups, households=None, visits=None, issues=None)
    unused.delete()
