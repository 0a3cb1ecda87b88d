"""Lists as offices have them, where a row or a whole sheet could be taken for what it is not."""

from typing import Any

import pytest

from ledger.importing.batches import create_batch
from ledger.importing.files import FileError, FileRefused
from ledger.importing.findings import Code
from ledger.importing.plan import Outcome, Planned
from ledger.importing.report import report_of
from ledger.importing.roster import plan_roster, read_roster
from ledger.importing.villages import Place
from tests.importing.test_plan import plan_of, row
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, THIRD_ID, book, saved
from tests.world import World

WHO = ["村", "户主姓名", "身份证号"]


def told(rows: list[Planned]) -> list[tuple[Any, ...]]:
    """Outcome, village, head or name, and codes of each row."""
    found = []
    for planned in rows:
        said, place = planned.row.fields, planned.row.fields.get("village")
        name = place.name if isinstance(place, Place) else ""
        codes = [finding.code for finding in planned.row.findings]
        found.append((planned.outcome, name, said.get("name") or said.get("head") or planned.row.ignored, codes))
    return found


def sheet_of(*rows: list[Any], **merged: str) -> bytes:
    made = book(("台账", list(rows)))
    for block in merged.values():
        made["台账"].merge_cells(block)
    return saved(made)


def test_members_become_no_households_where_nobody_says_whose_they_are(world: World) -> None:
    headings = ["村", "姓名", "与户主关系", "身份证号"]
    people = [["城垵村", "李彩阿", "户主", GOOD_ID], ["城垵村", "王芳", "妻", OTHER_ID]]
    plan = plan_of(world, sheet_of(headings, *people))
    assert told(plan.households) == [(Outcome.CREATED, "城垵村", "李彩阿", [])]
    assert told(plan.members) == [(Outcome.REFUSED, "", "王芳", [Code.HOUSEHOLD_UNKNOWN])]
    plan = plan_of(world, saved(book(("城垵村", [headings[1:], *(person[1:] for person in people)]))))
    assert told(plan.households) == [(Outcome.CREATED, "城垵村", "李彩阿", [])]
    assert told(plan.members) == [(Outcome.REFUSED, "", "王芳", [Code.HOUSEHOLD_UNKNOWN])]
    with pytest.raises(FileRefused) as caught:
        plan_of(world, sheet_of(headings[1:], *(person[1:] for person in people)))
    assert caught.value.code == FileError.MISSING_REQUIRED_COLUMN


def test_lists_of_officials_and_members_of_the_party_are_left_out(world: World) -> None:
    officials = [["村", "姓名", "职务", "联系电话"], ["城垵村", "李支书", "支书", "13900001235"]]
    numbers = [["序号", "姓名", "单位", "职务", "电话"], [1, "王主任", "党政办", "主任", "13900001236"]]
    party = [["村", "姓名", "身份证号", "入党时间"], ["城垵村", "陈党员", THIRD_ID, "1990-07-01"]]
    plan = plan_of(
        world, saved(book(("名册", [HEADINGS, row()]), ("村干部", officials), ("通讯录", numbers), ("党员", party)))
    )
    assert told(plan.rows) == [(Outcome.CREATED, "城垵村", "李彩阿", [])]


def test_who_has_a_cadre_beside_an_office_is_a_household(world: World) -> None:
    rows = [["村", "姓名", "身份证号", "包户干部", "职务"], ["城垵村", "李彩阿", GOOD_ID, "", "主任"]]
    assert told(plan_of(world, sheet_of(*rows)).rows) == [(Outcome.CREATED, "城垵村", "李彩阿", [])]


def test_a_village_is_filled_down_below_a_merged_title_and_past_a_subtotal(world: World) -> None:
    rows = [
        ["农户名册", "", ""], WHO, ["城垵村", "李彩阿", GOOD_ID], ["", "王芳", OTHER_ID], ["小计", "-", "2户"],
        ["", "陈强", THIRD_ID], ["", "林英", ""],
    ]  # fmt: skip
    assert told(plan_of(world, sheet_of(*rows, title="A1:C1")).rows) == [
        (Outcome.CREATED, "城垵村", "李彩阿", []), (Outcome.CREATED, "城垵村", "王芳", []),
        (Outcome.IGNORED, "", "total", []), (Outcome.CREATED, "城垵村", "陈强", []),
        (Outcome.CREATED, "城垵村", "林英", [Code.ID_MISSING]),
    ]  # fmt: skip


