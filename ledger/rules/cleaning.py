"""What people and spreadsheets add to a text without meaning it: taken away here, and nothing else.

Numbers (ID numbers, phones, codes) become half-width and lose every space and invisible mark; names lose
invisible marks and the spaces that pad short Chinese names. No Unicode folding beyond that: rare characters,
characters beyond the BMP and the dot of minority names stay as they were typed.
"""

import re

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Joiners shape letters in some scripts, so names keep them.
_INVISIBLE_IN_NAMES = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SPACES = re.compile(r"\s+")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_APOSTROPHES = frozenset("'\u2018\u2019")
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_NAME_DOTS = "\u00b7\u2022\u2027\u30fb\uff0e"
_PADDING = re.compile(rf"(?<=[{_HAN}{_NAME_DOTS}])\s+(?=[{_HAN}{_NAME_DOTS}])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_number(text: str) -> str:
    """An ID number, phone or code as it is meant: half-width, without spaces, marks, apostrophe or ``="…"``."""
    if text.isascii() and text.isalnum():
        return text
    text = _without_wrapping(_SPACES.sub("", _INVISIBLE.sub("", text.translate(_HALF_WIDTH))))
    # Some type the apostrophe behind the digits; behind anything else it may belong to the text.
    return text[:-1] if text[-1:] in _APOSTROPHES and text[:-1].isalnum() and text[:-1].isascii() else text


def clean_name(text: str) -> str:
    """A person's name: 王　芳 becomes 王芳; the spaces of other scripts stay, one at a time."""
    if text.isalpha():  # letters alone: nothing to take away, and nearly every name is
        return text
    text = _without_wrapping(_INVISIBLE_IN_NAMES.sub("", text).strip()).strip()
    return _SPACES.sub(" ", _PADDING.sub("", text))


def clean_line(text: str) -> str:
    """A text of one line (address, title): invisible marks gone, every run of spaces one space."""
    if text.isprintable() and "  " not in text:  # no mark, no control character, no other space than U+0020
        return text.strip()
    return _SPACES.sub(" ", _CONTROLS.sub("", _INVISIBLE_IN_NAMES.sub("", text))).strip()


def clean_text(text: str) -> str:
    """A text of several lines: line ends as ``\\n``, control characters gone, nothing else changed inside."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def is_storable(text: str) -> bool:
    """Whether a database can hold the text: no NUL, no lone surrogate."""
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """The text with U+FFFD for each character that no database holds: the name of a file copied from elsewhere."""
    return _UNSTORABLE.sub("\ufffd", text)


def _without_wrapping(text: str) -> str:
    """Drop what makes a spreadsheet keep a number as text: ``="…"`` or one leading apostrophe."""
    wrapped = _FORMULA_TEXT.fullmatch(text)
    if wrapped:
        return wrapped[1]
    return text[1:] if text[:1] in _APOSTROPHES else text
