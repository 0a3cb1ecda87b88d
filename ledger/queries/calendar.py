"""The county's own calendar: days that differ from the official one, and what a day's distance means there."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.models import CalendarDay, County
from ledger.rules.calendar import due_on, near_limit
from ledger.rules.days import local_today


@dataclass(frozen=True)
class Calendar:
    """Today in a county, its overrides of the official calendar and how near is near."""

    today: datetime.date
    overrides: Mapping[datetime.date, bool] = field(default_factory=dict)
    near_days: int = 2

    def due_on(self, working_days: int) -> datetime.date:
        """The last day of a limit that starts today."""
        return due_on(self.today, working_days, self.overrides).date

    @property
    def near_until(self) -> datetime.date:
        """The last due date that counts as near today."""
        return near_limit(self.today, self.overrides, within=self.near_days)


def calendar_of(county: County) -> Calendar:
    """The county's calendar as of today (one query)."""
    today = local_today()
    # The clock never looks back: overrides before today say nothing about what is due.
    days = CalendarDay.objects.filter(county=county, day__gte=today).values_list("day", "is_working")
    return Calendar(today, dict(days), county.near_due_days)
