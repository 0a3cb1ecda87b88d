"""One line of JSON, then the workbook, on standard input; what it shows (JSON) or the filled workbook comes out."""

import contextlib
import io
import json
import re
import resource
import sys
import zipfile
from typing import Any

MOST_ENTRIES, MOST_BYTES = 300, 40 * 1024 * 1024
MEMORY, SECONDS = 700 * 1024 * 1024, 15
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 8, 120, 40
LOST = ("xl/charts/", "vbaproject", "xl/externallinks/", "xl/embeddings/", "xl/activex/", "xl/pivot", "xl/drawings/")
"""Parts that would be lost or that run something: such a workbook is not taken."""


LABEL = re.compile(r"[^：:]*[：:]")
"""What stands before the colon of a cell like ``填报时间：　年　月　日`` and stays where a text fills the rest."""


class Refused(Exception):
    """Why the workbook is not taken: a code."""


def checked(data: bytes) -> bytes:
    """The bytes, when they are a plain .xlsx of a reasonable size."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Refused("no_xlsx") from None
    names = [entry.filename.lower() for entry in entries]
    if "xl/workbook.xml" not in names or any(entry.flag_bits & 1 for entry in entries):
        raise Refused("no_xlsx")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Refused("too_large")
    if any(mark in name for name in names for mark in LOST):
        raise Refused("more_than_cells")
    return data


def opened(data: bytes) -> Any:
    """The workbook with its formulas."""
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(checked(data)))
    except Refused:
        raise
    except Exception:  # whatever a broken file makes the library raise
        raise Refused("no_xlsx") from None


def look(data: bytes) -> dict[str, Any]:
    """The sheets as tables: text of each cell, which hold formulas, which are joined."""
    sheets = []
    for sheet in opened(data).worksheets[:MOST_SHEETS]:
        rows, columns = min(sheet.max_row, MOST_ROWS), min(sheet.max_column, MOST_COLUMNS)
        cells = [
            [_text(sheet.cell(row, column).value) for column in range(1, columns + 1)] for row in range(1, rows + 1)
        ]
        merged = [[r.min_row, r.min_col, r.max_row, r.max_col] for r in sheet.merged_cells.ranges]
        sheets.append({"name": sheet.title[:40], "cells": cells, "merged": merged})
    return {"sheets": sheets}


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:120]


def fill(data: bytes, cells: list[list[Any]]) -> bytes:
    """The workbook with these cells (sheet, row, column, value); formulas are counted anew when it is opened."""
    book = opened(data)
    for number, row, column, value in cells:
        if number >= len(book.worksheets):
            continue
        cell = book.worksheets[number].cell(row, column)
        if cell.data_type == "f" or type(cell).__name__ == "MergedCell":
            continue
        if isinstance(value, str):
            label = LABEL.match(cell.value) if isinstance(cell.value, str) else None
            value = (label.group() if label else "") + value
            cell.value = None
            cell.data_type, cell._value = "s", value  # a text is a text, whatever it begins with
        else:
            cell.value = value / 100 if isinstance(value, float) and "%" in str(cell.number_format) else value
    with contextlib.suppress(AttributeError):
        book.calculation.fullCalcOnLoad = True
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked, data = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    try:
        answer = fill(data, asked["cells"]) if "cells" in asked else json.dumps(look(data)).encode()
    except Refused as refused:
        sys.stdout.buffer.write(b"refused " + str(refused).encode())
        return
    sys.stdout.buffer.write(b"done " + answer)


if __name__ == "__main__":
    main()
