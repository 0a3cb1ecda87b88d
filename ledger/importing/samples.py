"""The first rows of a file as the page shows them on which columns are chosen, and what is proposed for each column.

Sheets of one layout stand together as one block: a workbook of forty villages is asked about once. Numbers are masked
before anything is kept; the whole is sealed with the batch.
"""

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict
from typing import Any

from ledger.importing.columns import Layout, Role, fields_under, has_values, headings_under, is_value
from ledger.importing.doubts import Doubt
from ledger.importing.headings import spelled
from ledger.importing.reading import Cell, Sheet, column_letters
from ledger.importing.values import is_blank, text_of
from ledger.rules.cleaning import clean_line
from ledger.rules.masking import mask_id, mask_phone, scrub
from ledger.rules.phones import is_mobile

ROWS, ABOVE, TEXT = 8, 3, 40
"""Rows shown of a sheet, rows of them above its headings, characters shown of a cell."""
MOST_CHOICES = 900
"""Choices on one page; the sheets beyond are read as they were recognised."""
_SEARCHED = 40
_NUMBER, _LONG = re.compile(r"[0-9]{7,}[Xx]?"), re.compile(r"[0-9]{11,}[Xx]?")
_GAPS = re.compile(r"[\s-]+")


def sample_of(sheets: list[Sheet], layouts: list[Layout | None], doubts: list[list[Doubt]]) -> dict[str, Any]:
    """Blocks of sheets with their first rows, and the layouts of the sheets that no longer fit on the page."""
    blocks: dict[str, dict[str, Any]] = {}
    kept: list[dict[str, Any]] = []
    choices = 0
    for sheet, layout, asked in zip(sheets, layouts, doubts, strict=True):
        if sheet.hidden or not any(not is_blank(cell) for row in sheet.rows for cell in row):
            continue
        block = _block(sheet, layout or Layout(Role.NOT_DATA, {}), asked)
        same = blocks.get(_key(block)) if block["header_rows"] else None
        if same is not None:
            same["sheets"].append(sheet.name)
            same["villages"] |= block["villages"]
        elif choices + len(block["columns"]) + 3 <= MOST_CHOICES:
            choices += len(block["columns"]) + 3
            blocks[_key(block) if block["header_rows"] else f"{len(blocks)} {sheet.name}"] = block
        elif block["used"]:
            village = block["villages"].get(sheet.name, "")
            kept.append(entry(sheet.name, block["role"], block["header_rows"], block["fields"], village))
    return {"blocks": list(blocks.values()), "kept": kept}


def entry(name: str, role: str, header_rows: list[int], fields: dict[str, str], village: str = "") -> dict[str, Any]:
    """One sheet in the form of ``sheets`` of the contract: rows as Excel counts them, letter → field.

    ``village`` is the code of the village that the whole sheet is of, where somebody said it.
    """
    said = {"name": name, "role": role, "header_rows": header_rows, "columns": fields}
    return said | {"village": village} if village else said


def entry_of(sheet: Sheet, layout: Layout) -> dict[str, Any]:
    """The layout of a sheet in the form of the contract, so that it is read the same way again."""
    columns = {column_letters(index): name for name, index in layout.columns.items()}
    return entry(sheet.name, layout.role.value, [row + 1 for row in layout.header_rows], columns, layout.village)


def signature(sheet: Sheet, rows: tuple[int, ...]) -> str:
    """The same for two sheets with the same headings in the same columns, wherever their rows stand."""
    said = [
        [index, *(spelled(part)[0] for part in pair)]
        for index, pair in enumerate(headings_under(sheet, rows))
        if not all(is_blank(part) for part in pair)
    ]
    return hashlib.sha256(json.dumps([len(rows), said]).encode()).hexdigest()


def in_any_order(sheet: Sheet, rows: tuple[int, ...]) -> tuple[str, list[int]] | None:
    """A signature that two sheets with the same headings share whatever the order of their columns, and that order.

    The order lists the columns by their heading. None where a heading stands twice, or a column with values has none:
    there only the place tells which column is which.
    """
    heads = headings_under(sheet, rows)
    said = {
        index: [spelled(part)[0] for part in pair]
        for index, pair in enumerate(heads)
        if not all(is_blank(part) for part in pair)
    }
    width = max(len(row) for row in sheet.rows)
    nameless = any(has_values(sheet, rows[-1] + 1, index) for index in range(width) if index not in said)
    if nameless or len({tuple(words) for words in said.values()}) < len(said):
        return None
    order = sorted(said, key=lambda index: said[index])
    whole = json.dumps([len(rows), "any order", [said[index] for index in order]])
    return hashlib.sha256(whole.encode()).hexdigest(), order


