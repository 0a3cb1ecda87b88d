"""What the fields of a roster are called on screen, and the headings they are best known by."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELD_NAMES: dict[str, Promise | str] = {
    "township": _("Township"),
    "village": _("Village"),
    "village_group": _("Village and group"),
    "group": _("Group"),
    "hh_no": _("Household code"),
    "head": _("Head of household"),
    "name": _("Name"),
    "relation": _("Relation to the head"),
    "sex": _("Gender"),
    "id_no": _("ID number"),
    "birth": _("Birth date"),
    "phone": _("Phone"),
    "population": _("People"),
    "hh_type": _("Household type"),
    "address": _("Address"),
    "since": _("Registered on"),
    "cadre": _("Household cadre"),
    "cadre_name": _("Household cadre's name"),
    "cadre_no": _("Household cadre's number"),
    "cadre_unit": _("Household cadre's unit"),
    "cadre_phone": _("Household cadre's phone"),
    "assigned_on": _("Household cadre since"),
    "remark": _("Remark"),
}

EXAMPLES: tuple[tuple[str, str, bool], ...] = (
    ("village", "村 · 所属村 · 行政村(社区)", True),
    ("head", "户主 · 户主姓名 · 农户姓名", True),
    ("id_no", "身份证号 · 公民身份号码", False),
    ("hh_no", "户编号 · 户号 · 农户编号", False),
    ("group", "组 · 村民组 · 村民小组", False),
    ("phone", "手机号 · 联系电话 · 联系方式", False),
    ("population", "人口 · 人口数 · 家庭人口", False),
    ("address", "住址 · 家庭住址 · 详细地址", False),
    ("hh_type", "户类型 · 农户类别 · 类别", False),
    ("cadre_no", "挂户干部工号 · 包户干部编号 · 工号", False),
    ("cadre_name", "挂户干部 · 包户干部姓名 · 帮扶责任人", False),
    ("since", "登记日期 · 建档时间", False),
    ("remark", "备注 · 说明", False),
)
"""Field, headings it is found under, whether a roster can't do without it."""
READ_BUT_NOT_STORED = frozenset({"edu", "health", "work", "county"})
"""Columns that are understood and have no place in the ledger."""
