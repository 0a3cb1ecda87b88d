"""Sealed values, files and indexes of numbers, put under another key in small steps while everybody goes on working.

A row is written only if it still holds the very token that was read, and a row that somebody else is writing is left
for the next pass: no edit is lost, nobody is kept waiting, nothing deadlocks. A token names its key and a column says
whether it is filled, so what is done needs no other mark: a killed run goes on where it was.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from ledger.models import ImportBatch
from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.models.imports import FILE_LABEL
from ledger.queries.sealed_values import SealedColumn, count_otherwise, number_of, sealed_columns, sealed_files
from ledger.rules import keyring

PAUSE = 0.2
"""Seconds to wait when all that is left is being written by others."""


@dataclass(frozen=True)
class Progress:
    """So many of ``what`` were done; ``unreadable`` are values that no key of the ring opens."""

    what: str
    done: int
    unreadable: int = 0


@dataclass(frozen=True)
class _Batch:
    """What one step did: the last key it looked at, and how many rows it found, wrote and could not open."""

    last: int
    found: int
    done: int
    unreadable: int


def reseal_columns(key_id: str, size: int) -> Iterator[Progress]:
    """Put every encrypted field under the key, which is the current one; one step is one batch."""
    for column in sealed_columns():
        yield from _passes(
            str(column), partial(_reseal, column, key_id, size), partial(count_otherwise, column, key_id)
        )


def reseal_files(key_id: str) -> Iterator[Progress]:
    """Put every sealed file of the media folder under the key, which is the current one; one step is one file."""
    for path, written_with in sealed_files():
        if written_with != key_id:
            yield Progress("media", *_reseal_file(path))


def _passes(what: str, step: Callable[[int], _Batch], left: Callable[[], int]) -> Iterator[Progress]:
    """Batches from the first key to the last, again and again until only unreadable rows are left."""
    while left():
        after, done, unreadable = 0, 0, 0
        while (batch := step(after)).found:
            after, done, unreadable = batch.last, done + batch.done, unreadable + batch.unreadable
            yield Progress(what, batch.done, batch.unreadable)
        if left() <= unreadable:
            return
        if not done:
            time.sleep(PAUSE)


def _reseal(column: SealedColumn, key_id: str, size: int, after: int) -> _Batch:
    table, key, name = (connection.ops.quote_name(part) for part in (column.table, column.key, column.name))
    start = keyring.token_start(key_id)
    found = f"SELECT {key}, {name} FROM {table} WHERE {key} > %s AND {column.otherwise_sealed}"  # noqa: S608
    change = f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s"  # noqa: S608

    def again(row: Sequence[Any]) -> tuple[Any, ...]:
        pk, token = row
        return keyring.encrypt(column.label, keyring.decrypt(column.label, token)), pk, token

    return _step(f"{found} ORDER BY {key}", [after, len(start), start], size, change, again)


def _step(
    found: str, values: list[Any], size: int, change: str, again: Callable[[Sequence[Any]], tuple[Any, ...]]
) -> _Batch:
    """One batch in one transaction: rows that are ``found``, and the ``change`` with what ``again`` makes of each."""
    changes, unreadable = [], 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{found} LIMIT %s{_unless_held()}", [*values, size])
        rows = cursor.fetchall()
        for row in rows:
            try:
                changes.append(again(row))
            except keyring.KeyringError:
                unreadable += 1
        if changes:
            cursor.executemany(change, changes)
        done = cursor.rowcount if changes else 0
    return _Batch(rows[-1][0] if rows else 0, len(rows), done, unreadable)


def _unless_held() -> str:
    """Rows that others hold are left out: whoever never waits for a row can't be part of a deadlock."""
    return " FOR NO KEY UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""


def _reseal_file(path: Path) -> tuple[int, int]:
    """Replace a sealed file by the same one under the current key: files written, files that do not open."""
    known = _is_known(path)
    try:
        plain, mode = keyring.decrypt(FILE_LABEL, path.read_text(encoding="ascii")), path.stat().st_mode & 0o7777
    except FileNotFoundError:
        return 0, 0
    except keyring.KeyringError:
        return 0, 1
    draft = path.with_name(f".{path.name}.rotating")  # the same name each time: a killed run leaves one at most
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="ascii") as file:
        file.write(keyring.encrypt(FILE_LABEL, plain))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    if known and not _is_known(path):  # its batch was deleted in between, and the file with it
        path.unlink(missing_ok=True)
    return 1, 0


def _is_known(path: Path) -> bool:
    return ImportBatch.objects.filter(stored_as=path.name).exists()


# The index columns of residents; ledger.models.number_indexes says what they hold when

_UNFILLED = (
    "(id_no <> '' AND id_index <> '' AND id_index_next = '') OR "
    "(phone <> '' AND phone_index <> '' AND phone_index_next = '')"
)
_UNMOVED = "id_index <> id_index_next OR phone_index <> phone_index_next"
_UNCLEARED = "id_index_next <> '' OR phone_index_next <> ''"


def fill_next(key_id: str, size: int) -> Iterator[Progress]:
    """Give each number its index under the next key, in the next column."""
    yield from _passes("indexes", partial(_fill, key_id, size), partial(_left, _UNFILLED))


def move_to_first(size: int) -> Iterator[Progress]:
    """Let the first column follow the next one, which is complete."""
    yield from _throughout(_UNMOVED, "id_index = id_index_next, phone_index = phone_index_next", size)


def clear_next(size: int) -> Iterator[Progress]:
    """Empty the next column: the first one is complete again."""
    yield from _throughout(_UNCLEARED, "id_index_next = '', phone_index_next = ''", size)


def _fill(key_id: str, size: int, after: int) -> _Batch:
    found = (
        "SELECT id, id_no, phone, id_index, phone_index FROM ledger_resident "  # noqa: S608  # words of our own
        f"WHERE id > %s AND ({_UNFILLED}) ORDER BY id"
    )
    change = (
        "UPDATE ledger_resident SET id_index_next = %s, phone_index_next = %s "
        "WHERE id = %s AND id_no = %s AND phone = %s"
    )

    def again(row: Sequence[Any]) -> tuple[Any, ...]:
        pk, id_no, phone, id_index, phone_index = row
        one = _index(ID_LABEL, id_no if id_index else "", key_id)
        return one, _index(PHONE_LABEL, phone if phone_index else "", key_id), pk, id_no, phone

    return _step(found, [after], size, change, again)


def _index(label: str, token: str, key_id: str) -> str:
    return keyring.blind_index(label, keyring.decrypt(label, token), key_id) if token else ""


def _throughout(where: str, change: str, size: int) -> Iterator[Progress]:
    """The change on all rows that need it. It is made of the row's own columns, so no edit can be lost by it."""
    some = f"SELECT id FROM ledger_resident WHERE {where} ORDER BY id LIMIT %s{_unless_held()}"  # noqa: S608
    while _left(where):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_resident SET {change} WHERE id IN ({some})", [size])  # noqa: S608
            done = cursor.rowcount
        if done:
            yield Progress("indexes", done)
        else:
            time.sleep(PAUSE)


def _left(where: str) -> int:
    return number_of(f"SELECT count(*) FROM ledger_resident WHERE {where}", [])  # noqa: S608  # words of our own
