"""The figures against a count by hand, their scope, and a cost that doesn't grow."""

import datetime
import random
from typing import Any

import pytest
from django.utils import timezone

from ledger.actions.visits import refresh_dates
from ledger.models import Exclusion, Household, Issue, Village, Visit
from ledger.queries.attention import needs_attention
from ledger.queries.counts import Areas
from ledger.queries.dashboard import (
    band_q,
    charts,
    counted_households,
    inside,
    parts_of,
    rows,
    sensitive_open,
    total,
)
from ledger.queries.figures_window import Window
from ledger.queries.issue_dates import overdue_q
from ledger.rules.counting import AreaLevel
from ledger.rules.days import day_start, local_today
from ledger.rules.freshness import Band, band_of
from ledger.rules.issues import OPEN_STATES, CloseBasis, State
from ledger.rules.permissions import Level, Permission
from ledger.views.dashboard_panels import attention
from tests.dashboards import village_rows
from tests.world import World, make_household, make_issue, make_visit

TODAY = local_today()
QUERIES = 4
"""The first lists the villages; the dashboard does so once for everything on it."""


def figures(world: World, key: str) -> dict[str, Any]:
    user = world.user(key)
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    return {row.place.name: row for row in village_rows(user, villages)}


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
    assert [row.counts[key] for key in ("households", "visited", "excluded")] == [5, 1, 1]
    assert row.bands == {"never": 3, "over_90": 1, "to_90": 1, "to_60": 0, "to_30": 0}
    assert (row.counts["without_cadre"], row.counts["never"], row.counts["unvisited"]) == (3, 3, 4)
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
    start = day_start(TODAY.replace(day=1))
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
    assert [row.counts[key] for key in ("pending", "overdue", "call_back", "struck_off")] == [3, 1, 1, 1]
    here = Village.objects.filter(pk=household.village_id)
    assert [sensitive_open(world.user(key), here) for key in ("township_leader", "inspector")] == [1, 0]


def test_nobody_counts_what_they_may_not_see(world: World) -> None:
    assert set(figures(world, "district_secretary")) == {"城垵村", "马銮村"}
    assert set(figures(world, "inspector")) == {"城垵村", "马銮村", "东沈村"}
    assert figures(world, "household_cadre") == {}
    assert figures(world, "department_handler") == {}


def test_attention_finds_the_first_among_many(world: World) -> None:
    cadre, chance = world.cadre("household_cadre"), random.Random(8)
    user = world.user("township_leader")
    homes = [home for village in ("城垵", "前楼", "后楼") for home in world.households.get(village, [])]
    for serial in range(3000, 3260):
        due_on = TODAY - datetime.timedelta(chance.randrange(-20, 400))
        state = chance.choice([State.IN_PROGRESS, State.ASSIGNED, State.DEFERRED, State.RESOLVED, State.RESOLVED])
        put_off = {"deferred_until": due_on, "review_on": due_on} if state == State.DEFERRED else {}
        answer = chance.choice(["dissatisfied", "satisfied"]) if state == State.RESOLVED else ""
        make_issue(
            chance.choice(homes), cadre, serial, handler=cadre, is_sensitive=chance.random() < 0.2, state=state,
            due_on=None if answer and chance.random() < 0.2 else due_on, answer=answer, **put_off,
            kind=chance.choice(["request", "request", "wish"]), about_cadre=chance.choice([None, None, user.cadre]),
        )  # fmt: skip
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    seen = Issue.objects.visible_to(user, Permission.SEE_DASHBOARD).filter(village__in=villages, is_sensitive=False)
    answered = list(seen.filter(answer="dissatisfied", state=State.RESOLVED))
    angry = sorted((each.due_on or datetime.date.max, each.pk) for each in answered)
    overdue = seen.filter(overdue_q(TODAY)).exclude(kind="wish")
    late = sorted((each.deferred_until or each.due_on, each.pk) for each in overdue)
    ids = list(villages.values_list("pk", flat=True))
    in_order = [pk for _day, pk in (*angry, *late)]
    for most in (1, 3, 5, 12, 40, 100, 300):
        assert [each.pk for each in needs_attention(user, ids, TODAY, most)] == in_order[:most]
    assert min(len(angry), len(late)) > 10


