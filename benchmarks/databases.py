"""Throwaway databases for the yardsticks: SQLite in a temporary folder, PostgreSQL where a server can be had."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def databases(keep: Path | None = None) -> Iterator[dict[str, "Databases"]]:
    """``{"SQLite": …, "PostgreSQL 15": …}``; the second is left out, with a sentence, where there is no server.

    What is made in the folder ``keep`` stays there for the next time.
    """
    from scripts.pgcluster import Cluster, ClusterError

    with contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ledger-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        found = {"SQLite": Databases(folder, "")}
        try:
            cluster = stack.enter_context(Cluster(folder / "pg" if keep else None))
            found[f"PostgreSQL {cluster.version}"] = Databases(folder, cluster.url)
        except ClusterError as error:
            print(f"Without PostgreSQL: {str(error).splitlines()[0]}")
        yield found


class Databases:
    """Where new, empty databases come from, and the environment of a program that uses one."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self.folder = folder
        self.cluster = cluster

    def url(self, name: str) -> str:
        """Address of the database of that name; on PostgreSQL it is made."""
        if not self.cluster:
            return f"sqlite:///{self.folder / name}.sqlite3"
        import psycopg

        with psycopg.connect(self.cluster, autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                server.execute(f'CREATE DATABASE "{name}"')
        return self.cluster.replace("/postgres?", f"/{name}?")

    def environment(self, name: str) -> dict[str, str]:
        """The project's settings for this database and nothing of a developer's own."""
        keyring = self.folder / "keyring.json"
        if not keyring.exists():
            from config.env import new_keyring

            keyring.write_text(json.dumps(new_keyring()), encoding="utf-8")
        return {
            **os.environ, "LEDGER_PRODUCTION": "0", "DEBUG": "0", "SECRET_KEY": "only-for-yardsticks",
            "KEYRING_FILE": str(keyring), "MEDIA_ROOT": str(self.folder / "media"), "DATABASE_URL": self.url(name),
            "CACHE_URL": "locmemcache://", "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT),
        }  # fmt: skip


def run(*words: object, env: dict[str, str]) -> str:
    """Run ``python words…`` at the root and return what it prints; its errors are shown."""
    words = tuple(str(word) for word in words)
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


def ledger(source: Databases, households: int, visits: int, issues: int) -> dict[str, str]:
    """A migrated database with a made county in it; returns its environment."""
    env = source.environment(f"ledger{households}")
    run("manage.py", "migrate", "--verbosity", 0, env=env)
    run("-m", "benchmarks.made_county", households, visits, issues, env=env)
    return env


def table(head: list[str], rows: list[list[object]]) -> None:
    """Print a table in Markdown."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in [head, *cells]) for n in range(len(head))]
    for row in [head, ["-" * width for width in widths], *cells]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |", flush=True)
