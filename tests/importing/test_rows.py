"""Rows: which are data, which values they have, what is said of them."""

from typing import Any

import pytest

from ledger.importing.columns import layouts
from ledger.importing.files import FileError, FileRefused
from ledger.importing.findings import Code
from ledger.importing.reading import read_file
from ledger.importing.row import Row
from ledger.importing.rows import read_rows
from tests.importing.workbooks import (
    GOOD,
    GOOD_ID,
    HEADINGS,
    OTHER_ID,
    THIRD_ID,
    book,
    known,
    roster,
    roster_csv,
    saved,
)


def rows_of(data: bytes) -> list[Row]:
    return read_rows(layouts(read_file(data)), known())


def good(**changes: Any) -> list[Any]:
    names = ["village", "group", "hh_no", "head", "id_no", "phone", "population", "hh_type", "cadre_no"]
    return list((dict(zip(names, GOOD, strict=True)) | changes).values())


def said(row: Row) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.field, finding.column) for finding in row.findings]


def test_a_good_row() -> None:
    (row,) = rows_of(roster(GOOD))
    assert (row.row, row.refused, row.findings) == (2, False, [])
    assert row.fields.pop("village").code == "320206102001"
    assert row.fields == {
        "group": 1, "hh_no": "A001", "head": "李彩阿", "id_no": GOOD_ID, "phone": "19900001585", "population": 2,
        "hh_type": ("一般户",), "cadre_no": "LS001",
    }  # fmt: skip


def test_totals_notes_blanks_and_repeated_headings_are_no_data() -> None:
    rows = rows_of(roster(
        GOOD, ["", "", "", "", "", "", "", "", ""], ["小计", "", "", "1户", "", "", 2], HEADINGS,
        ["合计", "", "", "1户"], ["填表人：王某　　审核人：　　单位（盖章）"], ["说明：本表一式两份"],
    ))  # fmt: skip
    assert [(row.row, row.ignored) for row in rows] == [
        (2, ""), (4, "total"), (5, "header"), (6, "total"), (7, "note"), (8, "note"),
    ]  # fmt: skip


def test_a_row_without_a_head_is_refused_not_ignored() -> None:
    (row,) = rows_of(roster(good(head="")))
    assert row.refused
    assert said(row) == [("name_missing", "head", "D")]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    (row,) = rows_of(roster(good(village="正某村", id_no="320206199906019011", phone="12", population=99)))
    assert said(row) == [
        ("id_check_digit", "id_no", "E"), ("phone_invalid", "phone", "F"), ("population_invalid", "population", "G"),
        ("village_unknown", "village", "A"),
    ]  # fmt: skip
    assert all(GOOD_ID[:6] not in finding.raw for finding in row.findings)


def test_duplicates_name_the_earlier_row() -> None:
    first, second, third = rows_of(roster(
        GOOD, good(village="绿化村", hh_no="B1"), good(head="王芳", id_no=OTHER_ID),
    ))  # fmt: skip
    assert (first.refused, second.refused, third.refused) == (False, True, True)
    assert [(f.code, f.hint) for f in second.findings] == [("id_duplicate_in_file", "2")]
    assert [(f.code, f.hint) for f in third.findings] == [("hh_no_duplicate", "2")]


def test_the_same_number_in_two_villages_is_two_households() -> None:
    first, second = rows_of(roster(GOOD, good(village="绿化村", id_no=OTHER_ID)))
    assert (first.findings, second.findings) == ([], [])


def test_a_village_is_filled_down_in_a_merged_block_only() -> None:
    made = book(
        (
            "台账",
            [HEADINGS, GOOD, good(village="", hh_no="2", id_no=OTHER_ID), good(village="", hh_no="3", id_no=THIRD_ID)],
        )
    )
    made["台账"].merge_cells("A2:A3")
    first, second, third = rows_of(saved(made))
    assert second.fields["village"] is first.fields["village"]
    assert said(third) == [("village_missing", "village", "A")]


def test_a_text_file_made_from_merged_cells_names_a_village_once() -> None:
    data = roster_csv(GOOD, good(village="", hh_no="2", id_no=OTHER_ID), good(village="", hh_no="3", id_no=THIRD_ID))
    assert [row.fields["village"].code for row in rows_of(data)] == ["320206102001"] * 3


