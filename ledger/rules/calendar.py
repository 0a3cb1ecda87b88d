"""Working days of mainland China and what is due by them (design.md 5).

The days off and make-up days of the State Council's yearly notices come from chinesecalendar; the county's own
table (``overrides``: day → whether it is worked) has the last word. A year the library does not know yet counts
Monday to Friday, and the result says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

NEAR_DAYS = 2
"""Working days left from which on a matter counts as near its date."""
_ONE_DAY = timedelta(days=1)
_NO_OVERRIDES: Mapping[date, bool] = {}
_SATURDAY = 5


class DueState(TextChoices):
    """How a due date stands today."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Due today")
    NEAR = "near", _("Near due")
    LATER = "later", _("In time")
    NONE = "none", _("No due date")


@dataclass(frozen=True)
class DueDate:
    """A computed due date."""

    date: date
    fallback: bool
    """Whether a day was counted as Monday to Friday because the official calendar of its year is not known yet."""


def is_working_day(day: date, overrides: Mapping[date, bool] = _NO_OVERRIDES) -> bool:
    """Whether offices work on that day."""
    return _look_up(day, overrides)[0]


def is_guessed(day: date, overrides: Mapping[date, bool] = _NO_OVERRIDES) -> bool:
    """Whether nobody knows the calendar of that day's year: it counts as Monday to Friday."""
    return _look_up(day, overrides)[1]


def due_on(start: date, working_days: int, overrides: Mapping[date, bool] = _NO_OVERRIDES) -> DueDate:
    """The last day of a limit of so many working days; the clock starts the day after ``start``.

    A limit of 0 is due on ``start`` itself, worked or not (danger to life: the same day).
    """
    if working_days < 0:
        raise ValueError("A limit has no fewer than 0 working days.")
    day, left, fallback = start, working_days, False
    while left:
        day += _ONE_DAY
        works, guessed = _look_up(day, overrides)
        left -= works
        fallback = fallback or guessed
    return DueDate(day, fallback)


def working_days_between(start: date, end: date, overrides: Mapping[date, bool] = _NO_OVERRIDES) -> int:
    """Working days after ``start`` up to and with ``end``; negative, the days past, when ``end`` is earlier."""
    if end < start:
        return -working_days_between(end, start, overrides)
    return sum(is_working_day(start + timedelta(days=days), overrides) for days in range(1, (end - start).days + 1))


def is_overdue(due: date | None, today: date) -> bool:
    """Whether the date has passed: due today is not overdue, no date never is."""
    return due is not None and due < today


def near_limit(today: date, overrides: Mapping[date, bool] = _NO_OVERRIDES, *, within: int = NEAR_DAYS) -> date:
    """The last due date that is near today: ``due_on__range=(today, near_limit(today))`` is what ``is_near`` says."""
    return due_on(today, within + 1, overrides).date - _ONE_DAY


def is_near(
    due: date | None, today: date, overrides: Mapping[date, bool] = _NO_OVERRIDES, *, within: int = NEAR_DAYS
) -> bool:
    """Whether ``within`` working days or fewer are left; due today is near, overdue is not."""
    return due is not None and today <= due <= near_limit(today, overrides, within=within)


def due_state(
    due: date | None, today: date, overrides: Mapping[date, bool] = _NO_OVERRIDES, *, within: int = NEAR_DAYS
) -> DueState:
    """The one word for a due date today."""
    if due is None:
        return DueState.NONE
    if due <= today:
        return DueState.OVERDUE if due < today else DueState.TODAY
    return DueState.NEAR if is_near(due, today, overrides, within=within) else DueState.LATER


def overrides_of(rows: Iterable[tuple[date, bool, bool]]) -> dict[date, bool]:
    """What a county's table says: rows of (day, worked, official).

    A year of which the county has official days is known whole from them, whatever the library says: its other days
    are Monday to Friday. Days of the county's own have the last word.
    """
    official: dict[date, bool] = {}
    own: dict[date, bool] = {}
    for day, works, is_official in rows:
        (official if is_official else own)[day] = works
    whole = {day: day.weekday() < _SATURDAY for year in {day.year for day in official} for day in days_of(year)}
    return whole | official | own


@cache
def days_of(year: int) -> tuple[date, ...]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return tuple(first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


def _look_up(day: date, overrides: Mapping[date, bool]) -> tuple[bool, bool]:
    """Whether the day is worked, and whether that is a guess."""
    if day in overrides:
        return overrides[day], False
    try:
        return bool(chinese_calendar.is_workday(day)), False
    except NotImplementedError:
        return day.weekday() < _SATURDAY, True
