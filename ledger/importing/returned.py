"""Our own column and sheets in a workbook that comes back: what the system wrote there is not read as a roster."""

from ledger.importing.reading import Sheet, read_file

HEADINGS = ("导入结果（系统填写）", "Import result (filled in by the system)")
"""Heading of the added column, by language; a column below one of them is not read."""
SHEETS = ("未导入", "Not imported")
"""What the added sheets' names begin with, by language."""
_SEARCHED_ROWS = 60


def read_sheets(data: bytes) -> list[Sheet]:
    """The sheets of a roster file without what was added when it went back; raises FileRefused.

    A file of nothing but an added sheet is one that somebody cut out to correct it: that is read.
    """
    sheets = read_file(data)
    added = {id(sheet) for sheet in sheets if _clear_column(sheet) and sheet.name.startswith(SHEETS)}
    kept = [sheet for sheet in sheets if id(sheet) not in added]
    return kept if any(sheet.count and not sheet.hidden for sheet in kept) else sheets


def _clear_column(sheet: Sheet) -> bool:
    """Empty the column of ours, heading and all; whether there is one."""
    for at, row in enumerate(sheet.head(_SEARCHED_ROWS).rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell.strip() in HEADINGS:
                for below in sheet.rows[at:]:
                    if column < len(below):
                        below[column] = ""
                return True
    return False
