"""Every file of the hostile corpus through a real form: refused with one sentence, or kept with its payload dead."""

import re
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from ledger.models import Evidence, Issue, IssueStep, Visit
from ledger.rules.days import local_today
from tests.hostile_files import EVIL, corpus, drawn
from tests.views.issue_pages import SignIn, create_url, form_of, handed, step_url
from tests.world import World

TYPED = "一字不丢：李家的墙裂了三指宽"
REFUSED = {
    "这不是照片（JPEG、PNG、WebP）或 PDF，或者文件已损坏。", "图片像素太大，请缩小后重新选择。",
    "这是空文件，请重新选择。", "这份 PDF 不完整，请重新另存为 PDF 后再选。",
    "这份 PDF 有密码，请另存为无密码的 PDF 后再选。",
}  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def stored(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()] if media.exists() else []


def visit(world: World, client: Client, *files: Any, **more: Any) -> Any:
    said = {
        "kind": "household", "result": "met", "content": TYPED, "people_met": "1",
        "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), "photos": list(files), **more,
    }  # fmt: skip
    return client.post(f"{reverse('visit_create')}?household={world.households['城垵'][1].pk}", said)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def assert_refused(response: Any, field: str) -> None:
    """The form again, with what was typed, one Chinese sentence that begins with the file's name, and no fault else."""
    page = response.content.decode()
    assert response.status_code == 200
    assert TYPED in page
    errors = response.context["form"].errors
    assert errors.keys() == {field}
    (said,) = errors[field]
    name, _colon, sentence = said.partition("：")
    assert sentence in REFUSED, said
    assert name.startswith(("现场照片", "协议"))


def test_what_must_be_refused(world: World, sign_in: SignIn, media: Path) -> None:
    """With a good photo beside it: that one is not kept either."""
    client, before = sign_in("household_cadre"), Visit.objects.count()
    for what, file in corpus().items():
        if not file.kept:
            with naming(what):
                bad = upload(file.name, file.content)
                assert_refused(visit(world, client, upload("院子.jpg", drawn()), bad), "photos")
                assert stored(media) == []
                assert Visit.objects.count() == before
    assert not Evidence.objects.exists()


def test_what_is_kept_is_disarmed(world: World, sign_in: SignIn, media: Path) -> None:
    client = sign_in("household_cadre")
    for what, file in corpus().items():
        if file.kept:
            with naming(what):
                earlier = set(stored(media))
                assert visit(world, client, upload(file.name, file.content)).status_code == 302
                kept = Evidence.objects.latest("pk")
                assert kept.kind == file.kept
                for path in set(stored(media)) - earlier:
                    assert_disarmed(path)
                for query in ("", "?small"):
                    assert_served_dead(client.get(reverse("evidence_file", args=[kept.pk]) + query), file.kept)
    assert Evidence.objects.count() == sum(bool(file.kept) for file in corpus().values())


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Says which file it was when something inside fails; a world of its own for each would take minutes."""
    try:
        yield
    except AssertionError as error:
        error.add_note(what)
        raise


def assert_disarmed(path: Path) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}(\.small)?\.(jpg|pdf)", path.name)
    if path.suffix == ".jpg":
        assert EVIL not in path.read_bytes()
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, getattr(picture, "n_frames", 1)) == ("JPEG", "RGB", 1)
            assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


def assert_served_dead(served: Any, kind: str) -> None:
    assert served.status_code == 200
    assert served["Content-Type"] == ("image/jpeg" if kind == "photo" else "application/pdf")
    assert served["X-Content-Type-Options"] == "nosniff"
    policy = served["Content-Security-Policy"]
    assert {"frame-ancestors 'none'", "sandbox"} <= set(policy.split("; "))
    assert ("script-src 'none'" if kind == "photo" else "default-src 'none'") in policy.split("; ")
    assert "unsafe" not in policy
    assert served["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in served["Cache-Control"]
    assert served["Content-Disposition"].startswith("inline;" if kind == "photo" else "attachment;")
    assert not re.search(r"[\x00-\x1f\x7f]", served["Content-Disposition"])
    assert b"".join(served.streaming_content).startswith(b"\xff\xd8" if kind == "photo" else b"%PDF-")


def test_every_form_with_files_refuses_alike(world: World, sign_in: SignIn, media: Path) -> None:
    """Registering an issue, a step of it, files of an issue: the same corpus' worst, nothing written."""
    bad = corpus()["a page of HTML"]
    issue = handed(world, state="in_progress", handler=world.cadre("department_handler"))
    before = (Issue.objects.count(), IssueStep.objects.count())
    handler = sign_in("department_handler")
    step = {"version": issue.version, "text": TYPED, "files": upload(bad.name, bad.content)}
    assert_refused(handler.post(step_url(issue, "progress"), step), "files")
    cadre = sign_in("household_cadre")
    form = form_of(world, text=TYPED, files=upload(bad.name, bad.content))
    assert_refused(cadre.post(create_url(world), form), "files")
    alone = cadre.post(
        reverse("issue_evidence", args=[world.issues["城垵"].pk]), {"files": upload(bad.name, bad.content)}
    )
    assert alone.context["form"].errors.keys() == {"files"}
    assert (Issue.objects.count(), IssueStep.objects.count()) == before
    assert stored(media) == []


