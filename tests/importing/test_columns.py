"""Headings: what is known is found wherever it stands; what looks alike is never mistaken."""

import pytest

from ledger.importing.columns import Role, layout_of, layouts, mapped_layouts
from ledger.importing.files import FileError, FileRefused
from ledger.importing.headings import field_below, field_of, spelled
from ledger.importing.reading import Sheet, read_file
from tests.importing.workbooks import GOOD, HEADINGS, book, saved


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("户主姓名", "head"), ("户 主", "head"), ("户主\n姓名*", "head"), ("1、户主姓名", "head"), ("农户姓名", "head"),
        ("挂户干部姓名", "cadre_name"), ("挂户干部", "cadre_name"), ("包户干部工号", "cadre_no"), ("工号", "cadre_no"),
        ("帮扶责任人联系电话", "cadre_phone"), ("联系电话（挂户干部）", "cadre_phone"),
        ("挂户干部的电话", "cadre_phone"),
        ("挂户干部身份证号", None), ("挂户干部职务", None),
        ("电话", "phone"), ("手机号（必填）", "phone"), ("户主电话", "phone"), ("联系人电话", None),
        ("配偶手机号", None),
        ("身份证号", "id_no"), ("公民身份号码", "id_no"), ("户主身份证件号码", "id_no"), ("ＩＤ", None),
        ("银行卡号", None), ("社保卡号", None), ("残疾证号", None), ("车牌号", None), ("序号", None), ("编号", None),
        ("村支书姓名", None), ("包村干部", None), ("包村干部电话", None), ("网格员姓名", None), ("自然村", None),
        ("填报人", None),
        ("行政村(社区)", "village"), ("村（居）", "village"), ("村民小组", "group"), ("村组", "village_group"),
        ("户编号", "hh_no"), ("人口数(人)", "population"), ("户类型", "hh_type"), ("家庭住址", "address"),
        ("备 注", "remark"),
        ("登记日期", "since"), ("挂户时间", "assigned_on"), ("与户主关系", "relation"), ("乡（镇）", "township"),
    ],
)  # fmt: skip
def test_a_heading_names_a_field_or_none(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


@pytest.mark.parametrize(
    ("parent", "child", "field"),
    [
        ("挂户干部", "姓名", "cadre_name"), ("挂户干部", "电话", "cadre_phone"), ("挂户干部情况", "工号", "cadre_no"),
        ("户主信息", "姓名", "head"), ("户主", "身份证号", "id_no"), ("基本信息", "户主姓名", "head"),
        ("村", "", "village"),
        ("户主姓名", "户主姓名", "head"), ("包村干部", "姓名", None), ("村支书", "电话", None),
        ("家庭成员", "姓名", "name"),
        ("挂户干部", "身份证号", None), ("联系方式", "手机", "phone"), ("挂户干部", "民族", None),
    ],
)  # fmt: skip
def test_two_row_headings(parent: str, child: str, field: str | None) -> None:
    assert field_below(parent, child) == field


def test_title_rows_stand_above_the_headings() -> None:
    rows = [["洛社镇农户台账（2026年）"], ["填报单位：洛社镇人民政府", "", "日期：2026年7月1日"], HEADINGS, GOOD]
    layout = layout_of(Sheet("S", rows))
    assert (layout.header_rows, layout.first, layout.role) == ((2,), 3, Role.HOUSEHOLDS)
    assert layout.columns["head"] == 3
    assert layout.title.startswith("洛社镇农户台账")


def test_two_rows_of_merged_headings() -> None:
    made = book(("台账", [
        ["洛社镇包户台账"], ["村", "户主", "", "挂户干部", "", "备注"], ["", "姓名", "电话", "姓名", "电话", ""],
        ["六龙社区", "李彩阿", "19900001585", "匡宏健", "18700008082", ""],
    ]))  # fmt: skip
    for block in ("A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"):
        made["台账"].merge_cells(block)
    ((_sheet, layout),) = layouts(read_file(saved(made)))
    assert layout.header_rows == (1, 2)
    assert layout.columns == {
        "village": 0, "head": 1, "phone": 2, "cadre_name": 3, "cadre_phone": 4, "remark": 5,
    }  # fmt: skip


def test_of_two_columns_of_one_field_the_second_is_told() -> None:
    layout = layout_of(
        Sheet("S", [["村", "户主姓名", "手机", "电话", "银行卡号"], ["六龙社区", "李彩阿", "1", "2", "3"]])
    )
    assert layout.columns["phone"] == 2
    assert layout.left_out == {"D": "电话", "E": "银行卡号"}


def test_sheets_that_are_no_roster_are_left_alone() -> None:
    dictionary = Sheet("字典", [["户类型", "是否"], ["一般户", "是"]])
    hidden = Sheet("旧", [HEADINGS, GOOD], hidden=True)
    found = layouts([Sheet("台账", [HEADINGS, GOOD]), dictionary, hidden])
    assert [sheet.name for sheet, _layout in found] == ["台账"]


def test_a_sheet_of_members() -> None:
    layout = layout_of(
        Sheet("家庭成员", [["户编号", "户主姓名", "姓名", "与户主关系", "性别", "身份证号", "出生日期"]])
    )
    assert layout.role == Role.RESIDENTS


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["a", "b"], ["c", "d"]], FileError.NO_HEADER),
        ([["村", "电话"], ["六龙社区", "1"]], FileError.MISSING_REQUIRED_COLUMN),
        ([[], [""]], FileError.EMPTY_FILE),
    ],
)
def test_files_without_a_roster_are_refused(rows: list[list[str]], code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        layouts([Sheet("S", rows)])
    assert caught.value.code == code


def test_a_mapping_by_hand() -> None:
    sheet = Sheet("S", [["甲", "乙", "丙"], ["六龙社区", "李彩阿", "x"]])
    columns = {"A": "village", "B": "head", "C": "(unknown column, ignore)"}
    mapping = {
        "sheets": [{"name": "S", "role": "households", "header_rows": [1], "data_rows": [2, 2], "columns": columns}]
    }
    ((_sheet, layout),) = mapped_layouts([sheet], mapping)
    assert (layout.columns, layout.first, layout.last) == ({"village": 0, "head": 1}, 1, 2)


def test_a_heading_of_brackets_without_end_is_read_no_further() -> None:
    """Looking for the end of each of a hundred thousand brackets kept a worker busy for minutes."""
    assert spelled("(" * 100_000) == spelled("(" * 500)
    assert spelled("户主姓名(" + "必填" * 40 + ")") == ("户主姓名", "必填" * 40)
