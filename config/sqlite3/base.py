"""Django's SQLite backend with another way of waiting for the one writer.

SQLite's own waiting is not fair: who has waited long looks every tenth of a second, who came just now every
millisecond, so a steady stream of writers can starve one of them beyond any limit. Here everybody looks equally
often, after a short random pause, and nobody's chances get worse by waiting.
"""

import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction

PAUSE = (0.002, 0.012)
"""Seconds between two looks: about as long as a small transaction holds the file."""
BUSY = 5  # SQLITE_BUSY; the upper bits of an error code say more
_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
Result = TypeVar("Result")


def tried(seconds: float, act: Callable[[], Result]) -> Result:
    """``act``, again and again while the file is busy; raises OperationalError after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != BUSY or time.monotonic() > end:
                raise
        time.sleep(random.uniform(*PAUSE))  # noqa: S311 - chance, not secrecy


def patiently(connection: sqlite3.Connection, seconds: float, act: Callable[[], Result]) -> Result:
    """``tried`` for what begins to write, without SQLite's own waiting."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return tried(seconds, act)
    finally:
        # What happens inside a transaction (a commit that waits for readers) is left to SQLite.
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single statements outside a transaction wait like whole transactions do."""

    seconds: float = 5.0

    def execute(self, query: str, params: Any = None) -> Any:
        return self._waiting(query, lambda: super(Cursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        listed = list(param_list)  # tried again, an iterator would be empty
        return self._waiting(query, lambda: super(Cursor, self).executemany(query, listed))

    def _waiting(self, query: str, act: Callable[[], Any]) -> Any:
        if self.connection.in_transaction or not _WRITES.match(query):
            return act()
        return patiently(self.connection, self.seconds, act)


class DatabaseWrapper(base.DatabaseWrapper):
    """``OPTIONS["timeout"]`` is how long a writer waits, in seconds."""

    @property
    def patience(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5.0))

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        # Choosing the journal needs the file for itself, and SQLite does not wait for that.
        opened: sqlite3.Connection = tried(
            self.patience, lambda: super(DatabaseWrapper, self).get_new_connection(conn_params)
        )
        return opened

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.seconds = self.patience
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        begin = f"BEGIN {self.transaction_mode or ''}".strip()
        with debug_transaction(self, begin), self.wrap_database_errors:
            patiently(self.connection, self.patience, lambda: self.connection.execute(begin))
