"""A county's calendar: what the library or the county says of each day, its own changes, its limits."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models import CalendarDay, County
from ledger.rules.calendar import days_of, due_on, is_working_day, near_limit, overrides_of
from ledger.rules.days import local_today
from ledger.rules.issue_clock import guessed_years
from ledger.rules.issue_limits import Limits
from ledger.rules.official_days import YEARS, is_weekday, name_of


@dataclass(frozen=True)
class Calendar:
    """Today in a county, its days that differ from the library's, its limits and how near is near."""

    today: datetime.date
    overrides: Mapping[datetime.date, bool] = field(default_factory=dict)
    near_days: int = 2
    limits: Limits = field(default_factory=Limits)
    notes: Mapping[datetime.date, str] = field(default_factory=dict)
    """What the county wrote to its days."""

    def due_on(self, working_days: int) -> datetime.date:
        """The last day of a limit that starts today."""
        return due_on(self.today, working_days, self.overrides).date

    def handler_due_on(self, urgency: str, category_days: int) -> datetime.date:
        """The due date of an assignment made today."""
        return self.due_on(self.limits.days(urgency, category_days))

    def triage_due_on(self, urgency: str) -> datetime.date:
        """The day by which a desk assigns what reaches it today."""
        return self.due_on(self.limits.triage(urgency))

    def return_due_on(self, urgency: str) -> datetime.date:
        """The day by which a desk assigns what is sent back to it today."""
        return self.due_on(min(self.limits.triage(urgency), self.limits.returned))

    def guessed_until(self, day: datetime.date | None) -> tuple[int, ...]:
        """The years from today to that day whose calendar nobody knows."""
        if day is None or day <= self.today:
            return ()
        one_day = datetime.timedelta(days=1)
        return guessed_years([self.today + one_day * n for n in range(1, (day - self.today).days + 1)], self.overrides)

    def note_of(self, day: datetime.date) -> str:
        """The festival or the county's own word for a day off; empty for an ordinary one."""
        return self.notes.get(day) or str(name_of(day))

    @property
    def near_until(self) -> datetime.date:
        """The last due date that counts as near today."""
        return near_limit(self.today, self.overrides, within=self.near_days)


def calendar_of(county: County, *, since: datetime.date | None = None) -> Calendar:
    """The county's calendar as of today (one query). It knows the days from ``since`` on, or of this year on."""
    today = local_today()
    # A year is known by its official days, wherever in it they lie: so from its first day.
    first = min(since or today, today).replace(month=1, day=1)
    days = CalendarDay.objects.filter(county=county, day__gte=first).order_by("-is_official")
    rows = list(days.values_list("day", "is_working", "is_official", "note"))
    limits = Limits(county.urgent_days, county.long_days, county.assign_days, county.return_days)
    notes = {day: note for day, _works, _official, note in rows if note}
    overrides = overrides_of((day, works, official) for day, works, official, _note in rows)
    return Calendar(today, overrides, county.near_due_days, limits, notes)


class YearSource(TextChoices):
    """Where a county's calendar of a year comes from."""

    COUNTY = "county", _("taken in by the county")
    LIBRARY = "library", _("built in, after the State Council's notice")
    NOBODY = "nobody", _("not known yet: Monday to Friday")


WEEKDAYS = (
    pgettext_lazy("weekday", "Mo"), pgettext_lazy("weekday", "Tu"), pgettext_lazy("weekday", "We"),
    pgettext_lazy("weekday", "Th"), pgettext_lazy("weekday", "Fr"), pgettext_lazy("weekday", "Sa"),
    pgettext_lazy("weekday", "Su"),
)  # fmt: skip


@dataclass(frozen=True)
class Day:
    """One day of a year's sheet."""

    date: datetime.date
    works: bool
    is_plain: bool
    """Whether it is what any week has: worked Monday to Friday, off on Saturday and Sunday."""
    note: str
    own: CalendarDay | None
    """The county's own change of it."""

    @property
    def letter(self) -> str:
        """The weekday in a letter or two, as calendars head their columns."""
        return str(WEEKDAYS[self.date.weekday()])


@dataclass(frozen=True)
class Month:
    """A month as a sheet prints it: weeks of seven, Monday first, None outside the month."""

    first: datetime.date
    weeks: list[list[Day | None]]


@dataclass(frozen=True)
class Run:
    """Days on end of one festival."""

    first: datetime.date
    last: datetime.date
    note: str

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class YearSheet:
    """A year of a county: its days, its festivals, its make-up days, its own changes."""

    year: int
    source: YearSource
    months: list[Month]
    holidays: list[Run]
    made_up: list[Day]
    own: list[CalendarDay]
    working_days: int


def year_sheet(county: County, year: int) -> YearSheet:
    """Everything a county's calendar says of a year (one query)."""
    rows = list(CalendarDay.objects.filter(county=county, day__year=year))
    official = {row.day: row for row in rows if row.is_official}
    own = {row.day: row for row in rows if not row.is_official}
    overrides = overrides_of((row.day, row.is_working, row.is_official) for row in rows)
    days = [_day(day, overrides, official, own) for day in days_of(year)]
    source = YearSource.COUNTY if official else YearSource.LIBRARY if year in YEARS else YearSource.NOBODY
    return YearSheet(
        year, source, [_month(days, number) for number in range(1, 13)],
        holidays=_runs([day for day in days if not day.works and day.note and day.own is None]),
        made_up=[day for day in days if day.works and not is_weekday(day.date) and day.own is None],
        own=sorted(own.values(), key=lambda row: row.day), working_days=sum(day.works for day in days),
    )  # fmt: skip


def _day(
    day: datetime.date, overrides: Mapping[datetime.date, bool], official: dict[datetime.date, CalendarDay],
    own: dict[datetime.date, CalendarDay],
) -> Day:  # fmt: skip
    works = is_working_day(day, overrides)
    row = own.get(day) or official.get(day)
    note = row.note if row is not None else "" if official else str(name_of(day))
    return Day(day, works, works == is_weekday(day) and day not in own and not note, note, own.get(day))


def _month(days: list[Day], number: int) -> Month:
    mine: list[Day | None] = [day for day in days if day.date.month == number]
    first = datetime.date(days[0].date.year, number, 1)
    cells = [None] * first.weekday() + mine
    cells += [None] * (-len(cells) % 7)
    return Month(first, [cells[start : start + 7] for start in range(0, len(cells), 7)])


def _runs(days: list[Day]) -> list[Run]:
    """Days off on end under one name; a name the notice splits by a worked day stands twice."""
    found: list[Run] = []
    for day in days:
        last = found[-1] if found else None
        if last is not None and last.note == day.note and (day.date - last.last).days == 1:
            found[-1] = Run(last.first, day.date, last.note)
        else:
            found.append(Run(day.date, day.date, day.note))
    return found
