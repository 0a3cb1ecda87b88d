"""The life of an import batch: uploaded, planned, applied. The file and all values it brought are kept sealed."""

import datetime
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from ledger.actions import planner
from ledger.actions.audit import SYSTEM, record
from ledger.importing.apply import StalePlan, Writer
from ledger.importing.asking import Reading, plan_or_ask
from ledger.importing.files import FileRefused
from ledger.importing.history import KIND as HISTORY
from ledger.importing.history import HistoryPlan, plan_history, write_history
from ledger.importing.history_reach import all_within
from ledger.importing.history_tables import History, read_history
from ledger.importing.holding import keep_held
from ledger.importing.kept_files import keep_file, kept_file
from ledger.importing.kept_rows import keep_rows, quiet_rows
from ledger.importing.memory import collector_paused, readers_let_in
from ledger.importing.plan import WRITTEN, Outcome
from ledger.importing.pulse import Cancelled, Pulse, forget
from ledger.importing.roster import Roster, RosterPlan, plan_roster, read_roster
from ledger.importing.writing import as_json
from ledger.models import BatchState, Household, ImportBatch, ImportRow, Township
from ledger.rules.masking import scrub
from ledger.rules.permissions import Permission

PATIENCE = datetime.timedelta(minutes=10)
"""Far longer than any step takes; from then on its page offers to start again."""
ROSTER = "households"
"""The kind of a batch that brings a roster."""
STOPPING = "stopping"
"""Why a batch is cancelled whose worker stopped before the word of whoever asked for it was on record."""
_log = logging.getLogger(__name__)


class OutOfScope(Exception):
    """The plan reached a household that its importer may not change: nothing is written."""


# Upload and plan


@transaction.atomic
def create_batch(
    *, by: Any, townships: Iterable[Township], file_name: str, data: bytes, mapping: dict[str, Any] | None = None,
    keep: bool = True, kind: str = ROSTER,
) -> ImportBatch:  # fmt: skip
    """A batch that waits for its plan; with ``keep`` its file is stored for it. ``kind``: a roster, or ``history``.

    Others read what the file is called: a number in it is masked.
    """
    townships = list(townships)
    batch = ImportBatch.objects.create(
        kind=kind, file_name=scrub(Path(file_name).name)[:200], stored_as=keep_file(data) if keep else "",
        size=len(data), digest=hashlib.sha256(data).hexdigest(), mapping=mapping or {},
        uploaded_by=by if hasattr(by, "pk") else None,
    )  # fmt: skip
    batch.townships.set(townships)
    if keep:  # what is planned and applied at once is one act
        record_batch("import.uploaded", by, batch, townships)
    return batch


def plan_batch(batch_id: int) -> None:
    """Plan a waiting batch; a file that can't be read ends it as refused, with the reason."""
    taken = ImportBatch.objects.filter(pk=batch_id, state=BatchState.WAITING)
    if taken.update(state=BatchState.PLANNING, version=F("version") + 1) != 1:
        return
    batch = ImportBatch.objects.get(pk=batch_id)
    townships = list(batch.townships.select_related("county"))
    pulse = Pulse(batch)
    try:
        with collector_paused():
            if batch.kind == HISTORY:
                found = read_history([(batch.file_name, kept_file(batch))])
                past = plan_history(found, townships, pulse.tell)
            else:
                reading, plan = plan_or_ask(kept_file(batch), batch.mapping, townships, pulse)
    except Cancelled:
        _end(batch, BatchState.CANCELLED, error_code=STOPPING)
        return
    except FileRefused as refusal:
        detail = str(refusal.message)[:200] if batch.kind == HISTORY else ""
        _end(batch, BatchState.REFUSED, error_code=refusal.code, error_detail=detail)
        return
    except Exception:
        _log.exception("The plan of import %s failed.", batch_id)
        _end(batch, BatchState.FAILED, error_code="failed")
        return
    finally:
        pulse.end()
    with transaction.atomic():
        if batch.kind == HISTORY:
            _keep_plan(batch, found, past)
            return
        _keep_reading(batch, reading)
        if plan is None:
            asked_after = reading.refusal.code if reading.refusal else ""
            _end(batch, BatchState.COLUMNS, error_code=asked_after, counts={}, layout={})
        else:
            _keep_plan(batch, reading.roster, plan)


def _keep_reading(batch: ImportBatch, reading: Reading) -> None:
    """Keep the first rows for whoever chooses columns, and the remembered columns that were used."""
    held = ImportBatch.objects.filter(pk=batch.pk, version=batch.version)
    held.update(sample=as_json(reading.sample), mapping=batch.mapping or reading.mapping)


