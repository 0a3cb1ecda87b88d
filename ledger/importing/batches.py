"""The life of an import batch: uploaded, planned, applied. The file and all values it brought are kept sealed."""

import base64
import datetime
import hashlib
import logging
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from ledger.actions import planner
from ledger.actions.audit import SYSTEM, record
from ledger.importing.apply import StalePlan, Writer, sealed
from ledger.importing.files import FileRefused
from ledger.importing.memory import collector_paused
from ledger.importing.plan import WRITTEN, Outcome, Planned
from ledger.importing.roster import Roster, RosterPlan, plan_roster, read_roster
from ledger.importing.villages import Place
from ledger.importing.writing import as_json, insert
from ledger.models import BatchState, Household, ImportBatch, ImportRow, Township
from ledger.models.imports import FILE_LABEL
from ledger.rules import keyring
from ledger.rules.masking import scrub
from ledger.rules.permissions import Permission

_BEFORE, _VALUES = "import.before", "import.values"
_ROW = (
    "batch_id", "sheet", "row", "role", "outcome", "codes", "notes", "label", "values", "before", "household_id",
    "resident_id",
)  # fmt: skip
PATIENCE = datetime.timedelta(minutes=10)
"""Far longer than any step takes; from then on its page offers to start again."""
_log = logging.getLogger(__name__)


class OutOfScope(Exception):
    """The plan reached a household that its importer may not change: nothing is written."""


# The file, kept until the batch is old


def keep_file(data: bytes) -> str:
    """Store an upload sealed below MEDIA_ROOT and return its name there."""
    name = f"{uuid.uuid4().hex}.sealed"
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(keyring.encrypt(FILE_LABEL, base64.b64encode(data).decode()), encoding="ascii")
    return name


def kept_file(batch: ImportBatch) -> bytes:
    """The bytes that were uploaded; raises FileNotFoundError when they are no longer kept."""
    sealed_text = (_folder() / Path(batch.stored_as).name).read_text(encoding="ascii")
    return base64.b64decode(keyring.decrypt(FILE_LABEL, sealed_text))


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


# Upload and plan


@transaction.atomic
def create_batch(
    *, by: Any, townships: Iterable[Township], file_name: str, data: bytes, mapping: dict[str, Any] | None = None,
    keep: bool = True,
) -> ImportBatch:  # fmt: skip
    """A batch that waits for its plan; with ``keep`` its file is stored for it."""
    townships = list(townships)
    batch = ImportBatch.objects.create(
        file_name=Path(file_name).name[:200], stored_as=keep_file(data) if keep else "", size=len(data),
        digest=hashlib.sha256(data).hexdigest(), mapping=mapping or {}, uploaded_by=by if hasattr(by, "pk") else None,
    )  # fmt: skip
    batch.townships.set(townships)
    if keep:  # what is planned and applied at once is one act
        _record("import.uploaded", by, batch, townships)
    return batch


def plan_batch(batch_id: int) -> None:
    """Plan a waiting batch; a file that can't be read ends it as refused, with the reason."""
    taken = ImportBatch.objects.filter(pk=batch_id, state=BatchState.WAITING)
    if taken.update(state=BatchState.PLANNING, version=F("version") + 1) != 1:
        return
    batch = ImportBatch.objects.get(pk=batch_id)
    townships = list(batch.townships.select_related("county"))
    try:
        with collector_paused():
            roster = read_roster(kept_file(batch), batch.mapping or None)
            plan = plan_roster(roster, townships, progress=_progress_of(batch))
    except FileRefused as refusal:
        _end(batch, BatchState.REFUSED, error_code=refusal.code)
        return
    except Exception:
        _log.exception("The plan of import %s failed.", batch_id)
        _end(batch, BatchState.FAILED, error_code="failed")
        return
    with transaction.atomic():
        _keep_plan(batch, roster, plan)


def _progress_of(batch: ImportBatch) -> Any:
    def tell(done: int, total: int) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(done=done, total=total)

    return tell


