"""``manage.py figures``: its two faces, its words for what is wrong; what it counts is held in tests/queries."""

import datetime
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.actions.visits import refresh_dates
from ledger.queries.figures import FIGURES, RATIOS
from ledger.queries.figures_report import definitions
from ledger.rules.days import local_today
from tests.world import World

PARTS = {
    "from", "as_of", "totals", "caseload", "per_village", "per_month", "per_cadre", "cadres_no_event_at_all",
    "per_department", "monthly_rule", "overdue_issue_ids",
}  # fmt: skip


def run(*words: Any) -> str:
    out = StringIO()
    call_command("figures", *map(str, words), stdout=out)
    return out.getvalue()


def test_the_document_has_every_part_and_nothing_of_the_neighbours(world: World) -> None:
    refresh_dates(visit.household_id for visit in world.visits.values())
    found = json.loads(run("--scope", world.township.code, "--json"))
    assert set(found) == PARTS
    assert [line["name"] for line in found["per_village"]] == ["城垵村", "马銮村", "东沈村"]
    totals = found["totals"]
    assert (totals["households_active"], totals["households_visited"], totals["households_without_cadre"]) == (9, 3, 3)
    assert (totals["issues"], totals["issues_sensitive"], totals["events_by_kind"]["household_visit"]) == (3, 3, 3)
    assert totals["coverage_pct"] == 33.33
    assert found["from"] == f"{local_today():%Y}-01-01"


def test_a_county_or_a_village_is_a_scope_too(world: World) -> None:
    both = f"{world.county.code},{world.villages['六龙'].code}"
    found = json.loads(run("--scope", both, "--json"))
    assert [line["name"] for line in found["per_village"]] == ["六龙村", "城垵村", "马銮村", "东沈村", "前楼村"]


def test_the_table_says_the_same_in_words(world: World) -> None:
    refresh_dates([world.visits["城垵"].household_id, world.visits["前楼"].household_id])
    text = run("--scope", world.township.code)
    found = json.loads(run("--scope", world.township.code, "--json"))
    lines = {line.split()[0]: line.split()[-1] for line in text.splitlines() if len(line.split()) == 2}
    assert lines[str(FIGURES["households"].name)] == str(found["totals"]["households_active"])
    assert lines[str(RATIOS["coverage"].name)] == "11.11%"
    assert "城垵村" in text
    assert "前楼村" not in text


def test_every_figure_has_its_sentence(db: None) -> None:
    said = definitions()
    assert set(said) == {*FIGURES, *RATIOS}
    assert all(sentence.endswith("。") for sentence in said.values())


@pytest.mark.parametrize("scope", ["", "999999999", "350626102,1", "\udcff", "\x00", "9" * 5000, "康美镇"])
def test_an_unknown_code_is_named(world: World, scope: str) -> None:
    with pytest.raises(CommandError, match="没有代码为"):
        run("--scope", scope)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "yesterday"), "不是有效日期"),
        (("--as-of", "2026-02-30"), "不是有效日期"),
        (("--as-of", "\udcff"), "不是有效日期"),
        (("--from", ""), "不是有效日期"),
        (("--from", "2026-03-01", "--as-of", "2026-02-28"), "晚于"),
        (("--from", "0001-01-01"), "以前的日期"),
        (("--as-of", (local_today() + datetime.timedelta(days=1)).isoformat()), "尚未到来"),
    ],
)
def test_days_that_make_no_period_are_refused(world: World, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("--scope", world.township.code, *words)
