"""微心愿: what a wording for the pool must not hold, since the whole township reads it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.rules.cleaning import clean_number

_BETWEEN = re.compile(r"[\s·•‧・．.,，、\-—_*]+")
_LONG_NUMBER = re.compile(r"\d{7,}[Xx]?")
SHORTEST_NAME = 2
"""A single character is no name: it would forbid half of all words."""
SHORTEST_NUMBER = 7
"""Digits of a phone without its area code; no sum of a wish is as long."""


@dataclass(frozen=True)
class Household:
    """What is known of the people a wish is about."""

    names: frozenset[str] = field(default_factory=frozenset)
    numbers: frozenset[str] = field(default_factory=frozenset)
    """Phones and ID numbers."""
    address: str = ""


def betrays(text: str, home: Household) -> list[str]:
    """What in a wording says whose wish it is, as it was found: names, numbers, the address; empty when nothing does.

    Spaces, dots and full-width digits hide nothing. Any long number counts, whoever's it is.
    """
    plain = clean_number(text)
    joined = _BETWEEN.sub("", plain)
    found = [name for name in sorted(home.names) if _is_name(name) and _BETWEEN.sub("", name) in joined]
    known = [part for number in sorted(home.numbers) if (part := _within(number, joined))]
    others = [number for number in _LONG_NUMBER.findall(plain) if not any(number in each for each in known)]
    address = clean_number(home.address)
    if any(each.isdigit() for each in address) and address in plain:
        found.append(home.address)
    return list(dict.fromkeys([*found, *known, *others]))


def _is_name(name: str) -> bool:
    return len(_BETWEEN.sub("", name)) >= SHORTEST_NAME


def _within(number: str, joined: str) -> str:
    """What of a number stands there: of a land line also the part behind its area code."""
    digits = _BETWEEN.sub("", number)
    tails: Iterable[str] = (digits, digits[3:], digits[4:]) if digits.startswith("0") else (digits,)
    return next((tail for tail in tails if len(tail) >= SHORTEST_NUMBER and tail in joined), "")
