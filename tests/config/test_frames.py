"""Calls within ``in_one_block`` take no memory at the edges of CPython's small blocks."""

import resource
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.frames import in_one_block

DEEPEST, TURNS = 800, 40


def at_every_depth(depth: int = 0) -> int:
    """Calls a small function often from each of many depths: some of them lie at an edge."""
    found = 0
    for turn in range(TURNS):
        found += called(turn)
    return found + at_every_depth(depth + 1) if depth < DEEPEST else found


def called(turn: int) -> int:
    return turn


def pages_taken(one_block: bool) -> int:
    """Pages that the system had to give to a new thread for it, whose blocks are its own."""

    def run() -> int:
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        in_one_block(at_every_depth) if one_block else at_every_depth()
        return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def test_no_block_is_taken_and_given_back_at_each_turn() -> None:
    pages_taken(one_block=True)  # the first thread pays for what all need
    taken = pages_taken(one_block=True)
    assert taken < 3 * TURNS, f"{taken}, not in one block {pages_taken(one_block=False)}"


def test_what_is_given_and_returned_and_raised_passes() -> None:
    assert in_one_block(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        in_one_block(divmod, 7, 0)