def test_the_sheet_names_the_village() -> None:
    made = book(("花苑村", [HEADINGS[1:], GOOD[1:]]), ("绿化村", [HEADINGS[1:], good(id_no=OTHER_ID)[1:]]))
    assert [row.fields["village"].name for row in rows_of(saved(made))] == ["花苑村", "绿化村"]


def test_no_village_anywhere_refuses_the_file() -> None:
    with pytest.raises(FileRefused) as caught:
        rows_of(saved(book(("台账", [HEADINGS[1:], GOOD[1:]]))))
    assert caught.value.code == FileError.MISSING_REQUIRED_COLUMN


def test_headings_alone_refuse_the_file() -> None:
    with pytest.raises(FileRefused) as caught:
        rows_of(roster())
    assert caught.value.code == FileError.NO_DATA_ROWS


def test_formulas_without_a_value_keep_the_row_out_in_core_columns_only() -> None:
    headings = [*HEADINGS, "备注"]
    first, second = rows_of(
        roster([*good(id_no="=A1"), ""], [*good(hh_no="2", id_no=OTHER_ID), "=A1"], headings=headings)
    )
    assert said(first) == [("formula_no_value", "id_no", "E")]
    assert second.findings == []


def test_a_hidden_row_is_told() -> None:
    made = book(("台账", [HEADINGS, GOOD]))
    made["台账"].row_dimensions[2].hidden = True
    (row,) = rows_of(saved(made))
    assert (row.refused, said(row)) == (False, [("hidden_row", "head", "D")])


def test_members_whose_birth_date_differs_are_told() -> None:
    headings = ["户编号", "户主姓名", "姓名", "与户主关系", "性别", "身份证号", "出生日期"]
    (row,) = rows_of(roster(["A001", "李彩阿", "李彩阿", "户主", "女", GOOD_ID, "1990-01-01"], headings=headings))
    assert (row.role, row.refused, said(row)) == ("residents", False, [("birth_mismatch", "birth", "G")])


def test_a_number_in_the_wrong_column_is_not_quoted() -> None:
    row = Row("s", 3, "households", {})
    row.tell(Code.TYPE_UNKNOWN, "hh_type", "350626197001011234 13812345678")
    assert row.findings[0].raw == "350626********1234 138****5678"
    row.tell(Code.PHONE_INVALID, "phone", "13812345678")
    assert row.findings[1].raw == ""


def test_a_village_named_once_may_stand_in_the_last_column() -> None:
    """Readers cut off a row's empty end: the rows below the one that names the village are shorter."""
    rows = rows_of(roster_csv(["李彩阿", "六龙社区"], ["王芳", ""], ["欧阳雪", ""], headings=["户主", "村"]))
    assert [row.fields["village"].name for row in rows] == ["六龙社区"] * 3


def test_villages_in_rows_of_their_own_above_their_households() -> None:
    headings = ["户主姓名", "身份证号", "人口"]
    made = book(("名册", [
        headings, ["六龙社区"], ["李彩阿", GOOD_ID, 2], ["合计", "", 2], ["村名：绿化村"], ["王芳", OTHER_ID, 3],
        ["六龙杜区（25户）"], ["赵四", THIRD_ID, 1],
    ]))  # fmt: skip
    made["名册"].merge_cells("A2:C2")
    rows = rows_of(saved(made))
    assert [(row.row, row.ignored, [str(f.code) for f in row.findings]) for row in rows] == [
        (2, "note", []), (3, "", []), (4, "total", []), (5, "note", []), (6, "", []), (7, "note", []),
        (8, "", ["village_unknown"]),
    ]  # fmt: skip
    assert [row.fields["village"].name for row in rows if row.row in (3, 6)] == ["六龙社区", "绿化村"]


def test_a_row_before_the_first_village_leaves_the_sheet_as_it_is() -> None:
    headings = ["户主姓名", "身份证号", "人口"]
    with pytest.raises(FileRefused):
        rows_of(saved(book(("名册", [headings, ["李彩阿", GOOD_ID, 2], ["六龙社区"], ["王芳", OTHER_ID, 3]]))))
