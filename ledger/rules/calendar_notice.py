"""The State Council's yearly notice on days off, as a county hands it in: read into days, with every fault named.

Two forms are taken: a table (day, off or worked, note) and the text of the notice itself, as it is copied from the
web: ``二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。``
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ledger.rules.lists import LineFault
from ledger.rules.official_days import is_weekday

OFF_WORDS = frozenset({"休", "放假", "休息", "off", "0", "否"})
WORK_WORDS = frozenset({"班", "上班", "补班", "调休上班", "work", "1", "是"})
LONGEST_NOTE, LONGEST_RUN = 60, 31
_IN_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_HEADING = re.compile(r"^\s*(?:[一二三四五六七八九十]+\s*、)\s*(?P<name>[^：:]{1,20})[：:](?P<rest>.*)$")
_DAY = re.compile(r"(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日")
_WRITTEN = re.compile(r"(?:(20\d\d)[年./-])?(\d{1,2})[月./-](\d{1,2})日?")


@dataclass(frozen=True)
class CalendarLine:
    """One day of the list; ``day`` as 2026-02-14, so that it can travel in a form."""

    line: int
    day: str
    is_working: bool
    note: str = ""

    @property
    def date(self) -> datetime.date:
        """The day itself."""
        return datetime.date.fromisoformat(self.day)


def is_notice(text: str) -> bool:
    """Whether a pasted text is the notice itself rather than a table."""
    return any(_HEADING.match(line) and "放假" in line for line in text.splitlines())


def read_notice(text: str, year: int) -> tuple[list[CalendarLine], list[LineFault]]:
    """The days of the notice's text, and what could not be read of it. The other sentences say nothing of days."""
    lines: list[CalendarLine] = []
    faults: list[LineFault] = []
    for number, row in enumerate(text.splitlines(), start=1):
        heading = _HEADING.match(row)
        if heading is None or "放假" not in row:
            continue
        note = heading["name"].strip()[:LONGEST_NOTE]
        for sentence in _IN_BRACKETS.sub("", heading["rest"]).split("。"):
            try:
                lines += _sentence(sentence, year, number, note)
            except ValueError:
                faults.append(LineFault(number, _("“%(text)s” can't be read.") % {"text": sentence.strip()[:40]}))
    return lines, faults


def _sentence(sentence: str, year: int, number: int, note: str) -> list[CalendarLine]:
    """Days off before 放假 or worked before 上班; a sentence about neither holds no days."""
    works = "上班" in sentence
    said, found, _rest = sentence.partition("上班" if works else "放假")
    if not found:
        return []
    days: list[datetime.date] = []
    month, end = 0, 0
    for each in _DAY.finditer(said):
        month = int(each["month"] or month)
        day = datetime.date(int(each["year"] or year), month, int(each["day"]))
        if days and re.fullmatch(r"\s*(?:至|到|—|-|～|~)\s*", said[end : each.start()]):
            days += _between(days[-1], day)
        days.append(day)
        end = each.end()
    return [CalendarLine(number, day.isoformat(), works, note) for day in days]


def _between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    length = (last - first).days
    if not 0 < length <= LONGEST_RUN:
        raise ValueError("Not a run of days.")
    return [first + datetime.timedelta(days=n) for n in range(1, length)]


def read_line(number: int, said: dict[str, str], year: int) -> tuple[list[CalendarLine], list[LineFault]]:
    """The days of one line of a table: one, or with ``until`` all up to and with it."""
    first, last = _day(said.get("day", ""), year), _day(said.get("until", "") or said.get("day", ""), year)
    if first is None or last is None:
        shown = said.get("until") if first is not None else said.get("day")
        return [], [LineFault(number, _("“%(text)s” is no day.") % {"text": str(shown)[:20]})]
    word = said.get("kind", "").strip().lower()
    if word not in OFF_WORDS | WORK_WORDS:
        return [], [LineFault(number, _("“%(text)s” says neither off (休) nor worked (班).") % {"text": word[:20]})]
    if not 0 <= (last - first).days <= LONGEST_RUN:
        return [], [LineFault(number, _("The last day lies before the first, or more than a month after it."))]
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    note = said.get("note", "")[:LONGEST_NOTE]
    return [CalendarLine(number, day.isoformat(), word in WORK_WORDS, note) for day in days], []


def _day(text: str, year: int) -> datetime.date | None:
    """``2026-02-14``, ``2026/2/14``, ``2026年2月14日``, ``2月14日``; a date with its time as workbooks write it."""
    found = _WRITTEN.match(_IN_BRACKETS.sub("", text.strip()))
    if found is None:
        return None
    try:
        return datetime.date(int(found[1] or year), int(found[2]), int(found[3]))
    except ValueError:
        return None


def year_faults(lines: Iterable[CalendarLine], year: int) -> list[LineFault]:
    """What does not fit into a year's calendar: days of other years, named twice, worked as every week, no day off."""
    faults: list[LineFault] = []
    seen: dict[str, CalendarLine] = {}
    rows = list(lines)
    for row in rows:
        values = {"day": row.day, "year": year}
        earlier = seen.setdefault(row.day, row)
        if row.date.year != year:
            faults.append(LineFault(row.line, _("%(day)s does not lie in %(year)s.") % values))
        elif earlier is not row and earlier.is_working != row.is_working:
            faults.append(LineFault(row.line, _("%(day)s is named as off and as worked.") % values))
        elif row.is_working and is_weekday(row.date):
            said = _("%(day)s is a Monday to Friday: it is worked anyhow. Check the day.")
            faults.append(LineFault(row.line, said % values))
    if all(row.is_working for row in rows):
        faults.append(LineFault(0, _("The list names no day off.")))
    return faults