def heading_rows(sheet: Sheet) -> list[tuple[int, ...]]:
    """Every one or two rows of the sheet's beginning that might be its headings."""
    found: list[tuple[int, ...]] = []
    for at, row in enumerate(sheet.rows[:_SEARCHED]):
        if may_be_headings(row):
            found.append((at,))
            if at + 1 < len(sheet.rows) and may_be_headings(sheet.rows[at + 1]):
                found.append((at, at + 1))
    return found


def may_be_headings(cells: list[Cell]) -> bool:
    """Whether a row may head columns: words only, at least two. One with numbers holds somebody's data."""
    return sum(not is_blank(cell) for cell in cells) > 1 and not any(is_value(cell) for cell in cells)


def recognised(block: dict[str, Any], rows: tuple[int, ...]) -> dict[str, str]:
    """Letter → field, if these rows of the sample (counted as Excel counts them) are the headings."""
    first = block["first"]
    shown = Sheet("", [list(row) for row in block["rows"]])
    shown.merged = [(r1 - first + 1, c1, r2 - first + 1, c2) for r1, c1, r2, c2 in block["merged"]]
    fields: dict[str, str] = {}
    for index, name in enumerate(fields_under(shown, tuple(row - first for row in rows)) if rows else ()):
        if name is not None and name not in fields.values() and index in block["columns"]:
            fields[column_letters(index)] = name
    return fields


def shown_text(cell: Cell) -> str:
    """A cell as the page shows it: one line, shortened, every long number masked."""
    text = unicodedata.normalize("NFKC", clean_line(text_of(cell)))
    whole = _GAPS.sub("", text)
    if _LONG.fullmatch(whole):
        return _masked(whole)
    return scrub(_NUMBER.sub(lambda found: _masked(found[0]), scrub(text)))[:TEXT]


def _masked(number: str) -> str:
    if is_mobile(number):
        return mask_phone(number)
    return mask_id(number) if len(number) in (15, 18) else f"****{number[-4:]}"


def _block(sheet: Sheet, layout: Layout, doubts: list[Doubt]) -> dict[str, Any]:
    header = layout.header_rows or _first_headings(sheet)
    filled = next(at for at, row in enumerate(sheet.rows) if any(not is_blank(cell) for cell in row))
    first = max(filled, header[0] - ABOVE) if header else filled
    rows = sheet.rows[first : first + ROWS]
    heads = [
        rows
        for rows in {*heading_rows(sheet), *([header] if header else [])}
        if first <= rows[0] and rows[-1] < first + ROWS
    ]
    fields = {column_letters(index): name for name, index in layout.columns.items()}
    return {
        "sheets": [sheet.name],
        "first": first + 1,
        "rows": [[shown_text(cell) for cell in row] for row in rows],
        "columns": _filled_columns(sheet, first, set(layout.columns.values())),
        "merged": [block for block in sheet.merged[:200] if first <= block[0] and block[2] < first + len(rows)],
        "header_rows": [row + 1 for row in header],
        "title": shown_title(layout.title or ""),
        "villages": {sheet.name: layout.village} if layout.village else {},
        "used": layout.role != Role.NOT_DATA or bool(doubts),
        "role": (Role.HOUSEHOLDS if layout.role == Role.NOT_DATA else layout.role).value,
        "fields": fields,
        "doubts": [asdict(doubt) for doubt in doubts],
        "signatures": {_rows_key(rows): signature(sheet, rows) for rows in heads},
        "orders": {_rows_key(rows): found for rows in heads if (found := in_any_order(sheet, rows)) is not None},
    }


def _rows_key(rows: tuple[int, ...]) -> str:
    return ",".join(str(row + 1) for row in rows)


def shown_title(text: str) -> str:
    """The title, which may name the village."""
    return scrub(clean_line(text))[:200]


def _first_headings(sheet: Sheet) -> tuple[int, ...]:
    """Where none was recognised: the row right above the first with numbers in it, if that may be headings."""
    found: tuple[int, ...] = ()
    for at, row in enumerate(sheet.rows[:_SEARCHED]):
        if any(is_value(cell) for cell in row):
            return found
        if may_be_headings(row):
            found = (at,)
    return next(((at,) for at, row in enumerate(sheet.rows[:ROWS]) if may_be_headings(row)), ())


def _filled_columns(sheet: Sheet, first: int, fields: set[int]) -> list[int]:
    """The columns with anything in them, and those that are read whatever is in them."""
    width = max(len(row) for row in sheet.rows[first:])
    return sorted(fields | {index for index in range(width) if index in fields or has_values(sheet, first, index)})


def _key(block: dict[str, Any]) -> str:
    heads = block["signatures"].get(",".join(map(str, block["header_rows"])), "")
    same = {name: block[name] for name in ("header_rows", "role", "used", "fields", "doubts", "columns")}
    return json.dumps([heads, same], sort_keys=True)