def _keep_plan(batch: ImportBatch, roster: Roster, plan: RosterPlan, error_code: str = "") -> None:
    """Write what the page shows of a plan: the rows that would change or were refused, the others only counted."""
    ImportRow.objects.filter(batch=batch).delete()
    shown = [planned for planned in plan.rows if _is_kept(planned)]
    insert(ImportRow, _ROW, [_import_row(batch, p, *_history(p, {}, whole=False)) for p in shown])
    total = len(plan.rows)
    _end(
        batch, BatchState.PLANNED, error_code=error_code, counts=plan.counts, done=total, total=total,
        layout=roster.described() | {"plan": plan.digest()},
    )  # fmt: skip


def _end(batch: ImportBatch, state: str, **values: Any) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=state, version=F("version") + 1, finished_at=timezone.now(), **values
    )


def _is_kept(planned: Planned) -> bool:
    return planned.outcome in (*WRITTEN, Outcome.REFUSED) or bool(planned.row.findings)


# Apply


@transaction.atomic
def request_apply(*, by: Any, batch: ImportBatch, version: int) -> bool:
    """Take a planned batch for applying; False for whoever comes second, or looked at an older plan."""
    taken = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.PLANNED, version=version)
    fresh = {"state": BatchState.APPLYING, "applied_by": by, "applied_at": timezone.now(), "error_code": ""}
    if taken.update(version=F("version") + 1, **fresh) != 1:
        return False
    _record("import.confirmed", by, batch, batch.townships.all())
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
    _record("import.taken_back", by, batch, batch.townships.all())
    return True


def seems_dead(batch: ImportBatch) -> bool:
    """Whether a step that is under way has taken so long that its worker must have ended."""
    moments = (batch.uploaded_at, batch.applied_at, batch.finished_at)
    return timezone.now() - max(moment for moment in moments if moment) > PATIENCE


def apply_batch(batch_id: int) -> None:
    """Apply a batch that was taken for it. If the ledger changed so that the plan would differ, it is shown again.

    The plan is made once more inside the transaction: it is the check that what is written is what was looked at.
    """
    batch = ImportBatch.objects.select_related("applied_by").get(pk=batch_id)
    if batch.state != BatchState.APPLYING:
        return
    try:
        with collector_paused():
            roster = read_roster(kept_file(batch), batch.mapping or None)
            with transaction.atomic():
                _apply_as_planned(batch, roster)
    except Exception as error:
        _log.exception("Applying import %s failed.", batch_id)
        code = (
            "out_of_scope" if isinstance(error, OutOfScope) else "stale" if isinstance(error, StalePlan) else "failed"
        )
        with transaction.atomic():
            _end(batch, BatchState.FAILED, error_code=code)
            _record("import.failed", batch.applied_by or SYSTEM, batch, batch.townships.all())


def _apply_as_planned(batch: ImportBatch, roster: Roster) -> None:
    plan = _plan_locked(batch, roster)
    if plan.digest() == batch.layout.get("plan"):
        write_plan(by=batch.applied_by, batch=batch, plan=plan)
        return
    ImportBatch.objects.filter(pk=batch.pk).update(applied_by=None, applied_at=None)
    _keep_plan(batch, roster, plan, error_code="stale")


def _plan_locked(batch: ImportBatch, roster: Roster) -> RosterPlan:
    """The plan, while no other import writes to these townships."""
    ids = batch.townships.values_list("pk", flat=True)
    townships = list(Township.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    return plan_roster(roster, townships)


@transaction.atomic
def write_plan(*, by: Any, batch: ImportBatch, plan: RosterPlan) -> None:
    """Write the plan and all that says so: the rows' old and new values, the counts, one audit row.

    Raises OutOfScope when a household that was written is not one its importer may change, StalePlan when one was
    changed meanwhile; the transaction is then the caller's to roll back.
    """
    writer = Writer(by=by, batch=batch, now=plan.now)
    writer.write(plan.households, plan.members)
    ImportRow.objects.filter(batch=batch).delete()
    rows = [_import_row(batch, p, *_history(p, writer.before, whole=True)) for p in plan.rows if _is_kept(p)]
    insert(ImportRow, _ROW, rows)
    _recount(by, batch, plan)
    counts = plan.counts
    told = {name: count for name, count in counts.items() if name != "codes"}
    _record("import.applied", by, batch, plan.now.townships, **told)
    total = len(plan.rows)
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state)
    applied = {"applied_at": batch.applied_at or timezone.now(), "finished_at": timezone.now(), "error_code": ""}
    values = applied | {"counts": counts, "done": total, "total": total, "version": F("version") + 1}
    if held.update(state=BatchState.APPLIED, **values) != 1:
        raise StalePlan  # taken back meanwhile: whoever did so was told that nothing was written
    planner.after_bulk_write()


