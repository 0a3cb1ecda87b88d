"""The default templates of 民情记录本, 民情月报, 季度小结 and 年度总结 (terms.md 2)."""

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from ledger.exporting.default_parts import CENTRE, TITLE_FONT, across, body, heading, rows_of, title, write
from ledger.models.papers import PaperKind

HOMES = (
    ("序号", "序号", 1.2), ("户编号", "户编号", 2.6), ("村组", "村组", 3), ("户主", "户主", 2.2), ("人口", "人口", 1.3),
    ("住址", "住址", 5.2), ("联系电话", "电话", 3.2), ("户类型", "户类型", 3.6), ("最近走访", "最近走访", 2.8),
)  # fmt: skip
VISITS = (
    ("日期", "日期", 2.2), ("星期", "星期", 1), ("天气", "天气", 1), ("方式", "方式", 1.6), ("地点", "地点", 2),
    ("走访对象", "对象", 1.7), ("同行人员", "同行", 1.7), ("走访内容", "内容", 4.6), ("反映问题及建议", "问题", 2.8),
    ("现场答复", "答复", 2.4), ("事项编号", "编号", 2), ("后续结果", "结果", 2.2), ("记录人", "记录人", 1.6),
)  # fmt: skip
PROBLEMS = (
    ("序号", "序号", 1.2), ("日期", "日期", 2.2), ("户主", "户主", 2.2), ("问题", "问题", 6), ("措施", "措施", 6.6),
    ("结果", "结果", 3), ("办结日期", "办结日期", 2.4), ("评价", "评价", 2),
)  # fmt: skip
FIGURES = (("项目", "项目", 5), ("数量", "数量", 3), ("说明", "说明", 8))
PARTS = (
    ("单位", "名称", 3.4), ("联系户", "联系户", 2), ("走访户次", "走访户次", 2.2), ("覆盖率", "覆盖率", 2.2),
    ("收集问题", "收集问题", 2.2), ("办结", "办结", 2), ("超期", "超期", 2),
)  # fmt: skip
KINDS = (("走访方式", "方式", 6), ("次数", "次数", 4), ("见面人次", "人次", 4))
WISHES = (
    ("序号", "序号", 1.2), ("编号", "编号", 2.8), ("微心愿", "标题", 4.4), ("登记日期", "日期", 2.4),
    ("结果", "结果", 2.6), ("办结日期", "办结日期", 2.4),
)  # fmt: skip
MISSED = (("村组", "村组", 6), ("未见面户", "未见面户", 4), ("其中从未见面", "从未见面户", 4))
OPEN = (
    ("序号", "序号", 1.2), ("编号", "编号", 2.8), ("事项", "标题", 4.4), ("登记日期", "日期", 2.4),
    ("进展", "过程", 5.2),
)  # fmt: skip
COVER = (
    ("单　　位", "单位"), ("姓　　名", "姓名"), ("职　　务", "职务"), ("联 系 村", "联系村"), ("记录期间", "期间"),
)  # fmt: skip


def _diary(document: Any) -> None:
    for _line in range(6):
        document.add_paragraph()
    title(document, "民情记录本", size=36)
    title(document, "{{ 年度 }}", size=22)
    for _line in range(5):
        document.add_paragraph()
    for label, field in COVER:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.space_after = Pt(70), Pt(14)
        write(paragraph, f"{label}：" + "{{ " + field + " }}", size=16)
    across(document)
    title(document, "一、联系户一览", size=16)
    rows_of(document, "联系户", HOMES)
    document.add_page_break()
    title(document, "二、走访记录", size=16)
    rows_of(document, "走访", VISITS)
    document.add_page_break()
    title(document, "三、问题办理", size=16)
    rows_of(document, "问题", PROBLEMS)


