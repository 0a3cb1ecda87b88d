"""A row of a roster: its values, and all that is to be said about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar

from ledger.importing import values
from ledger.importing.findings import SOFT, Finding
from ledger.rules.masking import scrub

_SHOWN = frozenset({"village", "township", "village_group", "population", "since", "hh_type", "cadre_no", "cadre_name"})
"""Fields whose cells a sentence may quote: neither ID numbers nor phones."""


@dataclass(slots=True)
class Row:
    """One row of the file with its values so far and all that is to be said about it."""

    sheet: str
    row: int
    """As Excel shows it, from 1."""
    role: str
    fields: dict[str, Any]
    letters: dict[str, str] = field(default_factory=dict)
    """The column of each field as Excel shows it; one mapping for all rows of a sheet."""
    findings: list[Finding] = field(default_factory=list)
    ignored: str = ""
    """Why it is no data row: total, footer, header, note, blank; empty for a data row."""
    twin: "Row | None" = None
    """The earlier row of the file that seems to be the same household."""
    columns: "ClassVar[Columns | None]" = None
    """Where the values of a plain row lie; any other row has its own."""

    def said(self, name: str) -> Any:
        """What the file says of one field, before the ledger is asked; None for one that the sheet lacks."""
        return self.fields.get(name)

    def tell(self, code: str, name: str, cell: Any = "", hint: str = "") -> None:
        """Add a finding about one field; only cells that hold nothing personal are quoted."""
        # A number in the wrong column is masked: what is said of a row is not encrypted.
        raw = scrub(values.clean_line(values.text_of(cell)))[:60] if name in _SHOWN else ""
        self.findings.append(Finding(code, name, self.letters.get(name, ""), raw, hint))

    @property
    def refused(self) -> bool:
        return bool(self.findings) and any(finding.code not in SOFT for finding in self.findings)


class Columns(dict[str, list[Any]]):
    """The values of a sheet by field: a list of them for each, as long as each other."""

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(next(iter(self.values()), ()))


class PlainRow(Row):
    """A row with nothing to be said about it: its values stay in the columns of its sheet until somebody asks.

    Nobody asks of most: they say what the ledger says already, and that is seen in the columns.
    """

    __slots__ = ("at", "columns")
    columns: Columns  # type: ignore[misc]  # each has its own, other rows have none

    def __init__(self, sheet: str, row: int, role: str, letters: dict[str, str], columns: Columns, at: int) -> None:
        self.sheet, self.row, self.role, self.letters = sheet, row, role, letters
        self.columns, self.at = columns, at
        self.findings, self.ignored, self.twin = [], "", None

    def __getattr__(self, name: str) -> Any:
        if name != "fields":
            raise AttributeError(name)
        made = self.fields = {key: column[self.at] for key, column in self.columns.items()}
        return made

    def said(self, name: str) -> Any:
        column = self.columns.get(name)
        return None if column is None else column[self.at]


def said_by(rows: Iterable[Row], *names: str) -> list[list[Any]]:
    """``said`` of every row, a list for each name: where all rows of a sheet are plain, its column as it is."""
    found: list[list[Any]] = [[] for _ in names]
    for columns, run in groupby(rows, attrgetter("columns")):
        together = list(run)
        whole = columns is not None and len(together) == columns.count
        for name, said in zip(names, found, strict=True):
            said += columns.get(name) or [None] * len(together) if whole else [row.said(name) for row in together]
    return found


def where(earlier: Row, row: Row) -> str:
    """The number of an earlier row, with its sheet when that is another one."""
    return str(earlier.row) if earlier.sheet == row.sheet else f"{earlier.sheet}!{earlier.row}"
