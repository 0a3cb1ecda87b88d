"""Names in pinyin: the stored key that sorts people, and the initials that find them.

Both are made when a name is written. Surnames have readings of their own (单 is Shan, 曾 Zeng), which a
dictionary of words does not know; a character with two usual readings is found by either initial.
"""

import functools
import itertools
import re
from collections.abc import Mapping

from ledger.rules.cleaning import clean_name
from ledger.rules.surnames import COMPOUND_SURNAMES, GIVEN_NAMES, SURNAMES

PINYIN_LENGTH = 120
"""Longest stored sort key; what is beyond it neither sorts nor is searched."""
INITIALS_LENGTH = 30
_MOST_VARIANTS = 4
_LONGEST_SURNAME = 12

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")
_DOTS = re.compile("[\u00b7\u2022\u2027\u30fb\uff0e]")
_IGNORED_IN_SEARCH = re.compile(r"[\s'’`.\-\u00b7\u2022\u2027\u30fb\uff0e]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

Syllable = tuple[str, ...]
"""The readings of one character, the usual one first."""
Word = tuple[Syllable, ...]


def pinyin_key(name: str) -> str:
    """The sort key: lower case, the surname, a space, the given name (``shan tianfang``). At most 120 characters.

    Search it by ``pinyin_prefixes``, since people type no space. Ties are sorted by the row's id.
    """
    surname, given = _syllables(name)
    parts = ["".join(readings[0] for readings in part) for part in (surname, *given)]
    return " ".join(part for part in parts if part)[:PINYIN_LENGTH]


def initials(name: str) -> str:
    """First letters (``stf``), after a space each other reading (``stf dtf``). At most 30 characters.

    A search for ``q`` is ``startswith q`` or ``contains " q"``.
    """
    surname, given = _syllables(name)
    letters = [
        tuple(dict.fromkeys(reading[0] for reading in readings if reading[0].isalnum()))
        for readings in itertools.chain(surname, *given)
    ]
    combined = itertools.islice(itertools.product(*(each for each in letters if each)), _MOST_VARIANTS)
    variants = ["".join(letter) for letter in combined]
    while len(" ".join(variants)) > INITIALS_LENGTH and len(variants) > 1:
        variants.pop()
    return " ".join(variants)[:INITIALS_LENGTH]


def search_key(text: str) -> str:
    """What is compared when people are looked for: lower case, half-width, without spaces, dots and apostrophes.

    The same for a stored name and for what somebody types; Chinese characters stay Chinese.
    """
    return _IGNORED_IN_SEARCH.sub("", clean_name(text).translate(_FULL_WIDTH).lower()).replace("ü", "v")


def pinyin_prefixes(query: str) -> list[str]:
    """The beginnings of a sort key that a query typed without spaces may mean: ``lian`` is Lian or Li An."""
    typed = search_key(query)
    if not typed.isascii() or not typed.isalpha():
        return []
    splits = range(1, min(len(typed), _LONGEST_SURNAME + 1))
    return [typed, *(f"{typed[:at]} {typed[at:]}" for at in splits)]


@functools.lru_cache(maxsize=2048)
def _syllables(name: str) -> tuple[Word, tuple[Word, ...]]:
    """The surname and the words after it, each as the readings of its syllables, the usual reading first."""
    words = _DOTS.sub(" ", clean_name(name)).translate(_FULL_WIDTH).lower().split()
    if not words:
        return (), ()
    first, rest = words[0], words[1:]
    if rest or not _HAN.match(first):
        return _given(first), tuple(_given(word) for word in rest)
    length = 2 if first[:2] in COMPOUND_SURNAMES and len(first) > 2 else 1
    given = (_given(first[length:]),) if len(first) > length else ()
    return _surname(first[:length]), given


@functools.lru_cache(maxsize=4096)
def _given(word: str) -> Word:
    """A given name: a village shares far fewer of them than it has people."""
    return _spell(word, GIVEN_NAMES)


@functools.lru_cache(maxsize=1024)
def _surname(word: str) -> Word:
    return _spell(word, SURNAMES if len(word) == 1 else {})


def _spell(word: str, own_readings: Mapping[str, Syllable]) -> Word:
    """The readings of each Chinese character; what stands between them (Latin letters, digits) is one syllable."""
    # Half a second to import: it waits for the first name.
    from pypinyin import lazy_pinyin

    spelt: list[Syllable] = []
    for piece in re.split(rf"({_HAN.pattern}+)", word):
        if not _HAN.match(piece):
            spelt += [(piece,)] if piece else []
            continue
        # A character without a reading stands for itself, one by one ("list" is more than the library's type admits).
        usual = lazy_pinyin(piece, errors=list)  # type: ignore[arg-type]
        spelt += [own_readings.get(char, (reading,)) for char, reading in zip(piece, usual, strict=True)]
    return tuple(spelt)