def test_totals_are_totals_whatever_stands_in_them(world: World) -> None:
    totals = [
        ["合计", "", "=SUM(C2:C2)"],
        ["其中：低保户", "", 3],
        ["总户数", 1, ""],
        ["接上页", "", 5],
        ["过次页", "", 5],
    ]
    plan = plan_of(world, sheet_of(["村", "户主姓名", "家庭人口"], ["城垵村", "李彩阿", 3], *totals))
    assert told(plan.rows) == [
        (Outcome.CREATED, "城垵村", "李彩阿", []), *[(Outcome.IGNORED, "", "total", [])] * 5,
    ]  # fmt: skip


def test_a_second_phone_counts_where_the_first_is_empty(world: World) -> None:
    for first, second in (("电话", "联系电话"), ("电话1", "电话2"), ("手机号", "备用电话")):
        rows = [
            [*WHO, first, second], ["城垵村", "李彩阿", GOOD_ID, "", "13900001235"],
            ["城垵村", "王芳", OTHER_ID, "13900001236", "13900001237"], ["城垵村", "陈强", THIRD_ID, "", ""],
        ]  # fmt: skip
        found = [planned.row.fields["phone"] for planned in plan_of(world, sheet_of(*rows)).rows]
        assert found == ["13900001235", "13900001236", ""], first


def test_a_title_of_another_township_names_none_of_our_villages(world: World) -> None:
    rows = [["户主姓名", "身份证号"], ["李彩阿", GOOD_ID]]
    for title, village in (
        ("康美镇城垵村农户名册", "城垵村"),
        ("城垵村农户名册", "城垵村"),
        ("全镇城垵村名册", "城垵村"),
    ):
        assert told(plan_of(world, sheet_of([title], *rows)).rows) == [(Outcome.CREATED, village, "李彩阿", [])]
    with pytest.raises(FileRefused) as caught:
        plan_of(world, sheet_of(["前洲街道城垵村农户名册"], *rows))
    assert caught.value.code == FileError.MISSING_REQUIRED_COLUMN


def test_a_cadres_number_in_the_column_of_names_is_the_cadre(world: World) -> None:
    cadre = world.cadre("household_cadre")
    rows = [[*WHO, "挂户干部"], ["城垵村", "李彩阿", GOOD_ID, cadre.cadre_no.lower()]]
    (planned,) = plan_of(world, sheet_of(*rows)).rows
    assert (planned.cadre, planned.row.findings) == (cadre.pk, [])


def test_a_report_says_how_it_was_read_and_is_a_mapping(world: World) -> None:
    data = sheet_of([*WHO, "那个谁"], ["城垵村", "李彩阿", GOOD_ID, "x"])
    report = report_of(plan_of(world, data))
    (sheet,) = report["sheets"]
    assert (sheet["columns"], sheet["left_out"]) == ({"A": "village", "B": "head", "C": "id_no"}, {"D": "那个谁"})
    again = plan_roster(read_roster(data, report), [world.township])
    assert told(again.rows) == [(Outcome.CREATED, "城垵村", "李彩阿", [])]


FAULTS = (
    {"header_rows": [0]}, {"header_rows": [-1]}, {"header_rows": [99]}, {"header_rows": [1.5]}, {"header_rows": ["1"]},
    {"header_rows": [True]}, {"data_rows": [-5, 2]}, {"data_rows": [2, -5]}, {"data_rows": ["2"]}, {"role": "xyz"},
    {"role": None}, {"columns": {"A": "village", "B": "head", "C": "idno"}}, {"columns": {"A": "village", "B": 7}},
    {"columns": {"AAAA": "village", "B": "head"}},
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_faulty_mapping_is_refused_as_a_whole(fault: dict[str, Any]) -> None:
    data = sheet_of(WHO, ["城垵村", "李彩阿", GOOD_ID])
    entry = {"name": "台账", "role": "households", "header_rows": [1], "columns": {"A": "village", "B": "head"}}
    with pytest.raises(FileRefused) as caught:
        read_roster(data, {"sheets": [entry | fault]})
    assert caught.value.code == FileError.NO_HEADER
    assert "--report" in str(caught.value.message)


def test_a_number_in_a_file_s_name_is_masked(world: World) -> None:
    admin = world.users["township_admin"]
    batch = create_batch(by=admin, townships=[world.township], file_name="名册13711112222.xlsx", data=sheet_of(WHO))
    assert batch.file_name == "名册137****2222.xlsx"
