"""销号台账 on paper: the columns of terms.md 2, the rows of the filter, nothing that runs, no number in full."""

import datetime
import io
from typing import Any

import pytest
from django.http import QueryDict
from openpyxl import load_workbook

from ledger.exporting.exports import AT_ONCE, make_now
from ledger.exporting.tables import TooManyRows
from ledger.filters.exports import wanted
from ledger.models import AuditRow, Issue, LinkKind, VillageLink
from ledger.rules.days import local_today
from ledger.rules.issues import State
from tests.world import START, World, make_issue

HEADINGS = [
    "序号", "编号", "登记日期", "来源", "村组", "反映人", "类别", "内容", "包户干部", "承办单位", "责任人", "包案领导",
    "措施及进展", "时限", "办结日期", "结果", "回访日期", "满意度", "销号日期", "状态", "备注",
]  # fmt: skip


def sheet_of(world: World, who: str = "village_cadre", query: str = "") -> Any:
    user = world.user(who)
    data = make_now(by=user, kind="issues", source=wanted(user, "issues", QueryDict(query)).source)
    return load_workbook(io.BytesIO(data)).active


def rows_of(sheet: Any) -> list[list[Any]]:
    rows = [list(row) for row in sheet.iter_rows(min_row=4, values_only=True)]
    return rows[: next(at for at, row in enumerate(rows) if row[0] == "合计")]


def test_the_columns_and_the_page_are_those_of_the_office(world: World) -> None:
    sheet = sheet_of(world, "township_leader")
    assert [cell.value for cell in sheet[3]] == HEADINGS
    assert sheet["A1"].value == "康美镇民情事项销号台账"
    said = [cell.value for cell in sheet[2] if cell.value]
    today = local_today()
    assert said == ["填报单位：康美镇", f"截至日期：{today.year}年{today.month}月{today.day}日", "单位：件"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$3:$3"
    foot = [cell.value for cell in sheet[sheet.max_row] if cell.value]
    assert [text.partition("：")[0] for text in foot] == ["填报人", "审核人", "联系电话"]


def test_a_row_says_what_the_matter_says(world: World) -> None:
    leader, village = world.cadre("township_leader"), world.villages["城垵"]
    VillageLink.objects.create(village=village, kind=LinkKind.TOWNSHIP_LEADER, cadre=leader, start_on=START)
    handler, moment = world.cadre("department_handler"), datetime.datetime(2026, 3, 1, 16, 30, tzinfo=datetime.UTC)
    issue = make_issue(
        world.households["城垵"][0], world.cadre("household_cadre"), 17, state=State.CLOSED, handler=handler,
        lead_organisation=world.organisations["村镇建设办"], due_on=datetime.date(2026, 3, 14), registered_at=moment,
        resolved_at=moment, called_back_at=moment, closed_at=moment, close_basis="called_back", answer="satisfied",
        outcomes=["solved", "explained"], result_text="已修好，问 13812345678", earlier_number="旧7", source="phone",
        group=world.households["城垵"][0].group,
    )  # fmt: skip
    Issue.objects.filter(pk=issue.pk).update(title="=1+1", text="+86 路灯不亮 350626195001010000")
    sheet = sheet_of(world, query="q=旧7")
    assert rows_of(sheet) == [[
        1, "康美〔2026〕17号", "2026-03-02", "电话", "城垵村2组", "城垵户主1", "道路交通",
        "=1+1。+86 路灯不亮 350626********0000", world.cadre("household_cadre").name, "村镇建设办", handler.name,
        leader.name, "已修好，问 138****5678", "2026-03-14", "2026-03-02", "解决到位、解释到位",
        "2026-03-02", "满意", "2026-03-02", "已销号", "原编号 旧7",
    ]]  # fmt: skip
    assert {cell.data_type for cell in sheet[4]} == {"n", "s"}
    assert sheet["H4"].data_type == "s"
    assert sheet["A5"].value == "合计"
    assert sheet["B5"].value == "共 1 件，其中：办结 1 件，销号 1 件，办理中 0 件，超期 0 件"
    assert sheet["A7"].value == "本表范围：查找 旧7"


@pytest.mark.parametrize(
    "who", ["village_cadre", "household_cadre", "department_handler", "inspector", "county_leader"]
)
def test_nobody_takes_out_more_than_they_see(world: World, who: str) -> None:
    user = world.user(who)
    seen = Issue.objects.visible_to(user).order_by("-registered_at", "-id")
    told = [row[1] for row in rows_of(sheet_of(world, who))]
    assert told == [issue.printed_number for issue in seen]


def test_a_choice_of_elsewhere_exports_nothing(world: World) -> None:
    user = world.user("village_cadre")
    asked = wanted(user, "issues", QueryDict(f"household={world.households['前楼'][0].pk}"))
    assert asked.errors
    assert not asked.source.rows.exists()


def test_the_trail_tells_filter_and_rows_but_not_what_was_typed(world: World) -> None:
    sheet_of(world, query="q=城垵户主1&state=open")
    row = AuditRow.objects.get(verb="export.made")
    assert row.detail == {"list": "issues", "filter": "查找 …；状态 未办结", "rows": 1}
    assert (row.township_id, row.user_id) == (world.township.pk, world.users["village_cadre"].pk)


def test_many_rows_are_not_made_while_one_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.exporting.exports.AT_ONCE", 1)
    with pytest.raises(TooManyRows):
        sheet_of(world)
    assert AT_ONCE == 2_000
    assert not AuditRow.objects.filter(verb="export.made").exists()


def test_questions_do_not_grow_with_the_rows(world: World, django_assert_num_queries: Any) -> None:
    user = world.user("village_cadre")
    for more in (0, 30):
        for number in range(more):
            make_issue(world.households["城垵"][0], world.cadre("household_cadre"), 500 + number)
        source = wanted(user, "issues", QueryDict()).source
        with django_assert_num_queries(7):
            make_now(by=user, kind="issues", source=source)
