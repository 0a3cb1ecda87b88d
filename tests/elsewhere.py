"""Databases beside the test database, and programs that run on them: for what must survive a real process.

place = Elsewhere(tmp_path)
env = place.environment("first")                  # a ledger without rows, SQLite or PostgreSQL as the run's own
env = place.environment("place", empty=True)      # not even tables
place.run("-c", SCRIPT, env=env)                  # python, at the project's root
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
from django.conf import settings

from tests.guards.sources import ROOT
from tests.plugin_settings import FOLDER

PATTERN = f"elsewhere-{FOLDER.name}"
"""The database whose copies they are: migrating takes seconds, and copying it none."""


class Elsewhere:
    """New databases of the same kind as the run's; dropped by ``close``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("TEST_DATABASE_URL", "")
        self._made: list[str] = []

    def environment(self, name: str, *, empty: bool = False, **changes: str) -> dict[str, str]:
        """Settings for a database of that name with tables and no rows, or with nothing, and an empty media folder."""
        return self._settings(name, self._url(name, empty=empty)) | changes

    def _settings(self, name: str, url: str) -> dict[str, str]:
        own = {
            "DATABASE_URL": url, "MEDIA_ROOT": str(self.folder / f"media-{name}"),
            "CACHE_URL": "locmemcache://", "DJANGO_SETTINGS_MODULE": "config.settings",
            "KEYRING_FILE": str(settings.KEYRING_FILE), "SECRET_KEY": "only-for-tests", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        return os.environ | own

    def _url(self, name: str, *, empty: bool) -> str:
        if not empty:
            self._make_pattern()
        if not self.server:
            file = self.folder / f"{name}.sqlite3"
            if not empty:
                shutil.copyfile(FOLDER / f"{PATTERN}.sqlite3", file)
            return f"sqlite:///{file}"
        unique = f"{name}_{uuid.uuid4().hex[:8]}"
        self._create(unique, "" if empty else f'TEMPLATE "{PATTERN}"')
        self._made.append(unique)
        return self._url_of(unique)

    def _url_of(self, database: str) -> str:
        return self.server.replace("/postgres?", f"/{database}?")

    def _create(self, database: str, words: str = "") -> None:
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{database}" {words}')

    def _make_pattern(self) -> None:
        """Once in a run, by whichever worker comes first."""
        ready = FOLDER / f"{PATTERN}.ready"
        with (FOLDER / f"{PATTERN}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if ready.exists():
                return
            if self.server:
                self._create(PATTERN)
            url = self._url_of(PATTERN) if self.server else f"sqlite:///{FOLDER / PATTERN}.sqlite3"
            env = self._settings(PATTERN, url)
            self.run("manage.py", "migrate", "--verbosity=0", env=env)
            self.run(
                "manage.py", "createcachetable", "--verbosity=0", env=env | {"CACHE_URL": "dbcache://django_cache"}
            )
            ready.touch()

    def run(self, *words: object, env: dict[str, str], fails: bool = False, timeout: int = 120) -> str:
        """What ``python words…`` prints; its errors instead where it has to fail."""
        done = subprocess.run(
            [sys.executable, *map(str, words)], cwd=ROOT, env=env, text=True, capture_output=True, check=False,
            timeout=timeout,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def start(self, *words: object, env: dict[str, str]) -> "subprocess.Popen[str]":
        """The same in the background; its output is a pipe."""
        return subprocess.Popen(
            [sys.executable, *map(str, words)], cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def close(self) -> None:
        """Drop what was made on a server."""
        if self._made:
            with psycopg.connect(self.server, autocommit=True) as server:
                for name in self._made:
                    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
