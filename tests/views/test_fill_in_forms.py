"""套表: taken once, bound by pointing, filled for a period with its layout; what can't be filled is refused."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.models import AuditRow, FillInForm, StatisticsSnapshot
from tests.access.reports import blank
from tests.world import World

SignIn = Callable[[str], Client]


def hand_in(client: Client, data: bytes, name: str = "周报") -> Any:
    file = SimpleUploadedFile("空白.xlsx", data)
    return client.post(reverse("fill_in_form_create"), {"name": name, "file": file})


def bind(client: Client, form: FillInForm, cell: str, figure: str, place: str = "", /, **more: Any) -> Any:
    form.refresh_from_db()
    data = {"cell": cell, "figure": figure, "span": "total", "place": place or form.area, "version": form.version}
    return client.post(reverse("fill_in_form_bind", args=[form.pk]), data | more)


def test_a_form_is_handed_in_pointed_at_and_filled(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    assert hand_in(client, blank()).status_code == 302
    form = FillInForm.objects.get()
    page = client.get(reverse("fill_in_form_detail", args=[form.pk]), {"cell": "0!A3"})
    assert page.context["cell"] == "A3"
    row = page.context["sheets"][0]["rows"][2]
    assert [bool(cell["url"]) for cell in row] == [True, True, False]
    assert page.context["sheets"][0]["rows"][0][0]["columns"] == 3
    village = f"village-{world.villages['城垵'].pk}"
    for cell, figure, place in (
        ("0!A3", "household_visits", ""), ("0!B3", "household_visits", village), ("0!A4", "coverage", ""),
        ("0!B4", "@place", village),
    ):  # fmt: skip
        assert bind(client, form, cell, figure, place).status_code == 302
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.post(f"{reverse('fill_in_form_fill', args=[form.pk])}?period=year").content)
    ).active
    assert [[cell.value for cell in line] for line in sheet["A2:C4"]] == [
        ["户次", "人次", "合计"], [3, 1, "=A3+B3"], [0, "城垵村", None],
    ]  # fmt: skip
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:C1"]
    assert list(AuditRow.objects.order_by("pk").values_list("verb", flat=True)) == [
        "form.taken", *["form.bound"] * 4, "export.made",
    ]  # fmt: skip


def test_the_label_of_a_cell_stays_before_the_text_that_fills_it(world: World, sign_in: SignIn) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["C1"] = "填报单位（盖章）：", "填报时间：     年  月  日", "单位"
    made = io.BytesIO()
    book.save(made)
    client = sign_in("township_desk")
    hand_in(client, made.getvalue())
    form = FillInForm.objects.get()
    for cell, word in (("0!A1", "@place"), ("0!B1", "@until"), ("0!C1", "@place")):
        assert bind(client, form, cell, word).status_code == 302
    url = f"{reverse('fill_in_form_fill', args=[form.pk])}?period=custom&since=2026-03-01&until=2026-03-31"
    sheet = openpyxl.load_workbook(io.BytesIO(client.post(url).content)).active
    assert [cell.value for cell in sheet[1]] == ["填报单位（盖章）：康美镇", "填报时间：2026年3月31日", "康美镇"]


def test_a_stale_binding_is_told_and_changes_nothing(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    hand_in(client, blank())
    form = FillInForm.objects.get()
    bind(client, form, "0!A3", "events")
    bind(client, form, "0!B3", "events", version=1)
    form.refresh_from_db()
    assert form.bindings == {"0!A3": ["events", "total", form.area]}
    bind(client, form, "0!A3", "")
    form.refresh_from_db()
    assert form.bindings == {}


@pytest.mark.parametrize(
    "changes",
    [{"cell": "x"}, {"cell": "0!A0"}, {"cell": "9!A1"}, {"figure": "nothing"}, {"span": "week"}, {"place": "county-1"},
     {"version": "x"}],
)  # fmt: skip
def test_rubbish_binds_nothing(world: World, sign_in: SignIn, changes: dict[str, str]) -> None:
    client = sign_in("township_desk")
    hand_in(client, blank())
    form = FillInForm.objects.get()
    assert bind(client, form, "0!A3", "events", **changes).status_code == 422
    form.refresh_from_db()
    assert (form.bindings, form.version) == ({}, 1)


def with_part(name: str) -> bytes:
    made = io.BytesIO(blank())
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, "x")
    return made.getvalue()


def bomb() -> bytes:
    made = io.BytesIO(blank())
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"0" * 50_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 broken", b"a,b\n1,2\n", with_part("xl/vbaProject.bin"), with_part("xl/charts/a.xml"), bomb()],
)
def test_what_cannot_be_filled_is_refused(world: World, sign_in: SignIn, data: bytes) -> None:
    assert hand_in(sign_in("township_desk"), data).status_code == 302
    assert not FillInForm.objects.exists()
    assert not AuditRow.objects.exists()


def test_a_form_stays_in_its_township(world: World, sign_in: SignIn) -> None:
    hand_in(sign_in("township_desk"), blank())
    form = FillInForm.objects.get()
    names = ("fill_in_form_bind", "fill_in_form_fill", "fill_in_form_remove")
    other = sign_in("township_leader@前楼")
    assert other.get(reverse("fill_in_form_detail", args=[form.pk])).status_code == 404
    assert [other.post(reverse(name, args=[form.pk])).status_code for name in names] == [404] * 3
    assert "周报" not in other.get(reverse("fill_in_form_list")).content.decode()
    assert sign_in("village_cadre").get(reverse("fill_in_form_list")).status_code == 403
    assert hand_in(sign_in("village_cadre"), blank()).status_code == 403
    assert hand_in(sign_in("township_desk"), blank()).status_code == 302
    assert FillInForm.objects.count() == 1
    sign_in("township_desk").post(reverse("fill_in_form_remove", args=[form.pk]))
    assert "周报" not in sign_in("township_desk").get(reverse("fill_in_form_list")).content.decode()


def test_an_inspector_reads_and_fills_a_form_and_changes_none(world: World, sign_in: SignIn) -> None:
    desk = sign_in("township_desk")
    hand_in(desk, blank())
    form = FillInForm.objects.get()
    bind(desk, form, "0!A3", "household_visits")
    before = FillInForm.objects.values().get()
    inspector, detail = sign_in("inspector"), reverse("fill_in_form_detail", args=[form.pk])
    assert reverse("fill_in_form_create") not in inspector.get(reverse("fill_in_form_list")).content.decode()
    page = inspector.get(detail, {"cell": "0!A3"})
    assert (page.context["bind"], page.context["may_bind"]) == (None, False)
    assert not any(cell["url"] for sheet in page.context["sheets"] for row in sheet["rows"] for cell in row)
    assert inspector.post(reverse("fill_in_form_fill", args=[form.pk])).status_code == 200
    assert hand_in(inspector, blank(), "另一张").status_code == 403
    assert bind(inspector, form, "0!A3", "coverage").status_code == 403
    assert inspector.post(reverse("fill_in_form_remove", args=[form.pk])).status_code == 403
    assert inspector.post(f"{reverse('snapshot_create')}?period=month", {"name": "督查"}).status_code == 403
    assert inspector.get(reverse("statistics_table")).context["may_freeze"] is False
    assert list(FillInForm.objects.values()) == [before]
    assert not StatisticsSnapshot.objects.exists()
