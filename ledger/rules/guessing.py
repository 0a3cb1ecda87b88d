"""What a matter is probably about, by the county's plain table of words. ``static/js/guess-kind.js`` does the same."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """Where ``text`` stands in what was written, ``kind`` and ``category`` are proposed; either may be empty."""

    text: str
    kind: str = ""
    category: int | None = None


@dataclass(frozen=True)
class Guess:
    kind: str = ""
    category: int | None = None


def guess(written: str, words: Iterable[Word]) -> Guess:
    """Kind and category each from the longest word that says one; of words as long, from the one written first."""
    typed = written.lower()
    found = [(-len(word.text), at, word) for word in words if (at := typed.find(word.text.lower())) >= 0 and word.text]
    found.sort(key=lambda hit: hit[:2])
    kind = next((word.kind for _length, _at, word in found if word.kind), "")
    category = next((word.category for _length, _at, word in found if word.category), None)
    return Guess(kind, category)
