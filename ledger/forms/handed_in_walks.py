"""A 批量补记 that a desk must decide, household by household: each as the form of one visit would have sent it."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ledger.forms.conflicts import body_of
from ledger.forms.fields import LineField
from ledger.forms.picks import number_of
from ledger.forms.together_points import NOT_HERE, said_of_points
from ledger.forms.visits import HouseholdVisitForm
from ledger.forms.visits_together import MOST_AT_ONCE
from ledger.rules.kept_entries import LONGEST_ANSWER
from ledger.rules.visits import VisitResult

COMMON = ("kind", "occurred_on", "part_of_day", "companions", "companion_names", "topics")
FOR_ALL = "points-for-all"
"""Names the points that were said for all: they hold where the campaign means the household, and nowhere else."""


class AnswerForm(forms.Form):
    """The word of a desk to who sent an entry."""

    answer = LineField(label=_("A word to the sender (may stay empty)"), max_length=LONGEST_ANSWER, required=False)


def households_of(posted: QueryDict) -> list[int]:
    """The ids that a walk names."""
    found = {number_of(value) for value in posted.getlist("households")[:MOST_AT_ONCE]} - {0}
    return sorted(found)


def each_alone(posted: QueryDict, households: list[int], user: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """(household, body of a kept entry) for these households of the walk."""
    for household in households:
        values = alone(posted, household)
        address = f"{reverse('visit_create')}?household={household}"
        yield household, body_of(HouseholdVisitForm(values, user=user), values, address)


def alone(posted: QueryDict, household: int) -> QueryDict:
    """What the form of one visit would have sent."""
    values = QueryDict(mutable=True)
    for name in COMMON:
        values.setlist(name, posted.getlist(name))
    result = posted.get(f"result-{household}") or str(VisitResult.MET)
    met = result == VisitResult.MET
    line = posted.get(f"line-{household}", "").strip() or (posted.get("content", "") if met else "")
    values.update({"result": result, "content": line, "people_met": str(int(met))})
    for where, point, answer in said_of_points(posted):
        if where == str(household) and answer != NOT_HERE:
            values[f"point-{point}"] = answer
        elif where == "all" and met and not posted.get(f"point-{household}-{point}"):
            values[f"point-{point}"] = answer
            values.appendlist(FOR_ALL, str(point))
    return values


def only_where_meant(values: QueryDict, offered: set[int]) -> QueryDict:
    """Without what was said for all of points that are not this household's."""
    mine = values.copy()
    for point in mine.pop(FOR_ALL, []):
        if number_of(point) not in offered:
            mine.pop(f"point-{point}", None)
    return mine


def without(posted: QueryDict, households: set[int]) -> QueryDict:
    """The walk without these households."""
    rest = posted.copy()
    rest.setlist("households", [one for one in rest.getlist("households") if number_of(one) not in households])
    return rest
