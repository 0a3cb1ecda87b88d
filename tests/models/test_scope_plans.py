"""One row's own parent is asked, never the list of all parents: what a lookup by key may cost on a large county."""

from typing import Any

import pytest
from django.db import connection

from ledger.models import Assignment, Evidence, IssueStep, Resident, StatusPeriod, VisitQuestion
from tests.world import World


@pytest.mark.parametrize("model", [Resident, Evidence, IssueStep, VisitQuestion, StatusPeriod, Assignment])
@pytest.mark.parametrize("key", ["county_leader", "township_desk", "household_cadre"])
def test_a_row_by_its_key_scans_no_table(world: World, model: Any, key: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plans of PostgreSQL depend on its statistics")
    plan = model.objects.visible_to(world.user(key)).filter(pk=1).order_by().explain()
    scanned = [line for line in plan.splitlines() if " SCAN ledger_" in f" {line}"]
    assert scanned == [], plan


def test_no_household_is_listed_to_answer_for_one_member(world: World) -> None:
    """``IN (every household in scope)`` would be made anew for each member shown."""
    sql = str(Resident.objects.visible_to(world.user("county_leader")).filter(pk=1).query)
    assert "EXISTS" in sql
    assert '"household_id" IN' not in sql
