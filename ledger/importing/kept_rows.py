"""What is kept of the rows of a plan: for the page that shows it, the workbook that goes back, and undoing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ledger.importing.plan import Outcome, Planned, plain_fields
from ledger.importing.row import Row
from ledger.importing.villages import Place
from ledger.importing.writing import CHUNK, as_json, insert, sealed_all
from ledger.models import ImportBatch, ImportRow
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
_QUIET = (Outcome.UNCHANGED, Outcome.IGNORED)  # a tuple: an enum's member takes long to hash
"""Rows of these outcomes without findings are counted and remembered by ``quiet_rows``; the others are written down
by themselves."""
MAX_QUIET = 5_000
"""Stretches and ignored rows that are remembered by number; a file with more of them is only counted."""


def quiet_rows(rows: Iterable[Planned]) -> list[dict[str, Any]]:
    """Where the rows stand of which nothing is to be said: stretches of unchanged rows, and ignored ones with why.

    ``[{"sheet", "unchanged": [[first, last], …], "ignored": [[row, why], …]}, …]`` in the file's order.
    """
    found: dict[str, dict[str, Any]] = {}
    name, sheet, last = None, {}, [0, -1]
    for planned in rows:
        row, outcome = planned.row, planned.outcome
        if row.findings or outcome not in _QUIET:  # asked in place: of every row of the file
            continue
        if row.sheet != name:
            name, last = row.sheet, [0, -1]
            sheet = found.setdefault(name, {"sheet": name, "unchanged": [], "ignored": []})
        if outcome is Outcome.IGNORED:
            sheet["ignored"].append([row.row, row.ignored])
        elif last[1] == row.row - 1:
            last[1] += 1
        else:
            last = [row.row, row.row]
            sheet["unchanged"].append(last)
    for sheet in found.values():
        sheet["unchanged"], sheet["ignored"] = sheet["unchanged"][:MAX_QUIET], sheet["ignored"][:MAX_QUIET]
    return list(found.values())


def keep_rows(
    batch: ImportBatch, rows: Iterable[Planned], writer: "Writer | None" = None, past: "Written | None" = None
) -> None:
    """Write down the rows of a plan that are kept; of a written one with its writer (of the past: what it wrote)."""
    kept = [planned for planned in rows if planned.row.findings or planned.outcome not in _QUIET]
    for at in range(0, len(kept), CHUNK):
        insert(ImportRow, ROW, import_rows(batch, kept[at : at + CHUNK], writer, past))


def import_rows(
    batch: ImportBatch, rows: list[Planned], writer: "Writer | None" = None, past: "Written | None" = None
) -> list[tuple[Any, ...]]:
    """The columns ``ROW`` of planned or written rows; their values are sealed all at once."""
    written = past.rows if past is not None else {}
    texts = [_past(written, p) if past is not None else _history(p, writer) for p in rows]
    values = sealed_all(VALUES, [new for new, _old in texts])
    before = sealed_all(BEFORE, [old for _new, old in texts])
    versions = writer.versions if writer is not None else {key: changed for key, (changed, _old) in written.items()}
    return [_columns(batch, *found, versions) for found in zip(rows, values, before, strict=True)]


def _columns(
    batch: ImportBatch, planned: Planned, values: str, before: str, versions: dict[int, Any]
) -> tuple[Any, ...]:
    row = planned.row
    return (
        batch.pk, row.sheet[:100], row.row, str(row.role), planned.outcome.value, *_said(row), label(planned),
        values, before, planned.household, None if row.role == "households" else planned.resident,
        _for_undoing(planned, versions.get(id(planned)), values),
    )  # fmt: skip


def _for_undoing(planned: Planned, changed: dict[str, Any] | None, values: str) -> str | None:
    """What undoing has to know of a row without opening its values: of a new household, whom it was given to."""
    if planned.outcome == Outcome.CREATED and values and planned.row.role == "households":
        return as_json({"cadre": planned.cadre, **(changed or {})})
    return as_json(changed) if changed else None


def _past(written: dict[int, Any], planned: Planned) -> tuple[str, str]:
    """Of a row of the past only what it filled in is kept."""
    _versions, kept = written.get(id(planned), (None, None))
    return "", as_json(kept) if kept else ""


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
    """The new and the old values of a row: what the page shows (masked) and what undoing puts back.

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
        return as_json(new), as_json(old)
    if planned.outcome == Outcome.CREATED and writer is not None:
        return as_json(plain_fields(planned.row.fields)), as_json({"also": also}) if also else ""
    return "", ""
