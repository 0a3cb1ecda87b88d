"""What the clock of an issue counts (design.md 5): pauses, extensions, days off, and how late it is.

The clock starts the day after the assignment and runs to the due date over working days. Deferral (挂账推进) stops
it, an extension moves its end, nothing here changes a date that was given. Days are days of Asia/Shanghai:
callers turn moments into days with ``rules/days.local_day``.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from ledger.rules.calendar import DueDate, due_on, is_guessed, is_working_day, working_days_between

Date = datetime.date
Overrides = Mapping[Date, bool]
_NONE: Overrides = {}
_ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Resumed:
    """What taking up a deferred matter again does to its clock."""

    due: DueDate
    paused: int
    """Working days the clock stood still: what ``Issue.paused_days`` grows by."""


def paused_days(stopped_on: Date, until: Date, overrides: Overrides = _NONE) -> int:
    """Working days the clock stood still: those after the day it stopped, up to and with ``until``.

    As an assignment counts from the day after, so does a pause; stopped and resumed on one day is no pause.
    """
    return max(working_days_between(stopped_on, until, overrides), 0)


def resumed(
    due: Date, *, deferred_on: Date, resumed_on: Date, granted_on: Date | None = None, overrides: Overrides = _NONE
) -> Resumed:
    """The due date once a deferred matter is taken up again: moved by the working days of the pause.

    What was left on the day it was deferred is left on the day it is resumed; what was late then is as late now.
    ``granted_on`` is the day an extension was granted during the pause: whoever granted it saw the pause so far, and
    the new date holds from that day, so only the rest of the pause moves it.
    """
    stopped_on = deferred_on if granted_on is None else min(max(deferred_on, granted_on), resumed_on)
    paused = paused_days(stopped_on, resumed_on, overrides)
    return Resumed(due_on(due, paused, overrides), paused)


def extension_days(due: Date, granted: Date, overrides: Overrides = _NONE) -> int:
    """Working days an extension adds; negative when the new date lies before the old one, which is none."""
    return working_days_between(due, granted, overrides)


@dataclass(frozen=True)
class Late:
    """How far a day lies past the due date."""

    working: int
    days: int


def late(due: Date | None, on: Date, overrides: Overrides = _NONE) -> Late | None:
    """How late it is (or was) on a day; None in time, on the due date itself and without one."""
    if due is None or on <= due:
        return None
    return Late(working_days_between(due, on, overrides), (on - due).days)


@dataclass(frozen=True)
class DaysOff:
    """Days on end that the clock skipped."""

    first: Date
    last: Date

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Counted:
    """What the clock counted from an assignment to a due date."""

    started_on: Date
    """The day of the assignment; the first day counted is the next one."""
    due: Date
    given: int
    """Working days up to the due date, without the paused ones."""
    paused: int
    off: tuple[DaysOff, ...]
    """Days off between the two, run by run."""
    made_up: tuple[Date, ...]
    """Saturdays and Sundays that are worked."""
    guessed: tuple[int, ...]
    """Years counted Monday to Friday because their calendar is not known."""


def count(started_on: Date, due: Date, overrides: Overrides = _NONE, *, paused: int = 0) -> Counted:
    """Everything between an assignment and a due date. A date before the assignment (history) counts nothing."""
    days = [started_on + datetime.timedelta(days=n) for n in range(1, max((due - started_on).days, 0) + 1)]
    worked = [day for day in days if is_working_day(day, overrides)]
    return Counted(
        started_on, due, max(len(worked) - paused, 0), paused,
        off=runs([day for day in days if not is_working_day(day, overrides)]),
        made_up=tuple(day for day in worked if day.isoweekday() > 5),
        guessed=guessed_years(days, overrides),
    )  # fmt: skip


def runs(days: list[Date]) -> tuple[DaysOff, ...]:
    """Days in order, those on end put together."""
    if not days:
        return ()
    breaks = [(one, other) for one, other in pairwise(days) if other - one > _ONE_DAY]
    firsts = [days[0], *(other for _one, other in breaks)]
    lasts = [*(one for one, _other in breaks), days[-1]]
    return tuple(DaysOff(first, last) for first, last in zip(firsts, lasts, strict=True))


def guessed_years(days: list[Date], overrides: Overrides = _NONE) -> tuple[int, ...]:
    """The years of these days of which neither the library nor the county has a calendar."""
    return tuple(sorted({day.year for day in days if is_guessed(day, overrides)}))


def guess_words(years: tuple[int, ...]) -> str:
    """What is said where a date was counted in a year without a calendar; empty when all are known."""
    if not years:
        return ""
    said = _("The days off of %(years)s are not entered yet: counted Monday to Friday.")
    return said % {"years": ", ".join(str(year) for year in years)}
