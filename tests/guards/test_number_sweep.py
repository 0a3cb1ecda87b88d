"""1,000 canary numbers through every door of a real server, then looked for in all that it leaves behind.

The database (as a dump and as raw files with WAL and journal), the media folder, sessions, cache and logs hold none of
them in any form that can be read without the keyring; and no answer says one but those that are there to say one.
"""

import json
import os
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from config.env import new_keyring
from tests.drill import times
from tests.elsewhere import Elsewhere
from tests.guards.sources import ROOT
from tests.sweep.browser import Browser
from tests.sweep.doors import Doors
from tests.sweep.numbers import found, id_numbers, mobiles

IDS, PHONES = id_numbers(500), mobiles(500)
CANARIES = {*IDS, *PHONES}


class Server:
    """gunicorn on the ledger, as ``make run`` starts it; its output goes to a file.

    At INFO: at DEBUG gunicorn itself tells every path, outside production, where no formatter of ours stands.
    """

    def __init__(self, env: dict[str, str], log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "WEB_THREADS": "2",
            "LOG_LEVEL": "INFO",
        }
        with log.open("wb") as out:
            program = [str(ROOT / ".venv/bin/python"), "-m", "gunicorn", "-c", "python:config.gunicorn"]
            self.process = subprocess.Popen(program, cwd=ROOT, env=env | own, stdout=out, stderr=subprocess.STDOUT)

    def wait(self) -> None:
        """Until it answers."""
        for _try in range(300):
            assert self.process.poll() is None, self.log.read_text()
            try:
                if Browser(self.port).get("/healthz").status == 200:
                    return
            except OSError:
                try:
                    self.process.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    continue
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def remains(env: dict[str, str], log: Path) -> dict[str, bytes]:
    """All that is left behind, by where it lies."""
    left = {"log": log.read_bytes()}
    for path in sorted(Path(env["MEDIA_ROOT"]).rglob("*")):
        if path.is_file():
            left[f"media {path.name}"] = path.read_bytes()
    if env["DATABASE_URL"].startswith("sqlite"):
        file = Path(urlsplit(env["DATABASE_URL"]).path)
        for path in sorted(file.parent.glob(f"{file.name}*")):  # the file, -wal, -shm, -journal
            left[f"raw {path.name}"] = path.read_bytes()
        with sqlite3.connect(file) as database:
            left["dump"] = "\n".join(database.iterdump()).encode()
        return left
    return left | _of_postgresql(env["DATABASE_URL"])


def _of_postgresql(url: str) -> dict[str, bytes]:
    """Every table as pg_dump writes it, and where this machine may read them the files with the write-ahead log."""
    left: dict[str, bytes] = {}
    with psycopg.connect(url, autocommit=True) as server:
        tables = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            with server.cursor().copy(f'COPY "{table}" TO STDOUT') as copied:
                left[f"dump {table}"] = b"".join(bytes(part) for part in copied)
        server.execute("CHECKPOINT")
        (folder,) = server.execute("SHOW data_directory").fetchone() or ("",)
        (oid,) = server.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
    for place in (Path(folder) / "base" / str(oid), Path(folder) / "pg_wal"):
        if os.access(place, os.R_OK | os.X_OK):
            left[f"raw {place.name}"] = b"".join(path.read_bytes() for path in place.iterdir() if path.is_file())
    return left


def where_found(left: dict[str, bytes]) -> dict[str, int]:
    hits = {place: len(found(content, CANARIES)) for place, content in left.items()}
    return {place: count for place, count in hits.items() if count}


@pytest.mark.drill(sqlite_in_ci=True)
def test_no_number_is_left_behind_or_said(elsewhere: Elsewhere, tmp_path: Path) -> None:
    keys = tmp_path / "keys" / "keyring.json"
    keys.parent.mkdir()
    keys.write_text(json.dumps(new_keyring()))
    log = tmp_path / "server.log"
    env = elsewhere.environment(
        "sweep", KEYRING_FILE=str(keys), CACHE_URL="dbcache://django_cache", DEBUG="0", LEDGER_PRODUCTION="0",
        TASKS_BACKEND="django_tasks.backends.immediate.ImmediateBackend",
    )  # fmt: skip
    place: dict[str, Any] = json.loads(elsewhere.run("-m", "tests.sweep.ledger", env=env, timeout=600).splitlines()[-1])
    server = Server(env, log)
    try:
        server.wait()
        doors = Doors(server.port, place, IDS, PHONES)
        # Most canaries come with the roster, a few by every other door.
        doors.roster(times(ci=350, drill=300))
        doors.households(times(ci=5, drill=15))
        doors.members(times(ci=4, drill=12))
        doors.proposals(times(ci=4, drill=14))
        doors.issues(times(ci=3, drill=12))
        doors.searches(times(ci=8, drill=24))
        doors.strangers(times(ci=2, drill=8))
        doors.reveals(times(ci=4, drill=14))
        doors.orders()
        doors.pages()
        while_it_runs = where_found(remains(env, log))
    finally:
        server.stop()
    assert doors.leaks == []
    assert while_it_runs == {}
    assert len(doors.shown) >= times(ci=4, drill=14)
    elsewhere.run("manage.py", "rotate_keys", env=env)
    left = remains(env, log)
    assert where_found(left) == {}
    assert sum(name.startswith("media") for name in left) >= 1
    assert len(doors.used) > 900, len(doors.used)
    assert _written(env) > 700


def _written(env: dict[str, str]) -> int:
    """How many of the canaries the ledger knows: they did come in."""
    script = (
        "import django, sys; django.setup()\n"
        "from ledger.models import Resident, Issue\n"
        "known = {n for r in Resident.objects.all() for n in (r.id_no, r.phone)}\n"
        "known |= {i.raised_by_phone for i in Issue.objects.all()}\n"
        "print(len(known & set(sys.argv[1].split(','))))"
    )
    python = str(ROOT / ".venv/bin/python")
    words = [python, "-c", script, ",".join(sorted(CANARIES))]
    return int(subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("number", [IDS[7], PHONES[7], IDS[11]])
def test_the_sweep_finds_what_is_hidden(number: str) -> None:
    """Plain, spaced, encoded, packed: a sweep that finds nothing must be able to find."""
    import base64
    import gzip
    import io
    import zipfile
    import zlib

    plain = f'{{"id": "{number}"}}'.encode()
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("sheet.xml", plain)
    hidden = [
        plain, b"x" * 777 + plain + b"9", number.lower().encode(), f"{number[:3]} {number[3:7]}-{number[7:]}".encode(),
        base64.b64encode(plain), b"row " + base64.urlsafe_b64encode(b"ab" + plain).rstrip(b"="), plain.hex().encode(),
        f"1{number}".encode(), number.encode("utf-16-le"), "".join(f"%{c:02X}" for c in plain).encode(),
        b"." + base64.urlsafe_b64encode(zlib.compress(plain)).rstrip(b"=") + b":1uX:sig", gzip.compress(plain),
        book.getvalue(), base64.b64encode(book.getvalue()),
    ]  # fmt: skip
    assert [found(data, CANARIES) for data in hidden] == [{number}] * len(hidden)
    masked = f"{number[:6]}********{number[-4:]} {number[:3]}****{number[-4:]} {number[:-1]} {number[1:]}"
    assert found(masked.encode(), CANARIES) == set()
