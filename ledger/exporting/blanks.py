"""The blank templates: which sheets and columns, with the headings that the importers know, and the notes.

Headings, examples and lists are the offices' words, in Chinese in both faces: they are what is read back.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.exporting.blank_workbooks import Blank, Column, workbook_of

SEXES = ("男", "女")
RELATIONS = (
    "户主", "配偶", "儿子", "女儿", "儿媳", "女婿", "父亲", "母亲", "孙子", "孙女", "祖父", "祖母", "兄弟", "姐妹",
    "其他",
)  # fmt: skip
RANKS = ("领导班子成员", "部门负责人", "一般干部")
STATUSES = ("常住", "全家外出", "空户", "已并户", "已迁出", "已销户")
KINDS = (
    "入户走访", "电话联系", "夜访", "来访接待", "窗口值班", "谈心谈话", "座谈会", "院坝会", "宣教会", "评议会",
    "联谊会", "恳谈会", "夜学", "企业走访", "现场办公", "蹲点", "巡查", "矛盾调解", "帮办代办", "为民服务",
)  # fmt: skip
RESULTS = ("见面", "未遇", "外出", "已搬离", "谢绝")
URGENCIES, STATES = ("一般", "紧急", "长期"), ("待交办", "办理中", "已办结", "已销号")
OUTCOMES = ("解决到位", "解释到位", "帮扶到位", "依法处理")
ANSWERS, YES = ("满意", "基本满意", "不满意"), ("是", "否")
VILLAGE_KINDS = ("村", "社区")
_ID, _PHONE = "110101199001010000", "13800000000"
"""The example's numbers: the last digit of the ID number is wrong, so that it is nobody's."""


@dataclass(frozen=True)
class Lists:
    """What the drop-downs offer of the county and of the own area."""

    villages: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def village(self) -> str:
        """The village of the example."""
        return self.villages[0] if self.villages else "某某村"


def _village(lists: Lists, heading: str = "村") -> Column:
    return Column(heading, lists.village, needed=True, choices=lists.villages)


def _code(heading: str, example: str, *, needed: bool = False) -> Column:
    return Column(heading, example, needed=needed, text=True)


def _households(lists: Lists) -> list[Blank]:
    return [
        Blank("农户台账", (
            _village(lists), Column("村民组", "3组"), _code("户编号", "0001"), Column("户主姓名", "张三", needed=True),
            _code("身份证号", _ID), _code("手机号", _PHONE), Column("人口数", "4"),
            Column("户类型", "低保户、残疾人户", choices=lists.types, several=True), Column("住址", "3组12号"),
            Column("登记日期", "2025-01-31", text=True), _code("挂户干部工号", "KM001"), Column("挂户干部", "李四"),
            Column("备注"),
        )),
        _members(lists),
    ]  # fmt: skip


def _members(lists: Lists) -> Blank:
    return Blank("家庭成员", (
        _village(lists), _code("户编号", "0001", needed=True), Column("户主姓名", "张三"),
        Column("姓名", "王五", needed=True), Column("与户主关系", "配偶", needed=True, choices=RELATIONS),
        Column("性别", "女", choices=SEXES), _code("身份证号", _ID), _code("手机号", _PHONE), Column("备注"),
    ))  # fmt: skip


def _cadres(lists: Lists) -> list[Blank]:
    return [Blank("干部", (
        _code("工号", "KM001", needed=True), Column("姓名", "李四", needed=True),
        Column("单位", "党政综合办", choices=lists.units, several=True), _code("手机号", _PHONE),
        Column("职务", "科员"), _code("乡镇代码", "350626102"),
    ))]  # fmt: skip


def _divisions(lists: Lists) -> list[Blank]:
    return [Blank("行政区划", (
        Column("省", "福建省"), Column("市", "漳州市"), _code("县代码", "350626", needed=True),
        Column("县", "东山县", needed=True), _code("乡镇代码", "350626102", needed=True),
        Column("乡镇", "康美镇", needed=True), _code("村代码", "350626102200", needed=True),
        Column("全称", "某某村村民委员会"), Column("村名", "某某村", needed=True),
        Column("类型", "村", choices=VILLAGE_KINDS), Column("别名"),
    ))]  # fmt: skip


def _history(lists: Lists) -> list[Blank]:
    return [
        Blank("单位", (Column("单位", "水利站", needed=True), Column("挂钩村", lists.village, choices=lists.villages))),
        Blank("干部", (
            _code("工号", "KM001", needed=True), Column("姓名", "李四", needed=True),
            Column("职级", "一般干部", choices=RANKS), Column("单位", "水利站", choices=lists.units, several=True),
            _code("手机号", _PHONE), Column("联系村", lists.village, choices=lists.villages, several=True),
        )),
        Blank("企业", (
            _code("企业编号", "E001", needed=True), Column("企业名称", "某某水产有限公司", needed=True),
            _village(lists), Column("联系单位", "水利站", choices=lists.units, several=True),
        )),
        Blank("农户", (
            _code("户编号", "0001", needed=True), _village(lists), Column("村民组", "3组"),
            Column("户主姓名", "张三", needed=True), _code("挂户干部工号", "KM001"),
            Column("户状态", "常住", choices=STATUSES),
        )),
        Blank("走访", (
            _code("走访编号", "Z2024-001", needed=True), Column("方式", "入户走访", needed=True, choices=KINDS),
            Column("走访时间", "2024-03-01 09:30", needed=True, text=True), _village(lists), Column("村民组", "3组"),
            _code("户编号", "0001"), _code("企业编号", ""), _code("走访人工号", "KM001", needed=True),
            _code("同行人员工号", "KM002；KM003"), Column("见面人数", "2"), Column("征求意见人数", "1"),
            Column("作废", "否", choices=YES), Column("结果", "见面", choices=RESULTS), Column("走访内容", "了解近况"),
        )),
        Blank("事项", (
            _code("事项编号", "S2024-001", needed=True), _code("走访编号", "Z2024-001"), _village(lists),
            _code("户编号", "0001"), _code("登记人工号", "KM001"),
            Column("类别", "村道破损", needed=True, choices=lists.categories, several=True),
            Column("标题", "村道路面破损", needed=True), Column("紧急程度", "一般", choices=URGENCIES),
            Column("登记日期", "2024-03-01", needed=True, text=True), Column("办理时限", "2024-03-22", text=True),
            Column("承办单位", "村镇建设办", choices=lists.units, several=True),
            Column("状态", "已销号", needed=True, choices=STATES), Column("办结日期", "2024-03-20", text=True),
            Column("办理结果", "解决到位", choices=OUTCOMES), Column("满意度", "满意", choices=ANSWERS),
            Column("反映内容", "下雨积水"), Column("措施及进展", "已修补"),
        )),
    ]  # fmt: skip


_COMMON: tuple[Promise, ...] = (
    _("Fill in from row 3 on. Row 2 is an example: it is never imported, and you may delete it."),
    _("Columns with a red heading are needed, all others may stay empty; an empty cell changes nothing stored."),
    _("Columns may be moved or left out; don't rename their headings."),
    _("Codes, ID numbers, phones and dates are formatted as text: paste values only, or Excel rounds them."),
)
_HISTORY_NOTES: tuple[Promise, ...] = (
    _("Leave out the sheets you don't need. Numbers tie them together: a visit names its household by code."),
    _("Every visit and every matter keeps the number it had; with it, importing twice changes nothing."),
    _("Several companions or villages stand in one cell with a semicolon between them."),
    _("Dates as 2024-03-01, a visit also with its time: 2024-03-01 09:30. Due dates are taken as they are written."),
)


@dataclass(frozen=True)
class Template:
    """One workbook that is handed out blank."""

    title: Promise
    file_name: str
    sheets: Callable[[Lists], list[Blank]]
    notes: tuple[Promise, ...] = ()


TEMPLATES: dict[str, Template] = {
    "households": Template(_("Household roster"), "农户台账模板", _households),
    "residents": Template(_("Family members"), "家庭成员模板", lambda lists: [_members(lists)]),
    "cadres": Template(_("List of cadres"), "干部名单模板", _cadres),
    "divisions": Template(_("List of divisions"), "行政区划模板", _divisions),
    "history": Template(_("The past: visits and issues"), "历史台账模板", _history, _HISTORY_NOTES),
}
NOTES_SHEET = "填写说明"


def blank_template(kind: str, lists: Lists) -> bytes:
    """The workbook of a kind, with these drop-downs; KeyError for a kind there is not."""
    template = TEMPLATES[kind]
    notes = [str(note) for note in (*_COMMON, *template.notes)]
    return workbook_of(template.sheets(lists), notes, NOTES_SHEET)
