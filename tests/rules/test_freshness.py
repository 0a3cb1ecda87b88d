"""The bands at their edges, and the same bands as limits for the database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.freshness import Band, Limits, band_limits, band_of

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-1, "to_30"),
        (0, "to_30"),
        (30, "to_30"),
        (31, "to_60"),
        (60, "to_60"),
        (61, "to_90"),
        (90, "to_90"),
        (91, "over_90"),
    ],
)
def test_edges(days, band):
    assert band_of(TODAY - timedelta(days=days), TODAY) == band


def test_never_is_a_band_and_the_first():
    assert band_of(None, TODAY) == Band.NEVER
    assert list(band_limits(TODAY)) == ["never", "over_90", "to_90", "to_60", "to_30"] == list(Band)


def test_limits_by_hand():
    assert band_limits(TODAY) == {
        Band.NEVER: Limits(None, None, never=True),
        Band.OVER_90: Limits(None, date(2025, 12, 30)),
        Band.TO_90: Limits(date(2025, 12, 31), date(2026, 1, 29)),
        Band.TO_60: Limits(date(2026, 1, 30), date(2026, 2, 28)),
        Band.TO_30: Limits(date(2026, 3, 1), None),
    }


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_a_day_lies_in_the_limits_of_its_band_alone(today, met_on):
    inside = [
        band
        for band, limits in band_limits(today).items()
        if not limits.never and (limits.earliest or met_on) <= met_on <= (limits.latest or met_on)
    ]
    assert inside == [band_of(met_on, today)]
