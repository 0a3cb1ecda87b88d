"""The guess is the longest word that stands in the text; kind and category each on their own."""

import pytest

from ledger.rules.guessing import Guess, Word, guess

WORDS = [
    Word("助学", "", 1), Word("助学贷款", "", 2), Word("建议", "suggestion"), Word("纠纷", "dispute", 3),
    Word("WiFi", "", 4), Word("", "wish", 5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("助学贷款怎么办", Guess("", 2)),
        ("助学金", Guess("", 1)),
        ("建议多装路灯", Guess("suggestion", None)),
        ("建议调解邻居的纠纷", Guess("suggestion", 3)),  # as long: the one written first says the kind
        ("wifi 太慢", Guess("", 4)),
        ("没有一个词", Guess()),
        ("", Guess()),
    ],
)
def test_the_longest_word_counts(written: str, found: Guess) -> None:
    assert guess(written, WORDS) == found
