"""Which row holds the headings, which column is which field, and what kind of list a sheet is."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from ledger.importing.files import FileError, FileRefused
from ledger.importing.headings import FIELDS, IGNORED, OFFICES, field_below, field_of, is_heads_own, spelled
from ledger.importing.reading import Sheet, column_index, column_letters
from ledger.importing.values import is_blank

_SEARCHED_ROWS = 40
_NUMBERED = ("id_no", "phone", "hh_no", "population")
"""Fields whose cells begin with a digit where they are no heading."""
_OWN = frozenset({"id_no", "phone", "sex", "birth"})
_OF_A_PERSON = frozenset({"head", "name", "relation", "sex", "birth"})
_LONG_NUMBER = re.compile(r"\d{6,}")


class Role(StrEnum):
    """What a sheet lists; the words of the import report."""

    HOUSEHOLDS = "households"
    RESIDENTS = "residents"
    NOT_DATA = "not_data"


@dataclass
class Layout:
    """How one sheet is read. Rows and columns count from 0."""

    role: Role
    columns: dict[str, int]
    header_rows: tuple[int, ...] = ()
    first: int = 0
    last: int | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    """Columns that went into no field: letter → heading, said to the uploader."""
    title: str = ""
    """What stands above the headings: it may name the village."""
    village: str = ""
    """The code of the village of the whole sheet, where somebody said it."""
    spare_phones: tuple[int, ...] = ()
    """Further columns of phones: the first that has one counts where the column itself is empty."""

    def letter(self, name: str) -> str:
        """The letter of a field's column as Excel shows it; empty for a field the sheet lacks."""
        return column_letters(self.columns[name]) if name in self.columns else ""


def layouts(sheets: list[Sheet]) -> list[tuple[Sheet, Layout]]:
    """The sheets that hold data, each with its layout; raises FileRefused when there is none."""
    found = [(sheet, layout_of(sheet)) for sheet in sheets if not sheet.hidden]
    data = [(sheet, layout) for sheet, layout in found if layout.role != Role.NOT_DATA]
    if not data:
        raise FileRefused(why_nothing([layout for _sheet, layout in found], sheets))
    return data


def tables_of(sheet: Sheet, layout: Layout) -> list[Layout]:
    """The tables of a sheet, one below the other: each with the columns that its own headings name.

    One whose headings don't make the same kind of list is NOT_DATA: nobody reads it by the columns of another.
    """
    key = next((layout.columns[name] for name in _NUMBERED if name in layout.columns), None)
    if key is None or not layout.header_rows:
        return [layout]
    found, stop = [layout], min(layout.last or sheet.count, sheet.count)
    for at, cell in enumerate(sheet.column(key, layout.first, stop), layout.first):
        if cell and isinstance(cell, str) and not cell[0].isdigit() and (below := _below(sheet, at, layout)):
            found[-1] = replace(found[-1], last=at)
            found.append(replace(below, last=layout.last))
    return found


def of_heads(layout: Layout) -> Layout | None:
    """How the rows of heads in a list of people are read as households; None where it does not say whose they are."""
    columns = layout.columns
    if layout.role != Role.RESIDENTS or "relation" not in columns:
        return None
    if not {"village", "village_group"} & columns.keys() and {"hh_no", "head"} & columns.keys():
        return None  # they belong to households of the ledger, wherever those are
    kept = {name: at for name, at in columns.items() if name not in _OF_A_PERSON}
    return replace(layout, role=Role.HOUSEHOLDS, columns=kept | {"head": columns["name"]})


def _below(sheet: Sheet, row: int, above: Layout) -> Layout | None:
    """The further table whose headings stand in this row; None for a row of data, and for the same headings again."""
    cells, headings = sheet.rows[row], sheet.rows[above.header_rows[-1]]
    if any(is_value(cell) for cell in cells) or sum(a == b != "" for a, b in zip(cells, headings, strict=False)) > 2:
        return None
    columns = _unique(sheet, row + 1, fields_under(sheet, (row,)))
    if len(columns) < 3 or columns == above.columns:
        return None
    role = _role(columns)
    if role == Role.HOUSEHOLDS and "head" not in columns:
        columns["head"] = columns.pop("name")
    placed = {"village", "village_group"} & columns.keys() or role == Role.RESIDENTS
    role = role if role == above.role and placed else Role.NOT_DATA
    return Layout(role, columns, (row,), row + 1)


def why_nothing(found: list[Layout], sheets: list[Sheet]) -> FileError:
    """Why sheets of which none holds data are refused."""
    if not any(any(cell not in ("", None) for cell in row) for sheet in sheets for row in sheet.rows):
        return FileError.EMPTY_FILE
    known = max((len(layout.columns) for layout in found), default=0)
    return FileError.MISSING_REQUIRED_COLUMN if known >= 2 else FileError.NO_HEADER


