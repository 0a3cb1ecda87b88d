"""What is asked about a sheet, and what needs no question."""

from typing import Any

import pytest

from ledger.importing.columns import layout_of
from ledger.importing.doubts import Doubt, Why, doubts_of
from ledger.importing.reading import Sheet
from ledger.importing.samples import shown_text, signature
from tests.importing.workbooks import GOOD, GOOD_ID, HEADINGS, OTHER_ID, known

SECOND = ["绿化村", "2组", "A002", "王芳", OTHER_ID, "13800001234", 3, "一般户", "LS001"]


def asked(headings: list[Any], *rows: list[Any], above: tuple[list[Any], ...] = ()) -> list[tuple[str, int | None]]:
    sheet = Sheet("台账", [*above, headings, *rows])
    return [(one.why, one.column) for one in doubts_of(sheet, layout_of(sheet), known().villages)]


def with_column(heading: str, *cells: Any) -> list[tuple[str, int | None]]:
    return asked([*HEADINGS, heading], [*GOOD, cells[0]], [*SECOND, cells[1]])


def test_a_clear_roster_asks_nothing() -> None:
    assert asked(HEADINGS, GOOD, SECOND) == []


@pytest.mark.parametrize(
    "heading",
    [
        "序号", "民族", "政治面貌", "银行卡号", "车牌号", "残疾证号", "年人均收入（元）", "耕地面积(亩)", "是否脱贫户",
        "配偶姓名", "配偶身份证号", "包村干部", "村支书电话", "联系人电话", "挂户干部职务", "填报人", "自然村",
        "文化程度", "户主政治面貌", "挂户干部身份证号",
    ],
)  # fmt: skip
def test_headings_that_rosters_have_and_the_ledger_has_not_are_passed_over(heading: str) -> None:
    assert with_column(heading, "甲", "乙") == []


@pytest.mark.parametrize("heading", ["编号", "户名", "网格", "联络方式二", "编码", "ID", "证号", "家庭情况说明表"])
def test_an_unknown_heading_is_asked_about(heading: str) -> None:
    assert with_column(heading, "甲", "乙") == [(Why.UNKNOWN, 9)]


def test_an_unknown_heading_over_nothing_is_not() -> None:
    assert with_column("编号", "", None) == []


@pytest.mark.parametrize("cells", [(1, 2), ("1", "2"), (1.0, 1.0)])
def test_a_column_that_counts_the_rows_is_not(cells: tuple[Any, Any]) -> None:
    assert with_column("编号", *cells) == []
    assert with_column("", *cells) == []


def test_a_column_without_a_heading_is_asked_about_unless_it_holds_a_scribble() -> None:
    assert with_column("", "甲", "乙") == [(Why.NO_HEADING, 9)]
    rows = [[*GOOD, "看" if n == 3 else ""] for n in range(40)]
    assert asked([*HEADINGS, ""], *rows) == []


@pytest.mark.parametrize(("heading", "field"), [("联系电话", 5), ("户主", 3), ("公民身份号码", 4), ("包户干部编号", 8)])
def test_a_second_column_of_a_field_is_asked_about(heading: str, field: int) -> None:
    sheet = Sheet("台账", [[*HEADINGS, heading], [*GOOD, "甲"], [*SECOND, "乙"]])
    assert doubts_of(sheet, layout_of(sheet)) == [Doubt(Why.TWICE, 9, "ABCDEFGHI"[field])]


def test_a_second_column_that_says_the_same_or_nothing_is_not() -> None:
    assert with_column("联系电话", GOOD[5], SECOND[5]) == []
    assert with_column("联系电话", "", "") == []


def test_of_two_columns_the_one_with_anything_in_it_is_taken() -> None:
    sheet = Sheet("台账", [["村", "手机", "户主", "电话"], ["六龙社区", "", "李彩阿", "19900001585"]])
    assert layout_of(sheet).columns["phone"] == 3
    assert doubts_of(sheet, layout_of(sheet)) == []


@pytest.mark.parametrize(
    ("cells", "looks"),
    [((GOOD_ID, OTHER_ID), "id_no"), (("19900001585", 13800001234.0), "phone"), (("六龙社区", "花苑村"), "village"),
     (("甲", "乙"), "")],
)  # fmt: skip
def test_what_a_column_looks_like_is_told(cells: tuple[Any, Any], looks: str) -> None:
    sheet = Sheet("台账", [["村", "户主", "代号"], ["六龙社区", "李彩阿", cells[0]], ["绿化村", "王芳", cells[1]]])
    (doubt,) = doubts_of(sheet, layout_of(sheet), known().villages)
    assert (doubt.why, doubt.looks) == (Why.UNKNOWN, looks)


def test_people_with_relations_are_no_households() -> None:
    """Without a household's code or head, each row would become a household of its own."""
    heads = ["村", "姓名", "与户主关系", "身份证号"]
    assert asked(heads, ["六龙社区", "李彩阿", "户主", GOOD_ID]) == []
    mixed = asked(heads, ["六龙社区", "李彩阿", "户主", GOOD_ID], ["六龙社区", "王芳", "妻", OTHER_ID])
    assert mixed == [(Why.KIND, None)]


def test_a_list_with_codes_and_genders_may_be_either() -> None:
    heads = ["村", "户编号", "姓名", "性别"]
    rows = [["六龙社区", "A1", "李彩阿", "男"], ["六龙社区", "A2", "王芳", "女"]]
    assert asked(heads, *rows) == [(Why.KIND, None)]
    rows[1][1] = "A1"
    assert asked(heads, *rows) == []


def test_a_sheet_that_was_not_recognised_is_asked_about_when_it_looks_like_a_roster() -> None:
    strange = [["甲", "乙", "丙"], *([f"村{n}", "某", GOOD_ID] for n in range(3))]
    assert asked(strange[0], *strange[1:]) == [(Why.NOT_RECOGNISED, None), (Why.UNKNOWN, 2)]
    assert asked(["户类型", "是否"], ["一般户", "是"]) == []
    assert asked(["手机号", "人口"], ["19900001585", 3]) == [(Why.NOT_RECOGNISED, None)]


def test_totals_and_notes_below_a_column_without_heading_are_no_data() -> None:
    rows = [GOOD, SECOND, ["合计", *[""] * 8, "共两户"], ["小计", *[""] * 8, "两户"]]
    assert asked([*HEADINGS, ""], *rows) == []


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (GOOD_ID, "320206********9606"), (" ３２０２０６ 19610812 957x", "320206********957x"),
        (13800001234.0, "138****1234"), ("138-0000-1234", "138****1234"), ("0510-83316001", "****6001"),
        ("电话83316001转3", "电话****6001转3"), ("6222000000000000194", "****0194"), ("<b>王芳</b>", "<b>王芳</b>"),
        (f"妻 {OTHER_ID}", "妻 320206********957X"), ("A001", "A001"), (3.0, "3"), ("字" * 60, "字" * 40),
        (320206196104039606.0, "320206********9616"),
    ],
)  # fmt: skip
def test_numbers_are_masked_whatever_column_they_stand_in(cell: Any, shown: str) -> None:
    assert shown_text(cell) == shown


def test_a_layout_is_known_again_by_its_headings_alone() -> None:
    first = Sheet("三月", [["标题"], HEADINGS, GOOD])
    second = Sheet("四月", [[" 村", *HEADINGS[1:]], SECOND])
    assert signature(first, (1,)) == signature(second, (0,))
    assert signature(first, (1,)) != signature(Sheet("", [HEADINGS[::-1]]), (0,))
