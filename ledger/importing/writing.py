"""Many rows into one table in one statement: what an import of a whole county needs.

The ORM's ``bulk_create`` costs more for each row than all checks together; here the rows go to the driver as they
are (``executemany`` on SQLite, ``COPY`` on PostgreSQL). Values must be what the column stores: ISO dates, sealed
tokens, JSON as text. Every constraint of the tables still holds.
"""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone

from ledger.rules import keyring

# Values of a row refer to nothing in circles: looking for them costs as much as writing them down.
_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
CHUNK = 5_000
"""Rows that are made and written at once: the tables' rows of a whole county never stand in memory together."""


def reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """``count`` primary keys that nobody else will get; call it inside the transaction that uses them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer, and the transaction began as one: nobody draws in between.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        known = cursor.fetchone()
        first = (known[0] if known else 0) + 1
        return range(first, first + count)


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows; ``columns`` are names of columns (``village_id``), all without a database default."""
    table, names = _quoted(model._meta.db_table), ", ".join(_quoted(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  # names of our own


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, also: str = "") -> int:
    """Set ``columns`` of many rows, each given as ``(*values, id, version)``; the number of rows still that version.

    ``also`` is SQL of our own for what every row gets. A row that somebody changed meanwhile is not written.
    """
    if not rows:
        return 0
    table, sets = _quoted(model._meta.db_table), ", ".join(f"{_quoted(column)} = %s" for column in columns)
    sets = ", ".join(filter(None, (sets, "version = version + 1", also)))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s AND version = %s", rows)  # noqa: S608
        return int(cursor.rowcount)


def set_column(model: type[models.Model], column: str, pairs: Sequence[tuple[Any, int]]) -> None:
    """Set one column of many rows, each given as ``(value, id)``."""
    if pairs:
        table, name = _quoted(model._meta.db_table), _quoted(column)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {name} = %s WHERE id = %s", pairs)  # noqa: S608


def now_stored() -> Any:
    """This moment as text that the database takes: the driver would write it out once for each row."""
    moment = timezone.now()
    if connection.vendor == "postgresql":
        return moment.isoformat(sep=" ")
    return connection.ops.adapt_datetimefield_value(moment)


def sealed(label: str, value: str) -> str:
    """The value as its column keeps it; empty stays empty."""
    return keyring.encrypt(label, value) if value else ""


def sealed_all(label: str, values: Sequence[str]) -> list[str]:
    """``sealed`` of one column's values, in a fraction of the time."""
    return keyring.encrypt_all(label, values)


def as_json(value: Any) -> str:
    """What a JSON column stores."""
    return _ENCODE(value)


def iso(day: datetime.date | str | None) -> str | None:
    """A day as both databases take it; nothing for an empty one."""
    return day.isoformat() if isinstance(day, datetime.date) else (day or None)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
