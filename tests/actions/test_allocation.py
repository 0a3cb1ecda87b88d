"""A proposal is applied whole or not at all, named by one audit row, and can be taken back."""

import datetime

import pytest
from django.utils import timezone

from ledger.actions import assignments
from ledger.actions.allocation import StaleProposal, apply, begin, discard, fill, take_back
from ledger.models import Allocation, AllocationState, Assignment, AuditRow, Household
from ledger.rules.days import local_today
from tests.world import World, make_cadre, make_household


def proposal(world: World, village: str = "城垵") -> Allocation:
    allocation = begin(by=world.users["township_admin"], place=world.villages[village])
    fill(allocation)
    return allocation


def who(world: World, village: str = "城垵") -> dict[int, int | None]:
    return dict(Household.objects.filter(village=world.villages[village]).values_list("pk", "cadre_id"))


def open_ones() -> dict[int, int]:
    return dict(Assignment.objects.open().values_list("household_id", "cadre_id"))


@pytest.fixture
def uncovered(world: World) -> list[Household]:
    return [make_household(world.villages["城垵"], 300 + n) for n in range(5)]


def test_applying_gives_every_household_its_cadre(world: World, uncovered: list[Household]) -> None:
    before, elsewhere = open_ones(), who(world, "马銮")
    allocation = proposal(world)
    assert open_ones() == before, "a proposal changes nothing"
    admin = world.users["township_admin"]
    changed = apply(by=admin, allocation=allocation, version=allocation.version)
    rows = {row.household_id: row.after_id for row in allocation.rows.all()}
    assert {pk: cadre for pk, cadre in who(world).items() if pk in rows} == rows
    assert {pk: cadre for pk, cadre in open_ones().items() if pk in rows} == rows
    assert who(world, "马銮") == elsewhere
    assert changed == sum(row.before_id != row.after_id for row in allocation.rows.all()) >= len(uncovered)
    trail = AuditRow.objects.filter(verb__startswith="allocation.")
    assert [(row.verb, row.object_id, row.detail["households"]) for row in trail] == [
        ("allocation.applied", allocation.pk, changed)
    ]


def test_a_second_one_changes_nothing(world: World, uncovered: list[Household]) -> None:
    apply(by="system", allocation=proposal(world))
    again = proposal(world)
    assert again.figures["changed"] == 0
    assert apply(by="system", allocation=again) == 0


def test_what_changed_since_is_not_overwritten(world: World, uncovered: list[Household]) -> None:
    allocation = proposal(world)
    taker = make_cadre(world.township, "接手人", world.county)
    assignments.assign(by=world.users["township_admin"], household=uncovered[0], cadre=taker)
    before = open_ones()
    with pytest.raises(StaleProposal):
        apply(by=world.users["township_admin"], allocation=allocation)
    allocation.refresh_from_db()
    assert (open_ones(), allocation.state) == (before, AllocationState.OPEN)
    assert not AuditRow.objects.filter(verb="allocation.applied").exists()


def test_it_is_applied_and_taken_back_once(world: World, uncovered: list[Household]) -> None:
    before, rows = who(world), Assignment.objects.count()
    allocation = proposal(world)
    changed = apply(by="system", allocation=allocation)
    with pytest.raises(StaleProposal):
        apply(by="system", allocation=allocation)
    assert take_back(by="system", allocation=allocation) == (changed, 0)
    assert (who(world), Assignment.objects.count()) == (before, rows)
    with pytest.raises(StaleProposal):
        take_back(by="system", allocation=allocation)
    assert AuditRow.objects.filter(verb="allocation.taken_back").count() == 1


def test_what_somebody_changed_after_it_stays(world: World, uncovered: list[Household]) -> None:
    before = who(world)
    allocation = proposal(world)
    changed = apply(by="system", allocation=allocation)
    taker = make_cadre(world.township, "接手人", world.county)
    assignments.assign(by=world.users["township_admin"], household=uncovered[0], cadre=taker)
    assert take_back(by="system", allocation=allocation) == (changed - 1, 1)
    assert who(world) == before | {uncovered[0].pk: taker.pk}


def test_on_a_later_day_history_is_kept(world: World, uncovered: list[Household]) -> None:
    first, second = (make_cadre(world.township, name, world.county) for name in ("前任甲", "后任乙"))
    household = uncovered[0]
    earlier = local_today() - datetime.timedelta(days=9)
    assignments.assign_many(by="system", pairs=[(household.pk, first.pk)], on=earlier)
    allocation = proposal(world)
    allocation.rows.filter(household=household).update(after=second)
    apply(by="system", allocation=allocation, on=earlier + datetime.timedelta(days=5))
    Allocation.objects.update(applied_at=timezone.now() - datetime.timedelta(days=4))
    allocation.refresh_from_db()
    take_back(by="system", allocation=allocation)
    held = Assignment.objects.filter(household=household).order_by("start_on").values_list("cadre_id", flat=True)
    assert list(held) == [first.pk, second.pk, first.pk]


def test_a_new_proposal_takes_the_place_of_the_open_one(world: World) -> None:
    first, second = proposal(world), proposal(world)
    first.refresh_from_db()
    assert (first.state, second.state) == (AllocationState.DROPPED, AllocationState.OPEN)
    assert discard(by="system", allocation=second)
    assert not discard(by="system", allocation=second)
    with pytest.raises(StaleProposal):
        apply(by="system", allocation=second)
