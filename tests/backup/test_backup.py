"""A backup taken while people work comes back whole elsewhere; a damaged one is refused and changes nothing."""

import json
import shutil
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.drill import times
from tests.elsewhere import Elsewhere

START = "import django; django.setup()\n"
BUILD = (
    START
    + """
from django.conf import settings
from django.test import Client
from pathlib import Path
from tests.world import build
world = build()
user = world.users["county_admin"]
user.set_password("a-long-enough-word-7"); user.must_change_password = False; user.save()
settings.ALLOWED_HOSTS = ["*"]
client = Client(); client.force_login(user)
folder = Path(settings.MEDIA_ROOT) / "evidence"; folder.mkdir(parents=True)
from ledger.models import Township
Township.objects.update(sort_order=0)
(folder / "photo.jpg").write_bytes(b"a photo of the road")
print(user.username, client.cookies["sessionid"].value)
"""
)
LOOK = (
    START
    + """
import sys
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
name, session = sys.argv[1:]
old = Client(); old.cookies["sessionid"] = session
new = Client()
signed_in = new.post("/account/login/", {"login": name, "password": "a-long-enough-word-7"})
from ledger.models import Household
print(old.get("/", follow=True).request["PATH_INFO"], signed_in.status_code, "_auth_user_id" in new.session,
      sorted(Household.objects.values_list("head_name", flat=True)))
"""
)
WRITE = (
    START
    + """
import os
from threading import Barrier, Event, Thread
from django.db import transaction
from ledger.actions.audit import record
from ledger.models import Township
from django.db.models import F
place = Township.objects.order_by("pk").first()
def once():
    with transaction.atomic():
        record(verb="backup.test", by="system", obj=place)
        Township.objects.filter(pk=place.pk).update(sort_order=F("sort_order") + 1)
def write():
    try:
        once()
        under_way.wait()
        while not paused.wait(0.02):  # people at work, not a flood: SQLite's queue is not a fair one
            once()
    except BaseException:
        os._exit(1)
under_way, paused = Barrier(11), Event()
for _ in range(10):
    Thread(target=write, daemon=True).start()
under_way.wait()
print("writing", flush=True)
input()
"""
)
BALANCE = (
    START
    + """
from ledger.models import AuditRow, Township
written = AuditRow.objects.filter(verb="backup.test").count()
print(written, Township.objects.order_by("pk").first().sort_order)
"""
)


@pytest.fixture(scope="module")
def office(elsewhere: Elsewhere) -> dict[str, str]:
    """A county at work; ``PERSON`` is an account and ``COOKIE`` its session."""
    env = elsewhere.environment("office")
    env["PERSON"], env["COOKIE"] = elsewhere.run("-c", BUILD, env=env).split()
    return env


@pytest.fixture(scope="module")
def made(elsewhere: Elsewhere, office: dict[str, str]) -> Path:
    """One backup of it."""
    return back_up(elsewhere, office, elsewhere.folder / "made")


def back_up(elsewhere: Elsewhere, env: dict[str, str], folder: Path, *words: str) -> Path:
    elsewhere.run("manage.py", "backup", folder, *words, env=env)
    return max(folder.glob("ledger-*"))


def is_untouched(env: dict[str, str]) -> bool:
    """Neither rows nor files came to the place."""
    kind, _, place = env["DATABASE_URL"].partition("://")
    if kind == "sqlite":
        empty = not Path(place.removeprefix("/")).exists()
    else:
        with psycopg.connect(env["DATABASE_URL"]) as server:
            found = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        empty = found == (0,)
    media = Path(env["MEDIA_ROOT"])
    rests = list(media.parent.glob(".restoring-*"))
    return empty and not rests and not (media.exists() and list(media.iterdir()))


def test_a_backup_comes_back_elsewhere(elsewhere: Elsewhere, office: dict[str, str], made: Path):
    there = elsewhere.environment("there", empty=True)
    said = elsewhere.run("manage.py", "restore", made, env=there)
    photo = Path(there["MEDIA_ROOT"]) / "evidence" / "photo.jpg"
    assert photo.read_bytes() == b"a photo of the road"
    before = elsewhere.run("-c", LOOK, office["PERSON"], office["COOKIE"], env=office)
    after = elsewhere.run("-c", LOOK, office["PERSON"], office["COOKIE"], env=there)
    assert before.startswith("/setup/")
    # The same households, a new sign-in opens, and an old cookie doesn't.
    assert after.startswith("/account/login/ 302 True")
    assert after.split("[")[1] == before.split("[")[1]
    rows = json.loads(json.loads((made / "manifest.json").read_text())["manifest"])["counts"]
    assert str(sum(rows.values())) in said


def test_nothing_of_it_is_readable(made: Path):
    parts = {path.name: path.read_bytes() for path in made.iterdir()}
    assert set(parts) == {"database.sealed", "media.sealed", "manifest.json"}
    for content in parts.values():
        for secret in (b"a photo of the road", b"county_admin", b"SQLite format", b"PGDMP"):
            assert secret not in content
    assert {path.stat().st_mode & 0o077 for path in [made, *made.iterdir()]} == {0}


