"""Every figure equals what a hand counts on random worlds, for periods that end today and that ended before."""

import datetime
from random import Random

import pytest
from django.db import transaction

from ledger.actions import counts
from ledger.models import Village
from ledger.queries import figures_dashboard
from ledger.queries.counts import Areas
from ledger.queries.figures import FIGURES, rows_of, tally
from ledger.queries.figures_kept import counted
from ledger.queries.figures_people import missing_months, per_cadre
from ledger.queries.figures_report import per_month
from ledger.queries.figures_window import Window
from ledger.rules.counting import AreaLevel
from ledger.rules.days import local_today
from tests.drill import DRILLING, times
from tests.queries import figures_oracle as oracle
from tests.queries.figures_world import PlainWorld, Stored, day_in, draw, store

OWN = {each.key for each in figures_dashboard.FIGURES} - {"supervised", "contained_village", "contained_township"}
"""Figures of the dashboard alone, which the kept counts and the rows are held to each other by."""
KEYS = tuple(key for key in FIGURES if key not in OWN)
ROWS = [key for key, each in FIGURES.items() if key in KEYS and each.measure.column == "pk"]
"""Figures whose number is that of the rows it opens."""
pytestmark = [pytest.mark.django_db, pytest.mark.drill]


def periods(rng: Random, today: datetime.date) -> list[oracle.Span]:
    """One that ends today, two that ended before (a month and one without a beginning)."""
    first, last = sorted((day_in(rng, today), day_in(rng, today)))
    month = day_in(rng, today).replace(day=1) - datetime.timedelta(days=1)
    return [oracle.Span(rng.choice((first, None)), today), oracle.Span(rng.choice((first, None)), last),
            oracle.Span(month.replace(day=1), month)]  # fmt: skip


def check(world: PlainWorld, stored: Stored, span: oracle.Span, opened: list[str]) -> None:
    window = Window(span.first, span.last)
    villages = Village.objects.filter(pk__in=[stored.villages[n].pk for n in oracle.AREA])
    want = oracle.by_village(world, span)
    have = tally(KEYS, villages, window)
    assert {n: have[stored.villages[n].pk] for n in oracle.AREA} == want
    kept(stored, window)
    whole = tally(KEYS, villages, window, by=None)[None]
    firms = oracle.visit_figures(oracle.standing(world, span))["enterprises"]
    assert whole == {key: sum(line[key] for line in want.values()) for key in KEYS} | {"enterprises": firms}
    units = {unit.pk: n for n, unit in enumerate(stored.units)} | {None: None}
    of_units = tally(KEYS, villages, window, by="unit")
    told = {units[unit]: {key: n for key, n in line.items() if n} for unit, line in of_units.items()}
    assert {unit: line for unit, line in told.items() if line} == oracle.by_unit(world, span)
    for key in opened:
        assert rows_of(key, villages, window).count() == whole[key], key
    numbers = {cadre.pk: n for n, cadre in enumerate(stored.cadres)}
    lines = per_cadre(villages, window)
    assert {
        numbers[c.cadre.pk]: (c.households, c.visited, c.household_visits, c.events, c.days_out) for c in lines
    } == oracle.by_cadre(world, span)
    if span.first is not None:
        assert {each["month"]: tuple(each.values())[1:] for each in per_month(villages, window)} == {
            month: (home, people, total, received, solved)
            for month, (home, people, total, received, solved) in oracle.by_month(world, span).items()
        }
        found = {numbers[cadre.pk]: [f"{m:%Y-%m}" for m in idle] for cadre, idle in missing_months(villages, window)}
        assert found == oracle.idle_months(world, span)


def kept(stored: Stored, window: Window) -> None:
    """The kept counts say the same of every figure, by village and by township; folded or not."""
    if stored.villages[0].pk % 2:
        counts.fold()
    own = Areas(AreaLevel.VILLAGE, [village.pk for village in stored.villages])
    want = tally(FIGURES, own.ids, window)
    have = counted(FIGURES, own, window)
    differ = {
        key: (have[pk][key], want[pk][key]) for pk in own.ids for key in FIGURES if have[pk][key] != want[pk][key]
    }
    assert differ == {}
    township = Areas(AreaLevel.TOWNSHIP, [stored.villages[0].township_id])
    adding = [key for key, each in FIGURES.items() if each.measure.adds_up]
    lines = [want[village.pk] for village in stored.villages if village.township_id in township.ids]
    assert counted(adding, township, window)[township.ids[0]] == {key: sum(one[key] for one in lines) for key in adding}


@pytest.mark.parametrize("seed", range(times(ci=20, drill=400)))
def test_every_figure_is_what_a_hand_counts(seed: int) -> None:
    rng = Random(seed)
    world = draw(rng, local_today())
    with transaction.atomic():
        stored = store(world)
        for span in periods(rng, world.today):
            check(world, stored, span, rng.sample(ROWS, len(ROWS) if DRILLING else 2))
        transaction.set_rollback(True)
