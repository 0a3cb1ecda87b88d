"""A county's calendar: a whole year as the notice gives it, and its own days beside; what is due is counted with them
from then on. No date that was given is moved."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import translation

from ledger.actions.audit import record
from ledger.models import CalendarDay, County
from ledger.rules.calendar_notice import CalendarLine, year_faults
from ledger.rules.lists import ListRefused
from ledger.rules.official_days import official_days

FACE = "zh-hans"
"""The notes of a year taken over are in the language of the offices, whoever presses the button."""


@dataclass(frozen=True)
class YearPlan:
    """What a list would do to a year: the list stands for the whole of it."""

    year: int
    new: list[CalendarLine] = field(default_factory=list)
    changed: list[tuple[CalendarDay, CalendarLine]] = field(default_factory=list)
    gone: list[CalendarDay] = field(default_factory=list)
    unchanged: int = 0
    own: int = 0
    """Days of the county's own in that year; they stay."""
    off: int = 0
    made_up: int = 0

    @property
    def does_something(self) -> bool:
        """Whether loading it would change anything."""
        return bool(self.new or self.changed or self.gone)


@transaction.atomic
def set_day(*, by: Any, county: County, day: datetime.date, is_working: bool, note: str) -> CalendarDay:
    """Say whether offices work on a day, whatever the official calendar says; the latest word holds."""
    row, _made = CalendarDay.objects.update_or_create(
        county=county, day=day, is_official=False, defaults={"is_working": is_working, "note": note}
    )
    detail = {"day": day.isoformat(), "is_working": is_working}
    record(verb="calendar.set", by=by, obj=row, label=note or day.isoformat(), detail=detail)
    return row


@transaction.atomic
def clear_day(*, by: Any, day: CalendarDay) -> None:
    """Leave a day to the official calendar again."""
    detail = {"day": day.day.isoformat(), "is_working": day.is_working}
    if CalendarDay.objects.filter(pk=day.pk, is_official=False).delete()[0]:
        record(
            verb="calendar.cleared",
            by=by,
            label=day.note or day.day.isoformat(),
            county_id=day.county_id,
            detail=detail,
        )


def plan_year(*, county: County, year: int, lines: Sequence[CalendarLine]) -> YearPlan:
    """What the list would do. Raises ListRefused for what does not fit into a year."""
    faults = year_faults(lines, year)
    if faults:
        raise ListRefused(faults)
    wanted = {line.date: line for line in lines}
    stored = CalendarDay.objects.filter(county=county, day__year=year)
    official = {row.day: row for row in stored if row.is_official}
    plan = YearPlan(
        year, gone=[row for day, row in official.items() if day not in wanted],
        own=sum(not row.is_official for row in stored), off=sum(not line.is_working for line in wanted.values()),
        made_up=sum(line.is_working for line in wanted.values()),
        unchanged=sum(_same(official[day], line) for day, line in wanted.items() if day in official),
    )  # fmt: skip
    plan.new.extend(line for day, line in sorted(wanted.items()) if day not in official)
    known = [(official[day], line) for day, line in sorted(wanted.items()) if day in official]
    plan.changed.extend((row, line) for row, line in known if not _same(row, line))
    return plan


def _same(row: CalendarDay, line: CalendarLine) -> bool:
    return bool(row.is_working == line.is_working and row.note == line.note)


@transaction.atomic
def set_year(*, by: Any, county: County, year: int, lines: Sequence[CalendarLine], file_name: str = "") -> YearPlan:
    """Take a year's official days as the list has them; days of the county's own stay. Raises ListRefused."""
    County.objects.select_for_update().get(pk=county.pk)
    plan = plan_year(county=county, year=year, lines=lines)
    if not plan.does_something:
        return plan
    CalendarDay.objects.filter(county=county, day__year=year, is_official=True).delete()
    wanted = {line.date: line for line in lines}
    CalendarDay.objects.bulk_create(
        CalendarDay(county=county, day=day, is_working=line.is_working, note=line.note, is_official=True)
        for day, line in sorted(wanted.items())
    )
    detail = {
        "year": year, "off": plan.off, "made_up": plan.made_up, "new": len(plan.new), "changed": len(plan.changed),
        "gone": len(plan.gone), "file": file_name,
    }  # fmt: skip
    record(verb="calendar.year_set", by=by, obj=county, label=str(year), detail=detail)
    return plan


def take_over(*, by: Any, county: County, year: int) -> YearPlan:
    """Take the days the library knows of a year into the county's own table. Raises ListRefused for none."""
    return set_year(by=by, county=county, year=year, lines=library_lines(year))


def library_lines(year: int) -> list[CalendarLine]:
    """A year of the library as a list; empty when it does not know it."""
    with translation.override(FACE):
        return [
            CalendarLine(number, each.day.isoformat(), each.is_working, str(each.name))
            for number, each in enumerate(official_days(year), start=1)
        ]


@transaction.atomic
def drop_year(*, by: Any, county: County, year: int) -> int:
    """Leave a year to the library again: its official days go, days of the county's own stay. How many went."""
    gone: int = CalendarDay.objects.filter(county=county, day__year=year, is_official=True).delete()[0]
    if gone:
        record(verb="calendar.year_dropped", by=by, obj=county, label=str(year), detail={"year": year, "days": gone})
    return gone
