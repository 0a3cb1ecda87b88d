"""What is counted for each area and day, by small numbers that the tables keep (``models/counts``)."""

from datetime import date
from enum import IntEnum

NO_DAY = date(1, 1, 1)
"""Stands where there is no day: never met, no contact before, a state without a date."""


class Sort(IntEnum):
    """What a line of the kept counts counts. How, ``queries/count_sources`` says."""

    VISIT = 1
    """Visits by kind and result; day = when they were."""
    HOUSEHOLD = 2
    """Households by status; day = last met."""
    NO_CADRE = 3
    """Households without a cadre, by status."""
    CONTACT = 4
    """Days on which a household was met; the other day is the contact before it."""
    ISSUE = 5
    """Ordinary issues by state, kind and level."""
    ISSUE_CATEGORY = 6
    """Ordinary issues but wishes, by state and category."""
    ISSUE_DUE = 7
    """Those whose date runs, by state and kind; day = due, planned for deferred ones."""
    ISSUE_REGISTERED = 8
    """By kind and state; day = registered."""
    ISSUE_RESOLVED = 9
    """By kind and whether in time; day = resolved."""
    ISSUE_CLOSED = 10
    """By kind, level and basis; day = struck off (resolved, where nobody knows)."""
    ISSUE_ANSWER = 11
    """Those called back a single time, by kind and answer; day = called back (of imported ones resolved)."""
    ISSUE_SUPERVISED = 12
    """Supervised ones by state and kind."""


class AreaLevel(IntEnum):
    """Whose line it is. A district adds up its villages, so that moving a village between districts moves nothing."""

    VILLAGE = 1
    TOWNSHIP = 2
    COUNTY = 3
