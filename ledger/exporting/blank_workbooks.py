"""Blank workbooks to fill in: headings, one example row, drop-downs, text columns, and a sheet of notes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ledger.rules.lists import EXAMPLE

ROWS = 5_000
"""Rows below the headings that have drop-downs."""
_OPTIONS = "选项"
_HEAD, _NEEDED = PatternFill("solid", fgColor="FFE8EEF7"), PatternFill("solid", fgColor="FFFBE3DC")
_EXAMPLE = Font(italic=True, color="FF8A8A8A")
_WIDEST = 40


@dataclass(frozen=True)
class Column:
    """One column: its heading, what the example says, whether it is needed, text (codes, numbers) or one of a list."""

    heading: str
    example: str = ""
    needed: bool = False
    text: bool = False
    choices: tuple[str, ...] = ()
    several: bool = False
    """Whether the cell may hold several of the list: the list then only helps, it does not bind."""
    note: str = ""


@dataclass(frozen=True)
class Blank:
    """One sheet; the column 序号 goes before its own, and says which row is the example."""

    name: str
    columns: tuple[Column, ...]


def workbook_of(sheets: Sequence[Blank], notes: Sequence[str], notes_name: str) -> bytes:
    """The workbook, as bytes of an .xlsx."""
    book = Workbook()
    book.remove(book.active)
    lists: dict[tuple[str, ...], str] = {}
    for blank in sheets:
        _sheet(book.create_sheet(blank.name), blank, lists)
    _notes(book.create_sheet(notes_name), notes)
    _lists(book.create_sheet(_OPTIONS), lists)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(sheet: Worksheet, blank: Blank, lists: dict[tuple[str, ...], str]) -> None:
    columns = (Column("序号", EXAMPLE), *blank.columns)
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number, column.heading)
        head.font, head.fill = Font(bold=True), _NEEDED if column.needed else _HEAD
        head.alignment = Alignment(horizontal="center", vertical="center")
        if column.note:
            head.comment = Comment(column.note, "")
        example = sheet.cell(2, number, column.example)
        example.font = _EXAMPLE
        size = sheet.column_dimensions[letter]
        size.width = min(max(2.2 * len(column.heading), 1.3 * len(column.example)) + 4, _WIDEST)
        if column.text:
            size.number_format = example.number_format = "@"
        if column.choices:
            _drop_down(sheet, letter, column, lists)
    sheet.freeze_panes = "A2"


def _drop_down(sheet: Worksheet, letter: str, column: Column, lists: dict[tuple[str, ...], str]) -> None:
    place = lists.setdefault(column.choices, get_column_letter(len(lists) + 1))
    rule = DataValidation(
        type="list", formula1=f"={_OPTIONS}!${place}$1:${place}${len(column.choices)}", allow_blank=True,
        showErrorMessage=not column.several,
    )  # fmt: skip
    rule.add(f"{letter}3:{letter}{ROWS}")
    sheet.add_data_validation(rule)


def _notes(sheet: Worksheet, notes: Sequence[str]) -> None:
    for number, note in enumerate(notes, start=1):
        cell = sheet.cell(number, 1, note)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 100


def _lists(sheet: Worksheet, lists: dict[tuple[str, ...], str]) -> None:
    """What the drop-downs offer, out of sight; names that begin like a formula stay text."""
    for choices, letter in lists.items():
        for number, choice in enumerate(choices, start=1):
            cell = sheet[f"{letter}{number}"]
            cell.value, cell.data_type = choice, "s"
    sheet.sheet_state = "hidden"
