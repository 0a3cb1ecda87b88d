"""Ending an import in the browser: cancelled, undone, and the workbook that goes back."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ledger.importing import jobs
from ledger.importing.batches import STOPPING, apply_batch, plan_batch, request_apply
from ledger.importing.cancelling import cancel
from ledger.importing.pulse import Cancelled, Pulse, ask_to_stop, progress_of
from ledger.importing.returned import SHEETS
from ledger.importing.undo_check import check_undo
from ledger.models import AuditRow, BatchState, Household, ImportBatch, ImportRow
from tests.importing.test_plan import existing, row
from tests.importing.test_undo import ledger
from tests.importing.workbooks import GOOD_ID, OTHER_ID, roster
from tests.views.test_imports import upload
from tests.world import World, make_visit

SignIn = Callable[[str], Client]
BAD = {"户编号": "A9", "户主姓名": "王芳", "身份证号": "320206199906019011"}


def applied(world: World, client: Client, *rows: list[Any]) -> ImportBatch:
    upload(client, world, roster(*rows))
    batch = ImportBatch.objects.latest("pk")
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
    return batch


def undo(client: Client, batch: ImportBatch, digest: str = "") -> Any:
    data = {"version": batch.version, "digest": digest or check_undo(batch).digest()}
    return client.post(reverse("import_undo", args=[batch.pk]), data, follow=True)


# Undoing


def test_what_goes_and_what_stays_is_shown_before(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    second = row(户编号="A2", 户主姓名="王芳", 身份证号=OTHER_ID)
    batch = applied(world, client, row(), second, row(**existing(world) | {"人口数": 7, "手机号": "13800001234"}))
    kept = Household.objects.get(code="A2", village=world.villages["城垵"])
    make_visit(kept, world.cadre("household_cadre@城垵"))
    before, address = ledger(), reverse("import_undo", args=[batch.pk])
    page = client.get(address).content.decode()
    assert "王芳 · 城垵村" in page
    assert "李彩阿" not in page
    assert reverse("household_detail", args=[kept.pk]) in page
    assert "李彩阿 · 城垵村" in client.get(address, {"outcome": "removed"}).content.decode()
    back = client.get(address, {"outcome": "restored"}).content.decode()
    assert "<del>7</del> → <ins>3</ins>" in back
    assert "138****1234" in back
    assert "13800001234" not in back
    assert ledger() == before
    undo(client, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == (BatchState.UNDONE, world.users["township_admin"])
    assert not Household.objects.filter(code="A001").exists()
    report = client.get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert "王芳 · 城垵村" in report
    assert reverse("household_detail", args=[kept.pk]) in report
    assert ImportRow.objects.get(household=kept).left_because == "work"


def test_undone_once_by_the_first_of_two(world: World, sign_in: SignIn) -> None:
    first, second = sign_in("township_admin"), sign_in("county_admin")
    batch = applied(world, first, row())
    digest = check_undo(batch).digest()
    undo(first, batch, digest)
    said = undo(second, batch, digest).content.decode()
    assert world.users["township_admin"].name in said
    assert AuditRow.objects.filter(verb="import.undone").count() == 1
    assert second.get(reverse("import_undo", args=[batch.pk])).status_code == 302


def test_a_stale_page_undoes_nothing(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = applied(world, client, row())
    before = ledger()
    undo(client, batch, "0" * 64)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.APPLIED, "undo_stale")
    client.post(reverse("import_undo", args=[batch.pk]), {"version": 1, "digest": "x"})
    assert ledger() == before


@pytest.mark.parametrize("name", ["import_undo", "import_cancel", "import_workbook"])
def test_who_has_no_business_with_it(world: World, sign_in: SignIn, name: str) -> None:
    batch = applied(world, sign_in("township_admin"), row())
    before, address = ledger(), reverse(name, args=[batch.pk])
    for key, status in (("township_admin@前楼", 404), ("township_desk", 403), ("household_cadre", 403)):
        client = sign_in(key)
        answers = [] if name == "import_cancel" else [client.get(address)]
        answers += [] if name == "import_workbook" else [client.post(address, {"version": batch.version})]
        assert {answer.status_code for answer in answers} == {status}, key
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
    assert ledger() == before


def test_an_undo_whose_worker_died_can_be_given_up(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = applied(world, client, row())
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    ImportBatch.objects.update(
        state=BatchState.UNDOING, uploaded_at=long_ago, applied_at=long_ago, finished_at=long_ago, undone_at=long_ago,
        undone_by=batch.uploaded_by,
    )  # fmt: skip
    address = reverse("import_detail", args=[batch.pk])
    assert reverse("import_retry", args=[batch.pk]) in client.get(address).content.decode()
    client.post(reverse("import_retry", args=[batch.pk]))
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by, batch.undone_at) == (BatchState.APPLIED, None, None)
    assert Household.objects.filter(code="A001").exists()


# Cancelling


def test_a_plan_is_cancelled_and_can_not_be_applied(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    upload(client, world, roster(row()))
    batch = ImportBatch.objects.get()
    page = client.post(reverse("import_cancel", args=[batch.pk]), follow=True).content.decode()
    assert reverse("import_apply", args=[batch.pk]) not in page
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    client.post(reverse("import_cancel", args=[batch.pk]))
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.CANCELLED, "")
    assert AuditRow.objects.filter(verb="import.cancelled").count() == 1
    assert not Household.objects.filter(code="A001").exists()


def test_what_was_written_is_not_cancelled(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = applied(world, client, row())
    client.post(reverse("import_cancel", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
    assert not AuditRow.objects.filter(verb="import.cancelled").exists()


def test_progress_offers_to_cancel(world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "plan_batch", lambda batch_id: None)
    client = sign_in("township_admin")
    upload(client, world, roster(row()))
    batch = ImportBatch.objects.get()
    Pulse(batch).tell("read", 4_000, 4_000)
    page = client.get(reverse("import_progress", args=[batch.pk])).content.decode()
    assert reverse("import_cancel", args=[batch.pk]) in page
    assert "4000" in page


@pytest.mark.parametrize("step", ["read", "checked", "written"])
def test_work_under_way_stops_at_its_next_step_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, sign_in: SignIn
) -> None:
    """Asked from beside the transaction, as on SQLite, where nobody else can write while it lasts."""
    monkeypatch.setattr(jobs, "apply_batch", lambda batch_id: None)
    client = sign_in("township_admin")
    upload(client, world, roster(row(), row(**existing(world) | {"人口数": 7})))
    batch = ImportBatch.objects.get()
    before = ledger()
    assert request_apply(by=world.users["township_admin"], batch=batch, version=batch.version)
    tell = Pulse.tell

    def asked(pulse: Pulse, name: str, done: int, total: int = 0) -> None:
        if name == step:
            ask_to_stop(pulse.batch)
            pulse.counts.pop(name, None)
        tell(pulse, name, done, total)

    monkeypatch.setattr(Pulse, "tell", asked)
    if step == "checked":  # told every 2,000 rows only
        monkeypatch.setattr("ledger.importing.roster.plan_households", _told_at_once)
    apply_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code, batch.applied_by) == (BatchState.CANCELLED, STOPPING, None)
    assert ledger() == before
    assert cancel(by=world.users["township_admin"], batch=batch)
    assert not cancel(by=world.users["township_admin"], batch=batch)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.CANCELLED, "")
    assert progress_of(batch) == {}


def _told_at_once(rows: Any, now: Any, progress: Any = None) -> Any:
    progress(1)
    raise AssertionError("it went on")


def test_a_plan_that_was_cancelled_meanwhile_is_not_kept(world: World, sign_in: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "plan_batch", lambda batch_id: None)
    upload(sign_in("township_admin"), world, roster(row()))
    batch = ImportBatch.objects.get()

    def cancelled(*args: Any) -> None:
        assert cancel(by=world.users["township_admin"], batch=batch)

    monkeypatch.setattr("ledger.importing.batches._keep_reading", cancelled)
    plan_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, ImportRow.objects.count()) == (BatchState.CANCELLED, 0)


def test_the_word_to_stop_raises(world: World) -> None:
    batch = ImportBatch.objects.create(file_name="a.xlsx", state=BatchState.CANCELLED)
    with pytest.raises(Cancelled):
        Pulse(batch).tell("read", 1)


# The workbook


def test_the_workbook_for_its_uploader(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    batch = applied(world, client, row(), row(**BAD))
    address = reverse("import_workbook", args=[batch.pk])
    assert address in client.get(reverse("import_detail", args=[batch.pk])).content.decode()
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert "attachment" in answer["Content-Disposition"]
    back = load_workbook(io.BytesIO(answer.content))
    assert back.worksheets[0]["E2"].value == GOOD_ID
    assert SHEETS[0] in back.sheetnames
    said = AuditRow.objects.get(verb="import.returned")
    assert (said.user_id, said.object_id) == (world.users["township_admin"].pk, batch.pk)


def test_it_is_for_nobody_else(world: World, sign_in: SignIn) -> None:
    batch = applied(world, sign_in("township_admin"), row())
    other, address = sign_in("county_admin"), reverse("import_workbook", args=[batch.pk])
    assert other.get(address).status_code == 403
    assert address not in other.get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert not AuditRow.objects.filter(verb="import.returned").exists()


# The lanes


def test_every_outcome_is_a_lane_and_a_reason_lists_all_its_rows(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    upload(client, world, roster(row(**existing(world)), row(**BAD), row(户编号="A5", 身份证号=""), ["合计"]))
    address = reverse("import_detail", args=[ImportBatch.objects.get().pk])
    page = client.get(address).content.decode()
    assert "E3" in page
    assert "台账" in page
    assert 'class="import-quiet' not in page
    assert "<li>第 2 行</li>" in client.get(address, {"outcome": "unchanged"}).content.decode()
    assert "第 5 行" in client.get(address, {"outcome": "ignored"}).content.decode()
    by_reason = client.get(address, {"reason": "id_missing"}).content.decode()
    assert "李彩阿 · 城垵村" in by_reason
    assert "王芳" not in by_reason
