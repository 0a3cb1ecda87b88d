"""What the database knows of the sizes of its own tables, by which it chooses its indexes."""

from django.db import connection, transaction

SAMPLE = 1000
"""Rows of each index that are looked at: enough to tell a village from a township, and done in a blink."""


def after_bulk_write() -> None:
    """Once this transaction is committed, let the database look at its tables again.

    Without it SQLite sorts a whole township for one page of its households; PostgreSQL looks by itself, but only some
    minutes later, and until then takes a county's households for a handful. A look that fails is logged, no more: what
    was written stays.
    """
    transaction.on_commit(_look, robust=True)


def _look() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
        cursor.execute("ANALYZE")
