"""Plain lists (divisions, cadres): one sheet, the first row names the columns, every row below is one thing.

Rosters of households are another matter (``headings``, ``columns``): a list is handed out by the county and has
the columns it was asked for. It may be .csv in any usual encoding or a workbook; the same reader opens both.
"""

import datetime
from collections.abc import Mapping

from django.utils.translation import gettext as _

from ledger.importing.files import FileRefused
from ledger.importing.reading import Cell, read_file
from ledger.rules.cleaning import clean_line, is_storable
from ledger.rules.lists import LineFault, ListRefused, is_example

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 20_000
Line = tuple[int, dict[str, str]]
"""Line number as the file's own program shows it, and the text of each known column ('' for an empty cell)."""


def read_list(data: bytes, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]) -> list[Line]:
    """The lines of a list, blank ones left out. ``columns`` gives other words for a column's heading.

    Raises ListRefused: not readable, no heading row, a required column missing, no line, too many lines.
    """
    if len(data) > MAX_BYTES:
        raise _refused(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    try:
        sheets = read_file(data)
    except FileRefused as refusal:
        raise _refused(str(refusal.message)) from refusal
    rows = next((sheet.rows for sheet in sheets if any(_texts(row) for row in sheet.rows)), [])
    head = next((number for number, row in enumerate(rows) if any(_texts(row))), None)
    if head is None:
        raise _refused(_("The file is empty. Check that you chose the right one."))
    places = _places(_texts(rows[head]), columns)
    missing = [_heading(name, columns) for name in required if name not in places]
    if missing:
        text = _("The first row must name the columns. Missing: %(columns)s.")
        raise _refused(text % {"columns": ", ".join(missing)})
    lines = [
        (number, {name: texts[place] if place < len(texts) else "" for name, place in places.items()})
        for number, row in enumerate(rows[head + 1 :], start=head + 2)
        if any(texts := _texts(row)) and not is_example(texts[0])
    ]
    if not lines:
        raise _refused(_("The file names its columns but has no line below them."))
    if len(lines) > MAX_LINES:
        raise _refused(_("The file has more than %(limit)s lines.") % {"limit": MAX_LINES})
    return lines


def _refused(text: str) -> ListRefused:
    return ListRefused([LineFault(0, text)])


def _heading(name: str, columns: Mapping[str, tuple[str, ...]]) -> str:
    """What a column is called in a Chinese list, and its own name behind."""
    others = columns.get(name, ())
    return f"{others[0]} ({name})" if others else name


def _places(headings: list[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Column name → place; a heading that is nobody's is passed over, of two alike the first counts."""
    words = {word.lower(): name for name, others in columns.items() for word in (name, *others)}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = words.get(heading.lower().replace(" ", ""))
        if name is not None:
            places.setdefault(name, place)
    return places


def _texts(row: list[Cell]) -> list[str]:
    texts = [text_of(cell) for cell in row]
    return texts if any(texts) else []


def text_of(cell: Cell) -> str:
    """The text of a cell, cleaned; empty for what the database would not keep."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    text = clean_line(str(cell))
    return text if is_storable(text) else ""
