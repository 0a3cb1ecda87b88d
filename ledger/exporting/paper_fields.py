"""What papers may say: each field with what it holds and an example, and the lists with their columns.

Names and examples are the offices' words, Chinese in both faces: clerks write them into the template between {{ }}.
"""

from django.utils.translation import gettext_lazy as _

from ledger.exporting import record_fields
from ledger.exporting.record_fields import Field
from ledger.models.papers import ISSUE_PAPERS, PaperKind

MATTER = (
    Field("县", _("County"), "东山县"),
    Field("乡镇", _("Township"), "康美镇"),
    Field("事项编号", _("Ledger number of the matter"), "康美〔2026〕17号"),
    Field("登记日期", _("Day of registration"), "2026年3月2日"),
    Field("来源", _("How the matter reached us"), "入户走访"),
    Field("性质", _("Kind of the matter"), "诉求"),
    Field("类别", _("Category, with the one above it"), "道路交通 · 村道破损"),
    Field("标题", _("Title of the matter"), "村道破损"),
    Field("反映人", _("Who raised it, else the head of the household"), "林阿土"),
    Field("电话", _("Phone of who raised it; masked unless it is printed in full"), "138****5678"),
    Field("村组", _("Village and group"), "城垵村3组"),
    Field("反映内容", _("What was asked, in full"), "村口道路破损，雨天积水，老人出行不便。"),
    Field("牵头单位", _("Unit or person in charge"), "村镇建设办"),
    Field("协办单位", _("Supporting units"), "农业农村办"),
    Field("承办人", _("Who handles it"), "王建国"),
    Field("时限", _("Due date"), "2026年3月14日"),
    Field("结果", _("Outcomes"), "解决到位"),
    Field("办理情况", _("What was done"), "已铺设水泥路面 60 米。"),
    Field("办结日期", _("Day it was resolved"), "2026年3月10日"),
    Field("日期", _("The day of printing"), "2026年3月3日"),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    PaperKind.COVERING: (
        Field("文种", _("Assigned, or handed on to a unit outside the township's command"), "交办单"),
        Field("单号", _("Number of this document, its own series"), "康美交〔2026〕3号"),
        *MATTER,
        Field("交办日期", _("Day of the assignment"), "2026年3月3日"),
        Field("拟办意见", _("What was written with the assignment"), "请村镇建设办于2026年3月14日前办结并回复。"),
        Field("领导批示", _("Instructions of leaders"), "请抓紧办理。（李志强 2026年3月3日）"),
        Field("包案领导", _("Leader who has it under supervision, else who is tied to the village"), "李志强"),
        Field("签收人", _("Who accepted it"), "王建国"),
        Field("签收时间", _("When it was accepted"), "2026年3月3日 10:20"),
        Field("回访评价", _("What the villager answered"), "满意"),
        Field("回访人", _("Who called back"), "陈秀英"),
        Field("回访日期", _("Day of the call-back"), "2026年3月12日"),
        Field("销号意见", _("Who struck it off and when"), "同意销号。（张伟 2026年3月12日）"),
    ),
    PaperKind.REPLY: (
        *MATTER,
        Field("称呼", _("Whom the letter is addressed to"), "林阿土"),
        Field("依据", _("What the reply rests on, typed when it is printed"), "《农村公路养护管理办法》第十二条。"),
        Field("联系人", _("Whom to ask"), "王建国"),
        Field("联系电话", _("Their work phone, else the township's duty phone"), "0596-5612345"),
        Field("监督电话", _("The township's supervision phone"), "0596-5612346"),
        Field("落款单位", _("The unit that replies"), "康美镇村镇建设办"),
    ),
    **record_fields.FIELDS,
}
COURSE = ("时间", "环节", "人员", "内容")
LISTS: dict[str, dict[str, tuple[str, ...]]] = {
    **{kind: {"办理经过": COURSE} for kind in ISSUE_PAPERS},
    **{kind: {name: tuple(row) for name, row in lists.items()} for kind, lists in record_fields.LISTS.items()},
}
"""Kind → list → the columns of its rows."""
ROW = "行"
"""What the page's examples call a row."""
SHOWN_IF = {**dict.fromkeys(ISSUE_PAPERS, "结果"), **record_fields.SHOWN_IF}
"""The field whose words may be left out, for the page's example."""
FILE_NAMES = {
    PaperKind.COVERING: "交办单模板.docx", PaperKind.REPLY: "告知书模板.docx", **record_fields.FILE_NAMES,
}  # fmt: skip
EXAMPLE_ROWS = [
    {"时间": "2026年3月2日 09:10", "环节": "登记", "人员": "陈秀英", "内容": ""},
    {"时间": "2026年3月3日 10:20", "环节": "签收", "人员": "王建国", "内容": ""},
]


def names_of(kind: str) -> tuple[list[str], dict[str, list[str]]]:
    """The fields and lists that a template of this kind may name."""
    return [field.name for field in FIELDS[kind]], {name: list(columns) for name, columns in LISTS[kind].items()}


def example_of(kind: str) -> dict[str, object]:
    """What the trial fill is made of."""
    rows: dict[str, object] = {name: [dict(row)] for name, row in record_fields.LISTS.get(kind, {}).items()}
    return {**{field.name: field.example for field in FIELDS[kind]}, **(rows or {"办理经过": EXAMPLE_ROWS})}
