"""各列的含义 in the browser: asked where it is unsure, chosen, remembered, changed and forgotten."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import AuditRow, BatchState, ColumnMapping, Household, ImportBatch, ImportRow
from tests.importing.test_plan import ROW
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, THIRD_ID, book, choice, roster, roster_csv, saved
from tests.views.test_imports import upload
from tests.world import World

SignIn = Callable[[str], Client]
STRANGE = ["村", "村民组", "户编号", "当家人", "公民号", "手机号", "人口数", "户类型", "挂户干部工号"]
"""Headings of which the head's and the ID number's are not known."""


def line(**changes: Any) -> list[Any]:
    return list((ROW | changes).values())


def strange(*rows: list[Any]) -> bytes:
    return roster(*(rows or (line(),)), headings=STRANGE)


def hand_in(client: Client, world: World, data: bytes, number: int = 1) -> ImportBatch:
    client_id = f"11111111-1111-4111-8111-{number:012d}"
    assert upload(client, world, data, client_id=client_id).status_code == 302
    return ImportBatch.objects.latest("pk")


def page(batch: ImportBatch) -> str:
    return reverse("import_columns", args=[batch.pk])


def choose(client: Client, batch: ImportBatch, **changed: Any) -> Any:
    batch.refresh_from_db()
    return client.post(page(batch), choice(batch, **changed))


RIGHT = {"s0-c3": "head", "s0-c4": "id_no"}


def test_from_a_strange_heading_to_the_plan(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    assert batch.state == BatchState.COLUMNS
    answer = client.get(reverse("import_detail", args=[batch.pk]))
    assert (answer.status_code, answer["Location"]) == (302, page(batch))
    text = client.get(page(batch)).content.decode()
    assert "当家人" in text
    assert "李彩阿" in text
    assert GOOD_ID not in text
    assert "320206********9606" in text
    assert "19900001585" not in text
    assert text.count("is-unsure") == 2
    assert choose(client, batch, **RIGHT).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == (BatchState.PLANNED, 1)
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    assert Household.objects.get(code="A001").head_name == "李彩阿"


def test_a_clear_roster_is_planned_without_a_question(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, roster([1, *line(), "汉"], headings=["序号", *HEADINGS, "民族"]))
    assert batch.state == BatchState.PLANNED
    assert page(batch) in client.get(reverse("import_detail", args=[batch.pk])).content.decode()


def test_what_was_chosen_is_used_for_the_next_file_and_said(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    first = hand_in(client, world, strange())
    choose(client, first, **RIGHT)
    second = hand_in(client, world, strange(line(户编号="A2", 户主姓名="王芳", 身份证号=OTHER_ID)), 2)
    assert (second.state, second.counts["created"]) == (BatchState.PLANNED, 1)
    text = client.get(reverse("import_detail", args=[second.pk])).content.decode()
    user = world.users["township_admin"]
    assert f"已按 {user.name} {timezone.localtime():%Y-%m-%d}" in text
    assert page(second) in text
    client.post(reverse("import_apply", args=[second.pk]), {"version": second.version})
    assert Household.objects.get(code="A2").head_name == "王芳"


def test_nothing_of_the_rows_is_remembered(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    choose(client, hand_in(client, world, strange()), **RIGHT)
    (kept,) = ColumnMapping.objects.all()
    assert kept.township == world.township
    assert kept.saved_by == world.users["township_admin"]
    columns = {"A": "village", "B": "group", "C": "hh_no", "D": "head", "E": "id_no", "F": "phone", "G": "population",
               "H": "hh_type", "I": "cadre_no"}  # fmt: skip
    order = kept.mapping.pop("order")
    assert kept.mapping == {"role": "households", "columns": columns, "left_out": []}
    assert (sorted(order["ranks"]), len(order["digest"]), len(order)) == (sorted(columns.values()), 64, 2)
    assert re.fullmatch(r"[0-9a-f]{64}", kept.signature)


def test_what_is_not_to_be_remembered_is_asked_again(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    batch.refresh_from_db()
    sent = choice(batch, **RIGHT)
    del sent["remember"]
    assert client.post(page(batch), sent).status_code == 302
    assert not ColumnMapping.objects.exists()
    assert hand_in(client, world, strange(), 2).state == BatchState.COLUMNS


def test_another_township_remembers_for_itself(world: World, sign_in: SignIn) -> None:
    choose_client = sign_in("township_admin")
    choose(choose_client, hand_in(choose_client, world, strange()), **RIGHT)
    other = sign_in("township_admin@前楼")
    answer = upload(other, world, strange(), townships=[world.other_township.pk])
    assert answer.status_code == 302
    assert ImportBatch.objects.latest("pk").state == BatchState.COLUMNS


def test_forgotten_columns_are_asked_about_again(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    choose(client, hand_in(client, world, strange()), **RIGHT)
    batch = hand_in(client, world, strange(), 2)
    forget = reverse("import_columns_forget", args=[batch.pk])
    assert forget in client.get(page(batch)).content.decode()
    assert client.post(forget, {"version": batch.version - 1}).status_code == 302
    assert ColumnMapping.objects.count() == 1
    client.post(forget, {"version": batch.version})
    assert not ColumnMapping.objects.exists()
    batch.refresh_from_db()
    assert batch.state == BatchState.COLUMNS
    assert AuditRow.objects.filter(verb="import.columns_forgotten").count() == 1


def test_other_columns_for_a_plan_nobody_has_applied(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, roster(line()))
    assert choose(client, batch, **{"s0-c5": "-"}).status_code == 302
    batch.refresh_from_db()
    assert batch.state == BatchState.PLANNED
    assert "phone" not in batch.layout["sheets"][0]["columns"].values()
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    assert Household.objects.get(code="A001").residents.get().phone == ""
    answer = client.get(page(batch))
    assert (answer.status_code, answer["Location"]) == (302, reverse("import_detail", args=[batch.pk]))
    before = ImportBatch.objects.values().get(pk=batch.pk)
    assert client.post(page(batch), choice(batch)).status_code == 302
    assert ImportBatch.objects.values().get(pk=batch.pk) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"s0-c3": "village"}, "“村”已选了 A 列"),
        ({"s0-c0": "-"}, "请选出写村名的那一列"),
        ({"s0-c3": "-"}, "请选出写户主姓名的那一列"),
        ({"s0-c3": "name"}, "“姓名”用于家庭成员表"),
        ({"s0-c4": ""}, "请选择这一列是什么"),
        ({"s0-role": "residents"}, "请选出写成员姓名的那一列"),
        ({"s0-role": "residents", "s0-c3": "name", "s0-c2": "-"}, "请选出写明是哪一户的列"),
        ({"s0-used": None}, "至少选一张要导入的表"),
        ({"s0-heading": "2"}, "选择一个有效的选项"),
        ({"s0-c3": "cadre"}, "选择一个有效的选项"),
    ],
)
def test_wrong_choices_are_told_and_kept(world: World, sign_in: SignIn, changed: dict[str, Any], said: str) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    before = ImportBatch.objects.values().get(pk=batch.pk)
    answer = choose(client, batch, **(RIGHT | {"s0-c6": "-"} | changed))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert re.search(
        r'<select name="s0-c6"[^>]*>\s*(<option value="">[^<]*</option>\s*)?<option value="-" selected>', text
    )
    assert ImportBatch.objects.values().get(pk=batch.pk) == before
    assert not ColumnMapping.objects.exists()


def test_a_choice_on_an_older_state_is_told_and_kept(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    batch.refresh_from_db()
    sent = choice(batch, **RIGHT)
    ImportBatch.objects.update(version=batch.version + 1)
    answer = client.post(page(batch), sent)
    assert answer.status_code == 409
    assert '<option value="id_no" selected>' in answer.content.decode()
    assert ImportBatch.objects.get().state == BatchState.COLUMNS
    assert client.post(page(batch), sent | {"version": batch.version + 1}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_version_that_is_none(world: World, sign_in: SignIn, version: str) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    assert choose(client, batch, version=version).status_code == 400
    assert client.post(reverse("import_columns_forget", args=[batch.pk]), {"version": version}).status_code == 302
    assert ImportBatch.objects.get().state == BatchState.COLUMNS


def test_rubbish_is_refused(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange())
    names = ["s0-used", "s0-role", "s0-heading", "s0-c0", "s0-c3", "remember", "version", "again"]
    for junk in ("\0", "9" * 5_000, "1,2", "-1", ["a", "b"], "<script>", "head", "not_data"):
        for name in names:
            answer = choose(client, batch, **{name: junk})
            assert answer.status_code in (200, 400, 409), (name, junk)
    assert client.post(page(batch), {}).status_code == 400
    batch.refresh_from_db()
    assert batch.state == BatchState.COLUMNS


def test_other_heading_rows_are_recognised_without_writing(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    data = saved(
        book(("台账", [["户主情况", "联系"], ["户主姓名", "手机号", "所在的村"], ["李彩阿", "19900001585", "城垵村"]]))
    )
    batch = hand_in(client, world, data)
    assert batch.state == BatchState.COLUMNS
    before = ImportBatch.objects.values().get(pk=batch.pk)
    text = choose(client, batch, **{"s0-heading": "1", "again": "0"}).content.decode()
    assert '<option value="1" selected>' in text
    assert ImportBatch.objects.values().get(pk=batch.pk) == before
    text = choose(client, batch, **{"s0-heading": "2", "again": "0"}).content.decode()
    assert '<option value="head" selected>' in text
    assert choose(client, batch, **{"s0-heading": "2", "s0-c2": "village"}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == (BatchState.PLANNED, 1)


def test_a_list_without_headings(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, roster_csv(["城垵村", "王芳", OTHER_ID], headings=["城垵村", "李彩阿", GOOD_ID]))
    assert batch.state == BatchState.COLUMNS
    chosen = {"s0-used": "on", "s0-heading": "0", "s0-c0": "village", "s0-c1": "head", "s0-c2": "id_no"}
    assert choose(client, batch, **chosen).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == (BatchState.PLANNED, 2)
    assert not ColumnMapping.objects.exists()


def test_sheets_of_one_layout_are_asked_about_once(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    rows = [
        line(户编号=f"A{n}", 户主姓名=f"甲{n}", 身份证号=one) for n, one in enumerate((GOOD_ID, OTHER_ID, THIRD_ID))
    ]
    batch = hand_in(client, world, saved(book(*((f"表{n}", [STRANGE, one]) for n, one in enumerate(rows)))))
    assert client.get(page(batch)).content.decode().count('class="card columns-block"') == 1
    choose(client, batch, **RIGHT)
    batch.refresh_from_db()
    assert batch.counts["created"] == 3


def test_a_missing_village_is_asked_for(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    data = roster(["李彩阿", GOOD_ID, "城垵村"], headings=["户主姓名", "身份证号", "住址"])
    batch = hand_in(client, world, data)
    assert (batch.state, batch.error_code) == (BatchState.COLUMNS, "missing_required_column")
    assert "没有一列写明是哪个村" in client.get(page(batch)).content.decode()
    assert choose(client, batch, **{"s0-c2": "village"}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == (BatchState.PLANNED, 1)


def test_a_village_named_by_the_title_needs_no_column(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    data = saved(book(("Sheet1", [["康美镇城垵村名册", ""], ["当家人", "身份证号"], ["李彩阿", GOOD_ID]])))
    batch = hand_in(client, world, data)
    assert batch.state == BatchState.COLUMNS
    chosen = {"s0-used": "on", "s0-heading": "2", "s0-c0": "head", "s0-c1": "id_no"}
    assert choose(client, batch, **chosen).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == (BatchState.PLANNED, 1)


def test_cells_are_shown_as_text(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = hand_in(client, world, strange(line(户主姓名="<script>alert(1)</script>")))
    text = client.get(page(batch)).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_sample_is_sealed_and_masked(world: World, sign_in: SignIn) -> None:
    from django.db import connection

    batch = hand_in(sign_in("township_admin"), world, strange())
    with connection.cursor() as cursor:
        cursor.execute("SELECT sample, layout FROM ledger_importbatch WHERE id = %s", [batch.pk])
        stored = str(cursor.fetchone())
    assert "李彩阿" not in stored
    batch.refresh_from_db()
    assert json.loads(batch.sample)["blocks"][0]["rows"][1][3:6] == ["李彩阿", "320206********9606", "199****1585"]


def test_the_sample_goes_when_nobody_can_choose_any_more(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    cancelled, applied = hand_in(client, world, strange()), hand_in(client, world, roster(line()), 2)
    cancel = reverse("import_cancel", args=[cancelled.pk])
    assert cancel in client.get(page(cancelled)).content.decode()
    client.post(cancel)
    client.post(reverse("import_apply", args=[applied.pk]), {"version": applied.version})
    assert list(ImportBatch.objects.order_by("pk").values_list("state", "sample")) == [
        (BatchState.CANCELLED, ""),
        (BatchState.APPLIED, ""),
    ]


@pytest.mark.parametrize("role", ["township_desk", "township_leader", "inspector", "household_cadre", "nobody"])
def test_others_are_refused(world: World, sign_in: SignIn, role: str) -> None:
    batch = hand_in(sign_in("township_admin"), world, strange())
    client = sign_in(role)
    assert client.get(page(batch)).status_code == 403
    assert choose(client, batch, **RIGHT).status_code == 403
    assert client.post(reverse("import_columns_forget", args=[batch.pk]), {"version": batch.version}).status_code == 403
    batch.refresh_from_db()
    assert batch.state == BatchState.COLUMNS


def test_a_batch_of_elsewhere_does_not_exist(world: World, sign_in: SignIn) -> None:
    batch = hand_in(sign_in("township_admin"), world, strange())
    stranger = sign_in("township_admin@前楼")
    assert stranger.get(page(batch)).status_code == 404
    assert choose(stranger, batch, **RIGHT).status_code == 404
    assert stranger.post(reverse("import_columns_forget", args=[batch.pk]), {"version": 1}).status_code == 404
    batch.refresh_from_db()
    assert batch.state == BatchState.COLUMNS
    assert not ImportRow.objects.exists()


# The same headings in another order


def turned(order: list[int], *rows: list[Any], headings: list[str] = STRANGE) -> bytes:
    return roster(*([row[at] for at in order] for row in rows), headings=[headings[at] for at in order])


def test_the_same_headings_in_another_order_are_the_same_layout(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    choose(client, hand_in(client, world, strange()), **RIGHT)
    second = hand_in(
        client, world, turned([8, 4, 3, 2, 1, 0, 5, 6, 7], line(户编号="A7", 户主姓名="王芳", 身份证号=OTHER_ID)), 2
    )
    assert (second.state, second.counts["created"], second.counts["refused"]) == (BatchState.PLANNED, 1, 0)
    (sheet,) = second.mapping["sheets"]
    assert {sheet["columns"][letter] for letter in "BC"} == {"id_no", "head"}
    assert sheet["columns"]["C"] == "head"
    text = client.get(reverse("import_detail", args=[second.pk])).content.decode()
    assert reverse("import_columns_forget", args=[second.pk]) in client.get(page(second)).content.decode()
    assert "王芳" in text


def test_a_heading_that_stands_twice_or_is_missing_is_asked_about_again(world: World, sign_in: SignIn) -> None:
    """There only the place tells which column is which."""
    client = sign_in("township_admin")
    headings = [*STRANGE[:4], "号码", "号码", *STRANGE[6:]]
    first = hand_in(client, world, turned(list(range(9)), line(), headings=headings))
    choose(client, first, **RIGHT, **{"s0-c5": "phone"})
    assert ColumnMapping.objects.count() == 1
    again = hand_in(client, world, turned([0, 1, 2, 3, 5, 4, 6, 7, 8], line(), headings=headings), 2)
    other = hand_in(client, world, turned([1, 0, 2, 3, 4, 5, 6, 7, 8], line(), headings=headings), 3)
    assert again.mapping["sheets"][0]["columns"]["E"] == "id_no"  # the same headings in the same places
    assert other.state == BatchState.COLUMNS


def test_forgetting_takes_the_layout_in_every_order(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    choose(client, hand_in(client, world, strange()), **RIGHT)
    second = hand_in(client, world, turned([8, 4, 3, 2, 1, 0, 5, 6, 7], line()), 2)
    assert (second.state, ColumnMapping.objects.count()) == (BatchState.PLANNED, 1)
    client.post(reverse("import_columns_forget", args=[second.pk]), {"version": second.version})
    assert not ColumnMapping.objects.exists()
