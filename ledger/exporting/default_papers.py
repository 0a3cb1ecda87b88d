"""The templates that everybody begins with, made by program: 交办(转办)单 as in terms.md 2, the reply letter."""

import io
from functools import cache
from typing import Any

from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from ledger.exporting import default_records
from ledger.exporting.default_parts import TITLE_FONT, blank, write
from ledger.models.papers import PaperKind

_LABEL, _VALUE = Cm(2.4), Cm(5.6)
ROWS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("编号", "{{ 单号 }}"), ("日期", "{{ 交办日期 }}")),
    (("事项编号", "{{ 事项编号 }}"), ("来源", "{{ 来源 }}")),
    (("反映人", "{{ 反映人 }}"), ("电话", "{{ 电话 }}")),
    (("村组", "{{ 村组 }}"), ("类别", "{{ 类别 }}")),
    (("反映内容", "{{ 反映内容 }}"),),
    (("拟办意见", "{{ 拟办意见 }}"),),
    (("领导批示", "{{ 领导批示 }}"),),
    (("牵头", "{{ 牵头单位 }}"), ("协办", "{{ 协办单位 }}")),
    (("包案领导", "{{ 包案领导 }}"), ("时限", "{{ 时限 }}")),
    (("签收人", "{{ 签收人 }}"), ("时间", "{{ 签收时间 }}")),
    (("办理结果", "{{ 办理情况 }}{% if 结果 %}（{{ 结果 }}）{% endif %}\n\n"
                  "承办人：{{ 承办人 }}　　负责人：　　　　　　（盖章）"),),
    (("回访", "评价：{{ 回访评价 }}　　回访人：{{ 回访人 }}　　{{ 回访日期 }}"),),
    (("销号意见", "{{ 销号意见 }}"),),
)  # fmt: skip
TALL = {"反映内容": Cm(3.6), "拟办意见": Cm(2.1), "领导批示": Cm(2.1), "办理结果": Cm(4), "销号意见": Cm(1.7)}
USUAL = Cm(1)


@cache
def default_template(kind: str) -> bytes:
    """The .docx of a kind, the same at every call."""
    document = blank()
    MAKERS[PaperKind(kind)](document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _covering(document: Any) -> None:
    title = document.add_paragraph()
    title.paragraph_format.space_after = Pt(10)
    write(title, "{{ 乡镇 }}民情事项{{ 文种 }}", size=20, bold=True, font=TITLE_FONT, align=WD_ALIGN_PARAGRAPH.CENTER)
    table = document.add_table(rows=len(ROWS), cols=4)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, (_LABEL, _VALUE, _LABEL, _VALUE), strict=True):
        column.width = width
    for at, pairs in enumerate(ROWS):
        row = table.rows[at]
        row.height, row.height_rule = TALL.get(pairs[0][0], USUAL), WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(row._tr.makeelement(qn("w:cantSplit"), {}))
        if len(pairs) == 1:
            row.cells[1].merge(row.cells[3])
        for number, (label, value) in enumerate(pairs):
            _cell(row.cells[number * 2], label, _LABEL, label=True)
            _cell(row.cells[number * 2 + 1], value, _VALUE if len(pairs) > 1 else _VALUE * 2 + _LABEL, label=False)


def _cell(cell: Any, text: str, width: Any, *, label: bool) -> None:
    cell.width = width
    cell.vertical_alignment = 1  # in the middle
    for number, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        write(paragraph, line, bold=label, align=WD_ALIGN_PARAGRAPH.CENTER if label else None)


def _reply(document: Any) -> None:
    centre, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    write(document.add_paragraph(), "民情事项办理告知书", size=22, bold=True, font=TITLE_FONT, align=centre)
    write(document.add_paragraph(), "{{ 事项编号 }}", size=14, align=centre)
    write(document.add_paragraph(), "{{ 称呼 }}：", size=16)
    for text in (
        "您于{{ 登记日期 }}反映的“{{ 标题 }}”收悉。现将办理情况告知如下：",
        "一、您反映的内容：{{ 反映内容 }}",
        "二、办理情况：{{ 办理情况 }}",
        "{%p if 结果 %}", "三、办理结果：{{ 结果 }}。", "{%p endif %}",
        "{%p if 依据 %}", "办理依据：{{ 依据 }}", "{%p endif %}",
        "如有疑问，请联系{{ 联系人 }}，电话{{ 联系电话 }}。{% if 监督电话 %}监督电话：{{ 监督电话 }}。{% endif %}",
    ):  # fmt: skip
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(32)
        paragraph.paragraph_format.line_spacing = 1.5
        write(paragraph, text, size=16)
    for text in ("", "{{ 落款单位 }}（盖章）", "{{ 日期 }}"):
        write(document.add_paragraph(), text, size=16, align=right)


MAKERS = {PaperKind.COVERING: _covering, PaperKind.REPLY: _reply, **default_records.MAKERS}