NAMES = {
    "folders up": ("../../../etc/cron.d/x.jpg", "x.jpg"),
    "folders up, the other way": ("..\\..\\x.jpg", "x.jpg"),
    "an absolute address": ("/etc/passwd", "passwd.jpg"),
    "NUL": ("a\0.php.jpg", "a.php.jpg"),
    "written from the right": ("发票\u202egpj.exe", "发票gpj.jpg"),
    "300 characters": ("a" * 300 + ".jpg", "a" * 116 + ".jpg"),
    "a header of its own": ("x.jpg\r\nSet-Cookie: a=b\r\n\r\n<script>", "x.jpg"),
    "a newline": ("一\n二.jpg", "一二.jpg"),
    "a quotation mark": ('x"; filename="evil.exe', 'x"; filename="evil.jpg'),
    "markup": ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
    "dots alone": ("....", "file.jpg"),
    "nothing but the suffix": (".jpg", "jpg.jpg"),
    "a template": ("{{ 7*7 }}{% debug %}.jpg", "{{ 7*7 }}{% debug %}.jpg"),
    "percent signs": ("%s%n%00%2e%2e%2f.jpg", "%s%n%00%2e%2e%2f.jpg"),
}  # fmt: skip


def raw_upload(name: str) -> tuple[bytes, str]:
    """A request as no browser sends it: the file's name in full, whatever its characters."""
    encoded = urllib.parse.quote(name, safe="").encode()
    head = b"--edge\r\nContent-Disposition: form-data; name=\"files\"; filename*=UTF-8''" + encoded
    body = head + b"\r\nContent-Type: text/html\r\n\r\n" + drawn() + b"\r\n--edge--\r\n"
    return body, "multipart/form-data; boundary=edge"


def test_names_do_no_harm(world: World, sign_in: SignIn, media: Path) -> None:
    client, issue = sign_in("household_cadre"), world.issues["城垵"]
    for what, (sent, expected) in NAMES.items():
        with naming(what):
            body, kind = raw_upload(sent)
            assert client.generic("POST", reverse("issue_evidence", args=[issue.pk]), body, kind).status_code == 302
            kept = Evidence.objects.latest("pk")
            assert len(kept.name) <= 120
            assert kept.name == expected
            served = client.get(reverse("evidence_file", args=[kept.pk]))
            assert_served_dead(served, "photo")
            assert "Set-Cookie" not in served.headers
    assert all(re.fullmatch(r"[0-9a-f]{32}(\.small)?\.jpg", path.name) for path in stored(media))
    assert {path.parent for path in stored(media)} == {media / "evidence"}
    page = client.get(reverse("issue_detail", args=[issue.pk])).content.decode()
    assert "<img src=x" not in page
    assert "\u202e" not in page
