"""Each kind of file comes out as the same cells, under the row numbers that Excel shows."""

import datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.importing.reader import sheets
from ledger.importing.reader.xlsx_facts import _holds
from ledger.importing.reading import Sheet, _answers, column_index, column_letters, filled_down, read_file
from tests.importing.workbooks import GOOD, HEADINGS, book, roster, roster_csv, saved


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_text_in_every_encoding(encoding: str) -> None:
    (sheet,) = read_file(roster_csv(GOOD, encoding=encoding))
    assert sheet.rows == [HEADINGS, [str(cell) for cell in GOOD]]


def test_rare_characters_of_gb18030() -> None:
    (sheet,) = read_file(roster_csv(["六龙社区", "1组", "A1", "䶮㛃镕", "", "", "", "", ""], encoding="gb18030"))
    assert sheet.rows[1][3] == "䶮㛃镕"


def test_tabs_and_semicolons_separate_too() -> None:
    for sign in "\t;":
        (sheet,) = read_file(f"村{sign}户主姓名\n六龙社区{sign}李彩阿\n".encode())
        assert sheet.rows == [["村", "户主姓名"], ["六龙社区", "李彩阿"]]


def test_row_numbers_are_those_of_excel() -> None:
    made = book(("台账", []))
    made["台账"]["B4"] = "户主姓名"
    (sheet,) = read_file(saved(made))
    assert sheet.rows == [[], [], [], ["", "户主姓名"]]


def test_numbers_dates_hidden_rows_and_faults() -> None:
    made = book(("台账", [HEADINGS, [1, 2.5, datetime.date(2019, 3, 5), "=1+1"], ["x"]]), ("字典", [["一般户"]]))
    made["台账"].row_dimensions[3].hidden = True
    made["台账"]["A3"].value, made["台账"]["A3"].data_type = "#N/A", "e"
    made["字典"].sheet_state = "hidden"
    first, second = read_file(saved(made))
    assert first.rows[1][:3] == [1.0, 2.5, datetime.date(2019, 3, 5)]
    assert first.faults == {(1, 3): "formula_no_value", (2, 0): "formula_error"}
    assert first.hidden_rows == {2}
    assert (first.hidden, second.hidden) == (False, True)


def test_merged_blocks_are_filled_down_but_not_across() -> None:
    made = book(("台账", [["村", "组"], ["六龙社区", "1组"], ["", "2组"], ["合计", ""]]))
    made["台账"].merge_cells("A2:A3")
    made["台账"].merge_cells("A4:B4")
    (sheet,) = read_file(saved(made))
    filled_down(sheet, first=1)
    assert sheet.rows == [["村", "组"], ["六龙社区", "1组"], ["六龙社区", "2组"], ["合计"]]


def test_html_saved_as_xls() -> None:
    html = (
        "<html><head><style>td{color:red}</style></head><body><table><tr><td colspan=2>标题</td></tr>"
        "<tr><th>村<th>户主&nbsp;姓名</tr>"
        "<tr><td rowspan=2>六龙社区</td><td>李彩阿</td></tr><tr><td>王芳<br>2</td></tr>"
        "<tr style='display:none'><td>x</td></tr></table></body></html>"
    )
    (sheet,) = read_file(html.encode())
    filled_down(sheet, first=1)
    assert sheet.rows == [["标题"], ["村", "户主\xa0姓名"], ["六龙社区", "李彩阿"], ["六龙社区", "王芳\n2"], ["x"]]
    assert sheet.hidden_rows == {4}


def test_xml_2003() -> None:
    xml = """<?xml version="1.0" encoding="gb2312"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
     xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Worksheet ss:Name="表"><Table><Row><Cell ss:MergeDown="1"><Data ss:Type="String">六龙社区</Data></Cell>
    <Cell ss:Index="3"><Data ss:Type="Number">3</Data></Cell></Row><Row/><Row ss:Index="4" ss:Hidden="1">
    <Cell><Data ss:Type="DateTime">2019-03-05T00:00:00.000</Data></Cell>
    <Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>
    </Table></Worksheet></Workbook>"""
    (sheet,) = read_file(xml.encode("gb2312"))
    assert sheet.rows == [["六龙社区", "", 3.0], [], [], ["2019-03-05"]]
    assert (sheet.name, sheet.merged, sheet.hidden_rows, sheet.faults) == (
        "表", [(0, 0, 1, 0)], {3}, {(3, 1): "formula_error"},
    )  # fmt: skip


