"""A whole roster lives in memory at once, in rows that refer to nothing in circles; so does what it changes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_ROOM = 128 * 1024
"""KiB for the pages that an import changes: some 70,000 households; it takes what it needs."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic collector, which would walk all rows again and again: a third of an import's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # What was made meanwhile counts as old (both take no time): else the next few objects set off a walk over
            # all rows, which are about to go anyway.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@contextmanager
def readers_let_in() -> Iterator[None]:
    """While a whole roster is written, others go on reading, until the moment of its commit.

    SQLite with the rollback journal keeps changed pages in memory, and has to shut all readers out from the first one
    that finds no room there: with its usual two megabytes that is nearly at once.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = -{_ROOM}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")
            cursor.execute("PRAGMA shrink_memory")
