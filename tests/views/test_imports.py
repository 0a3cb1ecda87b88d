"""导入名册 in the browser: upload, plan, apply, report, and who may do so."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.importing import jobs
from ledger.models import BatchState, Household, ImportBatch
from tests.importing.test_plan import existing, row
from tests.importing.workbooks import GOOD_ID, OTHER_ID, roster
from tests.world import World

SignIn = Callable[[str], Client]


def upload(client: Client, world: World, data: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("名册.xlsx", data)
    body = {"file": file, "townships": [world.township.pk], "client_id": "11111111-1111-4111-8111-111111111111"}
    return client.post(reverse("import_create"), body | more)


def test_from_upload_to_report(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    bad = row(户编号="A2", 户主姓名="王芳", 身份证号="320206199906019011")
    changed = row(**existing(world) | {"人口数": 7})
    response = upload(client, world, roster(row(), bad, changed))
    batch = ImportBatch.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("import_detail", args=[batch.pk]))
    page = client.get(response["Location"])
    assert batch.state == BatchState.PLANNED
    text = page.content.decode()
    assert "王芳 · 城垵村" in text
    assert "E3" in text
    assert "李彩阿" not in text
    assert client.get(response["Location"], {"outcome": "created"}).content.decode().count("李彩阿 · 城垵村") == 1
    assert "<ins>7</ins>" in client.get(response["Location"], {"outcome": "updated"}).content.decode()
    assert GOOD_ID not in text
    assert not Household.objects.filter(code="A001").exists()
    assert 'name="csrfmiddlewaretoken"' in text.partition(reverse("import_apply", args=[batch.pk]))[2]

    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    batch.refresh_from_db()
    assert (batch.state, batch.applied_by) == (BatchState.APPLIED, world.users["township_admin"])
    assert Household.objects.get(code="A001").head_name == "李彩阿"
    report = client.get(response["Location"]).content.decode()
    assert reverse("household_list") in report
    assert "王芳 · 城垵村" in report


def test_the_second_of_two_sees_the_winner(world: World, sign_in: SignIn) -> None:
    first, second = sign_in("township_admin"), sign_in("county_admin")
    upload(first, world, roster(row()))
    batch = ImportBatch.objects.get()
    address = reverse("import_apply", args=[batch.pk])
    first.post(address, {"version": batch.version})
    response = second.post(address, {"version": batch.version}, follow=True)
    assert world.users["township_admin"].name in response.content.decode()
    assert Household.objects.filter(code="A001").count() == 1


def test_the_same_form_twice_is_one_import(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    data = roster(row())
    first, second = upload(client, world, data), upload(client, world, data)
    assert first["Location"] == second["Location"]
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, 422), (roster(row())[:900], 422), (b"", 400)],
)
def test_files_that_are_no_roster(world: World, sign_in: SignIn, data: bytes, status: int) -> None:
    response = upload(sign_in("township_admin"), world, data)
    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_over_the_limit(world: World, sign_in: SignIn, settings: Any) -> None:
    settings.ROSTER_MAX_BYTES = 1000
    response = upload(sign_in("township_admin"), world, roster(row()))
    assert response.status_code == 413
    assert not ImportBatch.objects.exists()


def test_no_file_at_all(world: World, sign_in: SignIn) -> None:
    response = sign_in("township_admin").post(reverse("import_create"), {"townships": [world.township.pk]})
    assert response.status_code == 400


def test_a_file_refused_in_the_background_says_why(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    response = upload(client, world, roster())
    page = client.get(response["Location"])
    assert ImportBatch.objects.get().state == BatchState.REFUSED
    assert 'role="alert"' in page.content.decode()


def test_townships_of_others_can_not_be_chosen(world: World, sign_in: SignIn) -> None:
    response = upload(sign_in("township_admin"), world, roster(row()), townships=[world.other_township.pk])
    assert response.status_code == 400
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("role", ["township_desk", "township_leader", "inspector", "household_cadre", "nobody"])
def test_others_are_refused(world: World, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    assert client.get(reverse("import_list")).status_code == 403
    assert upload(client, world, roster(row())).status_code == 403
    assert not ImportBatch.objects.exists()


def test_a_batch_of_elsewhere_does_not_exist(world: World, sign_in: SignIn) -> None:
    upload(sign_in("township_admin"), world, roster(row()))
    batch = ImportBatch.objects.get()
    stranger = sign_in("township_admin@前楼")
    for name in ("import_detail", "import_progress"):
        assert stranger.get(reverse(name, args=[batch.pk])).status_code == 404
    for name in ("import_apply", "import_retry"):
        assert stranger.post(reverse(name, args=[batch.pk]), {"version": batch.version}).status_code == 404
    assert "名册.xlsx" not in stranger.get(reverse("import_list")).content.decode()
    batch.refresh_from_db()
    assert batch.state == BatchState.PLANNED


def test_progress_is_shown_and_ends_by_itself(world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "plan_batch", lambda batch_id: None)
    client = sign_in("township_admin")
    response = upload(client, world, roster(row()))
    batch = ImportBatch.objects.get()
    assert "hx-get" in client.get(response["Location"]).content.decode()
    address = reverse("import_progress", args=[batch.pk])
    assert "hx-get" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    ImportBatch.objects.update(state=BatchState.PLANNED)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_dead_worker_is_noticed(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    response = upload(client, world, roster(row()))
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    ImportBatch.objects.update(
        state=BatchState.APPLYING, uploaded_at=long_ago, finished_at=long_ago, applied_at=long_ago
    )
    retry = reverse("import_retry", args=[ImportBatch.objects.get().pk])
    assert retry in client.get(response["Location"]).content.decode()
    client.post(retry)
    assert ImportBatch.objects.get().state == BatchState.PLANNED


def test_what_stopped_can_be_started_again(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    response = upload(client, world, roster(row()))
    ImportBatch.objects.update(state=BatchState.FAILED, error_code="failed")
    assert (
        reverse("import_retry", args=[ImportBatch.objects.get().pk])
        in client.get(response["Location"]).content.decode()
    )
    client.post(reverse("import_retry", args=[ImportBatch.objects.get().pk]))
    assert ImportBatch.objects.get().state == BatchState.PLANNED


@pytest.mark.parametrize("count", [1, 60])
def test_the_page_asks_the_same_number_of_questions(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    client = sign_in("township_admin")
    rows = [row(户编号=f"C{n}", 身份证号="" if n else OTHER_ID, 户主姓名=f"甲{n}") for n in range(count)]
    response = upload(client, world, roster(*rows))
    client.get(response["Location"])
    with django_assert_num_queries(QUERIES):
        client.get(response["Location"], {"outcome": "created"})


QUERIES = 7
