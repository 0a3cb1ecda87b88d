"""Who is to be covered, who takes part, and who is near with room."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ledger.models import Cadre, CadreShare, Exclusion, Household, HouseholdTie, LinkKind, Posting, VillageLink
from ledger.queries.allocation import draw, grounds_at, grounds_of
from ledger.queries.allocation_near import near_cadres
from ledger.rules.allocation_score import Hand
from ledger.rules.permissions import Role
from tests.world import START, World, make_cadre, make_household, post

TODAY = datetime.date(2026, 1, 5)


@pytest.fixture
def bare(world: World) -> World:
    """The world without anybody who takes part by having households."""
    Household.objects.update(cadre=None)
    return world


def hands(world: World, village: str = "城垵") -> list[Hand]:
    return grounds_of([world.villages[village]])[0].hands


def test_to_cover_are_those_living_here_or_away_without_exclusions(world: World) -> None:
    village = world.villages["城垵"]
    before = {house.key for house in grounds_of([village])[0].houses}
    away, gone, out = (make_household(village, n, status=s) for n, s in ((91, "away"), (92, "vacant"), (93, "active")))
    Exclusion.objects.create(
        household=out, reason="长期外出", approved_by=world.users["county_admin"], approved_at=timezone.now(),
        start_on=START,
    )  # fmt: skip
    after = {house.key for house in grounds_of([village])[0].houses}
    assert after - before == {away.pk}
    assert not {gone.pk, out.pk} & after


def test_they_lie_by_group_then_order_then_code(world: World) -> None:
    village = world.villages["城垵"]
    houses = grounds_of([village])[0].houses
    rows = {row.pk: row for row in Household.objects.filter(pk__in=[h.key for h in houses]).select_related("group")}
    order = [((rows[h.key].group.number if rows[h.key].group else 999), rows[h.key].house_order or 0) for h in houses]
    assert order == sorted(order)


def test_who_is_posted_or_tied_or_has_most_there_takes_part(bare: World) -> None:
    village, other = bare.villages["城垵"], bare.villages["马銮"]
    Cadre.objects.filter(township=bare.township).update(profession="doctor")
    for posting in [c.postings.all() for c in Cadre.objects.filter(township=bare.township)]:
        posting.delete()
    posted, tied, holder, leaving, elsewhere = (
        make_cadre(bare.township, name, bare.county) for name in ("驻村甲", "挂村乙", "有户丙", "离任丁", "外村戊")
    )
    post(posted, Role.HOUSEHOLD_CADRE, village=village)
    VillageLink.objects.create(village=village, kind=LinkKind.VILLAGE_CADRE, cadre=tied, start_on=START)
    for place, cadre in ((village, holder), (village, holder), (other, holder), (other, elsewhere), (village, leaving)):
        make_household(place, 60 + Household.objects.count(), cadre)
    Cadre.objects.filter(pk=leaving.pk).update(left_on=START)
    assert {hand.key for hand in hands(bare)} == {posted.pk, tied.pk, holder.pk}
    assert next(hand for hand in hands(bare) if hand.key == holder.pk).elsewhere == 1
    together = grounds_at(bare.township)
    there = {hand.key: hand.elsewhere for ground in together for hand in ground.hands}
    assert there[holder.pk] == 0, "what lies in another village of the same run is allocated there"
    assert there[elsewhere.pk] == 0


def test_those_without_any_place_are_spread_by_need(bare: World) -> None:
    Cadre.objects.update(profession="doctor")
    Household.objects.filter(village__township=bare.township).update(status="vacant")
    VillageLink.objects.all().delete()
    Posting.objects.filter(role=Role.HOUSEHOLD_CADRE).update(end_on=START)
    for order in range(70, 110):
        make_household(bare.villages["城垵"], order)
    for order in range(40):
        make_household(bare.villages["马銮"], 200 + order)
    free = [make_cadre(bare.township, f"待分{n}", bare.county) for n in range(4)]
    busy = make_cadre(bare.township, "镇上有职", bare.county)
    post(busy, Role.TOWNSHIP_DESK, township=bare.township)
    spread = {ground.village.name: {hand.key for hand in ground.hands} for ground in grounds_at(bare.township)}
    assert [len(spread[name]) for name in ("城垵村", "马銮村", "东沈村")] == [2, 2, 0]
    assert spread["城垵村"] | spread["马銮村"] == {cadre.pk for cadre in free}


def test_shares_and_ties_are_kept(bare: World) -> None:
    village = bare.villages["城垵"]
    cadre, other = (make_cadre(bare.township, name, bare.county) for name in ("半职甲", "不参加乙"))
    CadreShare.objects.create(cadre=cadre, weight=50, village=village)
    CadreShare.objects.create(cadre=other, takes_part=False, village=village)
    household = make_household(village, 80)
    HouseholdTie.objects.create(household=household, cadre=cadre, kind="pin")
    kin = make_household(village, 81)
    HouseholdTie.objects.create(household=kin, cadre=cadre, kind="avoid", reason="亲戚")
    ground = grounds_of([village])[0]
    assert Hand(cadre.pk, 50) in ground.hands
    assert other.pk not in {hand.key for hand in ground.hands}
    assert ground.pins == {household.pk: cadre.pk}
    assert ground.avoid == {(cadre.pk, kin.pk)}
    drawn = next(iter(draw([ground])))
    assert drawn.given[household.pk] == cadre.pk
    assert drawn.given[kin.pk] != cadre.pk


def test_a_township_costs_as_many_questions_as_a_village(world: World, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        grounds_of([world.villages["城垵"]])
    with django_assert_max_num_queries(9):
        grounds_at(world.township)


def test_near_cadres_come_with_their_load_and_room(world: World) -> None:
    village = world.villages["城垵"]
    near, far, gone = (make_cadre(world.township, name, world.county) for name in ("邻甲", "远乙", "离丙"))
    rows = [make_household(village, 500 + 2 * n, who) for n, who in enumerate([gone, near, far, far, far])]
    found = {cadre.name: at for cadre, at in near_cadres(village, [rows[0].pk], without=[gone.pk])}
    assert "离丙" not in found
    assert (found["邻甲"].distance, found["邻甲"].suits, found["邻甲"].load, found["邻甲"].room) == (1, 1, 1, 29)
    names = list(found)
    assert names.index("邻甲") < names.index("远乙")
