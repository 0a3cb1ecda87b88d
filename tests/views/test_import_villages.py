"""A sheet that nothing places: somebody says its village, and for the next file of that name it is known."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.importing.remembered import name_digest
from ledger.models import BatchState, ColumnMapping, Household, ImportBatch
from tests.importing.workbooks import GOOD_ID, OTHER_ID, THIRD_ID, book, choice, saved
from tests.views.test_import_columns import SignIn, choose, hand_in, page
from tests.world import World

HEADINGS = ["户主姓名", "身份证号", "住址"]
PEOPLE = (["李彩阿", GOOD_ID, ""], ["王芳", OTHER_ID, ""], ["陈强", THIRD_ID, ""])


def sheets(*names: str) -> bytes:
    """A sheet for each name, one household on each."""
    return saved(book(*((name, [HEADINGS, person]) for name, person in zip(names, PEOPLE, strict=False))))


def villages(batch: ImportBatch) -> dict[str, str]:
    """Head → village, of what the plan would add."""
    return {
        row.label.partition(" · ")[0]: row.label.partition(" · ")[2] for row in batch.rows.filter(outcome="created")
    }


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("township_admin")


def said(world: World, **by_number: str) -> dict[str, Any]:
    return {f"s0-{number}": world.villages[name].code for number, name in by_number.items()}


def test_each_sheet_without_a_village_gets_one_by_hand(world: World, admin: Client) -> None:
    batch = hand_in(admin, world, sheets("城垵村", "片一", "片二"))
    assert (batch.state, batch.error_code) == (BatchState.COLUMNS, "missing_required_column")
    text = admin.get(page(batch)).content.decode()
    assert "工作表“片一”属于哪个村" in text
    assert "工作表“片二”属于哪个村" in text
    assert "工作表“城垵村”属于哪个村" not in text
    assert world.villages["前楼"].code not in text  # a village of the neighbours is not on offer
    assert choose(admin, batch, **said(world, v1="马銮", v2="城垵")).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, villages(batch)) == (
        BatchState.PLANNED, {"李彩阿": "城垵村", "王芳": "马銮村", "陈强": "城垵村"},
    )  # fmt: skip
    shown = admin.get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert "整张表按选择归入马銮村" in shown
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    assert Household.objects.get(head_name="王芳").village == world.villages["马銮"]


def test_a_sheet_that_nobody_placed_is_refused_and_the_rest_is_kept(world: World, admin: Client) -> None:
    batch = hand_in(admin, world, sheets("片一", "片二"))
    before = (batch.version, ColumnMapping.objects.count())
    answer = choose(admin, batch, **said(world, v0="马銮"))
    text = answer.content.decode()
    assert (answer.status_code, text.count("请选择这张表属于哪个村。")) == (400, 1)
    assert f'value="{world.villages["马銮"].code}" selected' in text
    batch.refresh_from_db()
    assert (batch.version, ColumnMapping.objects.count()) == before


@pytest.mark.parametrize("code", ["前楼", "nothing", "350626\x00"])
def test_only_villages_of_the_own_townships_can_be_chosen(world: World, admin: Client, code: str) -> None:
    batch = hand_in(admin, world, sheets("片一"))
    wrong = world.villages[code].code if code in world.villages else code
    assert choose(admin, batch, **{"s0-v0": wrong}).status_code == 400
    batch.refresh_from_db()
    assert (batch.state, batch.mapping) == (BatchState.COLUMNS, {})


def test_it_is_remembered_by_the_name_of_the_sheet(world: World, admin: Client) -> None:
    first = hand_in(admin, world, sheets("片一", "片二"))
    choose(admin, first, **said(world, v0="马銮", v1="城垵"))
    kept = ColumnMapping.objects.get().mapping
    assert kept["villages"] == {
        name_digest("片一"): world.villages["马銮"].code, name_digest("片二"): world.villages["城垵"].code,
    }  # fmt: skip
    second = hand_in(admin, world, sheets("片二", "片一"), 2)
    assert (second.state, villages(second)) == (BatchState.PLANNED, {"李彩阿": "城垵村", "王芳": "马銮村"})
    third = hand_in(admin, world, sheets("片三", "片一"), 3)
    assert third.state == BatchState.COLUMNS
    choose(admin, third, **said(world, v0="城垵", v1="马銮"))
    assert set(ColumnMapping.objects.get().mapping["villages"]) == {
        name_digest(name) for name in ("片一", "片二", "片三")
    }


@pytest.mark.parametrize("name", ["Sheet1", "工作表1", "表(2)", "第一页"])
def test_a_name_that_every_workbook_has_is_asked_again(world: World, admin: Client, name: str) -> None:
    """The next village's workbook has a Sheet1 as well: its households must not go to this one's village."""
    first = hand_in(admin, world, sheets(name))
    choose(admin, first, **said(world, v0="马銮"))
    first.refresh_from_db()
    assert (first.state, villages(first)) == (BatchState.PLANNED, {"李彩阿": "马銮村"})
    assert "villages" not in ColumnMapping.objects.get().mapping
    assert hand_in(admin, world, sheets(name), 2).state == BatchState.COLUMNS


def test_a_column_that_names_the_village_goes_before(world: World, admin: Client) -> None:
    data = saved(book(("片一", [["户主姓名", "身份证号", "所在"], ["李彩阿", GOOD_ID, "城垵村"]])))
    batch = hand_in(admin, world, data)
    sent = choice(batch) | said(world, v0="马銮") | {"s0-c2": "village", "s0-used": "on"}
    assert admin.post(page(batch), sent).status_code == 302
    batch.refresh_from_db()
    assert villages(batch) == {"李彩阿": "城垵村"}


def test_the_choice_is_there_again_when_columns_are_adjusted(world: World, admin: Client) -> None:
    batch = hand_in(admin, world, sheets("片一"))
    choose(admin, batch, **said(world, v0="马銮"))
    text = admin.get(page(batch)).content.decode()
    assert f'value="{world.villages["马銮"].code}" selected' in text
    again = choose(admin, batch, again="0", **said(world, v0="城垵")).content.decode()
    assert f'value="{world.villages["城垵"].code}" selected' in again
