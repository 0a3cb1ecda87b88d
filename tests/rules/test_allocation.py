"""Lists of households: optimal where that can be had, lawful always, and steady on a second run."""

import time
from collections.abc import Iterator
from itertools import combinations_with_replacement, permutations

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.allocation import gap_of, propose
from ledger.rules.allocation_score import Band, Hand, House, Score, Task
from ledger.rules.allocation_words import how_good

BAND = Band(2, 3)
"""Small, so that a few houses make several lists."""


def line(sizes: list[int], cadres: list[int | None] | None = None) -> list[House]:
    """Houses 0, 1, 2 … in groups of these sizes, each with the cadre it has now."""
    groups = [group for group, size in enumerate(sizes) for _ in range(size)]
    now = cadres or [None] * len(groups)
    return [House(key, group, now[key]) for key, group in enumerate(groups)]


def hands(count: int) -> list[Hand]:
    return [Hand(100 + n) for n in range(count)]


def every_way(houses: list[House], people: list[Hand], *, whoever: bool = False) -> Iterator[dict[int, int]]:
    """Every way to cut the order into one stretch for each, and whoever gets which where that matters."""
    for who in permutations(people) if whoever else [people]:
        for ends in combinations_with_replacement(range(len(houses) + 1), len(people) - 1):
            cuts = [0, *ends, len(houses)]
            yield {
                houses[at].key: hand.key
                for hand, start, end in zip(who, cuts[:-1], cuts[1:], strict=True)
                for at in range(start, end)
            }


def scored(houses: list[House], people: list[Hand], lists: dict[int, list[int]]) -> Score:
    task = Task(houses, people, BAND, {}, frozenset())
    return task.score({house: cadre for cadre, listed in lists.items() for house in listed})


def so_now(houses: list[House], lists: dict[int, list[int]]) -> list[House]:
    given_to = {house: cadre for cadre, listed in lists.items() for house in listed}
    return [House(h.key, h.group, given_to[h.key]) for h in houses]


groups = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(sizes=groups, count=st.integers(1, 4))
def test_a_first_allocation_is_the_best_of_all(sizes: list[int], count: int) -> None:
    houses, people = line(sizes), hands(count)
    found = propose(houses, people, band=BAND)
    task = Task(houses, people, BAND, {}, frozenset())
    assert found.score == min((task.score(way) for way in every_way(houses, people)), key=lambda s: s.key(True))
    assert found.is_best
    assert scored(houses, people, found.lists) == found.score


@settings(max_examples=60, deadline=None)
@given(data=st.data(), sizes=groups, count=st.integers(1, 3))
def test_a_later_one_deviates_least_and_its_bound_holds(data: st.DataObject, sizes: list[int], count: int) -> None:
    now = data.draw(st.lists(st.sampled_from([None, 100, 101, 102]), min_size=sum(sizes), max_size=sum(sizes)))
    anew = data.draw(st.booleans())
    houses, people = line(sizes, now), hands(count)
    found = propose(houses, people, band=BAND, anew=anew)
    task = Task(houses, people, BAND, {}, frozenset())
    best = min((task.score(way) for way in every_way(houses, people, whoever=True)), key=lambda s: s.key(anew))
    assert found.score.deviation == best.deviation
    assert found.bound.key(anew) <= best.key(anew) <= found.score.key(anew)
    if anew:
        assert (found.score.cut, found.score.balance) == (best.cut, best.balance)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4), count=st.integers(1, 5))
def test_wishes_are_kept_and_a_second_run_changes_nothing(data: st.DataObject, sizes: list[int], count: int) -> None:
    keys = st.integers(0, sum(sizes) - 1)
    people = [Hand(100 + n, data.draw(st.sampled_from([100, 100, 50]))) for n in range(count)]
    who = st.sampled_from([hand.key for hand in people])
    pins = data.draw(st.dictionaries(keys, who, max_size=3))
    avoid = {(cadre, house) for cadre, house in data.draw(st.sets(st.tuples(who, keys), max_size=4))
             if pins.get(house) != cadre}  # fmt: skip
    houses = line(sizes)
    found = propose(houses, people, band=BAND, pins=pins, avoid=avoid)
    covered = [house for listed in found.lists.values() for house in listed]
    assert sorted([*covered, *found.uncovered]) == list(range(sum(sizes)))
    assert set(found.uncovered) == {h for h in range(sum(sizes)) if h not in pins
                                    and all((hand.key, h) in avoid for hand in people)}  # fmt: skip
    assert all(house in found.lists[cadre] for house, cadre in pins.items())
    assert not any((cadre, house) in avoid for cadre, listed in found.lists.items() for house in listed)
    loose = set(pins) | found.strays | set(found.uncovered)
    free = [house for house in range(sum(sizes)) if house not in loose]
    for listed in found.lists.values():
        places = [free.index(house) for house in listed if house not in loose]
        assert places == list(range(places[0], places[0] + len(places))) if places else True
    assert propose(houses, people, band=BAND, pins=pins, avoid=avoid).lists == found.lists
    if not found.uncovered:
        again = propose(so_now(houses, found.lists), people, band=BAND, pins=pins, avoid=avoid)
        assert (again.lists, again.score.changed) == (found.lists, 0)


