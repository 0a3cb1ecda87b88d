"""How a personal number is shown to whom may not read it in full (design.md 3).

A text that is no number of the known shapes shows nothing at all: it may hold a number nobody expected.
"""

import re

from ledger.rules.phones import is_mobile

_HIDDEN = "****"
_ID_SHAPE = re.compile(r"[0-9]{15}(?:[0-9]{2}[0-9X])?", re.IGNORECASE)
_ID_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_MOBILE_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])")
_SOME_DIGITS = re.compile(r"\d{3}")
_LANDLINE = re.compile(r"(0[0-9]{2,3})-([0-9]{7,8})(?:-[0-9]+)?")


def mask_id(number: str) -> str:
    """``350626********1234``: area and the last four stay; empty stays empty."""
    if not number:
        return ""
    if not _ID_SHAPE.fullmatch(number):
        return _HIDDEN
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def mask_phone(number: str) -> str:
    """``138****5678``, ``0510-****1234``: area and the last four stay, an extension goes; empty stays empty."""
    if not number:
        return ""
    if is_mobile(number):
        return f"{number[:3]}{_HIDDEN}{number[-4:]}"
    landline = _LANDLINE.fullmatch(number)
    return f"{landline[1]}-{'*' * (len(landline[2]) - 4)}{landline[2][-4:]}" if landline else _HIDDEN


def holds_number(text: str) -> bool:
    """Whether a full ID number or mobile stands in the text: then it is no name, whatever column it came in."""
    return scrub(text) != text


def scrub(text: str) -> str:
    """The text with ID numbers and mobiles masked: for what people type freely and what is kept for ever or logged."""
    if not _SOME_DIGITS.search(text):  # either begins with three
        return text
    text = _ID_IN_TEXT.sub(lambda found: mask_id(found[0]), text)
    return _MOBILE_IN_TEXT.sub(lambda found: mask_phone(re.sub("[ -]", "", found[0])), text)