def test_it_is_one_moment_of_ten_writers(elsewhere: Elsewhere, office: dict[str, str]):
    writers = elsewhere.start("-c", WRITE, env=office)
    try:
        assert writers.stdout
        assert writers.stdout.readline() == "writing\n"
        backups = [back_up(elsewhere, office, elsewhere.folder / f"busy{n}") for n in range(times(ci=2, drill=10))]
        assert writers.poll() is None, "A writer was refused."
    finally:
        writers.kill()
        writers.wait()
    written = 0
    for number, backup in enumerate(backups):
        there = elsewhere.environment(f"busy{number}", empty=True)
        elsewhere.run("manage.py", "restore", backup, env=there)
        rows, counter = map(int, elsewhere.run("-c", BALANCE, env=there).split())
        assert rows == counter
        assert rows > written
        written = rows


@pytest.mark.drill(sqlite_in_ci=True)
@pytest.mark.parametrize("name", ["database.sealed", "media.sealed", "manifest.json"])
@pytest.mark.parametrize("damage", ["byte", "cut", "gone"])
def test_a_damaged_backup_is_refused(elsewhere: Elsewhere, made: Path, tmp_path: Path, name: str, damage: str):
    broken = tmp_path / "broken"
    shutil.copytree(made, broken)
    path = broken / name
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle] ^= 1
    path.write_bytes(bytes(content) if damage == "byte" else bytes(content[: middle - 1]))
    if damage == "gone":
        path.unlink()
    there = elsewhere.environment(f"broken{damage}{name[:5]}", empty=True)
    said = elsewhere.run("manage.py", "restore", broken, env=there, fails=True)
    assert "Traceback" not in said
    assert name in said or str(broken) in said
    assert is_untouched(there)


@pytest.mark.drill(sqlite_in_ci=True)
def test_parts_of_two_backups_do_not_make_one(elsewhere: Elsewhere, office: dict[str, str], made: Path):
    other = back_up(elsewhere, office, elsewhere.folder / "other")
    mixed = elsewhere.folder / "mixed"
    shutil.copytree(made, mixed)
    shutil.copy(other / "media.sealed", mixed / "media.sealed")
    there = elsewhere.environment("mixed", empty=True)
    assert "media.sealed" in elsewhere.run("manage.py", "restore", mixed, env=there, fails=True)
    assert is_untouched(there)


def test_a_place_in_use_is_left_alone(elsewhere: Elsewhere, office: dict[str, str], made: Path, tmp_path: Path):
    """Each of the two by itself: the database beside an empty folder, the folder beside an empty database."""
    before = elsewhere.run("-c", LOOK, office["PERSON"], office["COOKIE"], env=office)
    beside_empty = {**office, "MEDIA_ROOT": str(tmp_path / "new")}
    folder_alone = elsewhere.environment("new", empty=True, MEDIA_ROOT=office["MEDIA_ROOT"])
    for there in (office, beside_empty, folder_alone):
        assert "Traceback" not in elsewhere.run("manage.py", "restore", made, env=there, fails=True)
    assert not (tmp_path / "new").exists()
    assert is_untouched({**folder_alone, "MEDIA_ROOT": str(tmp_path / "new")})
    assert elsewhere.run("-c", LOOK, office["PERSON"], office["COOKIE"], env=office) == before


@pytest.mark.drill(sqlite_in_ci=True)
def test_another_keyring_opens_nothing(elsewhere: Elsewhere, made: Path, tmp_path: Path):
    from config.env import new_keyring

    other = tmp_path / "other.json"
    other.write_text(json.dumps(new_keyring()))
    there = elsewhere.environment("stranger", empty=True, KEYRING_FILE=str(other))
    said = elsewhere.run("manage.py", "restore", made, env=there, fails=True)
    assert "Traceback" not in said
    assert is_untouched(there)


@pytest.mark.drill(sqlite_in_ci=True)
def test_a_killed_backup_leaves_no_backup(elsewhere: Elsewhere, office: dict[str, str], tmp_path: Path):
    folder = tmp_path / "killed"
    for _ in range(times(ci=2, drill=20)):
        process = elsewhere.start("manage.py", "backup", folder, env=office)
        while not list(folder.glob(".unfinished-*/*")) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for whole in folder.glob("ledger-*"):  # the kill came too late
            assert (whole / "manifest.json").exists()
            shutil.rmtree(whole)
    made = back_up(elsewhere, office, folder)
    assert list(folder.iterdir()) == [made]


@pytest.mark.drill(sqlite_in_ci=True)
def test_only_the_newest_are_kept(elsewhere: Elsewhere, office: dict[str, str], tmp_path: Path):
    for day in ("2020-01-01T030000", "2020-01-02T030000"):
        (tmp_path / f"ledger-{day}").mkdir()
    (tmp_path / "somebody's notes").mkdir()
    made = back_up(elsewhere, office, tmp_path, "--keep", "2")
    assert {path.name for path in tmp_path.iterdir()} == {"ledger-2020-01-02T030000", made.name, "somebody's notes"}
