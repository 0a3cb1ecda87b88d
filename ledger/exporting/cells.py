"""Columns that many lists have: a text, a day, a long text with the numbers in it masked."""

import datetime
from typing import Any

from django.utils.timezone import localtime

from ledger.exporting.tables import Cell, Column, Row
from ledger.rules.days import local_day
from ledger.rules.masking import scrub

LONGEST = 1_000
"""Signs of one cell of free text; nobody prints more, and its page has it all."""


def text(heading: str, width: float, name: str, *, over: str = "") -> Column:
    """A short text, in the middle."""
    return Column(heading, width, lambda row: row[name], (name,), centred=True, over=over)


def long_text(heading: str, width: float, name: str) -> Column:
    """What somebody typed: numbers masked, of a length that can be printed."""
    return Column(heading, width, lambda row: cut(row[name] or ""), (name,))


def word(heading: str, width: float, name: str, words: dict[str, str]) -> Column:
    """A stored code as its word."""
    return Column(heading, width, lambda row: words.get(str(row[name]), ""), (name,), centred=True)


def number(heading: str, width: float, name: str, *, summed: bool = False) -> Column:
    """A stored figure."""
    return Column(heading, width, lambda row: row[name], (name,), centred=True, summed=summed)


def day(heading: str, name: str) -> Column:
    """A stored day, or the local day of a moment."""
    return Column(heading, 9.5, lambda row: iso(row[name]), (name,), centred=True)


def moment(heading: str, name: str) -> Column:
    """A moment to the minute, local time."""
    return Column(heading, 13, lambda row: f"{localtime(row[name]):%Y-%m-%d %H:%M}", (name,), centred=True)


def place(heading: str = "村组", width: float = 10, *, prefix: str = "") -> Column:
    """Village and group in one cell; ``prefix`` is the way to them, as ``household__``."""
    village, name, digits = (f"{prefix}{field}" for field in ("village__name", "group__name", "group__number"))
    return Column(heading, width, lambda row: f"{row[village]}{group(row, name, digits)}", (village, name, digits))


def group(row: Row, name: str = "group__name", digits: str = "group__number") -> str:
    """3组, or the group's own name."""
    return row[name] or (f"{row[digits]}组" if row[digits] is not None else "")


def iso(value: datetime.date | datetime.datetime | None) -> str:
    """2026-03-02; empty for none."""
    if isinstance(value, datetime.datetime):
        return local_day(value).isoformat()
    return value.isoformat() if value is not None else ""


def cut(said: str) -> Cell:
    """Free text with the numbers in it masked, of a length that can be printed."""
    return scrub(said[:LONGEST]) + ("…" if len(said) > LONGEST else "")


def words_of(choices: Any) -> dict[str, str]:
    """Code → word of a TextChoices, in the language that holds now."""
    return {str(each): str(each.label) for each in choices}


def joined(rows: Any, between: str = "、") -> dict[int, str]:
    """(key, text) pairs put together by key."""
    found: dict[int, list[str]] = {}
    for key, said in rows:
        found.setdefault(key, []).append(str(said))
    return {key: between.join(said) for key, said in found.items()}
