"""The rows of a list, written as the XML that XlsxWriter would write in its constant-memory mode.

The library guesses the type of every cell and builds it out of small calls; a list knows its columns. The rows
go into the library's own temporary file between the headings and the totals, which it still writes: ``begin`` and
``end`` keep its count of rows. What it does with texts is its own code: escapes of control signs, nothing a formula.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from ledger.exporting.tables import Cell

LONGEST = 32_767
"""Signs of one cell; no program opens more."""
_LINE, _TALLEST = 12, 400
"""Points: no program makes a row as tall as its text needs but the one in which the row was typed."""
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$")
"""What can't stand in the file as it is; everything else is written without another look."""


class RowWriter:
    """Rows one below the other from ``first`` on (counted from 0): a number, then a cell for each of ``columns``."""

    def __init__(self, sheet: Any, first: int, number: Any, columns: Sequence[tuple[Any, float]]) -> None:
        """``columns`` are the look of each and how many half-width signs fit into one of its lines."""
        self._sheet, self._next = sheet, first + 1
        self._number = number._get_xf_index()
        self._columns = [
            (xl_col_to_name(at), look._get_xf_index(), fits) for at, (look, fits) in enumerate(columns, start=1)
        ]
        sheet._write_single_row(first)  # the headings, which it keeps until the next row
        self._write = sheet.fh.write

    def row(self, number: int, cells: Sequence[Cell]) -> None:
        """One row, as tall as its longest text needs."""
        at, lines = self._next, 1.0
        parts = [f'<c r="A{at}" s="{self._number}"><v>{number}</v></c>']
        for (column, look, fits), cell in zip(self._columns, cells, strict=True):
            if cell is None or cell == "":
                parts.append(f'<c r="{column}{at}" s="{look}"/>')
            elif isinstance(cell, int):
                parts.append(f'<c r="{column}{at}" s="{look}"><v>{cell}</v></c>')
            else:
                text = self._escaped(cell) if _SPECIAL.search(cell) or len(cell) > LONGEST else f"<t>{cell}</t>"
                parts.append(f'<c r="{column}{at}" s="{look}" t="inlineStr"><is>{text}</is></c>')
                if 2 * len(cell) > fits:
                    lines = max(lines, half_widths(cell) / fits)
        self._write(f'<row r="{at}"{_height(lines)}>{"".join(parts)}</row>')
        self._next = at + 1

    def end(self) -> int:
        """The row that comes next, counted from 0; the library goes on from there."""
        self._sheet.previous_row = self._next - 1
        return self._next - 1

    def _escaped(self, text: str) -> str:
        escaped = self._sheet._escape_data(self._sheet._escape_control_characters(text[:LONGEST]))
        return f'<t xml:space="preserve">{escaped}</t>'


def _height(lines: float) -> str:
    return f' ht="{min(_LINE * math.ceil(lines) + 3, _TALLEST)}" customHeight="1"' if lines > 1 else ""


def half_widths(text: str) -> float:
    """How wide a text is, counted in Latin signs: a Chinese one takes two (and three bytes of UTF-8)."""
    return len(text) + (len(text.encode()) - len(text)) / 2
