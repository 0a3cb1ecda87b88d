"""Databases beside the test database, and programs that run on them: for what must survive a real process.

place = Elsewhere(tmp_path)
env = place.environment("first")                  # a ledger without rows, SQLite or PostgreSQL as the run's own
env = place.environment("place", empty=True)      # not even tables
place.run("-c", SCRIPT, env=env)                  # python, at the project's root
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg

from tests.guards.sources import ROOT
from tests.pattern import copy_database, copy_file, database_url, drop_database, environment_of


class Elsewhere:
    """New databases of the same kind as the run's; dropped by ``close``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("TEST_DATABASE_URL", "")
        self._made: list[str] = []

    def environment(self, name: str, *, empty: bool = False, **changes: str) -> dict[str, str]:
        """Settings for a database of that name with tables and no rows, or with nothing, and an empty media folder."""
        return environment_of(self._url(name, empty=empty), self.folder / f"media-{name}") | changes

    def _url(self, name: str, *, empty: bool) -> str:
        if not self.server:
            file = self.folder / f"{name}.sqlite3"
            if not empty:
                copy_file(file)
            return f"sqlite:///{file}"
        unique = f"{name}_{uuid.uuid4().hex[:8]}"
        self._made.append(unique)
        if empty:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{unique}"')
        else:
            copy_database(self.server, unique)
        return database_url(self.server, unique)

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
        for name in self._made:
            drop_database(self.server, name)
