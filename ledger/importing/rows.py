"""From the cells of a sheet to rows of checked values: what can be said of a file before the ledger is asked."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ledger.importing import values
from ledger.importing.banners import FOOTER, TOTAL, with_banners
from ledger.importing.columns import Layout, Role, of_heads, tables_of
from ledger.importing.files import FileError, FileRefused
from ledger.importing.findings import SOFT, Code
from ledger.importing.members import RELATIONS
from ledger.importing.reading import Cell, Sheet, filled_down
from ledger.importing.row import Columns, PlainRow, Row
from ledger.importing.twins import refuse_duplicates
from ledger.importing.villages import Match, Place, Villages
from ledger.rules.households import Relation
from ledger.rules.identity import birth_date
from ledger.rules.lists import EXAMPLE
from ledger.rules.masking import scrub

Reader = Callable[[Cell], values.Value]
Whole = Callable[[list[Cell]], bool]

_WHO = ("head", "name", "id_no", "hh_no", "phone", "address", "population", "remark", "relation")
_PLACES = ("township", "village", "village_group", "group")
_CORE = frozenset(
    {
        "township", "village", "village_group", "group", "hh_no", "head", "name", "id_no", "phone", "population",
        "hh_type", "cadre_no",
    }
)  # fmt: skip
_FEW_COLUMNS = 4
_ID_LENGTH, _ID_DIGITS = 18, 10
_BLOCK_STYLE = 0.5
"""From this share of empty village cells on, a sheet without merged cells names each village only once."""


@dataclass(frozen=True)
class Known:
    """What reading a roster needs of the ledger."""

    villages: Villages
    types: frozenset[str]
    today: datetime.date


def read_rows(found: list[tuple[Sheet, Layout]], known: Known) -> list[Row]:
    """All rows of all sheets, in order, duplicates within the file refused; raises FileRefused when there is none."""
    alone = not any(layout.role == Role.HOUSEHOLDS for _sheet, layout in found)
    rows = [row for sheet, layout in found for row in sheet_rows(sheet, layout, known, alone=alone)]
    if not any(not row.ignored for row in rows):
        raise FileRefused(FileError.NO_DATA_ROWS)
    refuse_duplicates(rows)
    return rows


def sheet_rows(sheet: Sheet, layout: Layout, known: Known, *, alone: bool) -> Iterator[Row]:
    """The rows of one sheet; blank ones are left out, totals and notes are marked.

    ``alone``: no other sheet lists households, so those of a list of people are made of the rows of their heads.
    """
    filled_down(sheet, first=layout.first)
    layout = with_banners(sheet, layout, known.villages)
    place = _place_of_sheet(sheet, layout, known.villages)
    if layout.role == Role.HOUSEHOLDS:
        _fill_blocks(sheet, layout)
    for table in tables_of(sheet, layout):
        rows = _table_rows(sheet, table, known, place if table.first == layout.first else None)
        heads = of_heads(table) if alone else None
        yield from rows if heads is None else _with_heads(sheet, heads, known, rows)


def _with_heads(sheet: Sheet, layout: Layout, known: Known, people: Iterable[Row]) -> Iterator[Row]:
    """The rows of people, those of heads read as the households they stand for."""
    place = _place_of_sheet(sheet, layout, known.villages)
    homes = {row.row: row for row in _Reading(sheet, layout, known, place).found()}
    for person in people:
        if person.ignored or RELATIONS.get(person.said("relation") or "") != Relation.HEAD:
            yield person
            continue
        home, head = homes[person.row], person.said("head")
        if head and head != home.said("head"):
            home.tell(Code.HEAD_DIFFERS, "head")
        yield home


def _table_rows(sheet: Sheet, table: Layout, known: Known, place: Place | None) -> Iterator[Row]:
    if table.role == Role.NOT_DATA:
        for index in range(table.first - 1, min(table.last or sheet.count, sheet.count)):
            if any(not values.is_blank(cell) for cell in sheet.rows[index]):
                yield Row(sheet.name, index + 1, Role.HOUSEHOLDS, {}, ignored="other_table")
        return
    yield from _Reading(sheet, table, known, place).found()


def _place_of_sheet(sheet: Sheet, layout: Layout, villages: Villages) -> Place | None:
    """The village of a sheet without a village column: as somebody said, else its name or the title above says it."""
    if layout.role != Role.HOUSEHOLDS or {"village", "village_group"} & set(layout.columns):
        return None
    said = villages.find(layout.village).place if layout.village else None
    place = said or villages.find_in(sheet.name) or villages.find_in(layout.title) or villages.find(sheet.name).place
    if place is None:
        raise FileRefused(FileError.MISSING_REQUIRED_COLUMN)
    return place


def _fill_blocks(sheet: Sheet, layout: Layout) -> None:
    """Fill the village down where a sheet that knows no merged cells (a .csv) was made from one that did."""
    column, who = layout.columns.get("village"), layout.columns.get("head")
    if column is None or who is None or _has_blocks(sheet, layout, column):
        return
    if not any(
        map(values.is_blank, set(sheet.column(column, layout.first)))
    ):  # every row names its village, as most rosters do
        return
    rows = [row for row in sheet.rows[layout.first :] if len(row) > who and not values.is_blank(row[who])]
    for row in rows:
        if len(row) <= column:
            row.extend([""] * (column + 1 - len(row)))
    blank = _Answers(values.is_blank)  # a village stands in many rows
    empty = sum(blank[row[column]] for row in rows)
    if not rows or empty < _BLOCK_STYLE * len(rows) or values.is_blank(rows[0][column]):
        return
    above: Cell = ""
    for row in rows:
        if values.is_blank(row[column]):
            row[column] = above
        elif not TOTAL.fullmatch(values.clean_number(values.text_of(row[column]))):
            above = row[column]


def _has_blocks(sheet: Sheet, layout: Layout, column: int) -> bool:
    """Whether merged cells say which rows a village is for; a merged title or total does not."""
    return any(
        left <= column <= right and top < bottom and bottom >= layout.first for top, left, bottom, right in sheet.merged
    )


class _Answers(dict[Any, Any]):
    """What a reader said of each cell so far: most cells of such a column repeat."""

    def __init__(self, reader: Callable[[Any], Any]) -> None:
        super().__init__()
        self.reader = reader

    def __missing__(self, cell: Any) -> Any:
        answer = self[cell] = self.reader(cell)
        return answer


class _Reading:
    """One sheet while its rows are read: column by column, since a row at a time costs several times as much."""

    def __init__(self, sheet: Sheet, layout: Layout, known: Known, place: Place | None) -> None:
        self.sheet, self.layout, self.known, self.place = sheet, layout, known, place
        self.villages = known.villages
        self.rows = range(layout.first, min(layout.last or sheet.count, sheet.count))
        self.said: dict[int, list[tuple[str, str, Cell]]] = {}
        """Row → (code, field, cell) of what a reader had to say, in the order of the columns."""
        readers, wholes = _readers(known, layout.role), _wholes(known, layout.role)
        self.values = {
            name: self._column(name, column, *readers.get(name, (values.short_text, True)), wholes.get(name))
            for name, column in layout.columns.items()
        }
        self.letters = {name: layout.letter(name) for name in layout.columns}
        self.who = [layout.columns[name] for name in _WHO if name in layout.columns]
        self.id_column = layout.columns.get("id_no")
        self.headings = sheet.head(layout.header_rows[-1] + 1).rows[-1] if layout.header_rows else []
        self.faults: dict[int, list[tuple[int, str]]] = {}
        for (at, column), code in sheet.faults.items():
            self.faults.setdefault(at, []).append((column, code))

    def found(self) -> Iterator[Row]:
        """All rows but blank ones.

        A valid ID number makes a data row beyond doubt; where nothing is to be said of it, it is done with here.
        """
        name, role, letters = self.sheet.name, self.layout.role, self.letters
        ready = self._placed() if role == Role.HOUSEHOLDS else self.values
        columns = Columns(ready)
        for at, is_plain in enumerate(self._plain(ready)):
            index = self.rows.start + at
            if not is_plain:
                made = self._row(index)
                if made is None:
                    continue
            else:
                made = PlainRow(name, index + 1, role, letters, columns, at)
                if role != Role.HOUSEHOLDS:
                    _check_member(made)
            yield made

    def _plain(self, ready: dict[str, list[Any]]) -> list[Any]:
        """Of each row whether its values, as they are in ``ready``, are all there is to it."""
        count = len(self.rows)
        plain = list(ready["id_no"]) if "id_no" in ready else [""] * count
        odd = {*self.said, *self.faults, *self.sheet.hidden_rows}
        first = self.sheet.column(0, self.rows.start, self.rows.stop)
        if EXAMPLE in first:
            odd |= {self.rows.start + at for at, cell in enumerate(first) if cell == EXAMPLE}
        if self.layout.role == Role.HOUSEHOLDS:
            odd |= {self.rows.start + at for at, place in enumerate(ready["village"]) if place is None}
        for index in odd:
            if index in self.rows:
                plain[index - self.rows.start] = ""
        return plain

    def _placed(self) -> dict[str, list[Any]]:
        """The columns with villages and groups in the place of their names; None for a village that is doubtful."""
        ready, blank = dict(self.values), [""] * len(self.rows)
        townships, texts, both = (ready.pop(name, blank) for name in ("township", "village", "village_group"))
        groups = ready.get("group") or [None] * len(self.rows)
        known = _Answers(self._place_and_group)
        keys = zip([text or more for text, more in zip(texts, both, strict=True)], townships, groups, strict=True)
        pairs = list(map(known.__getitem__, keys))
        ready["village"], ready["group"] = [place for place, _group in pairs], [group for _place, group in pairs]
        return ready

    def _place_and_group(self, key: tuple[str, str, int | str | None]) -> tuple[Place | None, int | str | None]:
        text, township, group = key
        match = self._match(text, township)
        if match.place is None or (match.group is not None and group not in (None, match.group)):
            return None, group
        return match.place, match.group if match.group is not None else group

    def _row(self, index: int) -> Row | None:
        """One row, with all that may be said of it."""
        cells = self.sheet.rows[index]
        found = Row(self.sheet.name, index + 1, self.layout.role, {}, self.letters)
        if cells and cells[0] == EXAMPLE:
            found.ignored = "example"
            return found
        if index == self.rows.start and _numbers_columns(cells):
            found.ignored = "header"
            return found
        if self.id_column is None or len(cells) <= self.id_column or values.is_blank(cells[self.id_column]):
            found.ignored = self._no_data(cells, index)
            if found.ignored:
                return found if found.ignored != "blank" else None
        elif self.headings and cells[self.id_column] == self.headings[self.id_column] != "":
            found.ignored = "header"
            return found
        elif _is_no_number(cells[self.id_column]) or (_is_total(cells) and not _may_be_an_id(cells[self.id_column])):
            found.ignored = self._no_data(cells, index)
            if found.ignored:
                return found
        found.fields = {name: column[index - self.rows.start] for name, column in self.values.items()}
        for code, name, cell in self.said.get(index, ()):
            found.tell(code, name, cell)
        if index in self.faults:
            self._take_faults(index, found)
        if self.layout.role == Role.HOUSEHOLDS:
            self._take_village(found)
        else:
            _check_member(found)
        if index in self.sheet.hidden_rows:
            found.tell(Code.HIDDEN_ROW, "name" if "name" in found.fields else "head")
        return found

    def _column(self, name: str, column: int, reader: Reader, repeated: bool, whole: Whole | None) -> list[Any]:
        """The values of one column from the first row on."""
        cells = self.sheet.column(column, self.rows.start, self.rows.stop)
        for spare in self.layout.spare_phones if name == "phone" else ():
            more = self.sheet.column(spare, self.rows.start, self.rows.stop)
            cells = [other if values.is_blank(cell) else cell for cell, other in zip(cells, more, strict=True)]
        if whole is not None and whole(cells):
            return cells
        read = _Answers(reader).__getitem__ if repeated else reader
        pairs = list(map(read, cells))
        read_values, codes = zip(*pairs, strict=True) if pairs else ((), ())
        for at, code in enumerate(codes) if any(codes) else ():
            if code:
                self.said.setdefault(self.rows.start + at, []).append((code, name, cells[at]))
        return list(read_values)

    def _take_faults(self, index: int, row: Row) -> None:
        """A formula without a value, or an error, in a core column keeps the row out; elsewhere it is left empty."""
        at = {column: name for name, column in self.layout.columns.items()}
        for column, code in self.faults[index]:
            name = at.get(column)
            if name in _CORE:
                row.findings = [finding for finding in row.findings if finding.field != name]
                row.tell(code, name)

    def _no_data(self, cells: list[Cell], index: int) -> str:
        """Why a row without an ID number is none: blank, total, footer, header, note; empty for a household."""
        texts = [cell for cell in cells if not values.is_blank(cell)]
        if _is_total(cells):
            return "total"
        if index in self.faults:
            return ""
        if not texts or not any(column < len(cells) and not values.is_blank(cells[column]) for column in self.who):
            return "blank" if not texts or not isinstance(texts[0], str) or len(texts) > 1 else "note"
        if len(texts) <= 3 and any(isinstance(text, str) and FOOTER.search(text) for text in texts):
            return "footer"
        head = self.layout.columns.get("head", self.layout.columns.get("name"))
        if len(texts) == 1 and (head is None or head >= len(cells) or values.is_blank(cells[head])):
            return "note"
        return "header" if self.headings and self._repeats_headings(cells) else ""

    def _repeats_headings(self, cells: list[Cell]) -> bool:
        pairs = [(a, b) for a, b in zip(cells, self.headings, strict=False) if not values.is_blank(b)]
        return bool(pairs) and sum(a == b for a, b in pairs) > len(pairs) // 2

    def _take_village(self, row: Row) -> None:
        """Replace the place columns by the village itself and the group's number or name."""
        fields = row.fields
        if row.findings and any(finding.field in _PLACES and finding.code not in SOFT for finding in row.findings):
            return
        township, text = fields.pop("township", ""), fields.pop("village", "")
        both = fields.pop("village_group", "")
        group = fields.get("group")
        match = self._match(text or both, township)
        if match.place is not None and match.group is not None and group not in (None, match.group):
            match = Match(code=Code.VILLAGE_UNKNOWN)
        if match.place is None:
            name = "township" if match.code == Code.TOWNSHIP_UNKNOWN and township else "village"
            name = name if name in self.letters else "village_group"
            row.tell(match.code, name, township if name == "township" else text or both, match.hint)
            return
        fields["village"] = match.place
        fields["group"] = match.group if match.group is not None else group

    def _match(self, text: str, township: str) -> Match:
        return Match(place=self.place) if self.place is not None else self.villages.find(text, township)


