"""Twenty proposals and single hand-overs at once: one open assignment of each household, and its row agrees."""

from typing import Any

import pytest

from ledger.actions import assignments
from ledger.actions.allocation import StaleProposal, apply, begin, fill
from ledger.models import Allocation, AllocationState, Assignment, Household
from tests.actions.test_races import at_once
from tests.world import build, make_cadre, make_household

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_at_once_leave_one_cadre_each() -> None:
    world = build()
    village = world.villages["城垵"]
    rows = [make_household(village, 300 + n) for n in range(5)]
    takers = [make_cadre(world.township, f"接手{n}", world.county) for n in range(10)]
    allocations = [begin(by="system", place=village) for _ in range(10)]
    for allocation in allocations:
        fill(allocation)
    Allocation.objects.update(state=AllocationState.OPEN)

    def one(number: int) -> Any:
        if number % 2:
            return assignments.assign(by="system", household=rows[number % 5], cadre=takers[number // 2]).pk
        try:
            return apply(by="system", allocation=allocations[number // 2])
        except StaleProposal:
            return "stale"

    assert len(at_once(20, one)) == 20
    held = Assignment.objects.open().filter(household__village=village).order_by("household_id")
    beside = Household.objects.filter(village=village, cadre__isnull=False).order_by("pk")
    assert list(held.values_list("household_id", "cadre_id")) == list(beside.values_list("pk", "cadre_id"))
