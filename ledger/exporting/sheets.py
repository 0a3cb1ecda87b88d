"""A list as an .xlsx to print: A4 across, its headings on every page, a line of totals, a foot to sign.

Written row by row in XlsxWriter's constant-memory mode. Every text is written as a text, whatever it begins with, so
that nothing in it is ever a formula. A table that says of its rows which sheet they belong on gets one sheet each.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from ledger.exporting.row_writer import RowWriter
from ledger.exporting.tables import Cell, Head, Row, Table, Written

HEADINGS = 2
"""The first row of the headings, from 0: the title and its line stand above."""
_FONT = "宋体"
_A4 = 9
_SIGNS = 1.0
"""Latin signs of the small type that fit into one unit of a column's width, a little less than there are."""
_NO_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 28
Tell = Callable[[int], None]


def write_table(
    path: Path, table: Table, head: Head, chunks: Iterable[list[Row]], tell: Tell = lambda done: None
) -> Written:
    """Write the workbook; ``tell`` hears of every chunk how many rows there are so far."""
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)},
    )
    made = _Book(book, table, head)
    for chunk in chunks:
        for row in chunk:
            made.add(row)
        tell(made.written.rows)
    made.finish()
    book.set_properties({"title": table.title, "author": head.by})
    book.close()
    return made.written


class _Book:
    """The sheet under way, and the names that are taken."""

    def __init__(self, book: Any, table: Table, head: Head) -> None:
        self.book, self.table, self.head = book, table, head
        self.looks, self.names, self.written = looks_of(book), set[str](), Written()
        self._values = [column.value for column in table.columns]
        self._sheet: _Sheet | None = None

    def add(self, row: Row) -> None:
        """One more row, on the sheet it belongs on; rows come sheet by sheet."""
        part = self.table.sheet_of(row)
        sheet = self._sheet
        if sheet is None or sheet.part != part:
            sheet = self._begin(part)
        cells = [value(row) for value in self._values]
        sheet.written.rows += 1
        sheet.writer.row(sheet.written.rows, cells)
        counts = sheet.written.counts
        for word in self.table.tally(row):
            counts[word] = counts.get(word, 0) + 1
        for at in sheet.summed:
            cell = cells[at]
            sheet.sums[at] += cell if isinstance(cell, int) else 0
        self.written.rows += 1

    def _begin(self, part: str) -> "_Sheet":
        if self._sheet is not None:
            self._sheet.end()
            self._count(self._sheet.written)
        self._sheet = _Sheet(self, part)
        return self._sheet

    def finish(self) -> None:
        """The last sheet's totals; a list without rows has its sheet all the same."""
        sheet = self._sheet or self._begin("")
        sheet.end()
        self._count(sheet.written)

    def _count(self, written: Written) -> None:
        for word, count in written.counts.items():
            self.written.counts[word] = self.written.counts.get(word, 0) + count

    def name_of(self, part: str) -> str:
        """A name that a workbook takes and that is taken once."""
        name = base = _NO_NAME.sub(" ", part or self.table.sheet).strip()[:_LONGEST_NAME] or self.table.sheet
        number = 1
        while name.lower() in self.names:
            number += 1
            name = f"{base}{number}"
        self.names.add(name.lower())
        return name