def _is_no_number(cell: Cell) -> bool:
    """Whether the column of ID numbers holds what stands below a table: 填表人：…"""
    return isinstance(cell, str) and FOOTER.search(cell) is not None and len(cell) != _ID_LENGTH


def _may_be_an_id(cell: Cell) -> bool:
    """Whether somebody meant an ID number, right or wrong: not a count of households or people."""
    return sum(sign.isdigit() for sign in values.text_of(cell)) >= _ID_DIGITS


def _is_total(cells: list[Cell]) -> bool:
    """Whether one of the row's first words says that it adds up others."""
    texts = [cell for cell in cells if not values.is_blank(cell)]
    return any(isinstance(text, str) and TOTAL.fullmatch(values.clean_number(text)) for text in texts[:3])


def _numbers_columns(cells: list[Cell]) -> bool:
    """Whether a row below the headings only counts the columns, as printed forms do: 1, 2, 3, …"""
    said = [values.clean_number(values.text_of(cell)).strip("()") for cell in cells]
    return len(said) >= _FEW_COLUMNS and said == [str(number) for number in range(1, len(said) + 1)]


def _readers(known: Known, role: str) -> dict[str, tuple[Reader, bool]]:
    """The reader of each field, and whether its cells repeat so much that answers are worth keeping."""

    def raw(cell: Cell) -> values.Value:
        return values.clean_number(values.text_of(cell)), ""

    def head_of(cell: Cell) -> values.Value:
        """Beside a member the head's name only helps to find the household."""
        return scrub(values.clean_name(values.text_of(cell)))[: values.MAX_NAME], ""

    return {
        "village": (raw, True), "township": (raw, True), "village_group": (raw, True), "county": (raw, True),
        "group": (values.group, True), "hh_no": (values.household_code, False), 
        "head": (values.name if role == Role.HOUSEHOLDS else head_of, False),
        "name": (values.name, False), "id_no": (values.id_reader(known.today), False), "phone": (values.phone, False),
        "population": (values.population, True), "hh_type": (values.type_reader(known.types), True),
        "since": (values.date, True), "assigned_on": (values.date, True), "birth": (values.date, False),
        "address": (values.address, False), "remark": (values.remark, True), "cadre_no": (values.cadre_number, True),
        "cadre_name": (values.cadre_name, True), "cadre_phone": (values.cadre_phone, True),
        "sex": (values.gender, True),
    }  # fmt: skip


def _wholes(known: Known, role: str) -> dict[str, Whole]:
    """Of some fields, whether a column's cells are its values as they stand: a look that costs a tenth of reading."""
    found: dict[str, Whole] = {
        "hh_no": values.all_codes, "name": values.all_names, "phone": values.all_mobiles,
        "address": values.all_addresses, "id_no": lambda cells: values.all_ids(cells, known.today),
    }  # fmt: skip
    return found | {"head": values.all_names} if role == Role.HOUSEHOLDS else found


def _check_member(row: Row) -> None:
    """The birth date beside an ID number must be the one in it; the ID number counts."""
    number, written = row.fields.get("id_no"), row.fields.get("birth")
    if number and written and birth_date(number).isoformat() != written:
        row.tell(Code.BIRTH_MISMATCH, "birth")
