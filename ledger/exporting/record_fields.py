"""What 民情记录本, 民情月报, 季度小结 and 年度总结 may say: fields with examples, lists with columns and examples.

Names and examples are the offices' words, Chinese in both faces, as in ``paper_fields.py``.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models.papers import PaperKind


@dataclass(frozen=True)
class Field:
    """One field: its name in the template, what it holds, what the trial fill puts there."""

    name: str
    holds: Promise | str
    example: str


MADE = (
    Field("县", _("County"), "东山县"),
    Field("单位", _("Unit that reports"), "康美镇党政综合办"),
    Field("期间", _("First and last day"), "2026年1月1日至2026年3月31日"),
    Field("日期", _("The day of printing"), "2026年4月2日"),
)
WHO = (
    Field("姓名", _("Name of the cadre; empty for a unit"), "陈秀英"),
    Field("职务", _("Job title"), "科员"),
)
SUMMARY = (
    Field("对象", _("The unit or the cadre that it is about"), "康美镇"),
    Field("概况", _("The figures of the period in sentences"), "本期走访 126 户次，见面群众 210 人次。"),
    Field("填报人", _("Who made it"), "王建国"),
)
GAPS = Field(
    "缺口",
    _("How many households in contact nobody met in the period"),
    "本期未见面的联系户 6 户，其中从未见面的 1 户。",
)
UNLISTED = Field(
    "未列出", _("How many matters there was no room for; empty for none"), "另有已办结事项 9 件未列出，见民情台账。"
)
FIELDS: dict[str, tuple[Field, ...]] = {
    PaperKind.DIARY: (
        *MADE, *WHO,
        Field("年度", _("Year"), "2026年"),
        Field("联系村", _("Villages of the households and postings"), "城垵村、马銮村"),
    ),
    PaperKind.DIGEST: (
        *MADE, *SUMMARY,
        Field("期号", _("Number of the issue, typed when it is made"), "2026年第3期"),
        Field("重点", _("What comes next month, typed when it is made"), "抓好防汛备汛，走访独居老人。"),
        Field("报", _("Who it is reported to"), "县委办、县政府办"),
        Field("送", _("Who it is sent to"), "县直有关单位"),
        Field("发", _("Who it is handed to"), "各村（社区）"),
    ),
    PaperKind.QUARTERLY: (*MADE, *WHO, *SUMMARY, GAPS, UNLISTED, Field("季度", _("Quarter"), "2026年第一季度")),
    PaperKind.YEARLY: (*MADE, *SUMMARY, GAPS, UNLISTED, Field("年度", _("Year"), "2026年")),
}  # fmt: skip

_FIGURES = {"项目": "走访户次", "数量": "126", "说明": "入户走访和夜访"}
_MATTER = {
    "序号": "1", "标题": "村道破损", "编号": "康美〔2026〕17号", "情况": "村口道路破损，雨天积水。",
    "过程": "已交村镇建设办，现场查看后施工。", "结果": "解决到位", "评价": "满意", "日期": "2026-03-02",
    "办结日期": "2026-03-10",
}  # fmt: skip
_PART = {
    "名称": "城垵村", "联系户": "120", "走访户次": "98", "覆盖率": "81.67%", "收集问题": "12", "办结": "10",
    "超期": "0",
}  # fmt: skip
_SUMMED = {
    "统计": _FIGURES, "走访分类": {"方式": "入户走访", "次数": "98", "人次": "180"}, "各村": _PART, "事项": _MATTER,
    "未办结": _MATTER, "微心愿": _MATTER, "漏项": {"村组": "城垵村3组", "未见面户": "6", "从未见面户": "1"},
}  # fmt: skip
LISTS: dict[str, dict[str, dict[str, str]]] = {
    PaperKind.DIARY: {
        "联系户": {
            "序号": "1", "户编号": "A001", "村组": "城垵村3组", "户主": "林阿土", "人口": "4", "住址": "3组12号",
            "电话": "138****5678", "户类型": "低保户", "最近走访": "2026-03-02",
        },
        "走访": {
            "序号": "1", "日期": "2026-03-02", "星期": "一", "天气": "", "方式": "入户走访", "地点": "城垵村3组",
            "对象": "林阿土", "同行": "陈秀英", "内容": "了解近况。", "问题": "村道破损", "答复": "",
            "编号": "康美〔2026〕17号", "结果": "已销号，解决到位", "记录人": "王建国",
        },
        "问题": {
            "序号": "1", "日期": "2026-03-02", "户主": "林阿土", "问题": "村道破损", "措施": "已铺设水泥路面 60 米。",
            "结果": "解决到位", "办结日期": "2026-03-10", "评价": "满意",
        },
    },
    PaperKind.DIGEST: {"统计": _FIGURES, "事项": _MATTER, "苗头": _MATTER, "各村": _PART},
    PaperKind.QUARTERLY: _SUMMED,
    PaperKind.YEARLY: _SUMMED,
}  # fmt: skip
"""List → its columns, each with an example."""
SHOWN_IF = {PaperKind.DIARY: "职务", PaperKind.DIGEST: "重点", PaperKind.QUARTERLY: "姓名", PaperKind.YEARLY: "概况"}
FILE_NAMES = {
    PaperKind.DIARY: "民情记录本模板.docx", PaperKind.DIGEST: "民情月报模板.docx",
    PaperKind.QUARTERLY: "季度小结模板.docx", PaperKind.YEARLY: "年度总结模板.docx",
}  # fmt: skip
