"""The past through the web, and the blank templates: for an admin's own townships, looked at before it is written."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from ledger.models import AuditRow, BatchState, Household, ImportBatch, Issue, Visit
from tests.importing.history_tables import as_workbook, line, past
from tests.world import World


def hand_in(client: Client, world: World, tables: dict[str, Any], **more: Any) -> Any:
    data = {
        "file": SimpleUploadedFile("历史台账.xlsx", as_workbook(tables)), "kind": "history",
        "townships": [world.township.pk], **more,
    }  # fmt: skip
    return client.post(reverse("import_create"), data)


@pytest.fixture
def admin(world: World, client: Client) -> Client:
    client.force_login(world.user("township_admin"))
    return client


def test_the_page_says_which_sheets_are_understood(admin: Client) -> None:
    page = admin.get(reverse("import_create") + "?kind=history").content.decode()
    assert "走访人工号" in page
    assert 'name="kind" value="history"' in page
    assert reverse("import_template", args=["history"]) in page
    rosters = admin.get(reverse("import_create") + "?kind=%00x").content.decode()
    assert 'name="kind" value="households"' in rosters


@pytest.mark.parametrize("kind", ["跳舞", "", "history" * 9])
def test_a_form_of_no_known_kind_hands_in_a_roster(admin: Client, world: World, kind: str) -> None:
    """Nobody sees the field, so nobody could put it right."""
    assert hand_in(admin, world, past(world), kind=kind).status_code == 302
    assert ImportBatch.objects.get().kind == "households"


def test_it_is_looked_at_then_written(admin: Client, world: World) -> None:
    tables = past(world)
    tables["events"].append(line("events", event_id="V9", kind="跳舞"))
    answer = hand_in(admin, world, tables)
    batch = ImportBatch.objects.get()
    assert answer.url == reverse("import_detail", args=[batch.pk])
    assert (batch.kind, batch.state, batch.counts["created"], batch.counts["refused"]) == (
        "history", BatchState.PLANNED, 16, 1,
    )  # fmt: skip
    assert not Visit.objects.exclude(earlier_number="").exists()
    page = admin.get(answer.url).content.decode()
    assert "V9" in page
    assert reverse("import_columns", args=[batch.pk]) not in page
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    batch.refresh_from_db()
    assert (batch.state, batch.applied_by) == (BatchState.APPLIED, world.user("township_admin"))
    void = Visit.objects.get(earlier_number="V5")
    assert void.recorded_by == void.voided_by == world.user("township_admin")
    assert Issue.objects.exclude(earlier_number="").count() == 5
    assert AuditRow.objects.filter(verb="import.applied").count() == 1
    page = admin.get(answer.url).content.decode()
    assert reverse("import_undo", args=[batch.pk]) in page


def test_it_is_undone_on_the_page_of_rosters(admin: Client, world: World) -> None:
    hand_in(admin, world, past(world))
    batch = ImportBatch.objects.get()
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    Visit.objects.filter(earlier_number="V3").update(version=2)
    address = reverse("import_undo", args=[batch.pk])
    shown = admin.get(address)
    page = shown.content.decode()
    assert "移除事项" in page
    assert "之后已有人在此基础上办理或更正" in page
    assert "保留下来的记录仍要用到它" in page
    assert (bool(re.search(r"\bV3\b", page)), re.search(r"\bV1\b", page)) == (
        True,
        None,
    )  # as words: tokens are letters
    assert "V1" in admin.get(address, {"outcome": "removed"}).content.decode()
    batch.refresh_from_db()
    stale = {"version": batch.version, "digest": "0" * 64}
    admin.post(address, stale)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code, Issue.objects.exclude(earlier_number="").count()) == (
        BatchState.APPLIED, "undo_stale", 5,
    )  # fmt: skip
    data = {"version": batch.version, "digest": shown.context["digest"]}
    report = admin.post(address, data, follow=True).content.decode()
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == (BatchState.UNDONE, world.user("township_admin"))
    assert not Issue.objects.exclude(earlier_number="").exists()
    assert list(Visit.objects.exclude(earlier_number="").values_list("earlier_number", flat=True)) == ["V3"]
    assert "移除民情事项 5 件、走访 4 次、农户 2 户；恢复原值 0 行" in report
    assert "2 行" in report
    trail = admin.get(reverse("audit_list")).content.decode()
    assert "随导入一并撤回历史事项" in trail


def test_undoing_is_not_for_neighbours(admin: Client, world: World, client: Client) -> None:
    hand_in(admin, world, past(world))
    batch = ImportBatch.objects.get()
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    address, before = reverse("import_undo", args=[batch.pk]), Issue.objects.count()
    for who, status in (("township_admin@前楼", 404), ("household_cadre", 403)):
        client.force_login(world.user(who))
        assert client.get(address).status_code == status
        assert client.post(address, {"version": batch.version, "digest": "x"}).status_code == status
    batch.refresh_from_db()
    assert (batch.state, Issue.objects.count()) == (BatchState.APPLIED, before)


def test_rows_of_other_townships_stay_out(admin: Client, world: World) -> None:
    before = Household.objects.count()
    hand_in(admin, world, past(world, village="前楼"))
    batch = ImportBatch.objects.get()
    assert (batch.counts["created"], batch.counts["refused"]) == (0, 17)
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    assert Household.objects.count() == before


def test_townships_of_others_cannot_be_chosen(admin: Client, world: World) -> None:
    answer = hand_in(admin, world, past(world), townships=[world.other_township.pk])
    assert answer.status_code == 400
    assert not ImportBatch.objects.exists()


def test_a_workbook_that_is_no_past_says_why(admin: Client, world: World) -> None:
    answer = hand_in(admin, world, {"villages": []})
    page = admin.get(answer.url).content.decode()
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.error_code) == (BatchState.REFUSED, "no_data_rows")
    assert batch.error_detail in page


def test_an_earlier_number_is_found_and_shown(admin: Client, world: World) -> None:
    hand_in(admin, world, past(world))
    batch = ImportBatch.objects.get()
    admin.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    issue = Issue.objects.get(earlier_number="I1")
    found = admin.get(reverse("issue_list"), {"q": "I1"}).content.decode()
    assert reverse("issue_detail", args=[issue.pk]) in found
    page = admin.get(reverse("issue_detail", args=[issue.pk])).content.decode()
    assert "I1" in page
    assert "日期不详" in page
    shown = admin.get(reverse("visit_detail", args=[issue.visit_id])).content.decode()
    assert "V1" in shown
    void = Visit.objects.get(earlier_number="V5")
    assert "原台账中已作废" in admin.get(reverse("visit_detail", args=[void.pk])).content.decode()


@pytest.mark.parametrize("kind", ["households", "residents", "cadres", "divisions", "history"])
def test_a_template_is_a_workbook_of_the_own_area(admin: Client, world: World, kind: str) -> None:
    answer = admin.get(reverse("import_template", args=[kind]))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    cells = {str(cell.value) for sheet in load_workbook(io.BytesIO(answer.content)) for row in sheet for cell in row}
    own = {village.pk for village in world.township.villages.all()}
    assert not {village.name for village in world.villages.values() if village.pk not in own} & cells


def test_templates_are_for_who_imports(world: World, client: Client) -> None:
    address = reverse("import_template", args=["history"])
    assert client.get(address).status_code == 302
    client.force_login(world.user("household_cadre"))
    assert client.get(address).status_code == 403
    client.force_login(world.user("township_admin"))
    assert client.get(reverse("import_template", args=["nothing"])).status_code == 404
    assert client.post(address).status_code == 405
