"""The figures against a count by hand, their scope, and a cost that doesn't grow."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ledger.models import Exclusion, Household, Issue, Village
from ledger.queries.dashboard import band_q, by_village, counted_households, issue_conditions, needs_attention, total
from ledger.rules.days import day_start, local_today
from ledger.rules.freshness import Band, band_of
from ledger.rules.issues import CloseBasis, State
from ledger.rules.permissions import Permission
from tests.world import World, make_household, make_issue

TODAY = datetime.date(2026, 7, 7)


def figures(world: World, key: str, today: datetime.date = TODAY) -> dict[str, Any]:
    user = world.user(key)
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    return {row.village.name: row for row in by_village(user, villages, today, 90) if row.village}


def test_coverage_counts_active_and_away_but_not_the_excluded(world: World) -> None:
    village = world.villages["城垵"]
    near = make_household(village, 11, last_met_on=TODAY - datetime.timedelta(days=90))
    make_household(village, 12, last_met_on=TODAY - datetime.timedelta(days=91), status="away")
    make_household(village, 13, last_met_on=TODAY, status="vacant")
    out = make_household(village, 14, last_met_on=TODAY)
    Exclusion.objects.create(
        household=out, reason="长期住院", approved_by=world.users["township_leader"], approved_at=timezone.now(),
        start_on=TODAY - datetime.timedelta(days=10),
    )  # fmt: skip
    row = figures(world, "township_leader")["城垵村"]
    # three of the world (never met), one met on the last day of the window, one a day too early
    assert (row.households, row.covered, row.excluded) == (5, 1, 1)
    assert row.bands == {"never": 3, "over_90": 1, "to_90": 1, "to_60": 0, "to_30": 0}
    assert row.without_cadre == 3
    assert near.pk in set(Household.objects.filter(counted_households(TODAY)).values_list("pk", flat=True))


@pytest.mark.parametrize("days", [0, 30, 31, 60, 61, 90, 91, 400, None])
def test_the_bands_of_the_database_are_the_bands_of_the_rule(world: World, days: int | None) -> None:
    met = None if days is None else TODAY - datetime.timedelta(days=days)
    household = make_household(world.villages["城垵"], 20, last_met_on=met)
    hits = [band for band in Band.values if Household.objects.filter(band_q(band, TODAY), pk=household.pk).exists()]
    assert hits == [band_of(met, TODAY)]


def test_issue_figures_by_state_and_day(world: World) -> None:
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    Issue.objects.all().update(due_on=None)
    start = day_start(datetime.date(2026, 7, 1))
    instant = datetime.timedelta(seconds=1)
    due = {"state": State.IN_PROGRESS, "handler": cadre}
    closed = {"state": State.CLOSED, "close_basis": CloseBasis.CALLED_BACK, "handler": cadre}
    make_issue(household, cadre, 1001, due_on=TODAY, **due)
    make_issue(household, cadre, 1002, due_on=TODAY - datetime.timedelta(days=1), **due)
    make_issue(household, cadre, 1003, state=State.RESOLVED, handler=cadre, due_on=TODAY - datetime.timedelta(days=9))
    make_issue(household, cadre, 1004, closed_at=start, **closed)
    make_issue(household, cadre, 1005, closed_at=start - instant, **closed)
    row = figures(world, "township_leader")["城垵村"]
    # open: one of the world, two here; the sensitive one of the world is counted apart
    assert (row.open, row.overdue, row.call_back, row.closed, row.sensitive) == (3, 1, 1, 1, 1)


def test_nobody_counts_what_they_may_not_see(world: World) -> None:
    assert set(figures(world, "district_secretary")) == {"城垵村", "马銮村"}
    assert set(figures(world, "inspector")) == {"城垵村", "马銮村", "东沈村"}
    assert {row.sensitive for row in figures(world, "inspector").values()} == {0}
    assert figures(world, "household_cadre") == {}
    assert figures(world, "department_handler") == {}


def test_attention_lists_dissatisfied_first_then_longest_overdue(world: World) -> None:
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    common = {"handler": cadre}
    late = make_issue(household, cadre, 2001, state=State.IN_PROGRESS, due_on=datetime.date(2026, 6, 1), **common)
    later = make_issue(household, cadre, 2002, state=State.IN_PROGRESS, due_on=datetime.date(2026, 5, 1), **common)
    angry = make_issue(household, cadre, 2003, state=State.RESOLVED, answer="dissatisfied", **common)
    make_issue(world.households["前楼"][0], cadre, 2004, state=State.IN_PROGRESS, due_on=datetime.date(2026, 1, 1),
               **common)  # fmt: skip
    user = world.user("township_leader")
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    assert needs_attention(user, villages, TODAY) == [angry, later, late]


def test_the_sum_is_the_sum(world: World) -> None:
    rows = list(figures(world, "county_leader").values())
    whole = total(rows)
    assert whole.households == 12
    assert whole.open == sum(row.open for row in rows) == 4
    assert whole.bands["never"] == 12


def test_the_cost_does_not_grow(world: World, django_assert_num_queries: Any) -> None:
    user = world.user("township_leader")
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    by_village(user, villages, TODAY, 90)
    for size in (1, 30):
        for n in range(size):
            make_household(world.villages["城垵"], 100 + size + n)
        with django_assert_num_queries(4):
            by_village(user, villages, local_today(), 90)


def test_conditions_have_the_names_of_the_links() -> None:
    assert set(issue_conditions(TODAY)) == {"open", "overdue", "call_back", "closed", "wishes", "wishes_done"}