def test_two_relatives_next_to_each_other_break_no_list() -> None:
    """Each of the two borders on a list of its own cadre; together they would lie crosswise."""
    found = propose(line([4]), hands(2), band=BAND, avoid={(101, 2), (100, 1)})
    assert sorted(found.lists.values()) == [[0, 1], [2, 3]]
    assert not found.strays


def test_it_is_quick_at_the_size_of_a_large_village() -> None:
    houses, people = line([75] * 8), hands(30)
    began = time.process_time()
    found = propose(houses, people)
    assert time.process_time() - began < 2
    assert found.is_best
    assert [len(listed) for listed in found.lists.values()] == [20] * 30


def test_it_is_quick_with_wishes_too() -> None:
    """600 households and 30 cadres: pins, relatives, part-time shares and households elsewhere."""
    houses = line([40] * 15, [100 + (at * 7 // 140 if at % 9 else at % 30) for at in range(600)])
    people = [Hand(100 + n, 50 if n < 6 else 100, 5 if n > 26 else 0) for n in range(30)]
    pins = {at: 100 + at % 30 for at in range(0, 600, 31)}
    avoid = {(100 + at % 30, at + 1) for at in range(0, 580, 12) if at + 1 not in pins}
    began = time.process_time()
    found = propose(houses, people, pins=pins, avoid=avoid)
    assert time.process_time() - began < 2
    assert all(house in found.lists[cadre] for house, cadre in pins.items())
    assert not any(house in found.lists[cadre] for cadre, house in avoid)


def test_what_is_proven_and_what_wishes_cost_is_said() -> None:
    houses, people = line([6], [100, 100, 100, 101, 101, 101]), hands(2)
    plain, pinned = (Task(houses, people, BAND, pins, frozenset()) for pins in ({}, {0: 101}))
    with translation.override("en"):
        assert how_good(plain, None) == "Proven: no allocation of these households to these cadres is better."
        assert how_good(pinned, ("changed", 2)) == (
            "With 1 pinned household, against the bound that no allocation can beat, at most: "
            "2 more households change hands."
        )


def test_a_move_by_hand_is_measured_by_the_first_level_it_worsens() -> None:
    houses, people = line([6], [100, 100, 100, 101, 101, 101]), hands(2)
    task = Task(houses, people, BAND, {}, frozenset())
    moved = dict(enumerate([100, 100, 100, 100, 101, 101]))
    assert gap_of(task, moved, None) == ("deviation", 1)
    assert gap_of(task, dict(enumerate([100] * 3 + [101] * 3)), None) is None


@pytest.mark.parametrize(("anew", "most"), [(None, 1), (False, 1)])
def test_a_new_household_moves_nobody_else(anew: bool | None, most: int) -> None:
    houses = line([75] * 8)
    first = propose(houses, hands(28))
    now = so_now(houses, first.lists)
    now.insert(100, House(9999, now[100].group))
    assert propose(now, hands(28), anew=anew).score.changed == most


def test_the_households_of_a_cadre_who_left_go_to_neighbours() -> None:
    houses = line([75] * 8)
    first = propose(houses, hands(28))
    gone = hands(28)[10]
    left = [hand for hand in hands(28) if hand != gone]
    found = propose(so_now(houses, first.lists), left)
    theirs = first.lists[gone.key]
    assert found.is_best
    assert (found.score.deviation, found.score.changed - len(theirs)) == (0, 4), "two neighbours have not room for all"


def test_a_part_time_cadre_has_a_share_and_what_is_elsewhere_counts() -> None:
    people = [Hand(1), Hand(2, weight=50), Hand(3, elsewhere=15)]
    found = propose(line([45]), people)
    assert {cadre: len(listed) for cadre, listed in found.lists.items()} == {1: 24, 2: 12, 3: 9}


def test_without_cadres_nobody_is_covered() -> None:
    found = propose(line([3]), [])
    assert (found.lists, found.uncovered, found.score.uncovered) == ({}, (0, 1, 2), 3)


def test_more_cadres_than_households() -> None:
    found = propose(line([2]), hands(3))
    assert sorted(map(len, found.lists.values())) == [0, 1, 1]


def test_who_comes_new_is_put_where_somebody_went_and_not_beside_the_part_time_one() -> None:
    """200 households of ten cadres; one of them goes, one has half a list from now on, somebody new comes."""
    houses = line([40] * 5, [100 + at // 20 for at in range(200)])
    people = [Hand(100 + n, 50 if n == 2 else 100) for n in range(10) if n != 7] + [Hand(200)]
    found = propose(houses, people, pins={0: 200})
    taken = set(found.lists[200]) - {0}
    assert taken
    assert taken <= set(range(140, 160))
    assert found.score.changed == 27  # 1 pinned, 20 of who goes, 5 beyond a half list, 1 for that list's neighbour
