"""Workbooks proper (.xlsx, .xlsm, .xlsb, .xls, .ods): calamine, and openpyxl for what calamine dies of."""

from __future__ import annotations  # as in ``sheets``

import io

from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.sheets import MAX_GAP, RawSheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def workbook_sheets(data: bytes, kind: str) -> Iterator[RawSheet]:
    """Each worksheet by calamine, with what it does not tell (hidden rows, faulty formulas) read beside it."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        facts = _facts(data, kind)
        for meta in book.sheets_metadata:
            sheet = book.get_sheet_by_name(meta.name)
            hidden_rows, faults, merged = facts.get(meta.name, ([], [], None))
            ranges = sheet.merged_cell_ranges
            if ranges is not None:
                merged = [(r1, c1, r2, c2) for (r1, c1), (r2, c2) in ranges]
            yield RawSheet(
                name=meta.name,
                rows=_rows(sheet),
                hidden=meta.visible != SheetVisibleEnum.Visible,
                merged=merged or [],
                hidden_rows=hidden_rows,
                faults=faults,
            )
    except PasswordError:
        raise Refused("password_protected") from None
    except CalamineError as error:
        raise Refused("password_protected" if "assword" in str(error) else "corrupt_file") from None


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Rows from the sheet's row 1 on, whatever row its first cell stands in: row numbers are those Excel shows."""
    if sheet.start is None:
        return
    above, left = sheet.start
    if above or left:
        yield from sheet.to_python(skip_empty_area=False)
    else:
        yield from sheet.iter_rows()


def _facts(data: bytes, kind: str, *, merged: bool = False) -> dict[str, Any]:
    if kind == "xlsx":
        from ledger.importing.reader.xlsx_facts import xlsx_facts

        return xlsx_facts(data, merged=merged)
    if kind == "ods":
        from ledger.importing.reader.ods_facts import ods_facts

        return ods_facts(data)
    return {}


def workbook_sheets_slowly(data: bytes) -> Iterator[RawSheet]:
    """The same by openpyxl, row by row: it survives a stray cell in the last corner of a sheet."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception:
        raise Refused("corrupt_file") from None
    facts = _facts(data, "xlsx", merged=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        hidden_rows, faults, merged = facts.get(sheet.title, ([], [], []))
        yield RawSheet(
            name=sheet.title,
            rows=_until_gap(sheet.iter_rows(values_only=True)),
            hidden=sheet.sheet_state != "visible",
            merged=merged,
            hidden_rows=hidden_rows,
            faults=faults,
        )


def _until_gap(rows: Any) -> Iterator[list[Any]]:
    blank = 0
    try:
        for row in rows:
            cells = ["" if value is None else value for value in row]
            blank = 0 if any(value != "" for value in cells) else blank + 1
            yield cells
            if blank > MAX_GAP + 1:
                return
    except Refused:
        raise
    except Exception:
        raise Refused("corrupt_file") from None