def test_attention_lists_dissatisfied_first_then_longest_overdue(world: World) -> None:
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    common = {"handler": cadre}
    late = make_issue(
        household, cadre, 2001, state=State.IN_PROGRESS, due_on=TODAY - datetime.timedelta(days=30), **common
    )
    later = make_issue(
        household, cadre, 2002, state=State.IN_PROGRESS, due_on=TODAY - datetime.timedelta(days=60), **common
    )
    planned = TODAY - datetime.timedelta(days=45)
    put_off = make_issue(
        household, cadre, 2005, state=State.DEFERRED, due_on=TODAY - datetime.timedelta(days=90),
        deferred_until=planned, review_on=planned, **common,
    )  # fmt: skip
    angry = make_issue(household, cadre, 2003, state=State.RESOLVED, answer="dissatisfied", **common)
    long_ago = TODAY - datetime.timedelta(days=300)
    make_issue(world.households["前楼"][0], cadre, 2004, state=State.IN_PROGRESS, due_on=long_ago, **common)
    user = world.user("township_leader")
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    ids = list(villages.values_list("pk", flat=True))
    assert needs_attention(user, ids, TODAY) == [angry, later, put_off, late]
    assert needs_attention(user, ids, TODAY, most=2) == [angry, later]
    assert needs_attention(user, ids, TODAY, most=3) == [angry, later, put_off]
    assert [each["label"] for each in attention([put_off, late])] == ["超期 45 天", "超期 30 天"]


def test_the_sum_is_the_sum(world: World) -> None:
    rows = list(figures(world, "county_leader").values())
    whole = total(rows)
    assert whole.counts["households"] == whole.bands["never"] == 12
    assert whole.counts["pending"] == sum(row.counts["pending"] for row in rows) == 4


def test_a_county_is_told_by_its_townships(world: World) -> None:
    user = world.user("county_leader")
    villages = Village.objects.visible_to(user, Permission.SEE_DASHBOARD)
    areas, places = parts_of(Level.COUNTY, inside(villages))
    window = Window(TODAY.replace(day=1), TODAY)
    found = {row.place.name: row.counts["households"] for row in rows(user, areas, places, window, window)}
    assert found == {"康美镇": 9, "前楼镇": 3}


def test_the_past_is_what_the_records_say(world: World) -> None:
    """A household met since, or gone since, stands as it stood."""
    then = TODAY - datetime.timedelta(days=40)
    home = world.households["城垵"][0]
    for day in (TODAY - datetime.timedelta(days=200), TODAY):
        make_visit(home, world.cadre("household_cadre"), occurred_on=day)
    refresh_dates([home.pk])
    user, here = world.user("township_leader"), Village.objects.filter(pk=home.village_id)
    (now,), (past,) = village_rows(user, here), village_rows(user, here, then)
    assert (now.bands[Band.TO_30], past.bands[Band.TO_30], past.bands[Band.OVER_90]) == (1, 0, 1)
    assert (now.counts["visited"], past.counts["visited"], past.counts["households"]) == (1, 0, 3)
    assert past.bands[Band.NEVER] == 2


def test_months_and_breakdowns(world: World) -> None:
    user, whole = world.user("township_leader"), Areas(AreaLevel.TOWNSHIP, [world.township.pk])
    found = charts(user, whole, TODAY, is_now=True)
    visits = Visit.objects.filter(village__township=world.township, voided_at=None)
    assert (len(found.months), sum(sum(line.values()) for line in found.months.values())) == (12, visits.count())
    pending = Issue.objects.filter(village__township=world.township, is_sensitive=False, state__in=OPEN_STATES)
    kinds, levels = (sum(found.standing[by].values()) for by in ("kind", "level"))
    assert kinds == levels == sum(n for _category, n in found.categories) == pending.count()
    assert [n for *_days, n in found.ages] == [pending.count(), 0, 0, 0]
    then = charts(user, whole, TODAY - datetime.timedelta(days=1), is_now=False)
    assert (then.standing, then.categories, then.ages, len(then.months)) == ({}, [], [], 12)


def test_the_cost_does_not_grow(world: World, django_assert_num_queries: Any) -> None:
    user = world.user("township_leader")
    for size in (1, 30):
        for n in range(size):
            make_household(world.villages["城垵"], 100 + size + n)
        forget = world.user("township_leader")
        village_rows(user, Village.objects.visible_to(forget, Permission.SEE_DASHBOARD))
        with django_assert_num_queries(QUERIES):
            village_rows(user, Village.objects.visible_to(forget, Permission.SEE_DASHBOARD))
