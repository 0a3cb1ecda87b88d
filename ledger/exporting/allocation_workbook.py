"""分配联系户方案 as a workbook to look at, to change and to hand in again: a sheet a village, a row a household.

The cadre of each household is chosen from a list; a last sheet counts the lists while they are changed. The hidden
column says what was proposed when the workbook was made, so that only what somebody changed in it comes back. Every
text is written as a text, whatever it begins with; the only formulas are the counts of that last sheet.
"""

import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from xlsxwriter.utility import xl_col_to_name

from ledger.actions.audit import record
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.sheets import looks_of
from ledger.exporting.tables import Head
from ledger.models import Allocation
from ledger.queries.allocation_drafts import band_for
from ledger.queries.allocation_sheets import VillageSheet, sheets_of, word_of
from ledger.rules.allocation_score import Hand, band_of

VILLAGE, CODE, HOUSEHOLD_HEAD, CHOSEN, PROPOSED = "村(社区)", "户编号", "户主", "拟挂户干部", "原拟(勿改)"
COLUMNS = (
    ("序号", 5), (VILLAGE, 14), ("村民小组", 11), (CODE, 16), (HOUSEHOLD_HEAD, 10), ("住址", 26), ("现挂户干部", 15),
    (CHOSEN, 17), ("备注", 14), (PROPOSED, 2),
)  # fmt: skip
HEADINGS = 2
OPTIONS, COUNTS = "选项", "各人户数"
NOTE = (
    "只改“拟挂户干部”一列（点开单元格从名单里选），改好后原样交回：只有改过的行会读入，先核对再采用。"
    "各人户数随改随变，见最后一张表。"
)  # fmt: skip
_NO_NAME = re.compile(r"[\[\]:*?/\\']")
_A4 = 9


@transaction.atomic
def allocation_workbook(*, by: Any, allocation: Allocation, head: Head) -> tuple[bytes, str]:
    """The workbook and its name, in Chinese whatever the face of the page; taking it out is on record."""
    sheets = sheets_of(allocation)
    with translation.override(CHINESE):
        data = _book(allocation, sheets, head)
        day = date_format(allocation.made_at, "Y-m-d")
    rows = sum(len(sheet.rows) for sheet in sheets)
    record(verb="allocation.exported", by=by, obj=allocation, label=str(allocation.place), detail={"rows": rows},
           county_id=allocation.county_id, township_id=allocation.township_id)  # fmt: skip
    return data, f"分配联系户方案_{allocation.place}_{day}.xlsx"


def _book(allocation: Allocation, sheets: Sequence[VillageSheet], head: Head) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = looks_of(book)
    looks["choose"] = book.add_format({
        "font_name": "宋体", "font_size": 9, "valign": "vcenter", "border": 1, "bg_color": "#FFF8E1",
    })  # fmt: skip
    names = _sheet_names(sheets)
    pages = [book.add_worksheet(name) for name in names]
    counts, options = book.add_worksheet(COUNTS), book.add_worksheet(OPTIONS)
    options.hide()
    for at, (sheet, page) in enumerate(zip(sheets, pages, strict=True)):
        _village(page, sheet, at, looks, head)
        for number, cadre in enumerate(sheet.cadres):
            options.write_string(number, at, word_of(cadre), looks["line"])
    _counts(counts, allocation, sheets, names, looks)
    book.close()
    return made.getvalue()


def _sheet_names(sheets: Sequence[VillageSheet]) -> list[str]:
    """Names that a workbook takes, each once."""
    taken, found = {OPTIONS, COUNTS}, []
    for sheet in sheets:
        name = base = _NO_NAME.sub(" ", sheet.name).strip()[:26] or "村"
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{base}{number}"
        taken.add(name.lower())
        found.append(name)
    return found


def _village(page: Any, sheet: VillageSheet, at: int, looks: dict[str, Any], head: Head) -> None:
    last = len(COLUMNS) - 1
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADINGS)
    page.freeze_panes(HEADINGS + 1, 5)
    page.set_footer("&C第 &P 页 共 &N 页")
    page.merge_range(0, 0, 0, last - 1, f"{sheet.name}分配联系户方案", looks["title"])
    page.merge_range(1, 0, 1, last - 1, f"{NOTE}　填报单位：{head.unit}　{head.as_of}", looks["line"])
    page.set_row(0, 26)
    for column, (heading, width) in enumerate(COLUMNS):
        page.set_column(column, column, width, None, {"hidden": column == last})
        page.write_string(HEADINGS, column, heading, looks["heading"])
    for number, row in enumerate(sheet.rows, start=1):
        home, line = row.household, HEADINGS + number
        page.write_number(line, 0, number, looks["centred"])
        said = (
            sheet.name, str(home.group or ""), home.code, home.head_name, home.address, word_of(row.before),
            word_of(row.after), "固定，不调整" if row.is_pinned else "", word_of(row.after),
        )  # fmt: skip
        for column, text in enumerate(said, start=1):
            page.write_string(line, column, text, looks["choose" if COLUMNS[column][0] == CHOSEN else "text"])
    if sheet.lists:
        letter, chosen = xl_col_to_name(at), [name for name, _width in COLUMNS].index(CHOSEN)
        page.data_validation(HEADINGS + 1, chosen, HEADINGS + len(sheet.rows), chosen, {
            "validate": "list", "source": f"={OPTIONS}!${letter}$1:${letter}${len(sheet.lists)}",
            "error_title": "请从名单里选", "error_message": "名单外的干部请先在系统“参加人员”里加上，再生成方案。",
        })  # fmt: skip
    page.autofilter(HEADINGS, 0, HEADINGS + len(sheet.rows), last - 1)


def _counts(
    page: Any, allocation: Allocation, sheets: Sequence[VillageSheet], names: Sequence[str], looks: dict[str, Any]
) -> None:
    """What each would have, counted by the workbook itself while cells are changed."""
    usual = band_for(allocation)
    headings = (VILLAGE, "干部", "本村现有", "本村拟有", "他村户数", "合计", "应有")
    for column, (heading, width) in enumerate(zip(headings, (16, 18, 9, 9, 9, 9, 12), strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, heading, looks["heading"])
    page.freeze_panes(1, 0)
    letter = xl_col_to_name([name for name, _width in COLUMNS].index(CHOSEN))
    line = 0
    for sheet, name in zip(sheets, names, strict=True):
        first, last = HEADINGS + 2, HEADINGS + 1 + len(sheet.rows)
        for each in sheet.lists:
            line += 1
            now = sum(row.before_id == each.cadre_id for row in sheet.rows)
            then = sum(row.after_id == each.cadre_id for row in sheet.rows)
            low, high = band_of(Hand(each.cadre_id, each.weight), usual)
            page.write_string(line, 0, sheet.name, looks["text"])
            page.write_string(line, 1, word_of(each.cadre), looks["text"])
            page.write_number(line, 2, now, looks["centred"])
            counted = f"=COUNTIF('{name}'!${letter}${first}:${letter}${last},B{line + 1})"
            page.write_formula(line, 3, counted, looks["centred"], then)
            page.write_number(line, 4, each.elsewhere, looks["centred"])
            page.write_formula(line, 5, f"=D{line + 1}+E{line + 1}", looks["centred"], then + each.elsewhere)
            page.write_string(line, 6, f"{low}–{high} 户", looks["centred"])
