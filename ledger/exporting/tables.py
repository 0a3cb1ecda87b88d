"""What a list looks like on paper, declared once: its columns, its line of totals, what each row still needs.

One engine for every list: ``sheets.py`` writes it, ``exports.py`` makes it in the background. Which
rows there are is decided once, by their keys; they are then read in chunks, so that memory does not grow with them.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

Row = dict[str, Any]
Cell = str | int | None
CHUNK = 500
MOST_ROWS = 200_000
"""Of one workbook; a wider question is asked in parts."""


class TooManyRows(Exception):
    """More rows than one workbook is made of."""


@dataclass(frozen=True)
class Column:
    """``needs`` are the fields read for it, as ``values`` names them; ``value`` makes the cell of them."""

    heading: str
    width: float
    value: Callable[[Row], Cell]
    needs: tuple[str, ...] = ()
    centred: bool = False
    over: str = ""
    """A word that stands over this heading and its neighbours with the same one."""
    summed: bool = False
    """Whether the line of totals says its sum."""


@dataclass(frozen=True)
class Table:
    """A list on paper. 序号 is put before the columns by the writer."""

    sheet: str
    title: str
    measure: str
    """单位: what the rows count."""
    columns: tuple[Column, ...]
    prepare: Callable[[list[Row]], None] = lambda rows: None
    """Adds to the rows of one chunk what lies in other tables: one or two questions a chunk, never one a row."""
    tally: Callable[[Row], tuple[str, ...]] = lambda row: ()
    """The words under which a row counts in the line of totals."""
    totals: tuple[str, ...] = ()
    """Those words in the order in which they are told."""
    sheet_of: Callable[[Row], str] = lambda row: ""
    """The sheet a row belongs on, where there is more than one; rows come sheet by sheet."""

    @property
    def heading_rows(self) -> int:
        """Two where a word stands over some headings."""
        return 2 if any(column.over for column in self.columns) else 1

    @property
    def fields(self) -> list[str]:
        """Everything that is read of a row."""
        return sorted({name for column in self.columns for name in column.needs})


@dataclass(frozen=True)
class Head:
    """What a paper says of itself: who reports, up to which day, with which filter, who filled it in."""

    place: str
    unit: str
    as_of: str
    by: str
    phone: str = ""
    filter_words: str = ""


@dataclass
class Written:
    """How many rows were written, and how often each word of the totals was told."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def keys_of(queryset: QuerySet[Any]) -> Sequence[int]:
    """The keys of the rows in their order, eight bytes each; raises TooManyRows."""
    found = queryset.values_list("pk", flat=True)[: MOST_ROWS + 1]
    keys = array("q", found.iterator(chunk_size=5_000))
    if len(keys) > MOST_ROWS:
        raise TooManyRows
    return keys


def rows_of(table: Table, model: Any, keys: Sequence[int]) -> Iterator[list[Row]]:
    """The rows of these keys in chunks, in the order of the keys; what was deleted meanwhile is left out."""
    fields = table.fields
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        found = {row["pk"]: row for row in model._base_manager.filter(pk__in=list(part)).values("pk", *fields)}
        rows = [found[key] for key in part if key in found]
        table.prepare(rows)
        yield rows
