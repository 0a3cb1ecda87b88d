"""What is to be written into which workbook, and the cells it holds."""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from ledger.importing.reader.__main__ import sheets_of as read
from ledger.importing.reader.kinds import kind_of
from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.workbooks import workbook_sheets_slowly

Cell = Any
_HEADINGS_WITHIN = 60


@dataclass
class Said:
    """What is said of the rows of one sheet; rows as Excel shows them."""

    name: str
    header_rows: list[int]
    village: int | None
    """The column (from 0) that may name a village once for several rows."""
    texts: dict[int, str]
    refused: list[int]


@dataclass
class Source:
    """One sheet of the file as it was read, blocks filled down."""

    name: str
    rows: list[list[Cell]]
    hidden: bool
    said: Said | None = None

    def column(self, heading: str) -> int:
        """Where the added column stands: where it stood before, else behind the last cell of any row."""
        for row in self.rows[:_HEADINGS_WITHIN]:
            if heading in row:
                return row.index(heading)
        return max((len(row) for row in self.rows), default=0)


@dataclass
class Task:
    """The file, its sheets, and the words to write."""

    data: bytes
    kind: str
    heading: str
    sheet: str
    note: str
    original: str
    """``Row %(row)s: %(text)s`` in the reader's language."""
    sources: list[Source] = field(default_factory=list)

    def refused_sheets(self) -> list[tuple[str, list[list[Cell]]]]:
        """(name, rows) of each added sheet: note, headings, and the refused rows with where they stood and why."""
        listed = [source for source in self.sources if source.said and source.said.refused]
        return [(self._sheet_name(source, len(listed)), self._refused(source)) for source in listed]

    def _sheet_name(self, source: Source, of: int) -> str:
        return self.sheet if of == 1 and len(self.sources) == 1 else f"{self.sheet} {source.name}"[:31].strip()

    def _refused(self, source: Source) -> list[list[Cell]]:
        said = source.said
        assert said is not None
        column = source.column(self.heading)
        top = max(said.header_rows, default=0)
        rows: list[list[Cell]] = [[self.note], *([*row] for row in source.rows[:top])]
        for row in rows[1:]:
            del row[column:]
        if top:
            rows[-1] += [""] * (column - len(rows[-1])) + [self.heading]
        for number in said.refused:
            if 0 < number <= len(source.rows):
                cells = source.rows[number - 1][:column]
                text = self.original % {"row": number, "text": said.texts.get(number, "")}
                rows.append([*cells, *[""] * (column - len(cells)), text])
        return rows


def task_of(spec: bytes, data: bytes) -> Task:
    """The task that the parent described, with the file read."""
    told = json.loads(spec)
    kind = kind_of(data)
    try:
        sheets = list(_drawn(read(data, [])))
    except Refused:
        sheets = list(_drawn(workbook_sheets_slowly(data)))
    task = Task(data, kind, told["heading"], told["sheet"], told["note"], told["original"])
    by_name = {sheet["name"]: sheet for sheet in told["sheets"]}
    added = tuple(told["added"])
    for own, rows, hidden, merged in sheets:
        name = own or told["unnamed"]
        if name.startswith(added) and name not in by_name:
            continue
        source = Source(name, rows, hidden)
        if name in by_name:
            one = by_name[name]
            texts = {int(row): text for row, text in one["texts"].items()}
            source.said = Said(name, one["header_rows"], one["village"], texts, one["refused"])
            _fill_down(source, merged)
        task.sources.append(source)
    return task


def _drawn(sheets: Any) -> Any:
    """Sheets with their rows as lists, one after the other: calamine reads a sheet only while it is at it."""
    for sheet in sheets:
        yield sheet.name, [[_plain(cell) for cell in _trimmed(row)] for row in sheet.rows], sheet.hidden, sheet.merged


def _trimmed(row: list[Any]) -> list[Any]:
    last = min(len(row), 400)
    while last and (row[last - 1] is None or row[last - 1] == ""):
        last -= 1
    return row[:last]


def _plain(cell: Any) -> Cell:
    if cell is None or isinstance(cell, str | bool | int):
        return "" if cell is None else cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)


def _fill_down(source: Source, merged: list[tuple[int, int, int, int]]) -> None:
    """Each row of a block says what the block says: a refused row stands alone on its new sheet."""
    said = source.said
    assert said is not None
    first = max(said.header_rows, default=0)
    for top, left, bottom, _right in merged:
        if bottom > top >= first and top < len(source.rows) and left < len(source.rows[top]):
            for row in source.rows[top + 1 : bottom + 1]:
                row.extend([""] * (left + 1 - len(row)))
                row[left] = source.rows[top][left]
    column, above = said.village, ""
    if column is not None and not merged:
        for number in range(first, len(source.rows)):
            row = source.rows[number]
            if column < len(row) and row[column] not in ("", None):
                above = row[column]
            elif number + 1 in said.texts and column < len(row):
                row[column] = above
