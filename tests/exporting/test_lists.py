"""Every list taken out: the rows of its page and no neighbour's, the office's columns, masked, nothing that runs."""

import io
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from openpyxl import load_workbook

from ledger.exporting.exports import make_now
from ledger.filters.export_lists import LISTS
from ledger.filters.exports import wanted
from ledger.models import (
    AuditRow,
    Cadre,
    Correction,
    Guide,
    Household,
    LinkKind,
    Organisation,
    Resident,
    VillageLink,
    Visit,
)
from ledger.rules.permissions import Permission, Role
from tests.views.issue_pages import SignIn
from tests.world import START, World, make_cadre, post

HOUSEHOLDS = [
    "序号", "村民小组", "户编号", "户主", "人口", "住址", "联系电话", "户类型", "挂户干部", "挂户时间",
    "最近走访", "备注",
]  # fmt: skip
VILLAGES = [
    "序号", "管区", "村(社区)", "县挂钩领导", "县挂村单位", "乡镇挂点领导", "包村干部", "村支书", "小组数", "户数",
    "人口", "包户干部数", "备注",
]  # fmt: skip


def book_of(world: World, kind: str, who: str, query: str = "") -> Any:
    user = world.user(who)
    data = make_now(by=user, kind=kind, source=wanted(user, kind, QueryDict(query)).source)
    return load_workbook(io.BytesIO(data))


def rows_of(sheet: Any) -> list[list[Any]]:
    rows = [list(row) for row in sheet.iter_rows(min_row=4, values_only=True)]
    first = next(at for at, row in enumerate(rows) if row[0] == 1 or row[0] == "合计")
    return rows[first : next(at for at, row in enumerate(rows) if row[0] == "合计")]


def total_of(sheet: Any) -> list[Any]:
    return next(list(row) for row in sheet.iter_rows(values_only=True) if row[0] == "合计")


def test_a_sheet_for_each_village_and_its_households(world: World) -> None:
    book = book_of(world, "households", "district_secretary")
    assert book.sheetnames == ["城垵村", "马銮村"]
    for place in ("城垵", "马銮"):
        sheet = book[f"{place}村"]
        assert sheet["A1"].value == f"东管区{place}村包户表" or sheet["A1"].value.endswith(f"{place}村包户表")
        there = Household.objects.filter(village=world.villages[place], status__in=["active", "away", "vacant"])
        assert {row[3] for row in rows_of(sheet)} == set(there.values_list("head_name", flat=True))
        assert total_of(sheet)[4] == sum(row[4] or 0 for row in rows_of(sheet))
        assert [row[0] for row in rows_of(sheet)] == list(range(1, there.count() + 1))


def test_the_headings_stand_in_two_rows_and_repeat(world: World) -> None:
    sheet = book_of(world, "households", "village_cadre").active
    over = [cell.value or "" for cell in sheet[3]]
    assert [word for word in over if word] == HOUSEHOLDS
    assert [cell.value for cell in sheet[4]][8:11] == ["姓名", "单位职务", "电话"]
    assert {str(each) for each in sheet.merged_cells.ranges} >= {"I3:K3", "A3:A4", "N3:N4"}
    assert sheet.print_title_rows == "$3:$4"
    assert (sheet.page_setup.orientation, sheet.freeze_panes) == ("landscape", "C5")
    foot = [cell.value for cell in sheet[sheet.max_row] if cell.value]
    assert [text.partition("：")[0] for text in foot] == ["填报人", "审核人", "联系电话"]


def test_a_household_s_phone_is_masked_and_its_texts_run_nowhere(world: World) -> None:
    home = world.households["城垵"][0]
    Household.objects.filter(pk=home.pk).update(
        head_name="=HYPERLINK(1)", address=" <b>&'\x0b_x0041_", remark="电话 13812345678 可打"
    )
    Resident.objects.filter(household=home).update(phone="13911112222")
    sheet = book_of(world, "households", "village_cadre").active
    row = next(row for row in rows_of(sheet) if row[2] == home.code)
    assert row[3] == "=HYPERLINK(1)"
    assert row[5].replace("_x000B_", "\x0b").replace("_x005F_", "_") == " <b>&'\x0b_x0041_"
    assert row[6] == "139****2222"
    assert "138****5678" in row[13]
    kinds = {cell.data_type for line in sheet.iter_rows(min_row=3) for cell in line if cell.value is not None}
    assert kinds <= {"s", "n", "inlineStr"}


def test_own_households_only(world: World) -> None:
    book = book_of(world, "households", "household_cadre")
    mine = Household.objects.filter(cadre=world.cadre("household_cadre"))
    assert {row[2] for row in rows_of(book.active)} == set(mine.values_list("code", flat=True))


def test_the_register_of_villages(world: World) -> None:
    village, chief = world.villages["城垵"], world.cadre("township_leader")
    VillageLink.objects.create(village=village, kind=LinkKind.TOWNSHIP_LEADER, cadre=chief, start_on=START)
    secretary = make_cadre(world.township, "城垵支书", world.county, title="村支书")
    post(secretary, Role.VILLAGE_OFFICIAL, village=village)
    sheet = book_of(world, "villages", "township_leader", f"area=district-{world.east.pk}").active
    over = [cell.value for cell in sheet[3]]
    assert [word for word in over if word] == VILLAGES
    rows = rows_of(sheet)
    assert [row[2] for row in rows] == ["城垵村", "马銮村"]
    row = rows[0]
    own = Household.objects.filter(village=village, status__in=["active", "away"])
    assert (row[6], row[10], row[11]) == (chief.name, "城垵支书", secretary.phone)
    assert row[8] == world.cadre("village_cadre").name
    assert (row[12], row[13], row[14]) == (2, own.count(), 3 * own.count())
    assert total_of(sheet)[13] == sum(each[13] for each in rows)


