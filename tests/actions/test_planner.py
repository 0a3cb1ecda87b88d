"""The database is told how large its tables have become."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection

from ledger.actions.planner import after_bulk_write

Captured = Callable[..., AbstractContextManager[list[Any]]]


KNOWN = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'ledger_household'",
    "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'ledger_household'",
}


@pytest.mark.usefixtures("world")
def test_the_planner_knows_the_tables_after_a_bulk_write(django_capture_on_commit_callbacks: Captured) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        after_bulk_write()
    with connection.cursor() as cursor:
        cursor.execute(KNOWN[connection.vendor])
        assert cursor.fetchone()[0] > 0
