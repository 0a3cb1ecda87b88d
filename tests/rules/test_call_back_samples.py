"""How many are drawn, that the draw can be repeated, and what the answers amount to."""

import pytest

from ledger.rules.call_back_samples import draw, sample_size, verdict
from ledger.rules.issues import Answer

NUMBERS = [f"康美-2026-{serial:05d}" for serial in range(1, 41)]
A = Answer


@pytest.mark.parametrize(
    ("count", "percent", "least", "size"),
    [
        (0, 10, 1, 0), (1, 10, 1, 1), (9, 10, 1, 1), (10, 10, 1, 1), (11, 10, 1, 2), (100, 10, 1, 10),
        (3, 10, 5, 3), (40, 10, 5, 5), (40, 100, 1, 40), (5, 1, 0, 1),
    ],
)  # fmt: skip
def test_the_size_of_a_sample(count: int, percent: int, least: int, size: int) -> None:
    assert sample_size(count, percent=percent, least=least) == size


def test_the_same_seed_draws_the_same() -> None:
    first = draw(NUMBERS, seed="a1b2", size=4)
    assert len(set(first)) == 4
    assert draw(reversed(NUMBERS), seed="a1b2", size=4) == first
    assert draw(NUMBERS, seed="a1b3", size=4) != first


@pytest.mark.parametrize("size", range(0, 42, 7))
@pytest.mark.parametrize("seed", ["", "0", "ffff", "种子"])
def test_a_draw_is_a_part_of_what_was_there(seed: str, size: int) -> None:
    drawn = draw(NUMBERS, seed=seed, size=size)
    assert set(drawn) <= set(NUMBERS)
    assert len(drawn) == len(set(drawn)) == min(size, len(NUMBERS))


@pytest.mark.parametrize(
    ("answers", "reopened", "answered", "dissatisfied"),
    [
        ([], False, False, False), ([A.SATISFIED], False, True, False), ([A.ACCEPTABLE], False, True, False),
        ([A.UNREACHABLE] * 2, False, False, False), ([A.UNREACHABLE] * 3, False, True, False),
        ([A.UNREACHABLE, A.DISSATISFIED], False, True, True), ([], True, True, True),
        ([A.SATISFIED], True, True, False), ([A.DISSATISFIED, A.SATISFIED], False, True, True),
    ],
)  # fmt: skip
def test_what_the_answers_amount_to(answers: list[str], reopened: bool, answered: bool, dissatisfied: bool) -> None:
    found = verdict(answers, was_reopened=reopened)
    assert (found.is_answered, found.is_dissatisfied) == (answered, dissatisfied)