def _record(verb: str, by: Any, batch: ImportBatch, townships: Iterable[Township], **told: Any) -> None:
    """The one audit row of what happened to a batch; it lies in the township, or above several in the county."""
    named = list(townships)
    counties = {township.county_id for township in named}
    record(
        verb=verb, by=by, obj=batch, detail={"file": batch.file_name, "digest": batch.digest[:16], **told},
        township_id=named[0].pk if len(named) == 1 else None, county_id=counties.pop() if len(counties) == 1 else None,
    )  # fmt: skip


def _recount(by: Any, batch: ImportBatch, plan: RosterPlan) -> None:
    """Count what was written once more, through the importer's own scope (style.md 1, netbox)."""
    written = sum(planned.outcome in WRITTEN for planned in plan.households)
    rows = ImportRow.objects.filter(batch=batch, role="households", outcome__in=[o.value for o in WRITTEN])
    reachable = Household.objects.filter(village__township__in=[t.pk for t in plan.now.townships])
    if hasattr(by, "pk"):
        reachable = reachable.visible_to(by, Permission.IMPORT_HOUSEHOLDS)
    counted = reachable.filter(pk__in=rows.values("household")).aggregate(n=Count("pk"))["n"]
    if counted != written:
        raise OutOfScope


# What is kept of a row


def _import_row(batch: ImportBatch, planned: Planned, values: str, before: str) -> tuple[Any, ...]:
    row = planned.row
    codes = list(dict.fromkeys(str(finding.code) for finding in row.findings))
    notes = [[str(f.code), f.field, f.column, f.raw, f.hint] for f in row.findings]
    is_household = row.role == "households"
    return (
        batch.pk, row.sheet[:100], row.row, str(row.role), planned.outcome.value, as_json(codes), as_json(notes),
        label(planned), values, before, planned.household, None if is_household else planned.resident,
    )  # fmt: skip


def label(planned: Planned) -> str:
    """Who and where, in a few words."""
    fields = planned.row.fields
    place = fields.get("village")
    where = place.name if isinstance(place, Place) else ""
    return scrub(" · ".join(part for part in (fields.get("name") or fields.get("head") or "", where) if part))[:100]


def _history(planned: Planned, before: dict[int, dict[str, Any]], *, whole: bool) -> tuple[str, str]:
    """The new and the old values of a row, sealed: what the page shows (masked) and what undoing puts back.

    ``whole`` keeps all values of a new household too, once it is written.
    """
    if planned.outcome == Outcome.UPDATED:
        fields = planned.row.fields
        new = {name: after if name == "cadre" else fields[name] for name, (_before, after) in planned.changes.items()}
        old = {name: was for name, (was, _after) in planned.changes.items()} | before.get(planned.resident or 0, {})
        return sealed(_VALUES, as_json(new)), sealed(_BEFORE, as_json(old))
    if planned.outcome == Outcome.CREATED and whole:
        return sealed(_VALUES, as_json(plain_fields(planned))), ""
    return "", ""


def plain_fields(planned: Planned) -> dict[str, Any]:
    """The row's values in words of the contract."""
    kept: dict[str, Any] = {}
    for name, value in planned.row.fields.items():
        if name == "village":
            kept["village_code"] = value.code if isinstance(value, Place) else ""
        elif name == "group":
            kept["group_no"] = value
        elif name == "cadre":
            kept["cadre"] = planned.cadre
        else:
            kept[name] = value
    return kept


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
    with transaction.atomic():
        list(Township.objects.select_for_update().filter(pk__in=[t.pk for t in listed]).order_by("pk"))
        plan = plan_roster(roster, listed)
        batch = create_batch(by=by, townships=listed, file_name=file_name, data=data, mapping=mapping, keep=False)
        ImportBatch.objects.filter(pk=batch.pk).update(layout=roster.described())
        write_plan(by=by, batch=batch, plan=plan)
    return plan
