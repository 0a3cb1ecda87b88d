"""The migrated database whose copies the tests work on, kept from one run to the next.

Migrating an empty database takes eight seconds of a processor, copying the result next to none. Whoever comes first
makes the pattern, under a lock; everybody else copies it. It is named by a digest of all that it is made of, so another
state of the code never meets it: worktrees and branches each have their own. SQLite's is a file below the system's
temporary folder (of this user alone, or it is not used), PostgreSQL's a database of the cluster under test.
"""

import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.conf import settings

from tests.guards.sources import ROOT
from tests.plugin_settings import FOLDER

KEPT = Path(tempfile.gettempdir()) / f"ledger-patterns-{os.getuid()}"
MIGRATE = ROOT / "ledger" / "management" / "commands" / "migrate.py"
"""Puts the triggers of the kept counts in place."""
UNUSED = 3 * 24 * 3600
"""Seconds after which a pattern that nobody copied is removed."""
SECONDS = 900  # a busy machine is no fault
LOCK = 7_026_173_101  # any number: who makes the pattern of a cluster
_OWN_IMPORT = re.compile(r"^(?:from|import) ((?:accounts|config|ledger)[\w.]*)(?: import (\w+))?", re.MULTILINE)


def environment_of(url: str, media: Path) -> dict[str, str]:
    """Settings of a process that works on that database."""
    own = {
        "DATABASE_URL": url, "MEDIA_ROOT": str(media), "CACHE_URL": "locmemcache://",
        "DJANGO_SETTINGS_MODULE": "config.settings", "KEYRING_FILE": str(settings.KEYRING_FILE),
        "SECRET_KEY": "only-for-tests", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return os.environ | own


def database_url(server: str, database: str) -> str:
    """The address of a database beside the one that ``TEST_DATABASE_URL`` names."""
    return server.replace("/postgres?", f"/{database}?")


def copy_file(target: Path, folder: Path = KEPT, make: Callable[[Path], object] | None = None) -> None:
    """Put a migrated SQLite database at ``target``, made by ``make`` where ``folder`` holds none of this state."""
    folder = folder if _is_ours(folder) else FOLDER
    kept = folder / f"{digest()}.sqlite3"
    with _locked(kept.with_suffix(".lock")):
        if not kept.exists():
            draft = FOLDER / f"draft-{uuid.uuid4().hex}.sqlite3"  # where nothing waits for a disk
            (make or _migrate_file)(draft)
            shutil.copyfile(draft, half := kept.with_suffix(f".{draft.stem}"))
            draft.unlink()
            half.rename(kept)
        os.utime(kept)
        shutil.copyfile(kept, target)
    _remove_unused(folder)


def copy_database(server: str, name: str) -> None:
    """Create that migrated database in the cluster."""
    pattern = f"pattern_{digest()[:24]}"
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until the connection closes
        there = {row[0] for row in cluster.execute("SELECT datname FROM pg_database WHERE datname LIKE 'pattern_%'")}
        if pattern not in there:
            for stale in (*there, draft := f"{pattern}_draft"):
                cluster.execute(f'DROP DATABASE IF EXISTS "{stale}" WITH (FORCE)')
            cluster.execute(f'CREATE DATABASE "{draft}"')
            _migrate(database_url(server, draft))
            cluster.execute(f'ALTER DATABASE "{draft}" RENAME TO "{pattern}"')
        cluster.execute(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"')


def drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def digest() -> str:
    """Of everything a migrated database comes from."""
    said = hashlib.sha256()
    for word in (django.get_version(), sys.version, sqlite3.sqlite_version, *_tables()):
        said.update(f"{word}\0".encode())
    for file in sources():
        said.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return said.hexdigest()[:32]


def sources(migrations: Iterable[Path] | None = None) -> list[Path]:
    """All migrations, our own modules that they import, the database backend, and this file."""
    found = list(_migrations() if migrations is None else migrations)
    for file in [file for file in found if file.is_relative_to(ROOT)]:
        for module, name in _OWN_IMPORT.findall(file.read_text(encoding="utf-8")):
            found += [origin for origin in map(_file_of, (module, f"{module}.{name}")) if origin]
    own = [*(ROOT / "config" / "sqlite3").glob("*.py"), *(ROOT / "ledger").glob("*/count*.py"), MIGRATE]
    return [*dict.fromkeys(found), *sorted(own), Path(__file__)]


def _migrations() -> Iterator[Path]:
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        yield from sorted(Path(app.path, "migrations").glob("*.py"))


def _file_of(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:  # "from module import name" named no module
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _tables() -> list[str]:
    """What Django notes of each model after migrating: content types and permissions."""
    return sorted(f"{m._meta.label} {m._meta.permissions} {m._meta.default_permissions}" for m in apps.get_models())


def _migrate_file(file: Path) -> None:
    _migrate(f"sqlite:///{file}")


def _migrate(url: str) -> None:
    """In a process of its own: the one that asks may be in the middle of a transaction."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, text=True, capture_output=True,
        env=environment_of(url, FOLDER / "media-pattern"), timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have put something there: the system's temporary folder is everybody's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o077


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_unused(folder: Path) -> None:
    """Copied for the last time long ago, or left by somebody who was killed half-way."""
    for file in folder.glob("*"):
        try:
            if file.is_file() and file.stat().st_mtime < time.time() - UNUSED:
                file.unlink()
        except FileNotFoundError:  # another run was faster
            continue
