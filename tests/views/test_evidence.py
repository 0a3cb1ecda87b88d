"""Evidence: added by those concerned, served to those who see the issue, never run by a browser."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from ledger.actions import evidence
from ledger.models import Evidence
from tests.hostile_files import pdf as whole_pdf
from tests.world import World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    """Tests that run beside this one keep files too."""
    settings.MEDIA_ROOT = str(tmp_path)


def photo(name: str = "现场.png") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 30), "red").save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/png")


def pdf(name: str = "协议.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, whole_pdf(), content_type="text/html")


def stored() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "evidence"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def add(world: World, client: Client, *files: SimpleUploadedFile, key: str = "城垵", **more: Any) -> Any:
    return client.post(reverse("issue_evidence", args=[world.issues[key].pk]), {"files": list(files), **more})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_photos_and_pdfs_are_kept_and_served(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    assert add(world, client, photo(), pdf()).status_code == 302
    picture, paper = Evidence.objects.order_by("pk")
    assert (picture.name, picture.kind, paper.name, paper.kind) == ("现场.jpg", "photo", "协议.pdf", "pdf")
    page = client.get(reverse("issue_detail", args=[world.issues["城垵"].pk])).content.decode()
    shown = client.get(reverse("evidence_file", args=[picture.pk]))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert body(shown).startswith(b"\xff\xd8")
    small = client.get(f"{reverse('evidence_file', args=[picture.pk])}?small")
    assert body(small).startswith(b"\xff\xd8")
    assert f"{reverse('evidence_file', args=[picture.pk])}?small" in page
    file = client.get(reverse("evidence_file", args=[paper.pk]))
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "no-store" in file["Cache-Control"]
    assert body(file) == whole_pdf()


def test_a_file_is_not_there_for_who_does_not_see_its_issue(world: World, sign_in: SignIn) -> None:
    ordinary = evidence.store(by=world.user("household_cadre"), file=photo(), issue=world.issues["城垵"])
    secret = evidence.store(by=world.user("household_cadre"), file=photo(), issue=world.issues["城垵-sensitive"])
    seen = {
        who: tuple(
            sign_in(who).get(reverse("evidence_file", args=[each.pk])).status_code for each in (ordinary, secret)
        )
        for who in ("village_cadre", "township_leader", "inspector", "township_desk", "village_cadre@马銮",
                    "township_desk@前楼", "department_handler", "nobody")
    }  # fmt: skip
    assert seen == {
        "village_cadre": (200, 200), "township_leader": (200, 200), "inspector": (200, 404),
        "township_desk": (200, 404), "village_cadre@马銮": (404, 404), "township_desk@前楼": (404, 404),
        "department_handler": (404, 404), "nobody": (404, 404),
    }  # fmt: skip
    signed_out = Client().get(reverse("evidence_file", args=[ordinary.pk]))
    assert signed_out.status_code == 302


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("x.jpg", b""),
        SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>", content_type="image/jpeg"),
        SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50),
        SimpleUploadedFile("x.pdf", b"%PDF-1.4" + b"x" * settings.EVIDENCE_MAX_BYTES),
    ],
    ids=["empty", "script", "svg", "broken", "large"],
)
def test_a_hostile_file_is_a_sentence_and_leaves_nothing(
    world: World, sign_in: SignIn, file: SimpleUploadedFile
) -> None:
    before = stored()
    file.seek(0)
    answer = add(world, sign_in("household_cadre"), photo(), file)
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"files"}
    assert not Evidence.objects.exists()
    assert stored() == before


def test_the_same_upload_twice_is_kept_once(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    key = "00000000-0000-4000-8000-000000000001"
    for _each in range(2):
        assert add(world, client, photo(), pdf(), client_id=key).status_code == 302
    assert Evidence.objects.count() == 2


def test_one_too_many_is_refused_and_none_of_its_files_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_FILES", 1)
    before = stored()
    with pytest.raises(evidence.ValidationError):
        evidence.store_all(by=world.user("household_cadre"), files=[photo(), photo()], issue=world.issues["城垵"])
    assert not Evidence.objects.exists()
    assert stored() == before


def test_who_only_reads_adds_nothing(world: World, sign_in: SignIn) -> None:
    for who in ("inspector", "township_admin", "county_leader"):
        client = sign_in(who)
        assert client.get(reverse("issue_evidence", args=[world.issues["城垵"].pk])).status_code == 403, who
        assert add(world, client, photo()).status_code == 403, who
    assert add(world, sign_in("village_cadre@马銮"), photo()).status_code == 404
    assert not Evidence.objects.exists()


def test_files_have_random_names(world: World) -> None:
    kept = evidence.store(by=world.user("household_cadre"), file=photo("../../../x.png"), issue=world.issues["城垵"])
    assert kept.stored_as.startswith("evidence/")
    assert len(Path(kept.stored_as).stem) == 32
    assert (Path(settings.MEDIA_ROOT) / kept.stored_as).exists()
