"""Rows of one file that speak of the same person or household twice: the first counts, the others are refused."""

from collections.abc import Iterable
from typing import Any

from ledger.importing.columns import Role
from ledger.importing.findings import Code
from ledger.importing.row import Row, said_by, where
from ledger.importing.villages import Place


def refuse_duplicates(rows: list[Row]) -> None:
    """Refuse a row whose ID number, or whose household number in the village, stands on an earlier row."""
    for role in (Role.HOUSEHOLDS, Role.RESIDENTS):
        listed = [row for row in rows if row.role == role and not row.ignored]
        ids, places, numbered = said_by(listed, "id_no", "village", "hh_no")
        keys = _code_keys(places, numbered) if role == Role.HOUSEHOLDS else [None] * len(listed)
        if not (_repeats(ids) or _repeats(keys)):
            continue
        numbers: dict[str, Row] = {}
        codes: dict[tuple[int, str], Row] = {}
        for row, number, key in zip(listed, ids, keys, strict=True):
            earlier = numbers.setdefault(number, row) if number else row
            if earlier is not row:
                row.twin = earlier
                row.tell(Code.ID_DUPLICATE_IN_FILE, "id_no", hint=where(earlier, row))
            first = codes.setdefault(key, row) if key else row
            if first is not row and earlier is row:
                row.tell(Code.HH_NO_DUPLICATE, "hh_no", hint=where(first, row))


def _code_keys(places: list[Any], numbers: list[str | None]) -> list[tuple[int, str] | None]:
    """The household number of each with its village; None where either is not known."""
    return [
        (place.pk, code) if code and isinstance(place, Place) else None
        for place, code in zip(places, numbers, strict=True)
    ]


def _repeats(keys: Iterable[Any]) -> bool:
    named = [key for key in keys if key]
    return len(named) != len(set(named))
