"""A day of the ledger is a day in China."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from ledger.rules import days


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_local_day_turns_at_chinese_midnight(moment, day, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: moment)
    with timezone.override("America/New_York"):
        assert days.local_today() == days.local_day(moment) == day


def test_day_start_is_the_first_moment_of_its_day():
    start = days.day_start(date(2026, 7, 1))
    assert start == datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
    assert days.local_day(start - timedelta(microseconds=1)) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("day", "limits"),
    [
        (date(2024, 2, 29), (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2025, 2, 1), (date(2025, 2, 1), date(2025, 2, 28))),
        (date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31))),
    ],
)
def test_month_limits(day, limits):
    assert days.month_limits(day) == limits