def _digest(document: Any) -> None:
    title(document, "民 情 月 报", size=30)
    write(document.add_paragraph(), "{{ 期号 }}", size=14, align=CENTRE)
    write(document.add_paragraph(), "{{ 单位 }}　　　　　　　　　　{{ 日期 }}", size=14, align=CENTRE)
    heading(document, "一、概况")
    body(document, "{{ 概况 }}")
    heading(document, "二、重要事项")
    body(
        document, "{%p if 事项 %}", "{%p for 事项行 in 事项 %}",
        "{{ 事项行.序号 }}. {{ 事项行.标题 }}（{{ 事项行.编号 }}）", "情况：{{ 事项行.情况 }}",
        "过程：{{ 事项行.过程 }}",
        "结果：{{ 事项行.结果 }}{% if 事项行.评价 %}　　评价：{{ 事项行.评价 }}{% endif %}", "{%p endfor %}",
        "{%p else %}", "本期没有选登事项。", "{%p endif %}",
    )  # fmt: skip
    body(document, "{%p if 苗头 %}")
    heading(document, "三、苗头隐患（内部）")
    body(
        document, "{%p for 苗头行 in 苗头 %}",
        "{{ 苗头行.序号 }}. {{ 苗头行.标题 }}（{{ 苗头行.编号 }}）：{{ 苗头行.情况 }}",
        "{%p endfor %}",
        "{%p endif %}", "{%p if 重点 %}",
    )  # fmt: skip
    heading(document, "{% if 苗头 %}四{% else %}三{% endif %}、下月重点")
    body(document, "{{ 重点 }}", "{%p endif %}")
    heading(document, "统计表（{{ 期间 }}）")
    rows_of(document, "统计", FIGURES)
    document.add_paragraph()
    rows_of(document, "各村", PARTS)
    _sent(document)


def _sent(document: Any) -> None:
    for text in (
        "{%p if 报 %}", "报：{{ 报 }}", "{%p endif %}", "{%p if 送 %}", "送：{{ 送 }}", "{%p endif %}", "{%p if 发 %}",
        "发：{{ 发 }}", "{%p endif %}",
    ):  # fmt: skip
        write(document.add_paragraph(), text, size=12)


def _report(document: Any, name: str, period: str, next_words: str) -> None:
    title(document, "{{ 对象 }}" + name, size=22)
    write(document.add_paragraph(), "{{ " + period + " }}", size=14, align=CENTRE)
    heading(document, "一、基本情况")
    body(document, "{{ 概况 }}")
    rows_of(document, "统计", FIGURES)
    heading(document, "二、走访情况")
    _table_if(document, "走访分类", KINDS, "本期没有走访记录。")
    document.add_paragraph()
    _table_if(document, "各村", PARTS, "本期没有分村数据。")
    heading(document, "三、已办结事项")
    body(
        document, "{%p if 事项 %}", "{%p for 事项行 in 事项 %}",
        "{{ 事项行.序号 }}. {{ 事项行.标题 }}（{{ 事项行.编号 }}，{{ 事项行.日期 }}登记）：{{ 事项行.过程 }}"
        "{{ 事项行.办结日期 }}办结，{{ 事项行.结果 }}{% if 事项行.评价 %}，群众评价：{{ 事项行.评价 }}{% endif %}。",
        "{%p endfor %}", "{%p else %}", "本期没有办结的事项。", "{%p endif %}",
    )  # fmt: skip
    heading(document, "四、未办结事项")
    _table_if(document, "未办结", OPEN, "没有未办结的事项。")
    body(document, "{%p if 未列出 %}", "{{ 未列出 }}", "{%p endif %}")
    heading(document, "五、微心愿")
    _table_if(document, "微心愿", WISHES, "本期没有征集或实现的微心愿。")
    heading(document, "六、走访缺口")
    body(document, "{{ 缺口 }}", "{%p if 漏项 %}")
    rows_of(document, "漏项", MISSED)
    body(document, "{%p endif %}")
    heading(document, f"七、{next_words}")
    body(document, "（请补充）")
    for text in ("{{ 单位 }}", "{{ 日期 }}"):
        write(document.add_paragraph(), text, size=14, font=TITLE_FONT, align=WD_ALIGN_PARAGRAPH.RIGHT)


def _table_if(document: Any, name: str, columns: tuple[tuple[str, str, float], ...], nothing: str) -> None:
    """The table of a list, or a sentence where it is empty."""
    body(document, "{%p if " + name + " %}")
    rows_of(document, name, columns)
    body(document, "{%p else %}", nothing, "{%p endif %}")


def _quarterly(document: Any) -> None:
    _report(document, "联系群众工作季度小结", "季度", "存在问题和下季度打算")


def _yearly(document: Any) -> None:
    _report(document, "联系群众工作年度总结", "年度", "存在问题和明年打算")


MAKERS = {
    PaperKind.DIARY: _diary, PaperKind.DIGEST: _digest, PaperKind.QUARTERLY: _quarterly, PaperKind.YEARLY: _yearly,
}  # fmt: skip
