"""Kept counts: what a figure adds up, so that its cost does not grow with the years (decision on kept counts).

``CountLine`` holds folded sums for each (area, day); the changes since then wait in four tables, written by triggers in
the transaction of the change itself (``actions/count_triggers``). A figure is the lines plus what waits.
"""

from typing import Any

from django.db import models


def _code() -> Any:
    return models.CharField(max_length=12, blank=True)


class CountLine(models.Model):
    """A sum of one area: ``level`` and ``sort`` are those of ``rules/counting``, ``key`` says what kind of row."""

    pk = models.CompositePrimaryKey("level", "area_id", "sort", "day", "key", "other_day")
    level = models.SmallIntegerField()
    area_id = models.BigIntegerField()
    sort = models.SmallIntegerField()
    day = models.DateField()
    key = models.CharField(max_length=60, blank=True)
    other_day = models.DateField()
    n = models.IntegerField()
    people = models.IntegerField(default=0)
    opinions = models.IntegerField(default=0)

    NOT_PERSONAL = "pk level area_id sort day key other_day n people opinions"
    NEVER_SHOWN = True  # read by queries/counts, which is asked for areas in scope


class Change(models.Model):
    """``n`` rows like this came (or, negative, went) since the last fold."""

    n = models.IntegerField()
    village_id = models.BigIntegerField()

    NEVER_SHOWN = True  # as CountLine

    class Meta:
        abstract = True


class VisitChange(Change):
    kind = _code()
    result = _code()
    occurred_on = models.DateField()
    people_met = models.IntegerField()
    opinions_heard = models.IntegerField()

    NOT_PERSONAL = "n village_id kind result occurred_on people_met opinions_heard"


class HouseholdChange(Change):
    status = _code()
    last_met_on = models.DateField(null=True)
    has_cadre = models.BooleanField()

    NOT_PERSONAL = "n village_id status last_met_on has_cadre"


class ContactChange(Change):
    """A day on which a household was met, and the one before it; the village is the household's of now."""

    is_counted = models.BooleanField()
    day = models.DateField()
    previous = models.DateField(null=True)

    NOT_PERSONAL = "n village_id is_counted day previous"


class IssueChange(Change):
    """Ordinary issues only: no sensitive one ever enters a count."""

    state = _code()
    kind = _code()
    level = _code()
    category_id = models.BigIntegerField()
    is_supervised = models.BooleanField()
    due_on = models.DateField(null=True)
    deferred_until = models.DateField(null=True)
    registered_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_in_time = models.BooleanField(null=True)
    answer = _code()
    called_back_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_basis = _code()
    round = models.IntegerField()
    call_back_tries = models.IntegerField(default=0)

    NOT_PERSONAL = (
        "n village_id state kind level category_id is_supervised due_on deferred_until registered_at resolved_at "
        "resolved_in_time answer called_back_at closed_at close_basis round call_back_tries"
    )
