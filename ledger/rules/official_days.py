"""What chinesecalendar knows: the days off and make-up days of the State Council's yearly notices, with their names."""

import datetime
from dataclasses import dataclass

from chinese_calendar import constants
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FESTIVALS: dict[str, Promise | str] = {
    # as the library calls them
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-autumn Festival"),
    "Anti-Fascist 70th Day": _("70th Victory Day"),
}
_OFF = constants.holidays
_WORKED = constants.workdays
_SATURDAY = 5
YEARS = frozenset(day.year for day in _OFF)
"""The years the library knows."""


@dataclass(frozen=True)
class OfficialDay:
    """A day whose being worked or not is worth saying: a holiday, the days off around it, a make-up day."""

    day: datetime.date
    is_working: bool
    name: Promise | str


def is_weekday(day: datetime.date) -> bool:
    """Monday to Friday: what holds where nobody says otherwise."""
    return day.weekday() < _SATURDAY


def name_of(day: datetime.date) -> Promise | str:
    """The festival a day off belongs to or a make-up day is worked for; empty for an ordinary day."""
    return FESTIVALS.get(_OFF.get(day) or _WORKED.get(day) or "", "")


def official_days(year: int) -> list[OfficialDay]:
    """The days off and make-up days of a year, in order; empty for a year the library does not know."""
    found = [OfficialDay(day, False, name_of(day)) for day in _OFF if day.year == year]
    found += [OfficialDay(day, True, name_of(day)) for day in _WORKED if day.year == year and not is_weekday(day)]
    return sorted(found, key=lambda each: each.day)
