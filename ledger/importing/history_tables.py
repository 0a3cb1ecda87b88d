"""The tables of an office's past: which sheet or file is which, where its columns are, and its rows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from ledger.importing import values
from ledger.importing.files import FileError, FileRefused
from ledger.importing.findings import Code, Finding
from ledger.importing.reading import Cell, Sheet, column_letters
from ledger.importing.returned import read_sheets
from ledger.importing.row import Row
from ledger.rules.cleaning import clean_number
from ledger.rules.history import Table
from ledger.rules.lists import is_example
from ledger.rules.masking import scrub

_HEADING_WITHIN = 12
"""Rows among which the headings are looked for: titles and notes may stand above them."""
_TOTAL = re.compile(r".{0,10}(合计|小计|总计|共计|累计)[:：]?.*")
_SHOWN = 40


@dataclass(frozen=True)
class Spec:
    """One table: the names of its sheet or file, its columns with other words for them, what it can't do without."""

    names: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]


SPECS: dict[Table, Spec] = {
    Table.VILLAGES: Spec(
        ("villages", "村", "村社区", "村(社区)"),
        {
            "code": ("村代码", "代码"), "name": ("村", "村名", "村名称"), "official": ("全称", "规范名称"),
            "kind": ("类型",), "township_code": ("乡镇代码",),
        },
        ("code",),
    ),
    Table.UNITS: Spec(
        ("units", "单位"), {"unit": ("单位", "单位名称"), "village_code": ("挂钩村", "村", "村代码")}, ("unit",)
    ),
    Table.CADRES: Spec(
        ("cadres", "干部"),
        {
            "cadre_no": ("工号", "干部工号"), "cadre_name": ("姓名", "干部姓名"), "role": ("职级", "身份"),
            "cadre_unit": ("单位", "工作单位"), "cadre_phone": ("手机", "手机号", "工作电话"),
            "villages": ("联系村", "村"),
        },
        ("cadre_no", "cadre_name"),
    ),
    Table.ENTERPRISES: Spec(
        ("enterprises", "企业"),
        {
            "enterprise_id": ("企业编号", "编号"), "name": ("企业名称", "名称"), "village_code": ("村", "村代码"),
            "unit": ("联系单位", "单位"),
        },
        ("enterprise_id", "name", "village_code"),
    ),
    Table.HOUSEHOLDS: Spec(
        ("households", "农户", "户"),
        {
            "hh_no": ("户编号", "户号"), "village_code": ("村", "村代码"), "group_no": ("村民组", "组"),
            "head": ("户主", "户主姓名"), "cadre_no": ("挂户干部工号", "包户干部工号", "工号"),
            "status": ("户状态", "状态"),
        },
        ("hh_no", "village_code", "head"),
    ),
    Table.EVENTS: Spec(
        ("events", "走访", "走访记录"),
        {
            "event_id": ("走访编号", "编号"), "kind": ("方式", "走访方式"), "time": ("走访时间", "时间", "日期"),
            "village_code": ("村", "村代码"), "group_no": ("村民组", "组"), "hh_no": ("户编号", "户号"),
            "enterprise_id": ("企业编号",), "cadre_no": ("走访人工号", "干部工号", "工号"),
            "co_cadres": ("同行人员工号", "同行人员"), "persons": ("见面人数", "人次"),
            "opinions_from": ("征求意见人数", "征求意见"), "void": ("作废",), "result": ("结果", "走访结果"),
            "content": ("走访内容", "内容"),
        },
        ("event_id", "kind", "time", "village_code", "cadre_no"),
    ),
    Table.ISSUES: Spec(
        ("issues", "事项", "民情事项"),
        {
            "issue_id": ("事项编号", "原编号", "编号"), "event_id": ("走访编号",), "village_code": ("村", "村代码"),
            "hh_no": ("户编号", "户号"), "cadre_no": ("登记人工号", "干部工号", "工号"), "category": ("类别",),
            "title": ("标题", "事项", "问题"), "urgency": ("紧急程度",), "created_date": ("登记日期",),
            "due_date": ("办理时限", "时限"), "department": ("承办单位",), "status": ("状态", "办理状态"),
            "closed_date": ("办结日期",), "outcome": ("办理结果", "结果"), "satisfaction": ("满意度", "评价"),
            "text": ("内容", "反映内容"), "result_text": ("措施及进展", "办理情况"),
        },
        ("issue_id", "village_code", "category", "title", "created_date", "status"),
    ),
}  # fmt: skip


