"""The banks of phrases in ``texts/``: read once, chosen by what fits a household and a month."""

import functools
import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "texts"
REMEMBERED = 9
"""How many pieces back somebody does not repeat himself."""


@dataclass(frozen=True)
class Condition:
    """When a text fits: words that must and must not hold, and months (empty: all)."""

    needs: frozenset[str] = frozenset()
    forbids: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()

    def holds(self, tags: Iterable[str], month: int) -> bool:
        return self.needs.issubset(tags) and self.forbids.isdisjoint(tags) and (not self.months or month in self.months)


def condition(words: Iterable[str]) -> Condition:
    """``farm !elder m10-4`` → a farming household without old people, October to April."""
    needs, forbids, months = set(), set(), set()
    for word in words:
        if word.startswith("m") and word[1:2].isdigit():
            first, _dash, last = word[1:].partition("-")
            months |= set(_months(int(first), int(last or first)))
        elif word.startswith("!"):
            forbids.add(word[1:])
        elif word != "any":
            needs.add(word)
    return Condition(frozenset(needs), frozenset(forbids), frozenset(months))


def _months(first: int, last: int) -> list[int]:
    return list(range(first, last + 1)) if first <= last else [*range(first, 13), *range(1, last + 1)]


class Bank:
    """The pieces of one file, by section."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.rng = rng
        self.sections: dict[str, list[tuple[Condition, str]]] = {}
        self._fitting: dict[tuple[str, frozenset[str], int], list[str]] = {}
        self._said: dict[object, deque[str]] = {}
        for line in _lines(name):
            if line.startswith("["):
                section = self.sections.setdefault(line.strip("[]"), [])
                continue
            words, _bar, text = line.partition(" | ")
            section.append((condition(words.split()), text))

    def fitting(self, section: str, tags: frozenset[str], month: int) -> list[str]:
        """Every piece of the section that fits."""
        key = (section, tags, month)
        if key not in self._fitting:
            self._fitting[key] = [text for rule, text in self.sections[section] if rule.holds(tags, month)]
        return self._fitting[key]

    def pick(self, section: str, tags: frozenset[str], month: int, who: object = None) -> str:
        """A piece that fits and that ``who`` did not use lately; empty when none fits."""
        pieces = self.fitting(section, tags, month)
        if not pieces:
            return ""
        said = self._said.setdefault(who, deque(maxlen=REMEMBERED))
        fresh = [piece for piece in pieces if piece not in said] or pieces
        chosen = self.rng.choice(fresh)
        said.append(chosen)
        return chosen


@functools.cache
def _lines(name: str) -> tuple[str, ...]:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
