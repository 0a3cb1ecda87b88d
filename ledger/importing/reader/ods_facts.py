"""What calamine leaves out of an .ods: hidden (filtered) rows, error cells and merged blocks."""

import io
import zipfile
from xml.etree.ElementTree import ParseError  # only a name; defusedxml does the parsing

from defusedxml.ElementTree import iterparse

from ledger.importing.reader.sheets import MAX_ROWS
from ledger.importing.reader.xlsx_facts import Facts

_T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_T}table-cell", f"{_T}covered-table-cell")


class _Sheet:
    """One table while its events go by."""

    def __init__(self) -> None:
        self.row = 0
        self.hidden: list[int] = []
        self.faults: list[tuple[int, int, str]] = []
        self.merged: list[tuple[int, int, int, int]] = []

    def take(self, element: object) -> None:
        """One table-row, with its repetitions."""
        get = element.get  # type: ignore[attr-defined]  # an Element
        repeated = _count(get(f"{_T}number-rows-repeated"))
        if get(f"{_T}visibility") in ("filter", "collapse") and repeated <= MAX_ROWS:
            self.hidden.extend(range(self.row, min(self.row + repeated, MAX_ROWS)))
        column = 0
        for cell in element:  # type: ignore[attr-defined]
            if cell.tag not in _CELLS:
                continue
            down, across = _count(cell.get(f"{_T}number-rows-spanned")), _count(cell.get(f"{_T}number-columns-spanned"))
            if down > 1 or across > 1:
                self.merged.append((self.row, column, self.row + down - 1, column + across - 1))
            if cell.get(_CALC) == "error":
                self.faults.append((self.row, column, "formula_error"))
            column += _count(cell.get(f"{_T}number-columns-repeated"))
        self.row += repeated


def ods_facts(data: bytes) -> dict[str, Facts]:
    """The facts of each table by its name."""
    found: dict[str, Facts] = {}
    sheet, name = _Sheet(), ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as part:
            for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
                if event == "start" and element.tag == f"{_T}table":
                    sheet, name = _Sheet(), element.get(f"{_T}name", "")
                elif event == "end" and element.tag == f"{_T}table-row":
                    sheet.take(element)
                    element.clear()
                elif event == "end" and element.tag == f"{_T}table":
                    found[name] = (sheet.hidden, sheet.faults, sheet.merged)
    except (ParseError, KeyError, ValueError):
        return found
    return found


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 1
