"""What a figure is: a name, a sentence, the rows it counts within a period, and how it counts them (design.md 6).

A period ends on a day; everything dated is taken as it was at the end of that day. Flows (visits, matters received)
are of the period, stocks (households, open matters) of its last day.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from ledger.rules.days import day_start, local_today

ONE_DAY = datetime.timedelta(days=1)
STALE_DAYS = 90
"""A household last met longer ago than this stands in the last band (design.md 6)."""


@dataclass(frozen=True)
class Window:
    """The local days from ``first`` to ``last``, both included; no ``first`` is everything up to ``last``."""

    first: datetime.date | None
    last: datetime.date

    @property
    def is_now(self) -> bool:
        """Whether it ends today, so that what is kept beside the rows is what the figure wants."""
        return self.last >= local_today()

    @property
    def end(self) -> datetime.datetime:
        """The first moment after it."""
        return day_start(self.last + ONE_DAY)

    def days(self, field: str) -> Q:
        """Rows whose day lies in it."""
        since = Q(**{f"{field}__gte": self.first}) if self.first is not None else Q()
        return since & Q(**{f"{field}__lte": self.last})

    def moments(self, field: str) -> Q:
        """Rows whose moment falls on one of its local days."""
        since = Q(**{f"{field}__gte": day_start(self.first)}) if self.first is not None else Q()
        return since & Q(**{f"{field}__lt": self.end})

    def months(self) -> list[datetime.date]:
        """The first days of the months it touches; only of a period with a beginning."""
        assert self.first is not None
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(month)
            month = (month + 32 * ONE_DAY).replace(day=1)
        return found


class Source(StrEnum):
    """Which rows a figure counts."""

    VISITS = "visits"
    HOUSEHOLDS = "households"
    ISSUES = "issues"


@dataclass(frozen=True)
class Measure:
    """Rows counted, a column summed, or its different values counted."""

    column: str = "pk"
    is_sum: bool = False
    is_distinct: bool = False

    @property
    def adds_up(self) -> bool:
        """Whether the figure of an area is the sum of those of its parts."""
        return not self.is_distinct

    def over(self, condition: Q) -> Combinable:
        """The aggregate over the rows of the condition, an empty one being all of them; zero without any."""
        if self.is_sum:
            return Coalesce(Sum(self.column, filter=condition or None), 0)
        return Count(self.column, filter=condition or None, distinct=self.is_distinct)


ROWS = Measure()


@dataclass(frozen=True)
class Figure:
    """One figure: ``definition`` is the sentence printed under it, ``condition`` the rows it opens."""

    key: str
    name: Promise | str
    definition: Promise | str
    source: Source
    condition: Callable[[Window], Q]
    measure: Measure = ROWS
    is_stock: bool = False
    """Of the last day of the period, whatever its first."""


Defined = Callable[[Callable[[Window], Q]], Figure]


def figure(
    source: Source, key: str, name: Promise | str, definition: Promise | str, measure: Measure = ROWS, *,
    is_stock: bool = False,
) -> Defined:  # fmt: skip
    """Make a figure of the function that says which rows it counts."""

    def define(condition: Callable[[Window], Q]) -> Figure:
        return Figure(key, name, definition, source, condition, measure, is_stock)

    return define