def test_column_letters_both_ways() -> None:
    assert [column_letters(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_index(column_letters(i)) == i for i in range(1000))


def test_a_workbook_and_its_text_say_the_same() -> None:
    assert read_file(roster(GOOD))[0].rows[0] == read_file(roster_csv(GOOD))[0].rows[0]


def test_cells_survive_the_way_out_of_the_reading_process() -> None:
    """Columns of texts travel as one text: a cell with the sign between them, short rows and empty ones stay theirs."""
    (sheet,) = read_file("村,户主姓名,备注\n六龙社区,李\x1f彩阿\n,,\n绿化村,,二\x1f女\x1f\n".encode())
    assert sheet.rows == [["村", "户主姓名", "备注"], ["六龙社区", "李\x1f彩阿"], [], ["绿化村", "", "二\x1f女\x1f"]]


def test_more_rows_than_travel_at_once() -> None:
    rows: list[list[object]] = [[f"村{n}", n, *(["末"] if n % 3 == 0 else [])] for n in range(4_001)]
    (sheet,) = read_file(saved(book(("台账", rows))))
    assert sheet.rows == rows


def test_an_answer_that_was_broken_off_is_no_answer() -> None:
    line = b'{"lengths":2,"columns":[7,[1,2]]}\n'
    whole = line + "城\x1f垵".encode()
    assert list(_answers(whole)) == [{"lengths": 2, "columns": ["城\x1f垵", [1, 2]]}]
    assert [list(_answers(whole[:end])) for end in (len(whole) - 4, len(line), len(line) - 1)] == [[], [], []]


def test_cells_may_hold_what_stands_between_cells() -> None:
    made = book(("台账", [["村", "备注"], ["城垵\n村", "一\t二"], ["{}", "[1]"]]))
    (sheet,) = read_file(saved(made))
    assert sheet.rows == [["村", "备注"], ["城垵\n村", "一\t二"], ["{}", "[1]"]]


@pytest.mark.parametrize("before", [0, 3, 5_000])
def test_a_word_is_found_behind_any_number_of_its_letter(before: int) -> None:
    letters = b"<v>d</v>" * before
    assert not _holds(letters, b"hidden=", b"d")
    assert _holds(letters + b"hidden=", b"hidden=", b"d")
    assert _holds(b"hidden=" + letters, b"hidden=", b"d")


_cells = st.sampled_from(["", "六龙社区", "a\x1fb", "\x1f", 3, 2.5, True, datetime.date(2019, 3, 5)])


@given(st.lists(st.lists(_cells, max_size=6), max_size=12), st.integers(1, 5))
def test_a_sheet_is_the_same_by_rows_and_by_columns(rows: list[list[Any]], together: int) -> None:
    def sent() -> Sheet:
        with patch.object(sheets, "_CHUNK", together):
            said = b"".join(sheets.lines_of([sheets.RawSheet("S", [list(row) for row in rows])]))
        sheet = Sheet("S")
        for answer in _answers(said):
            if "columns" in answer:
                sheet.extend(answer["columns"], answer["lengths"])
        return sheet

    kept = [sheets._trimmed(row) for row in rows]
    sheet, width = sent(), max(map(len, kept), default=0)
    for _ in range(2):
        assert (sheet.count, sheet.head(3).rows) == (len(rows), kept[:3])
        for at in range(width + 1):
            column = [row[at] if at < len(row) else "" for row in kept]
            assert sheet.column(at) == column
            assert sheet.column(at, 2, 5) == column[2:5]
        assert sheet.rows == kept  # from here on the rows are the sheet
    if width:
        sheet.rows[0].append("新")
        assert "新" in sheet.rows[0]
        assert sheet.column(len(sheet.rows[0]) - 1)[0] == "新"


def test_a_stray_cell_far_to_the_right_fills_no_columns_between() -> None:
    sheet = Sheet("S")
    sheet.extend(["甲\x1f乙", "1\x1f2"], 2)
    sheet.extend(["丙", *[""] * 397, "x"], 1)
    assert [len(column) for column in sheet._columns] == [3, 2, *[0] * 396, 3]
    assert sheet.rows == [["甲", "1"], ["乙", "2"], ["丙", *[""] * 397, "x"]]


def test_too_many_empty_rows_end_a_sheet_wherever_they_begin() -> None:
    for before in (1, sheets._CHUNK - 1, sheets._CHUNK):
        rows = [["甲"]] * before + [[""]] * (sheets.MAX_GAP + 1) + [["乙"]]
        lines = b"".join(sheets.lines_of([sheets.RawSheet("S", rows)]))
        answers = list(_answers(lines))
        assert [answer["cut_after"] for answer in answers if "cut_after" in answer] == [before]
        sheet = Sheet("S")
        for answer in answers:
            if "columns" in answer:
                sheet.extend(answer["columns"], answer["lengths"])
        assert sheet.rows == [["甲"]] * before + [[]] * sheets.MAX_GAP
        whole = b"".join(sheets.lines_of([sheets.RawSheet("S", [*rows[: before + sheets.MAX_GAP], ["乙"]])]))
        assert b"cut_after" not in whole
