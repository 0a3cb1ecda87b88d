"""轮流挂钩: the calendar of a plan, and how often a leader is advised to be in the village."""

import datetime
from collections.abc import Sequence

LONGEST_MONTHS = 24
"""All groups are reached within two years; a plan that takes longer is for two units."""
VISIT_EVERY_DAYS = 31
"""A leader is advised to be in each own village a day a month. Advice, never a quota."""


def stops(groups: Sequence[int], start: datetime.date, months: int) -> list[tuple[int, datetime.date, datetime.date]]:
    """(group, first day, first day of the next) one after the other; the first lasts until the end of its month(s)."""
    found, day = [], start
    for number, group in enumerate(groups, start=1):
        until = months_later(start.replace(day=1), number * months)
        found.append((group, day, until))
        day = until
    return found


def months_later(first: datetime.date, months: int) -> datetime.date:
    """The first of the month so many months later."""
    whole = first.year * 12 + first.month - 1 + months
    return datetime.date(whole // 12, whole % 12 + 1, 1)


def fits(groups: int, months: int) -> bool:
    """Whether all groups are reached in time."""
    return groups * months <= LONGEST_MONTHS
