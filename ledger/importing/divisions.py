"""The list of official divisions: one village a line (``manage.py load_divisions`` and its page)."""

from django.utils.translation import gettext as _

from ledger.importing.lists import read_list
from ledger.rules.cleaning import clean_number
from ledger.rules.divisions import DivisionLine, clashes, division_faults, split_aliases, village_kind
from ledger.rules.lists import LineFault, ListRefused

COLUMNS = {
    "province": ("省", "省份"),
    "city": ("市", "地市", "设区市"),
    "county_code": ("县代码", "县级代码", "县区代码"),
    "county": ("县", "县区", "县名称"),
    "township_code": ("乡镇代码", "镇代码", "乡级代码"),
    "township": ("乡镇", "镇", "乡镇街道", "乡镇名称"),
    "village_code": ("村代码", "村级代码", "统计用区划代码", "区划代码"),
    "official_name": ("全称", "官方名称", "规范名称"),
    "name": ("村", "村名", "村社区", "名称", "村名称"),
    "kind": ("类型", "类别"),
    "alias": ("别名", "曾用名", "俗称"),
}
REQUIRED = ("county_code", "county", "township_code", "township", "village_code", "name")


def read_divisions(data: bytes) -> list[DivisionLine]:
    """The villages of the list; raises ListRefused with every fault of every line."""
    lines: list[DivisionLine] = []
    faults: list[LineFault] = []
    for number, said in read_list(data, COLUMNS, REQUIRED):
        kind = village_kind(said.get("kind", ""), said["name"])
        if kind is None:
            text = _("The kind must be 村 or 社区, not “%(kind)s”.") % {"kind": said["kind"][:20]}
            faults.append(LineFault(number, text))
        line = DivisionLine(
            line=number,
            county_code=clean_number(said["county_code"]), county=said["county"],
            township_code=clean_number(said["township_code"]), township=said["township"],
            village_code=clean_number(said["village_code"]), village=said["name"],
            province=said.get("province", ""), city=said.get("city", ""),
            official_name=said.get("official_name", ""), kind=kind or "",
            aliases=split_aliases(said.get("alias", "")),
        )  # fmt: skip
        faults += division_faults(line)
        lines.append(line)
    faults += clashes(lines)
    if faults:
        raise ListRefused(faults)
    return lines
