"""What chinesecalendar knows: the days off and make-up days of the State Council's yearly notices, with their names."""

import datetime
from dataclasses import dataclass

from chinese_calendar import constants
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FESTIVALS: dict[str, Promise | str] = {
    "new_years_day": _("New Year's Day"),
    "spring_festival": _("Spring Festival"),
    "tomb_sweeping_day": _("Tomb-sweeping Day"),
    "labour_day": _("Labour Day"),
    "dragon_boat_festival": _("Dragon Boat Festival"),
    "national_day": _("National Day"),
    "mid_autumn_festival": _("Mid-autumn Festival"),
    "anti_fascist_70th_day": _("70th Victory Day"),
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
    holiday = _OFF.get(day) or _WORKED.get(day)
    return FESTIVALS.get(holiday.name, "") if holiday is not None else ""


def official_days(year: int) -> list[OfficialDay]:
    """The days off and make-up days of a year, in order; empty for a year the library does not know."""
    found = [OfficialDay(day, False, name_of(day)) for day in _OFF if day.year == year]
    found += [OfficialDay(day, True, name_of(day)) for day in _WORKED if day.year == year and not is_weekday(day)]
    return sorted(found, key=lambda each: each.day)
