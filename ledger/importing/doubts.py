"""What the recogniser is unsure of, and so asks: no column goes silently into a wrong field or out of the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.importing.columns import Layout, Role, fields_under, has_values, headings_under
from ledger.importing.field_names import READ_BUT_NOT_STORED
from ledger.importing.headings import spelled
from ledger.importing.members import RELATIONS
from ledger.importing.other_headings import is_passed_over
from ledger.importing.reading import Cell, Sheet, column_letters
from ledger.importing.values import is_blank, text_of
from ledger.importing.villages import Villages
from ledger.rules.cleaning import clean_number
from ledger.rules.households import Relation
from ledger.rules.identity import normalise_id
from ledger.rules.phones import is_mobile, normalise_phone

_UNUSED = READ_BUT_NOT_STORED | {"sex", "birth"}
"""Of these a second column is nobody's loss."""
_LOOKED_AT = 200
"""Rows below the headings whose cells say what a column looks like."""
_MOST = 0.6
_STRAY = 0.05
"""A column without a heading that is filled in fewer of the rows holds scribbles, not a field."""


class Why(StrEnum):
    """Why something is asked."""

    UNKNOWN = "unknown"
    NO_HEADING = "no_heading"
    TWICE = "twice"
    KIND = "kind"
    NOT_RECOGNISED = "not_recognised"
    NO_VILLAGE = "no_village"


SENTENCES: dict[str, Promise | str] = {
    Why.UNKNOWN: _("This heading is not known."),
    Why.NO_HEADING: _("This column has no heading."),
    Why.TWICE: _("Column %(other)s says that it is the same; only one of the two can be taken."),
    Why.KIND: _("Each row might be a household or a family member. Check what this sheet lists."),
    Why.NOT_RECOGNISED: _("The headings of this sheet were not recognised. Choose its columns, or leave it out."),
    Why.NO_VILLAGE: _(
        "No column names the village. Choose the one that does, or say below which village the whole sheet is of."
    ),
}
LOOKS: dict[str, Promise | str] = {
    "id_no": _("Its cells look like ID numbers."),
    "phone": _("Its cells look like phone numbers."),
    "village": _("Its cells look like villages."),
}


@dataclass(frozen=True)
class Doubt:
    """One thing to ask about a sheet, or about a column of it (counted from 0)."""

    why: str
    column: int | None = None
    other: str = ""
    """The letter of the other column that names the same field."""
    looks: str = ""
    """The core field that the cells look like."""


def doubts_of(
    sheet: Sheet, layout: Layout, villages: Villages | None = None, decided: Iterable[int] = ()
) -> list[Doubt]:
    """All doubts about a sheet that was recognised; ``decided`` are columns somebody has left out on purpose."""
    whole = []
    if layout.role == Role.NOT_DATA:
        if not looks_like_a_roster(sheet, layout):
            return []
        whole = [Doubt(Why.NOT_RECOGNISED)]
    elif _kind_is_unsure(sheet, layout):
        whole = [Doubt(Why.KIND)]
    if not layout.header_rows:
        return [*whole, *_by_looks(sheet, villages)]
    return [*whole, *_column_doubts(sheet, layout, villages, set(decided))]


def _by_looks(sheet: Sheet, villages: Villages | None) -> Iterator[Doubt]:
    """Where no headings are known: the columns whose cells look like a core field."""
    rows = sheet.rows[:_LOOKED_AT]
    for index in range(max((len(row) for row in rows), default=0)):
        looks = looks_like([row[index] for row in rows if len(row) > index], villages)
        if looks:
            yield Doubt(Why.UNKNOWN, index, looks=looks)


def _column_doubts(sheet: Sheet, layout: Layout, villages: Villages | None, decided: set[int]) -> Iterator[Doubt]:
    taken = set(layout.columns.values())
    fields = fields_under(sheet, layout.header_rows)
    heads = headings_under(sheet, layout.header_rows)
    rows = _data_rows(sheet, layout)
    for index in range(max((len(row) for row in sheet.rows[layout.first :]), default=0)):
        if index in decided:
            continue
        if index in taken:
            if layout.role == Role.HOUSEHOLDS and index == layout.columns.get("name") and "head" in layout.columns:
                yield Doubt(Why.TWICE, index, layout.letter("head"))
            continue
        cells = [row[index] for row in rows if len(row) > index and not is_blank(row[index])]
        if not cells or is_serial(cells):
            continue
        why, other = _why(index, fields, heads, layout, sheet)
        if why and not (why == Why.NO_HEADING and len(cells) < max(2, _STRAY * len(rows))):
            yield Doubt(why, index, other, looks_like(cells[:_LOOKED_AT], villages))


