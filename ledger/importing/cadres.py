"""The list of cadres: one a line (``manage.py load_cadres`` and its page)."""

from ledger.importing.lists import read_list
from ledger.rules.cadre_lists import CadreLine, cadre_faults, repeated
from ledger.rules.cleaning import clean_name, clean_number
from ledger.rules.lists import ListRefused
from ledger.rules.phones import normalise_phone

COLUMNS = {
    "cadre_no": ("工号", "干部编号", "编号"),
    "cadre_name": ("姓名", "干部姓名"),
    "cadre_unit": ("单位", "工作单位", "所在单位"),
    "cadre_phone": ("手机", "手机号", "电话", "联系电话"),
    "cadre_title": ("职务",),
    "township_code": ("乡镇代码", "镇代码"),
}
REQUIRED = ("cadre_no", "cadre_name")


def read_cadres(data: bytes, *, township_code: str = "") -> list[CadreLine]:
    """The cadres of the list; ``township_code`` holds for the lines that name none.

    Raises ListRefused with every fault of every line.
    """
    lines = [
        CadreLine(
            line=number,
            township_code=clean_number(said.get("township_code", "")) or township_code,
            cadre_no=clean_number(said["cadre_no"]),
            name=clean_name(said["cadre_name"]),
            unit=said.get("cadre_unit", ""),
            phone=normalise_phone(said.get("cadre_phone", "")),
            title=said.get("cadre_title", ""),
        )
        for number, said in read_list(data, COLUMNS, REQUIRED)
    ]
    faults = [fault for line in lines for fault in cadre_faults(line)] + repeated(lines)
    if faults:
        raise ListRefused(faults)
    return lines