@dataclass
class Found:
    """One table as it was found: its sheet, the row of its headings, where its columns are."""

    table: Table
    sheet: Sheet
    heading: int
    columns: dict[str, int]
    left_out: list[str] = field(default_factory=list)


@dataclass
class History:
    """What was handed in: the tables that were recognised, and the names of the sheets or files left alone."""

    found: list[Found]
    others: list[str]

    def described(self) -> dict[str, Any]:
        """What was recognised, for the page that shows the plan."""
        sheets = [
            {
                "name": each.sheet.name, "role": each.table.value, "header_rows": [each.heading + 1],
                "columns": {column_letters(column): name for name, column in each.columns.items()},
                "left_out": dict.fromkeys(each.left_out, ""), "cut_after": each.sheet.cut_after,
            }
            for each in self.found
        ]  # fmt: skip
        return {"sheets": sheets, "others": self.others}


def read_history(files: Iterable[tuple[str, bytes]]) -> History:
    """The tables in these files (name, bytes): a folder's, or the sheets of one workbook. Raises FileRefused.

    A sheet is told by its name or its file's, else by its headings. Two sheets may hold the same table.
    """
    history = History([], [])
    for name, data in files:
        try:
            sheets = read_sheets(data)
        except FileRefused as refusal:
            raise FileRefused(refusal.code, f"{name}: {refusal.message}") from refusal
        for sheet in sheets:
            sheet.name = sheet.name or PurePath(name).stem
            found = _recognised(sheet)
            if found is not None:
                history.found.append(found)
            elif sheet.rows:
                history.others.append(sheet.name)
    if not history.found:
        raise FileRefused(FileError.NO_HEADER, _no_table())
    history.found.sort(key=lambda each: list(Table).index(each.table))
    return history


def _no_table() -> str:
    names = "、".join(f"{spec.names[1]} ({spec.names[0]})" for spec in SPECS.values())
    return _("No table of the past was found. Name the sheets or files: %(names)s.") % {"names": names}


def _recognised(sheet: Sheet) -> Found | None:
    name = clean_number(sheet.name).lower()
    named = next((table for table, spec in SPECS.items() if name in spec.names), None)
    best = max(
        (each for table in ([named] if named else SPECS) if (each := _headed(sheet, table)) is not None),
        key=lambda each: len(each.columns), default=None,
    )  # fmt: skip
    if best is None and named is not None and any(any(not values.is_blank(cell) for cell in row) for row in sheet.rows):
        raise FileRefused(FileError.MISSING_REQUIRED_COLUMN, _lacking(sheet, named))
    return best


def _headed(sheet: Sheet, table: Table) -> Found | None:
    """The table with its headings, if one of the first rows names all columns that it needs."""
    for number, row in enumerate(sheet.rows[:_HEADING_WITHIN]):
        columns, left_out = _columns(row, SPECS[table])
        if all(name in columns for name in SPECS[table].required):
            return Found(table, sheet, number, columns, left_out)
    return None


def _columns(row: list[Cell], spec: Spec) -> tuple[dict[str, int], list[str]]:
    """Column name → place; of two headings alike the first counts, one that is nobody's is left out and told."""
    words = {word: name for name, others in reversed(spec.columns.items()) for word in (name, *others)}
    columns: dict[str, int] = {}
    left_out: list[str] = []
    for place, cell in enumerate(row):
        heading = re.sub(r"[（(].*", "", clean_number(values.text_of(cell))).lower().rstrip("*")
        name = words.get(heading)
        if name is not None and name not in columns:
            columns[name] = place
        elif heading:
            left_out.append(column_letters(place))
    return columns, left_out


