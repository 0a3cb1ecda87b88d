"""While a roster is written: others read on, and afterwards everything is as it was."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from ledger.importing import memory
from ledger.importing.memory import readers_let_in

ROWS = 20_000


def room() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        return int(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's readers never wait for a writer")
@pytest.mark.django_db
def test_there_is_room_for_what_changes_until_the_end() -> None:
    before = room()
    with readers_let_in(), transaction.atomic():
        assert room() == -memory._ROOM
    assert room() == before


def test_a_reader_is_let_in_while_many_rows_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal that serves where SQLite's other one is not safe: a full cache shuts readers out."""
    file = tmp_path / "rows.sqlite3"
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("CREATE TABLE rows (said TEXT)")

    class Ours:
        vendor = "sqlite"

        @staticmethod
        def cursor() -> Any:
            class Cursor:
                execute = staticmethod(writer.execute)

                def __enter__(self) -> "Cursor":
                    return self

                def __exit__(self, *error: object) -> None: ...

            return Cursor()

    def read_meanwhile() -> int:
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany("INSERT INTO rows VALUES (?)", [("x" * 300,)] * ROWS)
        reader = sqlite3.connect(file, timeout=0)
        try:
            return int(reader.execute("SELECT count(*) FROM rows").fetchone()[0])
        finally:
            reader.close()
            writer.execute("ROLLBACK")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        read_meanwhile()
    monkeypatch.setattr(memory, "connection", Ours)
    with readers_let_in():
        assert read_meanwhile() == 0
    writer.close()