def layout_of(sheet: Sheet) -> Layout:
    """The layout a person would see; role NOT_DATA where the headings don't make a list of households or people."""
    best: tuple[int, tuple[int, ...], list[str | None]] = (0, (), [])
    top = sheet.head(_SEARCHED_ROWS + 1)
    for at in range(min(top.count, _SEARCHED_ROWS)):
        for rows in ((at,), (at, at + 1)):
            fields = _fields(top, rows)
            score = len({name for name in fields if name})
            if score > best[0] or (score == best[0] and len(rows) < len(best[1])):
                best = (score, rows, fields)
    score, header_rows, fields = best
    if score < 2:
        return Layout(Role.NOT_DATA, {})
    columns = _unique(sheet, header_rows[-1] + 1, fields)
    role = _role(columns)
    if role == Role.RESIDENTS and {"head", "name"} <= columns.keys():
        columns = _unique(sheet, header_rows[-1] + 1, _of_members(top, header_rows, fields))
    if role == Role.HOUSEHOLDS and "head" not in columns:
        if not any(name.startswith("cadre") for name in columns) and _lists_officials(top, header_rows):
            return Layout(Role.NOT_DATA, columns, header_rows, header_rows[-1] + 1)
        columns["head"] = columns.pop("name")
    spare = [at for at, name in enumerate(fields) if name == "phone" and at != columns.get("phone")]
    return Layout(
        role=role,
        columns=columns,
        header_rows=header_rows,
        first=header_rows[-1] + 1,
        left_out=_left_out(top, header_rows, set(columns.values())),
        title=_title(top, header_rows[0]),
        spare_phones=tuple(spare),
    )


def _lists_officials(sheet: Sheet, rows: tuple[int, ...]) -> bool:
    """Whether the people of a list hold an office or belong to the party: nobody's household by that."""
    pairs = [(spelled(above)[0], spelled(below)[0]) for above, below in headings_under(sheet, rows)]
    return any(below in OFFICES and above in ("", below) for above, below in pairs)


def _fields(sheet: Sheet, rows: tuple[int, ...]) -> list[str | None]:
    """The field of each column under these heading rows; nothing where they can't be headings."""
    if rows[-1] >= len(sheet.rows):
        return []
    if len(rows) == 2 and (not _spans(sheet, rows[0]) or any(is_value(cell) for cell in sheet.rows[rows[1]])):
        return []
    return fields_under(sheet, rows)


def fields_under(sheet: Sheet, rows: tuple[int, ...]) -> list[str | None]:
    """The field of each column, if these one or two rows are its headings."""
    return [
        field_below(above, below) if len(rows) == 2 else field_of(below) if isinstance(below, str) else None
        for above, below in headings_under(sheet, rows)
    ]


def headings_under(sheet: Sheet, rows: tuple[int, ...]) -> list[tuple[Any, Any]]:
    """What stands over each column: the cell of the upper row (spread over what it spans) and of the lower one."""
    if not rows:
        return []
    below = sheet.rows[rows[-1]]
    if len(rows) == 1:
        return [("", cell) for cell in below]
    parents = _filled_across(sheet, rows[0])
    return [(_at(parents, i), _at(below, i)) for i in range(max(len(parents), len(below)))]


def is_value(cell: Any) -> bool:
    """Whether the cell can't be a heading: numbers and dates head no column."""
    return cell not in ("", None) and (not isinstance(cell, str) or bool(_LONG_NUMBER.search(cell)))


def _spans(sheet: Sheet, row: int) -> bool:
    """Whether a heading of this row may stand over several columns or rows: merged, or followed by empty cells."""
    if any(top <= row <= bottom and (right > left or bottom > row) for top, left, bottom, right in sheet.merged):
        return True
    cells = sheet.rows[row]
    return not sheet.merged and sum(cell not in ("", None) for cell in cells) > 1 and "" in cells


def _filled_across(sheet: Sheet, row: int) -> list[Any]:
    """The row with every heading repeated over the columns it spans."""
    width = max(len(sheet.rows[row]), len(sheet.rows[row + 1]))
    cells = [_at(sheet.rows[row], i) for i in range(width)]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom and right > left:
            value = _at(sheet.rows[top], left)
            for column in range(left, min(right + 1, width)):
                cells[column] = value
    if not sheet.merged:
        for column in range(1, width):
            if cells[column] in ("", None) and _at(sheet.rows[row + 1], column) not in ("", None):
                cells[column] = cells[column - 1]
    return cells


def _at(cells: list[Any], index: int) -> Any:
    return cells[index] if index < len(cells) else ""


def _unique(sheet: Sheet, first: int, fields: list[str | None]) -> dict[str, int]:
    """One column for each field. Of two the first with anything in it counts; the other is told as left out."""
    claims: dict[str, list[int]] = {}
    for index, name in enumerate(fields):
        if name is not None:
            claims.setdefault(name, []).append(index)
    return {
        name: claimed[0]
        if len(claimed) == 1
        else next((index for index in claimed if has_values(sheet, first, index)), claimed[0])
        for name, claimed in claims.items()
    }