def _why(index: int, fields: list[Any], heads: list[Any], layout: Layout, sheet: Sheet) -> tuple[str, str]:
    """Why this column is asked about, and the letter of the one it competes with; empty for no reason."""
    field = fields[index] if index < len(fields) else None
    if field in _UNUSED:
        return "", ""
    if field is not None:
        rival = layout.columns.get(field, layout.columns.get("head") if field == "name" else None)
        if rival is None:
            return Why.UNKNOWN, ""
        return ("", "") if _same(sheet, layout.first, index, rival) else (Why.TWICE, column_letters(rival))
    above, below = heads[index] if index < len(heads) else ("", "")
    upper, lower = spelled(above)[0], spelled(below)[0]
    if not upper and not lower:
        return Why.NO_HEADING, ""
    return ("", "") if is_passed_over(upper, lower or upper, layout.columns) else (Why.UNKNOWN, "")


def _data_rows(sheet: Sheet, layout: Layout) -> list[list[Cell]]:
    """The rows that name somebody: totals and notes have their text in other columns."""
    who = layout.columns.get("head", layout.columns.get("name"))
    rows = sheet.rows[layout.first :]
    return rows if who is None else [row for row in rows if len(row) > who and not is_blank(row[who])]


def _same(sheet: Sheet, first: int, one: int, other: int) -> bool:
    """Whether two columns say the same in every row: then nothing is lost by taking one."""

    def at(row: list[Cell], index: int) -> str:
        return clean_number(text_of(row[index])) if index < len(row) else ""

    return all(at(row, one) == at(row, other) for row in sheet.rows[first:])


def is_serial(cells: list[Cell]) -> bool:
    """Whether the cells count the rows: 1, 2, 3, and perhaps from 1 again in the next village."""
    before = None
    for cell in cells:
        text = clean_number(text_of(cell))
        if not text.isascii() or not text.isdigit() or len(text) > 6:
            return False
        number = int(text)
        if number != 1 and (before is None or number != before + 1):
            return False
        before = number
    return len(cells) > 1 or before == 1


def _kind_is_unsure(sheet: Sheet, layout: Layout) -> bool:
    """Households with relations that are not all 户主, or members with neither relation nor two of one household.

    People of whom nobody says whose they are, too: only their heads become households.
    """
    rows = _data_rows(sheet, layout)
    if layout.role == Role.HOUSEHOLDS or not {"hh_no", "head"} & layout.columns.keys():
        column = layout.columns.get("relation")
        said = {text_of(row[column]) for row in rows if column is not None and len(row) > column} - {""}
        return any(RELATIONS.get(clean_number(word)) != Relation.HEAD for word in said)
    code = layout.columns.get("hh_no")
    if "relation" in layout.columns or "head" in layout.columns or code is None:
        return False
    codes = [text_of(row[code]) for row in rows if len(row) > code and not is_blank(row[code])]
    return len(codes) > 1 and len(set(codes)) == len(codes)


def looks_like_a_roster(sheet: Sheet, layout: Layout) -> bool:
    """Whether a sheet that was not recognised has known headings, or columns of ID numbers or mobiles."""
    if len(sheet.rows) < 2:
        return False
    if len(layout.columns) >= 2 and any(has_values(sheet, layout.first, at) for at in layout.columns.values()):
        return True
    width = max(len(row) for row in sheet.rows[:_LOOKED_AT])
    return width > 1 and any(
        sum(looks_like([row[index]]) != "" for row in sheet.rows[:_LOOKED_AT] if len(row) > index) > 2
        for index in range(width)
    )


def looks_like(cells: list[Cell], villages: Villages | None = None) -> str:
    """The core field that most of the cells look like; empty for none."""
    texts = [text_of(cell) for cell in cells if not is_blank(cell)]
    most = max(1, _MOST * len(texts))
    if sum(len(number := normalise_id(text)) == 18 and number[:17].isdigit() for text in texts) >= most:
        return "id_no"
    if sum(is_mobile(normalise_phone(text)) for text in texts) >= most:
        return "phone"
    if villages is not None and sum(villages.find(text).place is not None for text in texts) >= most:
        return "village"
    return ""
