"""The workbook that goes back: the layout kept, a column and a sheet more, and read again as if nothing was added."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font, PatternFill

from ledger.importing.kept_files import drop_file
from ledger.importing.returned import HEADINGS, SHEETS, read_sheets
from ledger.importing.roster import plan_roster, read_roster
from ledger.importing.workbook import NotReturned, returned_workbook
from ledger.models import ImportBatch
from tests.importing.test_plan import existing, row
from tests.importing.test_undo import applied
from tests.importing.workbooks import GOOD_ID, OTHER_ID, book, roster_csv, saved
from tests.importing.workbooks import HEADINGS as COLUMNS
from tests.world import World

HEADING, SHEET = HEADINGS[0], SHEETS[0]
BAD = {"户编号": "A2", "户主姓名": "=cmd|' /C calc'!A0", "身份证号": "320206199906019011"}
CASES = Path("/work/shared/cases/files")


def workbook(world: World) -> bytes:
    """A title, coloured headings, a formula in a note, a total; one row of each kind."""
    made = book(("户", [["名册"], [*COLUMNS, "备注"], [*row(), "=1+1"], [*row(**BAD), ""],
                       [*row(**existing(world)), ""], [*row(**existing(world, 2) | {"人口数": 8}), ""],
                       ["合计", "", "", "", "", "", 14]]))  # fmt: skip
    sheet = made["户"]
    sheet.merge_cells("A1:J1")
    sheet["A1"].font = Font(size=18, bold=True)
    sheet["D4"].data_type = "s"
    sheet["A4"].fill = PatternFill("solid", fgColor="00FF00")
    sheet["B4"].font = Font(bold=True)
    sheet.column_dimensions["D"].width = 33
    return saved(made)


def texts(sheet: Any, column: str = "K") -> dict[int, str]:
    return {cell.row: cell.value for cell in sheet[column] if cell.value}


def test_the_same_workbook_with_a_column_more(world: World) -> None:
    batch = applied(world, workbook(world))
    made, kind = returned_workbook(batch)
    back = load_workbook(io.BytesIO(made))
    sheet = back["户"]
    said = texts(sheet)
    assert kind == "xlsx"
    assert set(said) == {2, 3, 4, 5, 6, 7}
    assert said[2] == HEADING
    assert (said[3], said[5], said[7]) == ("已新增", "无变化", "非农户行（合计）")
    assert said[4].startswith("未导入；")
    assert "E4" in said[4]
    assert said[6].startswith("已更新；更新：人口")
    assert (sheet["A1"].font.sz, sheet["A1"].value, sheet.column_dimensions["D"].width) == (18, "名册", 33)
    assert [str(block) for block in sheet.merged_cells.ranges] == ["A1:J1"]
    assert sheet["J3"].value == "=1+1"
    coloured = {cell.coordinate for line in sheet.iter_rows() for cell in line if cell.fill.fgColor.rgb == "FFFDE2E0"}
    assert coloured == {f"{letter}4" for letter in "ABCDEFGHIJK"}
    assert sheet["B4"].font.bold
    assert not sheet["A3"].fill.fill_type


def test_refused_rows_stand_on_their_own_sheet(world: World) -> None:
    made, _kind = returned_workbook(applied(world, workbook(world)))
    sheet = load_workbook(io.BytesIO(made))[SHEET]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[2][:4] == ["村", "村民组", "户编号", "户主姓名"]
    assert lines[2][10] == HEADING
    assert len(lines) == 4
    assert lines[3][3] == BAD["户主姓名"]
    assert sheet["D4"].data_type == "s"  # what looks like a formula is text
    assert lines[3][10].startswith("原表第 4 行")


def plan(world: World, data: bytes) -> Any:
    return plan_roster(read_roster(data), [world.township])


def test_sent_straight_back_nothing_changes(world: World) -> None:
    batch = applied(world, workbook(world))
    made, _kind = returned_workbook(batch)
    again = plan(world, made)
    assert {p.outcome.value for p in again.rows} == {"unchanged", "refused", "ignored"}
    assert [(p.row.row, p.outcome.value) for p in again.rows] == [
        (3, "unchanged"), (4, "refused"), (5, "unchanged"), (6, "unchanged"), (7, "ignored"),
    ]  # fmt: skip


def test_the_refused_sheet_alone_can_be_corrected(world: World) -> None:
    made, _kind = returned_workbook(applied(world, workbook(world)))
    back = load_workbook(io.BytesIO(made))
    del back["户"]
    sheet = back[SHEET]
    sheet["D4"], sheet["E4"] = "王芳", OTHER_ID
    (one,) = [p for p in plan(world, saved(back)).rows if p.outcome != "ignored"]
    assert (one.outcome.value, one.row.fields["head"]) == ("created", "王芳")


def test_returned_twice_there_is_still_one_column_and_one_sheet(world: World) -> None:
    made, _kind = returned_workbook(applied(world, workbook(world)))
    again, _kind = returned_workbook(applied(world, made))
    back = load_workbook(io.BytesIO(again))
    assert back.sheetnames == ["户", SHEET]
    assert texts(back["户"], "L") == {}
    assert texts(back["户"])[3] == "无变化"


def test_a_village_that_is_merged_downwards_stands_in_each_refused_row(world: World) -> None:
    bad = row(**BAD | {"户主姓名": "王芳"})
    made = book(("户", [COLUMNS, row(), ["", *bad[1:]]]))
    made["户"].merge_cells("A2:A3")
    back, _kind = returned_workbook(applied(world, saved(made)))
    assert load_workbook(io.BytesIO(back))[SHEET]["A3"].value == "城垵村"


def test_text_comes_back_as_a_workbook(world: World) -> None:
    batch = applied(world, roster_csv(row(), row(**BAD), encoding="gb18030"))
    made, kind = returned_workbook(batch)
    back = load_workbook(io.BytesIO(made))
    sheet = back.worksheets[0]
    assert kind == "xlsx"
    assert sheet["E2"].value == GOOD_ID
    assert sheet["D3"].data_type == "s"
    assert texts(sheet, "J")[2] == "已新增"
    assert sheet["A3"].fill.fgColor.rgb == "FFFDE2E0"
    assert SHEET in back.sheetnames
    assert [p.outcome.value for p in plan(world, made).rows] == ["unchanged", "refused"]


def test_macros_stay(world: World) -> None:
    source, out = zipfile.ZipFile(io.BytesIO(workbook(world))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for entry in source.infolist():
            made.writestr(entry, source.read(entry))
        made.writestr("xl/vbaProject.bin", b"macros")
    back, kind = returned_workbook(applied(world, out.getvalue()))
    assert kind == "xlsm"
    assert zipfile.ZipFile(io.BytesIO(back)).read("xl/vbaProject.bin") == b"macros"


def test_a_file_that_is_no_longer_kept(world: World) -> None:
    batch = applied(world, workbook(world))
    drop_file(batch.stored_as)
    with pytest.raises(NotReturned):
        returned_workbook(ImportBatch.objects.get(pk=batch.pk))


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")
@pytest.mark.parametrize("path", sorted(CASES.glob("v*")) if CASES.is_dir() else [], ids=lambda path: path.name)
def test_every_case_that_can_be_read_goes_back(world: World, path: Path) -> None:
    from ledger.importing.batches import create_batch, plan_batch

    batch = create_batch(by=world.users["township_admin"], townships=[world.township], file_name=path.name,
                         data=path.read_bytes())  # fmt: skip
    plan_batch(batch.pk)
    batch.refresh_from_db()
    if batch.state != "planned":
        return
    made, _kind = returned_workbook(batch)
    before, after = read_roster(path.read_bytes()), read_roster(made)
    assert [sheet.name for sheet, _layout in after.found] == [
        sheet.name or after.found[at][0].name for at, (sheet, _layout) in enumerate(before.found)
    ]
    assert [layout.columns for _sheet, layout in after.found] == [layout.columns for _sheet, layout in before.found]
    load_workbook(io.BytesIO(made))
    assert read_sheets(made)
