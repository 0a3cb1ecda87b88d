"""A whole roster lives in memory at once, in rows that refer to nothing in circles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
