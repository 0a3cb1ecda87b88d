"""A proposal of each place, and a wish about one of its households."""

from typing import Any

from ledger.models import Allocation, AllocationList, AllocationRow, HouseholdTie, Posting
from ledger.rules.permissions import Role


def allocated(village: Any, household: Any, cadre: Any, place: str) -> None:
    """A proposal for the village, and a household that somebody must not have."""
    proposal = Allocation.objects.create(
        village=village, township=village.township, county=village.township.county, state="open", digest="0",
        total=1, done=1,
    )  # fmt: skip
    AllocationList.objects.create(allocation=proposal, village=village, cadre=cadre)
    AllocationRow.objects.create(
        allocation=proposal, village=village, household=household, before=household.cadre, after=cadre
    )
    official = Posting.objects.filter(village=village, role=Role.VILLAGE_OFFICIAL).earliest("pk").cadre
    HouseholdTie.objects.create(household=household, cadre=official, kind="avoid", reason=f"{place}亲戚")
