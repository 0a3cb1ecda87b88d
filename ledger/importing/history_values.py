"""From a cell of an earlier ledger to a value: days, moments, numbers of people, texts. Nothing is made up."""

import datetime
import re

from ledger.importing import values
from ledger.importing.findings import Code
from ledger.importing.reading import Cell
from ledger.rules.cleaning import clean_line, clean_number, clean_text, is_storable
from ledger.rules.days import SHANGHAI
from ledger.rules.masking import holds_number, scrub

MOST_PEOPLE = 9_999
MAX_NUMBER, MAX_TITLE, MAX_TEXT = 40, 80, 5_000
_PEOPLE = re.compile(r"([0-9]{1,4})(?:\.0+)?(?:人|人次|次)?")
_MONTH_ONLY = re.compile(r"[0-9]{4}[-./年][0-9]{1,2}月?")
_SPLIT = re.compile(r"[;；,，、\s]+")
Moment = tuple[str, str]
"""(ISO day, time of the day as HH:MM:SS or empty)."""


def day(cell: Cell) -> values.Value:
    """The ISO day; empty for an empty cell. A month alone is no day."""
    if isinstance(cell, str) and _MONTH_ONLY.fullmatch(clean_number(cell)):
        return "", Code.DATE_NEEDED
    found, code = values.date(cell)
    return found, Code.DATE_NEEDED if code else ""


def moment(cell: Cell) -> values.Value:
    """The local day, and the hour where it is written; a time of another zone is told in China's."""
    if isinstance(cell, str) and ":" in cell:
        text = cell.strip().replace("/", "-").replace("：", ":")
        try:
            at = datetime.datetime.fromisoformat(text)
        except ValueError:
            return _day_only(cell)
        try:
            local = at.astimezone(SHANGHAI) if at.tzinfo else at
        except OverflowError:
            return ("", ""), Code.DATE_NEEDED
        return (local.date().isoformat(), local.time().isoformat("seconds")), ""
    return _day_only(cell)


def _day_only(cell: Cell) -> values.Value:
    found, code = day(cell)
    return (found, ""), code


def people(cell: Cell) -> values.Value:
    """How many people: 0 for an empty cell."""
    if values.is_blank(cell):
        return 0, ""
    match = _PEOPLE.fullmatch(clean_number(values.text_of(cell)))
    return (int(match[1]), "") if match else (0, Code.COUNT_INVALID)


def number(cell: Cell) -> values.Value:
    """The number that a row had in the earlier ledger, as it was written but for spaces around and within."""
    text = clean_line(values.text_of(cell))
    if values.is_rounded(cell) or not text or len(text) > MAX_NUMBER or not is_storable(text) or holds_number(text):
        return "", Code.NUMBER_MISSING
    return text, ""


def title(cell: Cell) -> values.Value:
    """What it is about, in one line."""
    text = clean_line(values.text_of(cell))
    return (text, "") if text and len(text) <= MAX_TITLE and is_storable(text) else ("", Code.TITLE_INVALID)


def text(cell: Cell) -> values.Value:
    """A text of several lines; ID numbers and mobile numbers in it are masked, since it is read by many."""
    said = clean_text(values.text_of(cell))
    if not is_storable(said):
        return "", Code.ENCODING_LOSS
    return (scrub(said), "") if len(said) <= MAX_TEXT else ("", Code.TEXT_TOO_LONG)


def parts(cell: Cell) -> list[str]:
    """The several codes or numbers of one cell."""
    said = clean_line(values.text_of(cell))
    return [clean_number(part) for part in _SPLIT.split(said) if part]
