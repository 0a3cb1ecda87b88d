"""HTML saved as .xls, as many government systems export: each table is a sheet."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.sheets import MAX_COLUMNS, MAX_ROWS, RawSheet
from ledger.importing.reader.texts import decoded

_INVISIBLE = re.compile(r"display\s*:\s*none|mso-hide", re.IGNORECASE)
_SILENT = {"style", "script", "title", "xml"}


class _Table:
    """The rows of one table while it is read; spans are kept as merged blocks."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden: list[int] = []
        self.holds_tables = False
        self._taken: dict[int, set[int]] = {}  # row → columns that a span from above covers

    def new_row(self, hidden: bool) -> None:
        if len(self.rows) >= MAX_ROWS:
            raise Refused("too_large_uncompressed")
        if hidden:
            self.hidden.append(len(self.rows))
        self.rows.append([])

    def add(self, text: str, down: int, across: int) -> None:
        if not self.rows:
            self.new_row(hidden=False)
        number, row = len(self.rows) - 1, self.rows[-1]
        taken = self._taken.get(number, set())
        while len(row) in taken:
            row.append("")
        first = len(row)
        row.extend([text] + [""] * (across - 1))
        if down > 1 or across > 1:
            self.merged.append((number, first, number + down - 1, first + across - 1))
            for below in range(number + 1, number + down):
                self._taken.setdefault(below, set()).update(range(first, first + across))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._close_cell()
            for outer in self._open:
                outer.holds_tables = True
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._close_cell()
            self._open[-1].new_row(bool(_INVISIBLE.search(given.get("style", ""))))
        elif tag in ("td", "th") and self._open:
            self._close_cell()
            self._cell = []
            self._span = (_span(given.get("rowspan"), MAX_ROWS), _span(given.get("colspan"), MAX_COLUMNS))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th", "tr"):
            self._close_cell()
        elif tag == "table" and self._open:
            self._close_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def _close_cell(self) -> None:
        if self._cell is not None and self._open:
            self._open[-1].add("".join(self._cell).strip(), *self._span)
        self._cell = None


def _span(text: str | None, limit: int) -> int:
    return min(max(int(text), 1), limit, 2_000) if text and text.isascii() and text.isdigit() else 1


def html_sheets(data: bytes) -> Iterator[RawSheet]:
    """The innermost tables that hold anything; layout tables around them are passed over."""
    reader = _Reader()
    reader.feed(decoded(data))
    reader.close()
    number = 0
    for table in reader.tables:
        if table.holds_tables or not any(any(row) for row in table.rows):
            continue
        number += 1
        yield RawSheet(name=f"Sheet{number}", rows=table.rows, merged=table.merged, hidden_rows=table.hidden)
    if not number:
        raise Refused("no_data_rows")
