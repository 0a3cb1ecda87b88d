"""``manage.py allocate``: figures of a place, and with ``--apply`` the households have their cadres."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.models import Assignment, Household
from ledger.queries.allocation import grounds_at
from tests.world import World, make_cadre, make_household

FIGURES = {"households", "cadres", "uncovered", "in_band", "below", "above", "cut_groups", "changed"}


def allocate(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("allocate", *arguments, "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


@pytest.fixture
def county(world: World) -> World:
    for order in range(24):
        make_household(world.villages["城垵"], 400 + order)
    make_cadre(world.township, "待分甲", world.county)
    return world


def test_a_county_says_the_sums_of_its_villages_and_writes_nothing(county: World) -> None:
    before = list(Assignment.objects.values_list("pk", "end_on"))
    said = allocate("--county", county.county.code)
    assert set(said["totals"]) == FIGURES
    assert [each["code"] for each in said["villages"]] == [g.village.code for g in grounds_at(county.county)]
    for name in FIGURES:
        assert said["totals"][name] == sum(each[name] for each in said["villages"]), name
    totals = said["totals"]
    assert totals["in_band"] + totals["below"] + totals["above"] == totals["cadres"]
    assert (said["band"], said["applied"]) == ([20, 30], False)
    assert list(Assignment.objects.values_list("pk", "end_on")) == before


def test_apply_covers_all_and_again_changes_nothing(county: World) -> None:
    outside = dict(Household.objects.exclude(village__township=county.township).values_list("pk", "cadre_id"))
    said = allocate("--township", county.township.code, "--apply")
    assert (said["applied"], said["totals"]["uncovered"]) == (True, 0)
    inside = Household.objects.filter(village__township=county.township, status__in=["active", "away"])
    assert not inside.filter(cadre__isnull=True).exists()
    assert dict(Household.objects.exclude(village__township=county.township).values_list("pk", "cadre_id")) == outside
    again = allocate("--township", county.township.code, "--apply")
    assert again["totals"]["changed"] == 0
    assert again["totals"] == said["totals"] | {"changed": 0}


def test_a_village_alone_and_in_words(county: World) -> None:
    out = StringIO()
    call_command("allocate", "--village", county.villages["城垵"].code, stdout=out)
    assert out.getvalue().startswith("城垵")
    said = allocate("--village", county.villages["城垵"].code)
    assert [each["name"] for each in said["villages"]] == ["城垵村"]


@pytest.mark.parametrize(
    "arguments", [["--village", "350626102999"], ["--county", "\x00"], [], ["--county", "1", "--village", "2"]]
)
def test_an_unknown_place_is_refused(world: World, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("allocate", *arguments)
