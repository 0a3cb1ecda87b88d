"""A list as an .xlsx to print: A4 across, its headings on every page, a line of totals, a foot to sign.

Written row by row in XlsxWriter's constant-memory mode. Every text is written as a text, whatever it begins with, so
that nothing in it is ever a formula.
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from ledger.exporting.tables import Head, Row, Table, Written

HEADINGS = 2
"""The row of the headings, from 0: the title and its line stand above."""
_FONT = "宋体"
_A4 = 9
_SIGNS = 1.0
"""Latin signs of the small type that fit into one unit of a column's width, a little less than there are."""
_LINE, _TALLEST = 12, 400
"""Points: no program makes a row as tall as its text needs but the one in which the row was typed."""
Tell = Callable[[int], None]


def write_table(
    path: Path, table: Table, head: Head, chunks: Iterable[list[Row]], tell: Tell = lambda done: None
) -> Written:
    """Write the workbook; ``tell`` hears of every chunk how many rows there are so far."""
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)},
    )
    looks = _looks(book)
    sheet = book.add_worksheet(table.sheet)
    _page(sheet, table)
    _begin(sheet, table, head, looks)
    written = _rows(sheet, table, chunks, tell, looks)
    _end(sheet, table, head, written, looks)
    book.set_properties({"title": table.title, "author": head.by})
    book.close()
    return written


def _looks(book: Any) -> dict[str, Any]:
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
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADINGS)
    sheet.freeze_panes(HEADINGS + 1, 2)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页 共 &N 页")
    for at, width in enumerate([4.5, *(column.width for column in table.columns)]):
        sheet.set_column(at, at, width)


def _begin(sheet: Any, table: Table, head: Head, looks: dict[str, Any]) -> None:
    last = len(table.columns)
    sheet.set_row(0, 28)
    sheet.merge_range(0, 0, 0, last, f"{head.place}{table.title}", looks["title"])
    _three(sheet, 1, last, (f"填报单位：{head.unit}", f"截至日期：{head.as_of}", f"单位：{table.measure}"), looks)
    sheet.set_row(HEADINGS, 24)
    for at, heading in enumerate(["序号", *(column.heading for column in table.columns)]):
        sheet.write_string(HEADINGS, at, heading, looks["heading"])


def _rows(sheet: Any, table: Table, chunks: Iterable[list[Row]], tell: Tell, looks: dict[str, Any]) -> Written:
    string, number, blank = sheet.write_string, sheet.write_number, sheet.write_blank
    text, centred = looks["text"], looks["centred"]
    columns = [
        (at, column.value, centred if column.centred else text, column.width * _SIGNS)
        for at, column in enumerate(table.columns, start=1)
    ]
    written, tally, tall = Written(), table.tally, 0
    counts = written.counts
    for chunk in chunks:
        for row in chunk:
            written.rows += 1
            at_row = HEADINGS + written.rows
            number(at_row, 0, written.rows, centred)
            lines = 1.0
            for at, value, look, fits in columns:
                cell = value(row)
                if cell is None or cell == "":
                    blank(at_row, at, None, look)
                elif isinstance(cell, int):
                    number(at_row, at, cell, look)
                else:
                    string(at_row, at, cell, look)
                    if 2 * len(cell) > fits:
                        lines = max(lines, _half_widths(cell) / fits)
            if lines > 1:
                sheet.set_row(at_row, min(_LINE * math.ceil(lines) + 3, _TALLEST))
                for kept in (sheet.row_info, sheet.row_sizes):  # written already: the library would keep them all
                    kept.pop(tall, None)
                tall = at_row
            for word in tally(row):
                counts[word] = counts.get(word, 0) + 1
        tell(written.rows)
    return written


def _half_widths(text: str) -> float:
    """How wide a text is, counted in Latin signs: a Chinese one takes two (and three bytes of UTF-8)."""
    return len(text) + (len(text.encode()) - len(text)) / 2


def _end(sheet: Any, table: Table, head: Head, written: Written, looks: dict[str, Any]) -> None:
    last, at = len(table.columns), HEADINGS + written.rows + 1
    told = [f"{word} {written.counts.get(word, 0)} {table.measure}" for word in table.totals]
    sheet.set_row(at, 20)
    sheet.write_string(at, 0, "合计", looks["total_centred"])
    words = f"共 {written.rows} {table.measure}" + (f"，其中：{'，'.join(told)}" if told else "")
    sheet.merge_range(at, 1, at, last, words, looks["total"])
    sheet.set_row(at + 1, 24)
    _three(sheet, at + 1, last, (f"填报人：{head.by}", "审核人：", f"联系电话：{head.phone}"), looks)
    if head.filter_words:
        sheet.merge_range(at + 2, 0, at + 2, last, f"本表范围：{head.filter_words}", looks["line"])


def _three(sheet: Any, row: int, last: int, texts: tuple[str, str, str], looks: dict[str, Any]) -> None:
    """Three texts on one line: left, in the middle, right."""
    third = (last + 1) // 3
    for (first, end), text, look in zip(
        ((0, third - 1), (third, last - third), (last - third + 1, last)), texts, ("line", "middle", "right"),
        strict=True,
    ):  # fmt: skip
        sheet.merge_range(row, first, row, end, text, looks[look])