class _Sheet:
    """One sheet: begun with its headings, filled by ``writer``, ended with totals and foot."""

    def __init__(self, made: _Book, part: str) -> None:
        self.made, self.part, self.written = made, part, Written()
        self.table, self.looks = made.table, made.looks
        self.sheet = made.book.add_worksheet(made.name_of(part))
        self.summed = [at for at, column in enumerate(self.table.columns) if column.summed]
        self.sums = dict.fromkeys(self.summed, 0)
        _page(self.sheet, self.table)
        self._headings()
        text, centred = self.looks["text"], self.looks["centred"]
        columns = [(centred if column.centred else text, column.width * _SIGNS) for column in self.table.columns]
        self.writer = RowWriter(self.sheet, HEADINGS + self.table.heading_rows, centred, columns)

    def _headings(self) -> None:
        sheet, table, looks, head = self.sheet, self.table, self.looks, self.made.head
        last = len(table.columns)
        place = f"{head.place}{self.part}" if self.part and not head.place.endswith(self.part) else head.place
        sheet.set_row(0, 28)
        sheet.merge_range(0, 0, 0, last, f"{place}{table.title}", looks["title"])
        said = (f"填报单位：{head.unit}", f"截至日期：{head.as_of}", f"单位：{table.measure}")
        three_texts(sheet, 1, last, said, looks)
        sheet.set_row(HEADINGS, 24 if table.heading_rows == 1 else 18)
        over = ["", *(column.over for column in table.columns)]
        names = ["序号", *(column.heading for column in table.columns)]
        for at, (above, name) in enumerate(zip(over, names, strict=True)):
            sheet.write_string(HEADINGS, at, above or name, looks["heading"])
        if table.heading_rows == 2:
            for at, (above, name) in enumerate(zip(over, names, strict=True)):
                sheet.write_string(HEADINGS + 1, at, name if above else "", looks["heading"])
            sheet.merge.extend(_merged(over))

    def end(self) -> None:
        """The line of totals and the foot."""
        sheet, table, looks, head = self.sheet, self.table, self.looks, self.made.head
        last, at = len(table.columns), self.writer.end()
        told = [f"{word} {self.written.counts.get(word, 0)} {table.measure}" for word in table.totals]
        words = f"共 {self.written.rows} {table.measure}" + (f"，其中：{'，'.join(told)}" if told else "")
        sheet.set_row(at, 20)
        sheet.write_string(at, 0, "合计", looks["total_centred"])
        if self.summed:
            self._sums(at, words)
        else:
            sheet.merge_range(at, 1, at, last, words, looks["total"])
        sheet.set_row(at + 1, 24)
        three_texts(sheet, at + 1, last, (f"填报人：{head.by}", "审核人：", f"联系电话：{head.phone}"), looks)
        if head.filter_words:
            sheet.merge_range(at + 2, 0, at + 2, last, f"本表范围：{head.filter_words}", looks["line"])

    def _sums(self, at: int, words: str) -> None:
        """How many rows before the first sum, each sum in its own column."""
        first = self.summed[0]
        if first > 1:
            self.sheet.merge_range(at, 1, at, first, words, self.looks["total"])
        else:
            self.sheet.write_string(at, 1, words, self.looks["total"])
        for column in range(max(first, 1), len(self.table.columns)):
            total: Cell = self.sums.get(column)
            if total is None:
                self.sheet.write_blank(at, column + 1, None, self.looks["total"])
            else:
                self.sheet.write_number(at, column + 1, total, self.looks["total_centred"])


def _merged(over: list[str]) -> list[list[int]]:
    """The ranges of two rows of headings: a word over its neighbours, and a heading of its own over both rows."""
    found, at = [], 0
    while at < len(over):
        end = at
        while over[at] and end + 1 < len(over) and over[end + 1] == over[at]:
            end += 1
        if not over[at]:
            found.append([HEADINGS, at, HEADINGS + 1, at])
        elif end > at:
            found.append([HEADINGS, at, HEADINGS, end])
        at = end + 1
    return found


def looks_of(book: Any) -> dict[str, Any]:
    """The looks of every paper's cells, by what they are for."""
    plain = {"font_name": _FONT, "font_size": 9, "valign": "vcenter"}
    cell = plain | {"border": 1, "text_wrap": True}
    return {
        "title": book.add_format(plain | {"font_size": 16, "bold": True, "align": "center"}),
        "line": book.add_format(plain),
        "right": book.add_format(plain | {"align": "right"}),
        "middle": book.add_format(plain | {"align": "center"}),
        "heading": book.add_format(cell | {"bold": True, "align": "center"}),
        "text": book.add_format(cell),
        "centred": book.add_format(cell | {"align": "center"}),
        "total": book.add_format(cell | {"bold": True}),
        "total_centred": book.add_format(cell | {"bold": True, "align": "center"}),
    }


def _page(sheet: Any, table: Table) -> None:
    end = HEADINGS + table.heading_rows
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADINGS, end - 1)
    sheet.freeze_panes(end, 2)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页 共 &N 页")
    for at, width in enumerate([4.5, *(column.width for column in table.columns)]):
        sheet.set_column(at, at, width)


def three_texts(sheet: Any, row: int, last: int, texts: tuple[str, str, str], looks: dict[str, Any]) -> None:
    """Three texts on one line: left, in the middle, right."""
    third = (last + 1) // 3
    for (first, end), text, look in zip(
        ((0, third - 1), (third, last - third), (last - third + 1, last)), texts, ("line", "middle", "right"),
        strict=True,
    ):  # fmt: skip
        if first == end:
            sheet.write_string(row, first, text, looks[look])
        else:
            sheet.merge_range(row, first, row, end, text, looks[look])