def _keep_plan(
    batch: ImportBatch, roster: Roster | History, plan: RosterPlan | HistoryPlan, error_code: str = ""
) -> None:
    """Write what the page shows of a plan: the rows that would change or were refused, the others only counted."""
    total = len(plan.rows)
    layout = roster.described() | {"plan": plan.digest(), "quiet": quiet_rows(plan.rows)}
    values = {"error_code": error_code, "counts": plan.counts, "done": total, "total": total, "layout": layout}
    if not _end(batch, BatchState.PLANNED, **values):
        return
    ImportRow.objects.filter(batch=batch).delete()
    keep_rows(batch, plan.rows)


def _end(batch: ImportBatch, state: str, **values: Any) -> bool:
    """End the step that was begun; False when somebody ended it meanwhile (cancelled it, or began anew)."""
    held = ImportBatch.objects.filter(pk=batch.pk, version=batch.version)
    return held.update(state=state, version=F("version") + 1, finished_at=timezone.now(), **values) == 1


# Apply


@transaction.atomic
def request_apply(*, by: Any, batch: ImportBatch, version: int) -> bool:
    """Take a planned batch for applying; False for whoever comes second, or looked at an older plan."""
    taken = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.PLANNED, version=version)
    fresh = {"state": BatchState.APPLYING, "applied_by": by, "applied_at": timezone.now(), "error_code": ""}
    if taken.update(version=F("version") + 1, **fresh) != 1:
        return False
    forget(batch.pk)
    record_batch("import.confirmed", by, batch, batch.townships.all())
    return True


@transaction.atomic
def take_back(*, by: Any, batch: ImportBatch) -> bool:
    """Give up on a job that seems to be dead, or failed: the batch waits for a new plan; nothing was written."""
    if batch.state not in (BatchState.WAITING, BatchState.PLANNING, BatchState.APPLYING, BatchState.FAILED):
        return False
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, version=batch.version)
    fresh = {"state": BatchState.WAITING, "applied_by": None, "applied_at": None, "error_code": "", "done": 0}
    if held.update(version=F("version") + 1, finished_at=timezone.now(), **fresh) != 1:
        return False
    forget(batch.pk)
    record_batch("import.taken_back", by, batch, batch.townships.all())
    return True


def seems_dead(batch: ImportBatch) -> bool:
    """Whether a step that is under way has taken so long that its worker must have ended."""
    moments = (batch.uploaded_at, batch.applied_at, batch.finished_at, batch.undone_at)
    return timezone.now() - max(moment for moment in moments if moment) > PATIENCE


def apply_batch(batch_id: int) -> None:
    """Apply a batch that was taken for it. If the ledger changed so that the plan would differ, it is shown again.

    The plan is made once more inside the transaction: it is the check that what is written is what was looked at.
    """
    batch = ImportBatch.objects.select_related("applied_by").get(pk=batch_id)
    if batch.state != BatchState.APPLYING:
        return
    pulse = Pulse(batch)
    try:
        with collector_paused():
            found = _read_again(batch)
            pulse.stop_if_asked()
            with readers_let_in(), transaction.atomic():
                _apply_as_planned(batch, found, pulse)
    except Cancelled:
        _end(batch, BatchState.CANCELLED, error_code=STOPPING, applied_by=None, applied_at=None)
    except Exception as error:
        _log.exception("Applying import %s failed.", batch_id)
        code = (
            "out_of_scope" if isinstance(error, OutOfScope) else "stale" if isinstance(error, StalePlan) else "failed"
        )
        with transaction.atomic():
            if _end(batch, BatchState.FAILED, error_code=code):
                record_batch("import.failed", batch.applied_by or SYSTEM, batch, batch.townships.all())
    finally:
        pulse.end()


def _read_again(batch: ImportBatch) -> Roster | History:
    if batch.kind == HISTORY:
        return read_history([(batch.file_name, kept_file(batch))])
    return read_roster(kept_file(batch), batch.mapping or None)


def _apply_as_planned(batch: ImportBatch, found: Roster | History, pulse: Pulse) -> None:
    held = held_townships(batch)
    plan: RosterPlan | HistoryPlan
    if isinstance(found, History):
        plan = plan_history(found, held, pulse.tell)
    else:
        plan = plan_roster(found, held, progress=pulse.tell)
    if plan.digest() == batch.layout.get("plan"):
        write_plan(by=batch.applied_by, batch=batch, plan=plan, pulse=pulse)
        return
    _keep_plan(batch, found, plan, error_code="stale")
    ImportBatch.objects.filter(pk=batch.pk, state=BatchState.PLANNED).update(applied_by=None, applied_at=None)


