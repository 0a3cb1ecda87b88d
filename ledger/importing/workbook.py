"""The uploaded workbook back, with a column that says what became of each row, and a sheet of the refused ones."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from ledger.importing.columns import Role
from ledger.importing.field_names import FIELD_NAMES
from ledger.importing.findings import Finding
from ledger.importing.history import KIND as HISTORY
from ledger.importing.kept_files import kept_file
from ledger.importing.layout_words import outcome_word, why_ignored
from ledger.importing.reading import column_index
from ledger.importing.returned import HEADINGS, SHEETS
from ledger.importing.undo_check import SENTENCES as LEFT_BECAUSE
from ledger.models import BatchState, ImportBatch, ImportRow

_ROOT = Path(__file__).resolve().parents[2]
_WALL_SECONDS = 60
_PLANNED: dict[str, Promise | str] = {
    "created": pgettext_lazy("row of a plan", "To be added"),
    "updated": pgettext_lazy("row of a plan", "To be changed"),
}
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
}


class NotReturned(Exception):
    """The workbook can't be made: its file is no longer kept, or the work did not end."""


def returned_workbook(batch: ImportBatch) -> tuple[bytes, str]:
    """The workbook and the end of its name (xlsx or xlsm); raises NotReturned. Made in a process with limits."""
    try:
        data = kept_file(batch)
    except FileNotFoundError as error:
        raise NotReturned from error
    told = json.dumps(_told(batch)).encode()
    try:
        done = subprocess.run(  # our own program, no shell, nothing of the user's in its arguments
            [sys.executable, "-m", "ledger.importing.returner"], input=len(told).to_bytes(8, "big") + told + data,
            capture_output=True, timeout=_WALL_SECONDS, check=False, cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotReturned from error
    if done.returncode != 0 or not done.stdout:
        raise NotReturned
    is_macro = data.startswith(b"PK") and b"xl/vbaProject.bin" in data
    return done.stdout, "xlsm" if is_macro else "xlsx"


def _told(batch: ImportBatch) -> dict[str, Any]:
    """What the child is to write, in the reader's language."""
    language = 1 if (get_language() or "").startswith("en") else 0
    note = gettext(
        "Correct the rows in their own sheet and hand in the whole file again; or keep only this sheet, correct it "
        "here and hand that in. The last column is not read."
    )
    sheets = {sheet["name"]: _sheet(sheet) for sheet in batch.layout.get("sheets", ())}
    for name, row, outcome, text in _said(batch):
        if name in sheets:
            known = sheets[name]["texts"].get(row)
            sheets[name]["texts"][row] = _joined((known, text)) if known else text
            if outcome == "refused" and row not in sheets[name]["refused"][-1:]:
                sheets[name]["refused"].append(row)
    for one in sheets.values():
        one["refused"].sort()
    return {
        "heading": HEADINGS[language], "sheet": SHEETS[language], "added": SHEETS, "note": note,
        "unnamed": next(iter(sheets), "") if batch.kind == HISTORY else "",  # a file of one table is named by its file
        "original": pgettext("of the workbook", "Row %(row)s: %(text)s"), "sheets": list(sheets.values()),
    }  # fmt: skip


def _sheet(sheet: dict[str, Any]) -> dict[str, Any]:
    village = next((letters for letters, name in sheet["columns"].items() if name == "village"), None)
    return {
        "name": sheet["name"], "header_rows": sheet["header_rows"], "texts": {}, "refused": [],
        "village": column_index(village) if village and sheet["role"] == Role.HOUSEHOLDS else None,
    }  # fmt: skip


def _said(batch: ImportBatch) -> Iterator[tuple[str, int, str, str]]:
    """(sheet, row, outcome, what became of it) for every row of the file that is one."""
    is_planned, is_undone = batch.state == BatchState.PLANNED, batch.state == BatchState.UNDONE
    for row in ImportRow.objects.filter(batch=batch).order_by("pk").iterator(chunk_size=2_000):
        written = row.outcome in _PLANNED
        word = str(_PLANNED[row.outcome]) if is_planned and written else outcome_word(row.outcome)
        if is_undone and written:
            left = LEFT_BECAUSE.get(row.left_because)
            word = _joined((word, str(left))) if left else pgettext("row of a roster", "Undone")
        parts = [word, *(_sentence(Finding(*note), row.row) for note in row.notes)]
        if row.outcome == "updated" and row.values and not is_undone:
            names = [str(FIELD_NAMES[name]) for name in json.loads(row.values) if name in FIELD_NAMES]
            parts.insert(1, gettext("changed: %(fields)s") % {"fields": "、".join(names)})
        yield row.sheet, row.row, row.outcome, _joined(parts)
    for sheet in batch.layout.get("quiet", ()):
        for first, last in sheet["unchanged"]:
            for number in range(first, last + 1):
                yield sheet["sheet"], number, "unchanged", outcome_word("unchanged")
        for number, why in sheet["ignored"]:
            yield sheet["sheet"], number, "ignored", _no_row(why, of_past=batch.kind == HISTORY)


def _sentence(finding: Finding, row: int) -> str:
    return f"{finding.column}{row} {finding.sentence}" if finding.column else finding.sentence


def _no_row(why: str, *, of_past: bool) -> str:
    no_data = pgettext("row of a table", "No row of data (%(why)s)")
    said = no_data if of_past else pgettext("row of a roster", "No household row (%(why)s)")
    return said % {"why": why_ignored(why)}


def _joined(parts: Iterable[str]) -> str:
    """Several things said of one row, in one cell."""
    first, *others = parts
    for other in others:
        first = pgettext("two sentences", "%(one)s; %(two)s") % {"one": first, "two": other}
    return first