def test_the_rows_are_those_of_the_page(world: World) -> None:
    admin, there = world.user("township_admin"), Visit.objects.filter(village=world.villages["城垵"])
    expected = {
        ("cadres", "township_admin", 2): Cadre.objects.filter(township=world.township, left_on=None).values("name"),
        ("organisations", "township_admin", 1): Organisation.objects.visible_to(admin, Permission.MANAGE_ORGANISATIONS)
        .values("name"),
        ("visits", "village_cadre", 4): there.values("household__head_name"),
    }  # fmt: skip
    for (kind, who, column), rows in expected.items():
        found = sorted(row[column] for row in rows_of(book_of(world, kind, who).active))
        assert found == sorted(next(iter(row.values())) for row in rows), kind


def test_a_cadre_takes_out_the_own_diary(world: World) -> None:
    mine, other = world.visits["城垵"], world.visits["马銮"]
    Visit.objects.filter(pk=other.pk).update(content="马銮秘密")
    Visit.objects.filter(pk=mine.pk).update(content="=1+1 13812345678", voided_at=None)
    sheet = book_of(world, "visits", "household_cadre").active
    said = [row[11] for row in rows_of(sheet)]
    assert said == ["=1+1 138****5678"]


def test_the_trail_is_taken_out_in_words_and_its_taking_is_on_record(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    client.get(reverse("audit_list"))
    sheet = book_of(world, "audit", "township_admin").active
    rows = rows_of(sheet)
    assert {row[4] for row in rows} == {"查看操作记录"}
    made = AuditRow.objects.filter(verb="export.made").latest("pk")
    assert made.detail == {"list": "audit", "filter": "", "rows": len(rows)}


def test_corrections_say_old_and_new_masked(world: World) -> None:
    home = world.households["城垵"][0]
    Correction.objects.create(
        household=home, resident=home.residents.get(), proposed='{"phone": "13812345678"}',
        proposed_by=world.cadre("household_cadre"),
    )  # fmt: skip
    (row,) = rows_of(book_of(world, "corrections", "township_admin").active)
    assert "→ 138****5678" in row[5]
    assert rows_of(book_of(world, "corrections", "township_admin", "state=decided").active) == []


def test_wishes_and_guides(world: World) -> None:
    Guide.objects.create(county=world.county, title="办证", steps="申请", updated_on=START)
    Guide.objects.create(county=world.other_county, title="外县证", steps="申请", updated_on=START)
    assert [row[1] for row in rows_of(book_of(world, "guides", "village_cadre", "q=办证").active)] == ["办证"]
    assert rows_of(book_of(world, "wishes", "village_cadre").active) == []


OF_A_HANDLER = {"issues", "guides", "wishes", "notices", "kept_entries", "substitutions"}
"""Lists whose page the handler of a unit has, too; notices, kept entries and leave are one's own."""


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_who_may_not_see_the_page_takes_nothing_out(world: World, sign_in: SignIn, kind: str) -> None:
    visitor = sign_in("visitor")
    assert visitor.post(reverse("list_export", args=[kind])).status_code == 403
    handler = sign_in("department_handler").post(reverse("list_export", args=[kind]))
    assert handler.status_code == (200 if kind in OF_A_HANDLER else 403)
    told = AuditRow.objects.filter(verb="export.made").values_list("detail__list", flat=True)
    assert list(told) == ([kind] if kind in OF_A_HANDLER else [])


def test_a_filter_that_is_none_of_theirs_takes_nothing_out(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    far = world.villages["前楼"].pk
    answer = client.post(f"{reverse('list_export', args=['households'])}?village={far}")
    assert (answer.status_code, answer.url) == (302, f"{reverse('household_list')}?village={far}")
    assert client.post(reverse("list_export", args=["nothing"])).status_code == 404
    assert not AuditRow.objects.filter(verb="export.made").exists()


def test_a_number_that_was_searched_stands_in_no_trail(world: World) -> None:
    asked = wanted(world.user("township_admin"), "households", QueryDict("number=secret-token&q=林"))
    assert "secret-token" not in asked.source.told + asked.source.head.filter_words
    assert "林" not in asked.source.told


def test_registers_count_what_their_export_holds(world: World, sign_in: SignIn) -> None:
    page = sign_in("township_admin").get(f"{reverse('register_list')}?area=village-{world.villages['城垵'].pk}")
    assert (page.context["villages"], page.context["households"]) == (1, len(world.households["城垵"]))
    far = sign_in("township_admin").get(f"{reverse('register_list')}?area=village-{world.villages['前楼'].pk}")
    assert far.context["area"] == f"township-{world.township.pk}"
    own = sign_in("household_cadre").get(reverse("register_list"))
    assert own.context["households"] == Household.objects.filter(cadre=world.cadre("household_cadre")).count()
    assert not own.context["sees_area"]
