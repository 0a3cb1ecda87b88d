"""Clock cases of the ledger, counted by hand along the official calendars of 2024, 2025 and 2026."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.calendar import due_on, working_days_between
from ledger.rules.days import SHANGHAI, local_day
from ledger.rules.issue_clock import DaysOff, Late, Resumed, count, extension_days, late, paused_days, resumed, runs

DAYS = st.dates(date(2024, 1, 1), date(2026, 6, 30))
SHORT = st.integers(0, 60).map(timedelta)


@pytest.mark.parametrize(
    ("due", "deferred_on", "resumed_on", "new", "paused"),
    [
        # An ordinary week: Tuesday to Thursday, two working days.
        (date(2026, 7, 10), date(2026, 7, 7), date(2026, 7, 9), date(2026, 7, 14), 2),
        # Over a weekend only the working days count, stopped and resumed on one day none.
        (date(2026, 7, 10), date(2026, 7, 3), date(2026, 7, 6), date(2026, 7, 13), 1),
        (date(2026, 7, 10), date(2026, 7, 7), date(2026, 7, 7), date(2026, 7, 10), 0),
        # Across National Day (off 1 to 7 October; Saturday 10 October is worked).
        (date(2026, 10, 9), date(2026, 9, 29), date(2026, 10, 8), date(2026, 10, 12), 2),
        (date(2026, 9, 30), date(2026, 9, 29), date(2026, 10, 10), date(2026, 10, 12), 4),
        # Wholly inside the holiday the clock would have stood still anyway.
        (date(2026, 10, 9), date(2026, 10, 1), date(2026, 10, 7), date(2026, 10, 9), 0),
        # A leap day is one of the paused days.
        (date(2024, 3, 4), date(2024, 2, 28), date(2024, 3, 1), date(2024, 3, 6), 2),
        # Late by one day before the pause (due Monday, deferred Tuesday): late by one day after it.
        (date(2026, 7, 6), date(2026, 7, 7), date(2026, 7, 9), date(2026, 7, 8), 2),
    ],
)
def test_a_pause_moves_the_date_by_its_working_days(due, deferred_on, resumed_on, new, paused):
    found = resumed(due, deferred_on=deferred_on, resumed_on=resumed_on)
    assert (found.due.date, found.paused, found.due.fallback) == (new, paused, False)


def test_an_extension_granted_during_the_pause_is_moved_by_the_rest_of_it_alone():
    # Deferred on Monday, extended to the 24th on Wednesday, resumed on Friday: Thursday and Friday move it.
    found = resumed(
        date(2026, 7, 24), deferred_on=date(2026, 7, 6), resumed_on=date(2026, 7, 10), granted_on=date(2026, 7, 8)
    )
    assert (found.due.date, found.paused) == (date(2026, 7, 28), 2)
    # Granted before the pause, it takes nothing from it; granted on the last day, nothing is left to move.
    before = resumed(
        date(2026, 7, 24), deferred_on=date(2026, 7, 6), resumed_on=date(2026, 7, 10), granted_on=date(2026, 7, 1)
    )
    assert (before.due.date, before.paused) == (date(2026, 7, 30), 4)
    after = resumed(
        date(2026, 7, 24), deferred_on=date(2026, 7, 6), resumed_on=date(2026, 7, 10), granted_on=date(2026, 7, 10)
    )
    assert (after.due.date, after.paused) == (date(2026, 7, 24), 0)


def test_a_pause_in_a_year_without_a_calendar_says_that_it_is_a_guess():
    found = resumed(date(2098, 12, 26), deferred_on=date(2098, 12, 24), resumed_on=date(2098, 12, 25))
    assert found == Resumed(due_on(date(2098, 12, 26), 1), 1)
    assert found.due.fallback is True


def test_the_countys_own_days_count_in_a_pause():
    fair = {date(2026, 7, 8): False, date(2026, 7, 11): True}
    found = resumed(date(2026, 7, 10), deferred_on=date(2026, 7, 7), resumed_on=date(2026, 7, 9), overrides=fair)
    assert (found.due.date, found.paused) == (date(2026, 7, 11), 1)


@given(due=DAYS, deferred_on=DAYS, length=SHORT)
def test_what_was_left_when_it_stopped_is_left_when_it_goes_on(due, deferred_on, length):
    resumed_on = deferred_on + length
    found = resumed(due, deferred_on=deferred_on, resumed_on=resumed_on)
    left, later = working_days_between(deferred_on, due), working_days_between(resumed_on, found.due.date)
    # A date given on a day off has no working day of its own: it may become the working day that follows.
    assert later == left if found.due.date >= resumed_on or left < 0 else later <= left
    assert found.due.date >= due


@given(due=DAYS, deferred_on=DAYS, one=SHORT, other=SHORT)
def test_two_pauses_on_end_are_one(due, deferred_on, one, other):
    middle, end = deferred_on + one, deferred_on + one + other
    first = resumed(due, deferred_on=deferred_on, resumed_on=middle)
    second = resumed(first.due.date, deferred_on=middle, resumed_on=end)
    whole = resumed(due, deferred_on=deferred_on, resumed_on=end)
    assert (second.due.date, first.paused + second.paused) == (whole.due.date, whole.paused)


def test_a_pause_that_ends_before_it_began_is_none():
    assert paused_days(date(2026, 7, 9), date(2026, 7, 6)) == 0


@pytest.mark.parametrize(
    ("due", "on", "found"),
    [
        (date(2026, 9, 30), date(2026, 9, 30), None),
        (date(2026, 9, 30), date(2026, 9, 29), None),
        (None, date(2026, 9, 29), None),
        (date(2026, 9, 30), date(2026, 10, 1), Late(0, 1)),  # the office is closed, the villager still waits
        (date(2026, 9, 30), date(2026, 10, 10), Late(3, 10)),
    ],
)
def test_late_counts_working_days_and_days(due, on, found):
    assert late(due, on) == found


def test_an_extension_counts_what_it_adds():
    assert extension_days(date(2026, 9, 30), date(2026, 10, 10)) == 3
    assert extension_days(date(2026, 10, 10), date(2026, 9, 30)) == -3


def test_what_was_counted_over_national_day():
    counted = count(date(2026, 9, 18), date(2026, 10, 10), paused=3)
    assert (counted.given, counted.paused) == (8, 3)  # 20, 21-24, 28-30 September, 8-10 October; three of them paused
    assert counted.off == (
        DaysOff(date(2026, 9, 19), date(2026, 9, 19)),
        DaysOff(date(2026, 9, 25), date(2026, 9, 27)),
        DaysOff(date(2026, 10, 1), date(2026, 10, 7)),
    )
    assert [each.count for each in counted.off] == [1, 3, 7]
    assert counted.made_up == (date(2026, 9, 20), date(2026, 10, 10))
    assert counted.guessed == ()


def test_a_date_before_the_assignment_counts_nothing():
    counted = count(date(2026, 7, 10), date(2026, 7, 1))
    assert (counted.given, counted.off, counted.made_up, counted.guessed) == (0, (), (), ())


def test_years_without_a_calendar_are_named():
    assert count(date(2097, 12, 30), date(2099, 1, 2)).guessed == (2097, 2098, 2099)
    known = {date(2097, 12, 31): True}
    assert count(date(2097, 12, 30), date(2097, 12, 31), known).guessed == ()


def test_no_days_make_no_runs():
    assert runs([]) == ()


@pytest.mark.parametrize(
    ("moment", "working_days", "due"),
    [
        # A minute before midnight is still that day; a minute later is the next one, whatever UTC says.
        (datetime(2026, 7, 6, 23, 59, tzinfo=SHANGHAI), 1, date(2026, 7, 7)),
        (datetime(2026, 7, 7, 0, 0, tzinfo=SHANGHAI), 1, date(2026, 7, 8)),
        # Registered on a Saturday or inside a holiday: the first working day is day one.
        (datetime(2026, 7, 4, 9, 0, tzinfo=SHANGHAI), 1, date(2026, 7, 6)),
        (datetime(2026, 10, 3, 23, 59, tzinfo=SHANGHAI), 1, date(2026, 10, 8)),
        # On a make-up Saturday, and on the last day of a year.
        (datetime(2026, 2, 14, 12, 0, tzinfo=SHANGHAI), 1, date(2026, 2, 24)),
        (datetime(2025, 12, 31, 23, 59, tzinfo=SHANGHAI), 1, date(2026, 1, 4)),
    ],
)
def test_the_day_is_the_one_in_china(moment, working_days, due):
    assert due_on(local_day(moment), working_days).date == due