def _of_members(sheet: Sheet, rows: tuple[int, ...], fields: list[str | None]) -> list[str | None]:
    """The fields of a list of people, without the head's own numbers beside them: no member has those."""
    heads = headings_under(sheet, rows)
    return [None if name in _OWN and is_heads_own(*heads[index]) else name for index, name in enumerate(fields)]


def has_values(sheet: Sheet, first: int, column: int) -> bool:
    """Whether anything stands in the column from row ``first`` on."""
    return not all(map(is_blank, sheet.column(column, first)))


def _role(columns: dict[str, int]) -> Role:
    """A list with relations is one of people; one with heads and a place or number is one of households."""
    if "name" in columns and ({"relation", "birth", "sex"} & set(columns)) and ({"hh_no", "head"} & set(columns)):
        return Role.RESIDENTS
    if {"name", "relation"} <= set(columns):  # whose members they are is not said, but they are no heads
        return Role.RESIDENTS
    has_head = "head" in columns or "name" in columns
    known = {"village", "village_group", "id_no", "hh_no", "phone", "address", "group", "population"} & set(columns)
    return Role.HOUSEHOLDS if has_head and known else Role.NOT_DATA


def _left_out(sheet: Sheet, rows: tuple[int, ...], used: set[int]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in rows:
        for index, cell in enumerate(sheet.rows[row] if row < len(sheet.rows) else ()):
            if index not in used and isinstance(cell, str) and spelled(cell)[0]:
                names[column_letters(index)] = cell.strip()[:40]
    return names


def mapped_layouts(sheets: list[Sheet], mapping: dict[str, Any]) -> list[tuple[Sheet, Layout]]:
    """The layouts somebody chose by hand, in the form of ``sheets`` of the contract; raises FileRefused."""
    said = _("The column mapping has not the form of a report's sheets. Take one from --report and change that.")
    try:
        found = _chosen(sheets, mapping)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as fault:
        raise FileRefused(FileError.NO_HEADER, said) from fault
    if not found:
        raise FileRefused(FileError.NO_HEADER, said)
    return found


def _chosen(sheets: list[Sheet], mapping: dict[str, Any]) -> list[tuple[Sheet, Layout]]:
    """Any fault of Python's means that the mapping was typed by hand, and wrong."""
    chosen = {str(entry.get("name") or ""): entry for entry in mapping.get("sheets", [])}
    lone = next(iter(chosen.values())) if len(chosen) == 1 and len(sheets) == 1 else None
    found = []
    for sheet in sheets:
        entry = chosen.get(sheet.name) or lone
        if entry and entry.get("role") in (Role.HOUSEHOLDS, Role.RESIDENTS):  # whatever else it lists is left alone
            found.append((sheet, _mapped(sheet, entry)))
    return found


def _mapped(sheet: Sheet, entry: dict[str, Any]) -> Layout:
    columns = {}
    for letters, said in entry.get("columns", {}).items():
        name = _ALIASES.get(said, said)
        if said and said != IGNORED:
            if name not in FIELDS or len(letters) > _LONGEST_LETTERS:
                raise ValueError(name)
            columns[name] = column_index(letters)
    header_rows = tuple(_number(row, sheet.count) - 1 for row in entry.get("header_rows", ()))
    layout = layout_for(sheet, Role(entry["role"]), columns, header_rows)
    span: list[Any] = list(entry.get("data_rows") or [])
    if span:
        layout.first = _number(span[0]) - 1
        layout.title = _title(sheet, layout.first)
    layout.last = _number(span[1]) if len(span) > 1 else None
    layout.village = str(entry.get("village") or "")
    return layout


def _number(row: Any, most: int | None = None) -> int:
    """The number of a row, as Excel shows it; raises ValueError for none, and for one below the sheet's end."""
    if isinstance(row, bool) or not isinstance(row, int) or row < 1 or (most is not None and row > most):
        raise ValueError(row)
    return row


def layout_for(sheet: Sheet, role: Role, columns: dict[str, int], header_rows: tuple[int, ...]) -> Layout:
    """The layout of a sheet whose columns are known; without heading rows it is read from its first row on."""
    return Layout(
        role=role,
        columns=columns,
        header_rows=header_rows,
        first=header_rows[-1] + 1 if header_rows else 0,
        left_out=_left_out(sheet, header_rows, set(columns.values())),
        title=_title(sheet, header_rows[0] if header_rows else 0),
    )


def _title(sheet: Sheet, above: int) -> str:
    """What stands above a row."""
    return " ".join(str(cell) for row in sheet.rows[:above] for cell in row if cell not in ("", None))


_LONGEST_LETTERS = 3
"""Of a column: XFD is Excel's last one."""
_ALIASES = {"relation_": "relation", "village_code": "village", "group_no": "group"}
"""Names of the contract for what is called otherwise here."""
