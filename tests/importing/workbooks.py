"""Small rosters made for the tests."""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

from openpyxl import Workbook

from ledger.forms.import_columns import ColumnsForm
from ledger.importing.choosing import sample_kept
from ledger.importing.rows import Known
from ledger.importing.villages import Place, Villages
from ledger.models import ImportBatch

HEADINGS = ["村", "村民组", "户编号", "户主姓名", "身份证号", "手机号", "人口数", "户类型", "挂户干部工号"]
GOOD_ID, OTHER_ID, THIRD_ID = "320206196104039606", "32020619610812957X", "320206195501309011"
GOOD = ["六龙社区", "1组", "A001", "李彩阿", GOOD_ID, "19900001585", 2, "一般户", "LS001"]
TYPES = frozenset({"一般户", "低保户", "军属", "五保户"})
TODAY = date(2026, 7, 1)

PLACES = [
    Place(1, "320206102001", "六龙社区", 1, "洛社镇", "六龙社区居委会", above=("惠山区", "无锡市", "江苏省")),
    Place(2, "320206102200", "绿化村", 1, "洛社镇", "绿化村村委会", above=("惠山区", "无锡市", "江苏省")),
    Place(3, "320206102204", "花苑村", 1, "洛社镇", "花苑村村委会", above=("惠山区", "无锡市", "江苏省")),
    Place(4, "320206103201", "前洲村", 2, "前洲镇", "前洲村村委会", above=("惠山区",), in_scope=False),
    Place(5, "320206102301", "新桥村", 1, "洛社镇", "新桥村村委会"),
    Place(6, "320206102302", "新桥社区", 1, "洛社镇", "新桥社区居委会"),
]


def known() -> Known:
    """What a ledger with these places and types knows."""
    return Known(Villages(PLACES), TYPES, TODAY)


def book(*sheets: tuple[str, Iterable[Iterable[Any]]]) -> Workbook:
    """A workbook of these sheets, to be changed further."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return made


def saved(made: Workbook) -> bytes:
    """The bytes of the workbook."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def roster(*rows: Iterable[Any], headings: Iterable[Any] = HEADINGS) -> bytes:
    """An .xlsx with one sheet of headings and rows."""
    return saved(book(("台账", [headings, *rows])))


def roster_csv(*rows: Iterable[Any], headings: Iterable[Any] = HEADINGS, encoding: str = "utf-8") -> bytes:
    """The same as text."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode(encoding)


def choice(batch: ImportBatch, **changed: Any) -> dict[str, Any]:
    """What the page of columns of a batch sends when nothing is changed on it, but for these fields."""
    form = ColumnsForm(sample=sample_kept(batch), version=batch.version, names_village=lambda text: False)
    sent: dict[str, Any] = {"version": batch.version, "remember": "on"}
    for block in form.blocks:
        sent |= {block[name].html_name: block[name].value() for name in block.fields if name != "used"}
        if block["used"].value():
            sent[block["used"].html_name] = "on"
    return {name: value for name, value in (sent | changed).items() if value is not None}


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()
