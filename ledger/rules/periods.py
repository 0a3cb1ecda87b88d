"""Periods that people ask for: this month, this quarter, this year, or their own, none of them beyond today."""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Period(TextChoices):
    """What is chosen on a page of figures."""

    MONTH = "month", _("This month")
    QUARTER = "quarter", _("This quarter")
    YEAR = "year", _("This year")
    CUSTOM = "custom", _("From … to …")


@dataclass(frozen=True)
class Days:
    """The first and the last day, both included."""

    first: date
    last: date


def days_of(period: str, today: date) -> Days:
    """The days so far of the month, quarter or year that today is in."""
    first = today.replace(day=1)
    if period == Period.QUARTER:
        first = first.replace(month=today.month - (today.month - 1) % 3)
    elif period == Period.YEAR:
        first = first.replace(month=1)
    return Days(first, today)


def months_back(last: date, count: int) -> date:
    """The first day of the month ``count`` months before that of ``last``."""
    number = last.year * 12 + last.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)
