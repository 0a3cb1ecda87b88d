"""抽样回访: of the matters settled on the spot a share is called back, the rest is struck off on its strength.

The draw is a matter of arithmetic: the same seed and the same numbers give the same sample, so that anybody can check
it later.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.rules.issues import FINAL_ANSWERS, UNREACHABLE_TRIES, Answer


def sample_size(count: int, *, percent: int, least: int) -> int:
    """How many of ``count`` are called back: the share, rounded up, at least ``least``, at most all."""
    return min(count, max(least, 1, math.ceil(count * percent / 100)))


def draw(numbers: Iterable[str], *, seed: str, size: int) -> list[str]:
    """The numbers drawn: those whose digest under the seed comes first."""
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).digest())[:size]


@dataclass(frozen=True)
class Verdict:
    """What the call-backs of a drawn matter amount to."""

    is_answered: bool
    is_dissatisfied: bool


def verdict(answers: Sequence[str], *, was_reopened: bool) -> Verdict:
    """Of the answers of its round, the oldest first; one reopened before anybody asked did not hold either."""
    dissatisfied = Answer.DISSATISFIED in answers or (was_reopened and not FINAL_ANSWERS & set(answers))
    unreachable = list(answers).count(Answer.UNREACHABLE) >= UNREACHABLE_TRIES
    return Verdict(dissatisfied or unreachable or bool(FINAL_ANSWERS & set(answers)), dissatisfied)
