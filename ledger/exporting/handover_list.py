"""交接清单 as a Word document: what went to whom, with a line for each to sign. It travels, so it carries no phones of
residents; the work phones of cadres are public inside the system."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from ledger.actions.audit import record
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.issue_papers import Printed
from ledger.models import Cadre, HandOver, HandOverRow
from ledger.queries.handovers import rows_of
from ledger.rules.handovers import Handed
from ledger.rules.masking import scrub

FONT, TITLE_FONT = "仿宋", "宋体"
HOUSEHOLDS = (
    ("序号", 1.3),
    ("村组", 4.2),
    ("户编号", 4.2),
    ("户主", 2.6),
    ("住址", 6.4),
    ("接收人", 2.8),
    ("备注", 3.2),
)
MATTERS = (("序号", 1.3), ("编号", 4.2), ("村组", 4.2), ("事项", 7.0), ("时限", 3.0), ("接收人", 2.8), ("备注", 2.2))
DATES = (("序号", 1.3), ("日期", 3.2), ("村组", 4.6), ("对象", 8.0), ("接收人", 3.0), ("备注", 4.6))


@transaction.atomic
def print_list(*, by: Any, made: HandOver) -> Printed:
    """The list of one hand-over, in Chinese whatever the face of the page; the printing is on record."""
    rows = [row for row in rows_of(made) if row.issue is None or not row.issue.is_sensitive]
    with translation.override(CHINESE):
        data = _document(made, rows)
        day = date_format(made.on, "DATE_FORMAT")
    record(verb="handover.printed", by=by, obj=made, label=made.cadre.name, detail={"rows": len(rows)},
           county_id=made.county_id, township_id=made.township_id)  # fmt: skip
    return Printed(data, f"工作交接清单_{made.cadre.name}_{day}.docx")


def _document(made: HandOver, rows: Sequence[HandOverRow]) -> bytes:
    document = _blank()
    _say(document, "工作交接清单", size=20, bold=True, font=TITLE_FONT, align=WD_ALIGN_PARAGRAPH.CENTER)
    office = str(made.township or made.county)
    who = " ".join(part for part in (made.cadre.name, str(made.cadre.organisation or ""), made.cadre.title) if part)
    _say(document, f"单位：{office}　　移交人：{who}　　交接日期：{date_format(made.on, 'DATE_FORMAT')}")
    if made.reason:
        _say(document, f"交接原因：{scrub(made.reason)}")
    parts = (
        ("联系户", HOUSEHOLDS, "户", [_household(row) for row in rows if row.kind == Handed.HOUSEHOLD]),
        ("承办事项", MATTERS, "件", [_matter(row) for row in rows if row.kind in {Handed.ISSUE, Handed.WISH}]),
        ("已约定的回访", DATES, "次", [_date(row) for row in rows if row.kind in {Handed.PROMISE, Handed.FOLLOW_UP}]),
    )
    shown = [part for part in parts if part[3]]
    for number, (title, columns, unit, lines) in enumerate(shown):
        _say(document, f"{'一二三'[number]}、{title}（{len(lines)} {unit}）", size=14, bold=True)
        _table(document, columns, lines)
    _receivers(document, rows)
    _say(document, "")
    _say(document, "移交人（签字）：　　　　　　　　接收人（签字）：　　　　　　　　监交人（签字）：　　　　　　　　")
    _say(document, "　　　　年　　月　　日", align=WD_ALIGN_PARAGRAPH.RIGHT)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _household(row: HandOverRow) -> tuple[str, ...]:
    household = row.household
    assert household is not None
    remark = "" if household.status == "active" else str(household.get_status_display())
    return (_place(household), household.code, household.head_name, household.address, row.to_cadre.name, remark)


def _matter(row: HandOverRow) -> tuple[str, ...]:
    issue = row.issue
    assert issue is not None
    due = date_format(row.day, "DATE_FORMAT") if row.day is not None else ""
    remark = "微心愿" if row.kind == Handed.WISH else ""
    return (issue.printed_number, _place(issue), scrub(issue.title), due, row.to_cadre.name, remark)


def _date(row: HandOverRow) -> tuple[str, ...]:
    what = row.household.head_name if row.household is not None else scrub(row.issue.title if row.issue else "")
    day = date_format(row.day, "DATE_FORMAT") if row.day is not None else ""
    remark = "走访时约定" if row.kind == Handed.PROMISE else "纠纷回访"
    return (day, _place(row.household or row.issue), what, row.to_cadre.name, remark)


def _place(row: Any) -> str:
    return f"{row.village}{row.group or ''}"


def _receivers(document: Any, rows: Iterable[HandOverRow]) -> None:
    """Who takes over, with their work phones."""
    people: dict[int, Cadre] = {row.to_cadre_id: row.to_cadre for row in rows}
    named = "；".join(
        " ".join(part for part in (each.name, str(each.organisation or ""), each.phone) if part)
        for each in people.values()
    )
    if named:
        _say(document, f"接收人：{named}")


def _blank() -> Any:
    document = Document()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.core_properties.author = document.core_properties.title = document.core_properties.comments = ""
    return document


def _say(
    document: Any, text: str, *, size: int = 12, bold: bool = False, font: str = FONT, align: Any = None
) -> None:  # fmt: skip
    _run(document.add_paragraph(), text, size=size, bold=bold, font=font, align=align)


def _run(paragraph: Any, text: str, *, size: int, bold: bool = False, font: str = FONT, align: Any = None) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.font.name = Pt(size), bold, font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if align is not None:
        paragraph.alignment = align


def _table(document: Any, columns: Sequence[tuple[str, float]], lines: Sequence[tuple[str, ...]]) -> None:
    table = document.add_table(rows=1, cols=len(columns))
    table.style, table.autofit = "Table Grid", False
    heading = table.rows[0]
    heading._tr.get_or_add_trPr().append(heading._tr.makeelement(qn("w:tblHeader"), {}))  # on every page
    for cell, (label, width) in zip(heading.cells, columns, strict=True):
        cell.width = Cm(width)
        _run(cell.paragraphs[0], label, size=11, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    for number, line in enumerate(lines, start=1):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(row._tr.makeelement(qn("w:cantSplit"), {}))
        for cell, text, (_label, width) in zip(row.cells, (str(number), *line), columns, strict=True):
            cell.width = Cm(width)
            _run(cell.paragraphs[0], text, size=11)
