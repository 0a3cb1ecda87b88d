"""Databases beside the test database, and programs that run on them: for what must survive a real process.

place = Elsewhere(tmp_path)
env = place.environment("first")                  # an empty database, SQLite or PostgreSQL as the run's own
place.run("-c", SCRIPT, env=env)                  # python, at the project's root
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
from django.conf import settings

from tests.guards.sources import ROOT


class Elsewhere:
    """New databases of the same kind as the run's; dropped by ``close``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("TEST_DATABASE_URL", "")
        self._made: list[str] = []

    def environment(self, name: str, **changes: str) -> dict[str, str]:
        """Settings for an empty database and an empty media folder of that name."""
        own = {
            "DATABASE_URL": self._url(name), "MEDIA_ROOT": str(self.folder / f"media-{name}"),
            "CACHE_URL": "locmemcache://", "DJANGO_SETTINGS_MODULE": "config.settings",
            "KEYRING_FILE": str(settings.KEYRING_FILE), "SECRET_KEY": "only-for-tests", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        return os.environ | own | changes

    def _url(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}.sqlite3"
        unique = f"{name}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{unique}"')
        self._made.append(unique)
        return self.server.replace("/postgres?", f"/{unique}?")

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
