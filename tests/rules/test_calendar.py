"""Due dates counted by hand along the official calendars of 2024 and 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.calendar import (
    DueDate,
    due_on,
    due_state,
    is_near,
    is_overdue,
    is_working_day,
    near_limit,
    working_days_between,
)

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "working_days", "due"),
    [
        # Spring Festival 2026: off 15 to 23 February, worked on Saturdays 14 and 28.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2026, 2, 13), 7, date(2026, 3, 2)),
        (date(2026, 2, 18), 1, date(2026, 2, 24)),
        # National Day 2026: off 1 to 7 October, worked on Sunday 20 September and Saturday 10 October.
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 18), 6, date(2026, 9, 28)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        # A leap day is a day.
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2024, 2, 28), 3, date(2024, 3, 4)),
        # An ordinary Friday; the same day, also on a Sunday.
        (date(2026, 7, 3), 1, date(2026, 7, 6)),
        (date(2026, 7, 5), 0, date(2026, 7, 5)),
    ],
)
def test_due_on(start, working_days, due):
    assert due_on(start, working_days) == DueDate(due, fallback=False)


def test_the_countys_table_has_the_last_word():
    local_holiday = {date(2026, 7, 6): False, date(2026, 7, 5): True}
    assert due_on(date(2026, 7, 3), 1, local_holiday).date == date(2026, 7, 5)
    assert due_on(date(2026, 7, 3), 2, local_holiday).date == date(2026, 7, 7)


def test_an_unknown_year_counts_monday_to_friday_and_says_so():
    friday = date(2098, 12, 26)
    assert friday.weekday() == 4
    assert due_on(friday, 1) == DueDate(date(2098, 12, 29), fallback=True)
    known = {friday + timedelta(days=days): days == 1 for days in range(1, 4)}
    assert due_on(friday, 1, known) == DueDate(date(2098, 12, 27), fallback=False)
    assert not is_working_day(date(2098, 12, 27))


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="fewer than 0"):
        due_on(date(2026, 7, 1), -1)


@given(DAYS, st.integers(1, 120))
def test_the_due_day_is_the_nth_working_day(start, working_days):
    due = due_on(start, working_days).date
    assert is_working_day(due)
    assert working_days_between(start, due) == working_days
    assert working_days_between(due, start) == -working_days


@given(DAYS, DAYS, st.integers(0, 60), st.integers(0, 60))
def test_later_or_longer_is_never_due_earlier(one, other, few, many):
    early, late = sorted((one, other))
    least, most = sorted((few, many))
    assert due_on(early, least).date <= due_on(late, least).date
    assert due_on(early, least).date <= due_on(early, most).date


def test_overdue_and_near_on_the_days_around():
    wednesday = date(2026, 7, 8)
    assert [is_overdue(due, wednesday) for due in (date(2026, 7, 7), wednesday, None)] == [True, False, False]
    # Two working days from Wednesday is Friday; a date on the weekend after it has no third working day before it.
    assert near_limit(wednesday) == date(2026, 7, 12)
    assert near_limit(wednesday, within=1) == date(2026, 7, 9)
    expected = {7: "overdue", 8: "today", 9: "near", 10: "near", 12: "near", 13: "later"}
    assert {day: due_state(date(2026, 7, day), wednesday) for day in expected} == expected
    assert due_state(None, wednesday) == "none"


@given(DAYS, st.integers(-10, 15), st.integers(0, 5))
def test_near_is_what_the_limit_says(today, ahead, within):
    due = today + timedelta(days=ahead)
    expected = ahead >= 0 and working_days_between(today, due) <= within
    assert is_near(due, today, within=within) is expected