def _lacking(sheet: Sheet, table: Table) -> str:
    """Which columns the best of the first rows lacks."""
    spec = SPECS[table]
    known = max((set(_columns(row, spec)[0]) for row in sheet.rows[:_HEADING_WITHIN]), key=len)
    missing = "、".join(f"{spec.columns[name][0]} ({name})" for name in spec.required if name not in known)
    said = _("The table %(sheet)s lacks columns that it needs: %(columns)s.")
    return said % {"sheet": sheet.name[:_SHOWN], "columns": missing}


class Line:
    """One row of a table while it is checked: its cells by column, and the row of the report."""

    __slots__ = ("cells", "row")

    def __init__(self, row: Row, cells: dict[str, Cell]) -> None:
        self.row, self.cells = row, cells

    def tell(self, code: str, name: str, *, show: bool = True, hint: str = "") -> None:
        """Add a finding about one column; the cell is quoted unless it may hold something personal."""
        raw = scrub(values.clean_line(values.text_of(self.cells.get(name, ""))))[:60] if show else ""
        self.row.findings.append(Finding(code, name, self.row.letters.get(name, ""), raw, hint))

    def text(self, name: str) -> str:
        """The cell as one word: half-width, without spaces."""
        return clean_number(values.text_of(self.cells.get(name, "")))

    def value(self, name: str, reader: Any, *, show: bool = True) -> Any:
        """The cell's value by one of the readers of ``values``; what is wrong with it is told."""
        value, code = reader(self.cells.get(name, ""))
        if code:
            self.tell(code, name, show=show)
        return value

    def word(self, name: str, meanings: dict[str, Any]) -> Any:
        """What the cell's word means; an unknown one is told and keeps the row out."""
        text = self.text(name)
        found = meanings.get(text, meanings.get(text.lower()))
        if found is None:
            self.tell(Code.WORD_UNKNOWN, name)
        return found


def lines_of(found: Found) -> Iterator[Line]:
    """The rows below the headings; blank ones are left out, totals and the example are marked as ignored."""
    letters = {name: column_letters(column) for name, column in found.columns.items()}
    faults: dict[int, list[tuple[int, str]]] = {}
    for (at, column), code in found.sheet.faults.items():
        faults.setdefault(at, []).append((column, code))
    for number in range(found.heading + 1, len(found.sheet.rows)):
        cells = found.sheet.rows[number]
        if all(values.is_blank(cell) for cell in cells) and number not in faults:
            continue
        row = Row(found.sheet.name, number + 1, found.table.value, {}, letters)
        row.ignored = _ignored(cells)
        width = len(cells)
        line = Line(row, {name: cells[at] if at < width else "" for name, at in found.columns.items()})
        _take_faults(line, found.columns, faults.get(number, ()))
        if number in found.sheet.hidden_rows and not row.ignored:
            line.tell(Code.HIDDEN_ROW, SPECS[found.table].required[0], show=False)
        yield line


def _ignored(cells: list[Cell]) -> str:
    if cells and is_example(values.text_of(cells[0])):
        return "example"
    first = next((values.text_of(cell) for cell in cells if not values.is_blank(cell)), "")
    filled = sum(not values.is_blank(cell) for cell in cells)
    return "total" if _TOTAL.fullmatch(clean_number(first)) and filled <= len(cells) / 2 + 1 else ""


def _take_faults(line: Line, columns: dict[str, int], faults: Iterable[tuple[int, str]]) -> None:
    names = {column: name for name, column in columns.items()}
    for column, code in faults:
        if column in names:
            line.tell(code, names[column], show=False)
