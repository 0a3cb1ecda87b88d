"""Blank templates: filled in they come in without a question, their example never does."""

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from ledger.exporting.blanks import (
    ANSWERS,
    KINDS,
    OUTCOMES,
    RANKS,
    RESULTS,
    STATES,
    STATUSES,
    TEMPLATES,
    URGENCIES,
    YES,
    Lists,
    blank_template,
)
from ledger.importing.asking import plan_or_ask
from ledger.importing.batches import create_batch
from ledger.importing.cadres import read_cadres
from ledger.importing.divisions import read_divisions
from ledger.importing.files import FileRefused
from ledger.importing.history_batches import import_history_at_once
from ledger.importing.pulse import Pulse
from ledger.queries.template_lists import template_lists
from ledger.rules import history as words
from ledger.rules.lists import EXAMPLE, ListRefused
from tests.importing.workbooks import saved
from tests.world import World


def blank(world: World, kind: str) -> Workbook:
    return load_workbook(io.BytesIO(blank_template(kind, Lists(**template_lists(world.user("township_admin"))))))


def filled(book: Workbook, sheet: str, **cells: Any) -> bytes:
    """One row written below the example, under the headings."""
    at = {cell.value: cell.column for cell in book[sheet][1]}
    row = max(book[sheet].max_row + 1, 3)
    for heading, value in cells.items():
        book[sheet].cell(row, at[heading], value)
    return saved(book)


def planned(world: World, data: bytes) -> Any:
    batch = create_batch(by=world.user("township_admin"), townships=[world.township], file_name="a.xlsx", data=data)
    reading, plan = plan_or_ask(data, {}, [world.township], Pulse(batch))
    assert plan is not None, [doubt for some in reading.doubts for doubt in some]
    return plan


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_sheet_has_an_example_and_text_columns_stay_text(world: World, kind: str) -> None:
    book = blank(world, kind)
    assert book.sheetnames[-2:] == ["填写说明", "选项"]
    assert book["选项"].sheet_state == "hidden"
    for sheet in book.worksheets[:-2]:
        headings = [cell.value for cell in sheet[1]]
        assert sheet["A2"].value == EXAMPLE
        for number, heading in enumerate(headings):
            if any(word in heading for word in ("身份证", "手机", "工号", "编号", "代码")) and heading != "备注":
                letter = sheet.cell(1, number + 1).column_letter
                assert sheet.column_dimensions[letter].number_format == "@", (sheet.title, heading)


def test_drop_downs_name_the_own_area_only(world: World) -> None:
    own = {world.villages[name].name for name in ("城垵", "马銮", "东沈")}
    lists = template_lists(world.user("township_admin"))
    assert set(lists["villages"]) == own
    book = blank(world, "households")
    offered = {cell.value for row in book["选项"].iter_rows() for cell in row}
    assert own <= offered
    assert not {village.name for village in world.villages.values()} - own & offered


@pytest.mark.parametrize("kind", ["households", "residents"])
def test_a_blank_roster_has_no_rows(world: World, kind: str) -> None:
    with pytest.raises((FileRefused, AssertionError)):
        planned(world, saved(blank(world, kind)))


def test_a_filled_in_roster_is_read_without_a_question(world: World) -> None:
    book = blank(world, "households")
    filled(book, "农户台账", 村="城垵村", 户编号="A001", 户主姓名="李彩阿", 身份证号="320206196104039606", 村民组="1组",
           手机号="19900001585", 人口数="2", 户类型="低保户", 住址="1组3号")  # fmt: skip
    data = filled(book, "家庭成员", 村="城垵村", 户编号="A001", 姓名="王五", 与户主关系="配偶", 性别="男")
    plan = planned(world, data)
    assert [(p.row.row, p.outcome.value) for p in plan.households] == [(2, "ignored"), (3, "created")]
    assert [(p.row.row, p.outcome.value) for p in plan.members] == [(2, "ignored"), (3, "created")]
    assert not plan.households[1].row.findings
    assert plan.households[1].row.fields["id_no"] == "320206196104039606"


def test_filled_in_lists_are_read(world: World) -> None:
    with pytest.raises(ListRefused):
        read_cadres(saved(blank(world, "cadres")))
    data = filled(blank(world, "cadres"), "干部", 工号="S1", 姓名="沈二", 手机号="13700005399", 职务="科员")
    assert [(line.cadre_no, line.name, line.phone) for line in read_cadres(data, township_code="350626102")] == [
        ("S1", "沈二", "13700005399")
    ]
    with pytest.raises(ListRefused):
        read_divisions(saved(blank(world, "divisions")))
    data = filled(blank(world, "divisions"), "行政区划", 县代码="350626", 县="东山县", 乡镇代码="350626102",
                  乡镇="康美镇", 村代码="350626102299", 村名="新村", 类型="村")  # fmt: skip
    assert [line.village_code for line in read_divisions(data)] == ["350626102299"]


def test_a_filled_in_past_comes_in(world: World) -> None:
    def bring(data: bytes) -> Any:
        return import_history_at_once(by="system", townships=[world.township], name="a", files=[("a.xlsx", data)])

    book = blank(world, "history")
    with pytest.raises(FileRefused) as refusal:
        bring(saved(book))
    assert refusal.value.code == "no_data_rows"
    place = {"村": "城垵村"}
    filled(book, "单位", 单位="水利站", 挂钩村="城垵村")
    filled(book, "干部", 工号="S1", 姓名="沈二", 职级="一般干部", 单位="水利站", 联系村="城垵村")
    filled(book, "企业", 企业编号="E1", 企业名称="水产厂", 联系单位="水利站", **place)
    filled(book, "农户", 户编号="H1", 村民组="3组", 户主姓名="陈阿土", 挂户干部工号="S1", 户状态="常住", **place)
    filled(book, "走访", 走访编号="Z1", 方式="入户走访", 走访时间="2024-03-01 09:30", 户编号="H1", 走访人工号="S1",
           见面人数=2, 作废="否", 结果="见面", **place)  # fmt: skip
    data = filled(book, "事项", 事项编号="S1", 走访编号="Z1", 户编号="H1", 登记人工号="S1", 类别="村道破损",
                  标题="路破了", 紧急程度="一般", 登记日期="2024-03-01", 办理时限="2024-03-22", 承办单位="水利站",
                  状态="已销号", 办结日期="2024-03-20", 办理结果="解决到位", 满意度="满意", **place)  # fmt: skip
    plan = bring(data)
    assert [(str(p.row.role), p.outcome.value) for p in plan.rows if p.outcome != "ignored"] == [
        (table, "created") for table in ("units", "cadres", "enterprises", "households", "events", "issues")
    ]
    assert [p for p in plan.rows if p.row.findings] == []
    assert not bring(data).has_changes


def test_every_word_that_is_offered_is_understood() -> None:
    for offered, known in (
        (KINDS, words.EVENT_KINDS), (RESULTS, words.RESULTS), (RANKS, words.RANKS), (URGENCIES, words.URGENCIES),
        (STATES, words.STATES), (STATUSES, words.HOUSEHOLD_STATUSES), (OUTCOMES, words.OUTCOMES),
        (ANSWERS, words.ANSWERS), (YES, words.TRUTHS),
    ):  # fmt: skip
        assert set(offered) <= known.keys()
