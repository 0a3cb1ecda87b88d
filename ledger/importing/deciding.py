"""Decide a held row: one transaction, on what was looked at, undone with its import."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.importing.apply import StalePlan, Writer
from ledger.importing.batches import OutOfScope, held_townships
from ledger.importing.columns import Role
from ledger.importing.findings import Code
from ledger.importing.held_memory import held_for, needed
from ledger.importing.held_writes import leave_elsewhere, make_head, move_here, take_over
from ledger.importing.holding import recount
from ledger.importing.kept_rows import ROW, import_rows
from ledger.importing.plan import Outcome, Planned, without_what_is_not_its_own
from ledger.importing.questions import Question, question
from ledger.importing.writing import as_json, set_column
from ledger.models import BatchState, HeldRow, Household, ImportBatch, ImportRow
from ledger.rules.held_rows import Decision, HeldState
from ledger.rules.households import Relation
from ledger.rules.permissions import Permission


class AlreadyDecided(Exception):
    """Somebody was faster, or the import was undone: there is nothing left to decide."""


class Changed(Exception):
    """What the question rests on changed since it was looked at; nothing is written."""


@transaction.atomic
def decide(*, by: Any, held: HeldRow, decision: str, other: int | None, seen: str) -> HeldRow:
    """Decide as ``by`` saw the question (``seen``). ``other`` is the household the decision is about.

    Raises AlreadyDecided, Changed, or OutOfScope when ``by`` may not change the household; nothing is then written.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=held.row.batch_id)
    held_townships(batch)
    locked = HeldRow.objects.select_for_update(of=("self",)).select_related("row", "township__county", "household")
    held = locked.get(pk=held.pk)
    if held.state != HeldState.OPEN or batch.state != BatchState.APPLIED:
        raise AlreadyDecided
    asked = question(held)
    if asked.seen() != seen or not asked.may(decision, other):
        raise Changed
    reason = held_for(asked.row)
    writer = Writer(by=by, batch=batch, now=asked.now)
    try:
        _write(asked, Decision(decision), other, reason, writer)
    except StalePlan as error:
        raise Changed from error
    household = asked.planned.household if decision != Decision.OUT else None
    _refuse_out_of_scope(by, household)
    _keep(held, batch, asked.planned, Decision(decision), writer)
    said = as_json(needed(json.loads(held.said)))
    fresh = {"state": HeldState.DECIDED, "decision": decision, "decided_by": by, "decided_at": timezone.now()}
    HeldRow.objects.filter(pk=held.pk).update(household=household, said=said, **fresh)
    _record(by, batch, held, decision, household)
    held.refresh_from_db()
    return held


def _write(asked: Question, decision: Decision, other: int | None, reason: str, writer: Writer) -> None:
    """Write what was decided; ``asked.planned`` says afterwards what became of the row."""
    planned, stored = asked.planned, asked.now.households.get(other or 0)
    planned.row.findings = [one for one in planned.row.findings if one.is_soft]
    if decision == Decision.OUT:
        return
    if decision == Decision.TAKE:
        _as_planned(planned, writer)
    elif decision == Decision.TWO:
        without_what_is_not_its_own(planned, reason)
        _make(planned, writer)
    elif decision == Decision.MOVED and _moves_whole(asked):
        move_here(planned, Household.objects.select_related("village").get(pk=other or 0), asked.now, writer)
    elif decision == Decision.MOVED and asked.person is not None:
        leave_elsewhere(planned, asked.person, writer)
        _make(planned, writer)
    elif stored is not None and reason == Code.CODE_CONFLICT:
        make_head(planned, stored, writer)
    elif stored is not None:
        without_what_is_not_its_own(planned, reason)
        take_over(planned, stored, writer)


def _make(planned: Planned, writer: Writer) -> None:
    planned.outcome, planned.household = Outcome.CREATED, planned.household if _is_member(planned) else None
    _as_planned(planned, writer)


def _as_planned(planned: Planned, writer: Writer) -> None:
    if _is_member(planned):
        writer.write([], [planned])
    else:
        writer.write([planned], [])


def _is_member(planned: Planned) -> bool:
    return planned.row.role == Role.RESIDENTS


def _moves_whole(asked: Question) -> bool:
    """Whether the whole household moves: its head is who the row names. Anybody else only leaves it."""
    return asked.person is not None and asked.person.relation == Relation.HEAD and not _is_member(asked.planned)


def _refuse_out_of_scope(by: Any, household: int | None) -> None:
    mine = Household.objects.visible_to(by, Permission.IMPORT_HOUSEHOLDS)
    if household is not None and not mine.filter(pk=household).exists():
        raise OutOfScope


def _keep(held: HeldRow, batch: ImportBatch, planned: Planned, decision: Decision, writer: Writer) -> None:
    """The row of the import says from now on what became of it, as undoing reads it; why it was held stays."""
    if decision == Decision.OUT:
        recount(batch.pk, held=-1)
        return
    fresh = dict(zip(ROW, import_rows(batch, [planned], writer)[0], strict=True))
    for column in ("outcome", "label", "values", "before", "household_id", "resident_id", "versions"):
        set_column(ImportRow, column, [(fresh[column], held.row_id)])
    groups = writer.lists.new_groups
    if groups:
        layout = batch.layout | {"groups": [*batch.layout.get("groups", []), *groups]}
        ImportBatch.objects.filter(pk=batch.pk).update(layout=layout)
    recount(batch.pk, refused=-1, held=-1, **{planned.outcome.value: 1, "members": int(_is_member(planned))})


def _record(by: Any, batch: ImportBatch, held: HeldRow, decision: str, household: int | None) -> None:
    about = Household.objects.select_related("village__township").filter(pk=household or 0).first()
    record(
        verb="import.row_decided", by=by, obj=about or batch, township_id=held.township_id,
        county_id=held.township.county_id, label=held.row.label,
        detail={"import": batch.pk, "file": batch.file_name, "sheet": held.row.sheet, "row": held.row.row,
                "reason": held.reason, "decision": decision},
    )  # fmt: skip
