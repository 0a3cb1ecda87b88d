"""A year's calendar as a county hands it in: a table of days, or the text of the State Council's notice."""

from ledger.importing.lists import read_list
from ledger.rules.calendar_notice import CalendarLine, is_notice, read_line, read_notice, year_faults
from ledger.rules.lists import LineFault, ListRefused

COLUMNS = {
    "day": ("日期", "放假日期", "开始日期"),
    "kind": ("安排", "休或班", "类型"),
    "note": ("说明", "节日", "备注"),
    "until": ("至", "结束日期", "截止日期"),
}
REQUIRED = ("day", "kind")
HEADINGS = "日期,安排,说明,至"
NOTICE_EXAMPLE = "二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。"
TABLE_EXAMPLE = (("2月15日", "休", "春节", "2月23日"), ("2月14日", "班", "春节", ""))
"""How the two forms look, for the page; the offices' words, in Chinese in both faces: they are what is read back."""


def read_calendar(given: bytes | str, year: int) -> list[CalendarLine]:
    """The days of the year, each once. Raises ListRefused with every fault of every line."""
    lines, faults = _lines(given, year)
    if not faults:
        faults = year_faults(lines, year)
    if faults:
        raise ListRefused(faults)
    return sorted({line.day: line for line in lines}.values(), key=lambda line: line.day)


def _lines(given: bytes | str, year: int) -> tuple[list[CalendarLine], list[LineFault]]:
    if isinstance(given, str):
        if is_notice(given):
            return read_notice(given, year)
        given = _with_headings(given).encode()
    lines: list[CalendarLine] = []
    faults: list[LineFault] = []
    for number, said in read_list(given, COLUMNS, REQUIRED):
        found, wrong = read_line(number, said, year)
        lines += found
        faults += wrong
    return lines, faults


def _with_headings(text: str) -> str:
    """A pasted table; one without its heading row gets the usual one. Columns may be parted by tabs, commas, blanks."""
    rows = [row for row in text.replace("，", ",").splitlines() if row.strip()]
    if not any(sign in row for row in rows for sign in ",\t;|"):
        rows = [",".join(row.split()) for row in rows]
    if rows and not any(word in rows[0] for word in COLUMNS["day"]) and "day" not in rows[0].lower():
        separator = "\t" if "\t" in rows[0] else ","
        rows.insert(0, HEADINGS.replace(",", separator))
    return "\n".join(rows)
