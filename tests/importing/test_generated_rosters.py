"""Rosters that hypothesis makes up: no value in a wrong field, none invented, no core column silently left out.

What a heading means is written here once more, by hand: the tables of the recogniser are what is tested.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from ledger.importing.columns import Layout, Role, layout_of
from ledger.importing.doubts import Doubt, doubts_of
from ledger.importing.files import FileRefused
from ledger.importing.headings import field_of, spelled
from ledger.importing.other_headings import is_passed_over
from ledger.importing.reading import Sheet, read_file
from ledger.importing.row import Row
from ledger.importing.rows import read_rows
from ledger.importing.samples import sample_of
from ledger.importing.villages import Place
from tests.drill import times
from tests.importing.workbooks import GOOD_ID, OTHER_ID, THIRD_ID, book, known, saved

pytestmark = pytest.mark.drill

SYNONYMS = {
    "village": ["村", "所属村", "行政村(社区)", "村（居）", "所在村", "村名"],
    "group": ["组", "村民小组", "组别", "第几组"],
    "hh_no": ["户编号", "户号", "农户编号"],
    "head": ["户主", "户主姓名", "农户姓名", "户 主", "联系户户主"],
    "id_no": ["身份证号", "公民身份号码", "户主身份证号码", "身份证"],
    "phone": ["手机号", "联系电话", "电话（必填）", "户主电话"],
    "population": ["人口", "家庭人口数", "人口数(人)"],
    "hh_type": ["户类型", "农户类别"],
    "cadre_name": ["挂户干部", "包户干部姓名", "帮扶责任人"],
    "cadre_no": ["挂户干部工号", "工号", "包户干部编号"],
    "remark": ["备注", "说明"],
}
PAIRS = {
    "head": ("户主情况", "姓名"), "id_no": ("户主情况", "身份证号"), "phone": ("户主情况", "电话"),
    "cadre_name": ("挂户干部", "姓名"), "cadre_no": ("挂户干部", "工号"),
}  # fmt: skip
CORE = frozenset({"village", "head", "id_no", "phone", "cadre_name", "cadre_no"})
VALUES: dict[str, list[Any]] = {
    "village": ["六龙社区", "绿化村", "花苑村"], "group": [1, 2, 3], "hh_no": ["H001", "H002", "H003"],
    "head": ["李彩阿", "王芳", "欧阳雪"], "id_no": [GOOD_ID, OTHER_ID, THIRD_ID],
    "phone": ["19900001585", "13800001234", "15900002345"], "population": [2, 5, 7],
    "hh_type": ["一般户", "低保户", "军属"], "cadre_name": ["林志强", "钱多多", "孙小美"],
    "cadre_no": ["LS001", "LS002", "LS003"], "remark": ["靠河边", "外出", "老屋"],
}  # fmt: skip
PASSED = ["序号", "民族", "银行卡号", "政治面貌", "签名"]
NOISE = ["{}", " {}", "{}*", "1、{}", "{}\n", "{}：", "★{}"]
TITLES = ["洛社镇农户台账（2026年）", "填报单位：洛社镇人民政府", "包户名册", ""]
QUICK = settings(
    max_examples=times(ci=60, drill=2_000), deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
SLOW = settings(QUICK, max_examples=times(ci=4, drill=150))


@dataclass(frozen=True)
class Made:
    """A sheet, which field each of its columns is (empty for none), and which columns nobody may pass by."""

    sheet: Sheet
    truth: list[str]
    asked: frozenset[int]
    heads: int
    """Row of the last heading, from 0."""


@st.composite
def unknown_heading(draw: st.DrawFn) -> str:
    """A heading that nobody knows."""
    text = draw(st.text("甲乙丙丁戊己庚辛壬癸东南西北上下左右", min_size=2, max_size=6))
    assume(field_of(text) is None and not is_passed_over("", spelled(text)[0], ()))
    return text


@st.composite
def rosters(draw: st.DrawFn) -> Made:
    """Columns in any order under any of their names, with titles above and other columns between."""
    wanted = {"village", "head"} | draw(st.sets(st.sampled_from(sorted(SYNONYMS))))
    columns: list[tuple[str, str, list[Any]]] = [
        (name, draw(st.sampled_from(NOISE)).format(draw(st.sampled_from(SYNONYMS[name]))), VALUES[name])
        for name in sorted(wanted)
    ]
    columns += [("", name, ["x", "y", "z"]) for name in draw(st.sets(st.sampled_from(PASSED)))]
    columns += [("", "", ["", "", ""]) for _n in range(draw(st.integers(0, 2)))]
    columns += [("?", text, ["甲1", "乙2", "丙3"]) for text in draw(st.sets(unknown_heading(), max_size=2))]
    columns += [("?", "", ["丁1", "戊2", "己3"]) for _n in range(draw(st.integers(0, 1)))]
    order = draw(st.permutations(columns))
    above = [[title] for title in draw(st.lists(st.sampled_from(TITLES), max_size=3))]
    rows = [[values[n] for _name, _heading, values in order] for n in range(3)]
    sheet = Sheet("台账", [*above, [heading for _name, heading, _values in order], *rows])
    truth = ["" if name == "?" else name for name, _heading, _values in order]
    asked = frozenset(at for at, (name, _heading, _values) in enumerate(order) if name == "?")
    return Made(sheet, truth, asked, len(above))


@st.composite
def two_row_rosters(draw: st.DrawFn) -> Made:
    """The same with merged headings of two rows: one over the head's columns, one over the cadre's."""
    heads = ["head", *draw(st.sampled_from([[], ["id_no"], ["phone"], ["id_no", "phone"], ["phone", "id_no"]]))]
    cadres = draw(st.sampled_from([[], ["cadre_name"], ["cadre_name", "cadre_no"], ["cadre_no", "cadre_name"]]))
    alone = ["village", *draw(st.sets(st.sampled_from(["group", "hh_no", "population", "remark"])))]
    blocks = draw(st.permutations([heads, cadres, *([name] for name in alone)]))
    upper, lower, truth, merged = [], [], [], []
    title = draw(st.integers(0, 1))
    for block in blocks:
        if not block:
            continue
        first, paired = len(truth), block[0] in PAIRS
        upper += [PAIRS[block[0]][0] if paired else draw(st.sampled_from(SYNONYMS[block[0]])), *[""] * (len(block) - 1)]
        lower += [PAIRS[name][1] if paired else "" for name in block]
        truth += block
        if paired and len(block) > 1:
            merged.append((title, first, title, len(truth) - 1))
        if not paired:
            merged.append((title, first, title + 1, first))
    rows = [[VALUES[name][n] for name in truth] for n in range(3)]
    sheet = Sheet("台账", [*[["洛社镇台账"]] * title, upper, lower, *rows], merged=merged)
    return Made(sheet, truth, frozenset(), title + 1)


def check(made: Made, sheet: Sheet) -> None:
    layout = layout_of(sheet)
    doubts = doubts_of(sheet, layout, known().villages)
    # Where nothing was recognised the file as a whole is asked about or refused.
    whole = layout.role == Role.NOT_DATA or any(doubt.column is None for doubt in doubts)
    asked = {doubt.column for doubt in doubts}
    wrong = {name: at for name, at in layout.columns.items() if made.truth[at] != name}
    assert wrong == {}, "a column went into a field that it is not"
    taken = set(layout.columns.values())
    left = [name for at, name in enumerate(made.truth) if name in CORE and at not in taken | asked]
    assert left == [] or whole, "a core column was silently left out"
    assert whole or made.asked <= asked, "an unknown column with values was passed by"
    if not whole:
        check_rows(made, sheet, layout)
    assert sample_of([sheet], [layout], [doubts])["blocks"]


def check_rows(made: Made, sheet: Sheet, layout: Layout) -> None:
    """Each value is the one that stands in its cell, and each row comes out once."""
    assert layout.header_rows[-1] == made.heads
    rows = [row for row in read_rows([(sheet, layout)], known()) if not row.ignored]
    assert [row.row for row in rows] == [made.heads + 2 + n for n in range(3)]
    for n, row in enumerate(rows):
        assert {name: _plain(value) for name, value in row.fields.items() if value not in (None, "", ())} == {
            name: _plain(VALUES[name][n]) for name in made.truth if name
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Place):
        return value.name
    return value[0] if isinstance(value, tuple) else str(value)


@QUICK
@given(rosters())
def test_headings_in_any_order_and_words(made: Made) -> None:
    check(made, made.sheet)


@QUICK
@given(two_row_rosters())
def test_headings_of_two_rows(made: Made) -> None:
    check(made, made.sheet)


@SLOW
@given(st.one_of(rosters(), two_row_rosters()))
def test_the_same_by_way_of_a_file(made: Made) -> None:
    workbook = book(("台账", made.sheet.rows))
    for top, left, bottom, right in made.sheet.merged:
        workbook["台账"].merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    (sheet,) = read_file(saved(workbook))
    check(made, sheet)


ODD = st.one_of(
    st.none(), st.just(""), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False),
    st.dates(datetime.date(1900, 1, 1)), st.text(max_size=12), st.sampled_from([GOOD_ID, "19900001585", "六龙社区"]),
    st.sampled_from([name for names in SYNONYMS.values() for name in names]), st.sampled_from(["合计", "1E+17", "=1"]),
)  # fmt: skip


@QUICK
@given(st.lists(st.lists(ODD, max_size=7), max_size=9))
def test_whatever_stands_in_the_cells_nothing_breaks(cells: list[list[Any]]) -> None:
    texts = {str(cell) for row in cells for cell in row}
    sheet = Sheet("Sheet1", cells)
    layout = layout_of(sheet)
    doubts: list[Doubt] = doubts_of(sheet, layout, known().villages)
    sample_of([sheet], [layout], [doubts])
    if layout.role == Role.NOT_DATA:
        return
    try:
        rows: list[Row] = read_rows([(sheet, layout)], known())
    except FileRefused:
        return
    numbers = {row.fields.get("id_no") for row in rows if not row.ignored} - {None, ""}
    assert numbers <= texts, "an ID number that stands in no cell"
