"""A workbook made anew from the cells that were read: for kinds whose layout can't be kept."""

import io
import math
from typing import Any

import xlsxwriter

from ledger.importing.returner.task import Source, Task

_SAFE = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}  # fmt: skip


def rebuilt(task: Task) -> bytes:
    """The workbook, its refused rows coloured, with the added column and sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _SAFE)
    colour = book.add_format({"bg_color": "#FDE2E0"})
    used: set[str] = set()
    for source in task.sources:
        sheet = book.add_worksheet(_name(source.name, used))
        if source.hidden:
            sheet.hide()
        _write(sheet, task, source, colour)
    for name, rows in task.refused_sheets():
        sheet = book.add_worksheet(_name(name, used))
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                _put(sheet, at, column, cell, None)
    if not used:
        book.add_worksheet()
    book.close()
    return out.getvalue()


def _write(sheet: Any, task: Task, source: Source, colour: Any) -> None:
    said = source.said
    column = source.column(task.heading) if said else 0
    refused = frozenset(said.refused) if said else frozenset()
    heads = max(said.header_rows, default=0) if said else 0
    if said:
        sheet.set_column(column, column, 60)
    for at, row in enumerate(source.rows):
        style = colour if at + 1 in refused else None
        for place, cell in enumerate(row):
            if not said or place != column:
                _put(sheet, at, place, cell, style)
        if said and at + 1 == heads:
            sheet.write_string(at, column, task.heading)
        elif said and at + 1 in said.texts:
            sheet.write_string(at, column, said.texts[at + 1], style)


def _put(sheet: Any, row: int, column: int, cell: Any, style: Any) -> None:
    """Text stays text, whatever it begins with."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, style)
    elif isinstance(cell, int | float) and math.isfinite(cell):
        sheet.write_number(row, column, cell, style)
    elif cell not in ("", None):
        sheet.write_string(row, column, str(cell)[:32_767], style)
    elif style is not None:
        sheet.write_blank(row, column, None, style)


def _name(name: str, used: set[str]) -> str:
    """A name that a sheet may have, and none has yet."""
    plain = "".join(sign for sign in name if sign not in "[]:*?/\\").strip("'")[:28] or "Sheet"
    found, number = plain, 1
    while found.lower() in used:
        number += 1
        found = f"{plain} {number}"
    used.add(found.lower())
    return found