def held_townships(batch: ImportBatch) -> list[Township]:
    """The townships of a batch, while no other import writes to them; for the rest of the transaction."""
    ids = batch.townships.values_list("pk", flat=True)
    return list(Township.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))


@transaction.atomic
def write_plan(
    *, by: Any, batch: ImportBatch, plan: RosterPlan | HistoryPlan, pulse: Pulse | None = None
) -> None:  # fmt: skip
    """Write the plan and all that says so: the rows' old and new values, the counts, one audit row.

    Raises OutOfScope when something that was written is not its importer's to change, StalePlan when a row was
    changed meanwhile; the transaction is then the caller's to roll back.
    """
    tell, writer, past = pulse.tell if pulse is not None else None, None, None
    if isinstance(plan, HistoryPlan):
        past = write_history(by=by, batch=batch, plan=plan, tell=tell)
    else:
        writer = Writer(by=by, batch=batch, now=plan.now, tell=tell)
        writer.write(plan.households, plan.members)
    ImportRow.objects.filter(batch=batch).delete()
    keep_rows(batch, plan.rows, writer, past)
    if isinstance(plan, HistoryPlan):
        if not all_within(by, plan):
            raise OutOfScope
    else:
        _recount(by, batch, plan)
        keep_held(batch, plan.rows)
    counts = plan.counts
    told = {name: count for name, count in counts.items() if name != "codes"}
    record_batch("import.applied", by, batch, plan.now.townships, **told)
    total = len(plan.rows)
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state)
    applied = {"applied_at": batch.applied_at or timezone.now(), "finished_at": timezone.now(), "error_code": ""}
    layout = batch.layout | {"quiet": quiet_rows(plan.rows)}
    layout |= past.beside if past is not None else {"groups": writer.lists.new_groups if writer else []}
    values = applied | {"counts": counts, "done": total, "total": total, "version": F("version") + 1, "layout": layout}
    if held.update(state=BatchState.APPLIED, sample="", **values) != 1:
        raise StalePlan  # taken back meanwhile: whoever did so was told that nothing was written
    if any(counts[outcome] for outcome in WRITTEN):  # the look costs PostgreSQL as much as reading the file
        planner.after_bulk_write()


def record_batch(verb: str, by: Any, batch: ImportBatch, townships: Iterable[Township], **told: Any) -> None:
    """The one audit row of what happened to a batch; it lies in the township, or above several in the county."""
    named = list(townships)
    counties = {township.county_id for township in named}
    record(
        verb=verb, by=by, obj=batch, detail={"file": batch.file_name, "digest": batch.digest[:16], **told},
        township_id=named[0].pk if len(named) == 1 else None, county_id=counties.pop() if len(counties) == 1 else None,
    )  # fmt: skip


def _recount(by: Any, batch: ImportBatch, plan: RosterPlan) -> None:
    """Count what was written once more, through the importer's own scope (style.md 1, netbox)."""
    counts = plan.counts
    written = counts[Outcome.CREATED] + counts[Outcome.UPDATED] - counts["members"]
    rows = ImportRow.objects.filter(batch=batch, role="households", outcome__in=[o.value for o in WRITTEN])
    reachable = Household.objects.filter(village__township__in=[t.pk for t in plan.now.townships])
    if hasattr(by, "pk"):
        reachable = reachable.visible_to(by, Permission.IMPORT_HOUSEHOLDS)
    counted = reachable.filter(pk__in=rows.values("household")).aggregate(n=Count("pk"))["n"]
    if counted != written:
        raise OutOfScope


def import_at_once(
    *, by: Any, townships: Iterable[Township], file_name: str, data: bytes, mapping: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> RosterPlan:  # fmt: skip
    """Read, plan and apply in one go, as the command does; with ``dry_run`` nothing is written. Raises FileRefused."""
    with collector_paused():
        return _import_at_once(by, list(townships), file_name, data, mapping, dry_run)


def _import_at_once(
    by: Any, listed: list[Township], file_name: str, data: bytes, mapping: dict[str, Any] | None, dry_run: bool
) -> RosterPlan:
    roster = read_roster(data, mapping)
    if dry_run:
        return plan_roster(roster, listed)
    with readers_let_in(), transaction.atomic():
        list(Township.objects.select_for_update().filter(pk__in=[t.pk for t in listed]).order_by("pk"))
        plan = plan_roster(roster, listed)
        batch = create_batch(by=by, townships=listed, file_name=file_name, data=data, mapping=mapping, keep=False)
        batch.layout = roster.described()
        write_plan(by=by, batch=batch, plan=plan)
    return plan
