"""What is kept of the rows of a plan: for the page that shows it, the workbook that goes back, and undoing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ledger.importing.plan import WRITTEN, Outcome, Planned, plain_fields
from ledger.importing.rows import Row
from ledger.importing.villages import Place
from ledger.importing.writing import as_json, sealed
from ledger.models import ImportBatch
from ledger.rules.masking import scrub

if TYPE_CHECKING:
    from ledger.importing.apply import Writer
    from ledger.importing.history_undo_notes import Written

BEFORE, VALUES = "import.before", "import.values"
AS_PLANNED = ("cadre", "village")
"""Fields whose value is an object; of these the change says what is kept."""
ROW = (
    "batch_id", "sheet", "row", "role", "outcome", "codes", "notes", "label", "values", "before", "household_id",
    "resident_id", "versions",
)  # fmt: skip
MAX_QUIET = 5_000
"""Stretches and ignored rows that are remembered by number; a file with more of them is only counted."""


def is_kept(planned: Planned) -> bool:
    """Whether a row is written down by itself; the others are counted, and remembered by ``quiet_rows``."""
    return planned.outcome in (*WRITTEN, Outcome.REFUSED) or bool(planned.row.findings)


def quiet_rows(rows: Iterable[Planned]) -> list[dict[str, Any]]:
    """Where the rows stand of which nothing is to be said: stretches of unchanged rows, and ignored ones with why.

    ``[{"sheet", "unchanged": [[first, last], …], "ignored": [[row, why], …]}, …]`` in the file's order.
    """
    found: dict[str, dict[str, Any]] = {}
    for planned in rows:
        if is_kept(planned):
            continue
        row = planned.row
        sheet = found.setdefault(row.sheet, {"sheet": row.sheet, "unchanged": [], "ignored": []})
        if planned.outcome == Outcome.IGNORED:
            sheet["ignored"].append([row.row, row.ignored])
        elif sheet["unchanged"] and sheet["unchanged"][-1][1] == row.row - 1:
            sheet["unchanged"][-1][1] = row.row
        else:
            sheet["unchanged"].append([row.row, row.row])
    for sheet in found.values():
        sheet["unchanged"], sheet["ignored"] = sheet["unchanged"][:MAX_QUIET], sheet["ignored"][:MAX_QUIET]
    return list(found.values())


def import_row(
    batch: ImportBatch, planned: Planned, writer: "Writer | None" = None, past: "Written | None" = None
) -> tuple[Any, ...]:
    """The columns ``ROW`` of a planned row, or of a written one with its writer (of the past: with what it wrote)."""
    row = planned.row
    codes, notes = _said(row)
    is_household = row.role == "households"
    versions = writer.versions.get(id(planned)) if writer is not None else None
    new, before = _history(planned, writer)
    if past is not None:
        versions, kept = past.rows.get(id(planned), (None, None))
        new, before = "", sealed(BEFORE, as_json(kept)) if kept else ""
    return (
        batch.pk, row.sheet[:100], row.row, str(row.role), planned.outcome.value, codes, notes,
        label(planned), new, before, planned.household, None if is_household else planned.resident,
        as_json(versions) if versions else None,
    )  # fmt: skip


def _said(row: Row) -> tuple[str, str]:
    """Codes and notes of a row as they are stored; of most rows there is nothing to say."""
    if not row.findings:
        return "[]", "[]"
    codes = list(dict.fromkeys(str(finding.code) for finding in row.findings))
    return as_json(codes), as_json([[str(f.code), f.field, f.column, f.raw, f.hint] for f in row.findings])


def label(planned: Planned) -> str:
    """Who and where, in a few words."""
    fields = planned.row.fields
    place = fields.get("village")
    who, where = fields.get("name") or fields.get("head") or "", place.name if isinstance(place, Place) else ""
    return scrub(f"{who} · {where}" if who and where else who or where)[:100]


def _history(planned: Planned, writer: "Writer | None") -> tuple[str, str]:
    """The new and the old values of a row, sealed: what the page shows (masked) and what undoing puts back.

    All values of a new household are kept once it is written. ``person`` among the old values is the whole member,
    ``also`` what a decision changed beside the row's own household.
    """
    also = writer.beside.get(id(planned)) if writer is not None else None
    if planned.outcome == Outcome.UPDATED:
        fields = planned.row.fields
        new = {
            name: after if name in AS_PLANNED else fields.get(name, after)  # gender and birth may come from the number
            for name, (_before, after) in planned.changes.items()
        }
        old = {name: was for name, (was, _after) in planned.changes.items()}
        person = writer.people_before.get(id(planned)) if writer is not None else None
        if person:
            old |= {name: person[name] for name in ("id_no", "phone") if name in planned.changes} | {"person": person}
        old |= {"also": also} if also else {}
        return sealed(VALUES, as_json(new)), sealed(BEFORE, as_json(old))
    if planned.outcome == Outcome.CREATED and writer is not None:
        beside = sealed(BEFORE, as_json({"also": also})) if also else ""
        return sealed(VALUES, as_json(plain_fields(planned.row.fields))), beside
    return "", ""
