"""统计表 as a workbook to print: A4 across, two rows of headings, each unit with its period and in all."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.formats import date_format

from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.sheets import looks_of, three_texts
from ledger.exporting.tables import Head
from ledger.queries.figures_window import Window
from ledger.queries.statistics import COLUMNS, Line, Statistics, value_of

TITLE = "民情联系走访统计表"
FIRST = 3
"""Columns before the figures: 序号, 单位, and which span."""
LAST = FIRST + len(COLUMNS)
HEADINGS = 2
_A4 = 9


@dataclass(frozen=True)
class Paper:
    """Of which place and period it is, and who fills it in."""

    place: str
    window: Window
    head: Head

    @property
    def file_name(self) -> str:
        return f"{TITLE}_{self.place}_{self.window.last.isoformat()}.xlsx"

    @property
    def span_words(self) -> str:
        """Both days of the period, in Chinese."""
        first = date_format(self.window.first, "DATE_FORMAT") if self.window.first is not None else "有记录以来"
        return f"{first}至{date_format(self.window.last, 'DATE_FORMAT')}"


def statistics_workbook(paper: Paper, found: Statistics) -> bytes:
    """The workbook, in Chinese whatever face the page has; every text is a text, never a formula."""
    made = io.BytesIO()
    with translation.override(CHINESE):
        book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        sheet, looks = book.add_worksheet("统计表"), looks_of(book)
        looks["percent"] = book.add_format({
            "font_name": "宋体", "font_size": 9, "valign": "vcenter", "border": 1, "num_format": '0.00"%"',
        })  # fmt: skip
        _page(sheet)
        _begin(sheet, paper, looks)
        at = HEADINGS + 2
        for number, line in enumerate(found.lines, start=1):
            at = _line(sheet, at, str(number), line, looks)
        at = _line(sheet, at, "", found.whole, looks)
        three_texts(sheet, at, LAST, (f"填报人：{paper.head.by}", "审核人：", f"联系电话：{paper.head.phone}"), looks)
        sheet.merge_range(
            at + 1, 0, at + 1, LAST, f"本期：{paper.span_words}；累计：截至期末的全部记录。", looks["line"]
        )
        book.set_properties({"title": TITLE, "author": paper.head.by})
        book.close()
    return made.getvalue()


def _page(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADINGS, HEADINGS + 1)
    sheet.freeze_panes(HEADINGS + 2, FIRST)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页 共 &N 页")
    sheet.set_column(0, 0, 4.5)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 5)
    sheet.set_column(FIRST, LAST - 1, 7)
    sheet.set_column(LAST, LAST, 8)


def _begin(sheet: Any, paper: Paper, looks: dict[str, Any]) -> None:
    sheet.set_row(0, 28)
    sheet.merge_range(0, 0, 0, LAST, f"{paper.place}{TITLE}", looks["title"])
    as_of = date_format(paper.window.last, "DATE_FORMAT")
    three_texts(sheet, 1, LAST, (f"填报单位：{paper.head.unit}", f"截至日期：{as_of}", "单位：户、人次、件"), looks)
    for at, heading in ((0, "序号"), (1, "单位"), (2, "时段"), (LAST, "备注")):
        sheet.merge_range(HEADINGS, at, HEADINGS + 1, at, heading, looks["heading"])
    sheet.set_row(HEADINGS + 1, 36)
    for first, last, name in _groups():
        if name and last > first:
            sheet.merge_range(HEADINGS, first, HEADINGS, last, name, looks["heading"])
    for at, column in enumerate(COLUMNS, start=FIRST):
        if column.group:
            sheet.write_string(HEADINGS + 1, at, str(column.head), looks["heading"])
        else:
            sheet.merge_range(HEADINGS, at, HEADINGS + 1, at, str(column.head), looks["heading"])


def _groups() -> Iterator[tuple[int, int, str]]:
    """First and last column of each heading that several share."""
    at = FIRST
    while at < LAST:
        name, end = COLUMNS[at - FIRST].group, at
        while name and end + 1 < LAST and COLUMNS[end + 1 - FIRST].group == name:
            end += 1
        yield at, end, str(name)
        at = end + 1


def _line(sheet: Any, at: int, number: str, line: Line, looks: dict[str, Any]) -> int:
    """Two rows of one unit; the row after them."""
    text, number_look = ("total", "total") if line.key is None else ("text", "text")
    sheet.merge_range(at, 0, at + 1, 0, number, looks["total_centred" if line.key is None else "centred"])
    sheet.merge_range(at, 1, at + 1, 1, line.name, looks[text])
    for row, (word, (_span, counts)) in enumerate(zip(("本期", "累计"), line.spans(), strict=True), start=at):
        sheet.write_string(row, 2, word, looks["centred"])
        for column, each in enumerate(COLUMNS, start=FIRST):
            value = value_of(each, counts)
            if value is None:
                sheet.write_string(row, column, "—", looks["centred"])
            elif isinstance(value, Decimal):
                sheet.write_number(row, column, float(value), looks["percent"])
            else:
                sheet.write_number(row, column, value, looks[number_look])
        sheet.write_blank(row, LAST, None, looks[text])
    return at + 2
