"""Room for all the calls of a request at once.

CPython keeps the frames of a thread in blocks of 16 KB, and gives a block back to the system as soon as the first frame
in it ends: a loop that calls across the edge of a block takes and gives back one at each turn. Templates within
templates do so all the time. A frame that asks for more gets a block as large as it needs, and what it calls
finds room there.
"""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
SLOTS = 66_000
"""Of eight bytes: just over half a megabyte, for which CPython takes a whole one. What nobody touches costs nothing."""


def in_one_block(call: Callable[..., Result], *given: object) -> Result:
    """What ``call(*given)`` returns, its frames and those of all it calls in one block."""
    return call(*given)


in_one_block.__code__ = in_one_block.__code__.replace(co_stacksize=SLOTS)
