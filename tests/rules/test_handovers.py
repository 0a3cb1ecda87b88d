"""Who is proposed to take households over: the village first, below the band, neighbours together, the least loaded."""

from collections import Counter

from django.utils import translation

from ledger.rules.handovers import House, Person, Proposed
from ledger.rules.handovers import propose as proposed

VILLAGE, BESIDE = 1, 2


def propose(houses: list[House], people: list[Person], most: int) -> dict[int, int]:
    return {house: each.pk for house, each in proposed(houses, people, most).items()}


def street(count: int, group: int = 1, start: int = 1) -> list[House]:
    return [House(pk, VILLAGE, group) for pk in range(start, start + count)]


def test_who_serves_in_the_village_comes_before_who_has_less_to_do() -> None:
    here, idle = Person(1, 25, frozenset({VILLAGE})), Person(2, 0, frozenset({BESIDE}))
    assert propose(street(3), [idle, here], 30) == {1: 1, 2: 1, 3: 1}


def test_neighbours_stay_together_until_the_band_is_full() -> None:
    first, second = (Person(pk, 27, frozenset({VILLAGE})) for pk in (1, 2))
    assert propose(street(6), [first, second], 30) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2}


def test_the_nearest_is_who_has_houses_in_the_group() -> None:
    there = Person(9, 20, frozenset({VILLAGE}), Counter({(VILLAGE, 1): 5}))
    least = Person(1, 10, frozenset({VILLAGE}))
    assert propose([*street(1), *street(1, group=2, start=2)], [there, least], 30) == {1: 9, 2: 1}


def test_when_everybody_is_full_the_village_still_keeps_its_own() -> None:
    full, elsewhere = Person(1, 40, frozenset({VILLAGE})), Person(2, 0)
    assert propose(street(1), [full, elsewhere], 30) == {1: 1}


def test_nobody_is_proposed_where_nobody_is() -> None:
    assert propose(street(2), [], 30) == {}


def test_the_people_who_are_asked_about_are_left_as_they_were() -> None:
    person = Person(1, 3, frozenset({VILLAGE}), Counter({(VILLAGE, 1): 3}))
    assert propose(street(4), [person], 30) == propose(street(4), [person], 30)
    assert (person.load, person.groups[VILLAGE, 1]) == (3, 3)


def test_the_nearest_along_the_road_takes_its_side() -> None:
    """Houses 3 to 6 between those of two neighbours: each takes the nearer half; a third one has none here."""
    left, right, third = (Person(pk, 20, frozenset({VILLAGE})) for pk in (7, 8, 9))
    road = [(1, 7), (2, 7), (3, 5), (4, 5), (5, 5), (6, 5), (20, 8)]
    found = proposed(street(4, start=3), [third, right, left], 30, {VILLAGE: road})
    assert found == {
        3: Proposed(7, 20, serves=True, distance=1), 4: Proposed(7, 21, serves=True, distance=2, in_group=1),
        5: Proposed(8, 21, serves=True, distance=2, in_group=1), 6: Proposed(8, 20, serves=True, distance=1),
    }  # fmt: skip


def test_equally_near_the_lighter_load_takes_it() -> None:
    people = [Person(pk, load, frozenset({VILLAGE})) for pk, load in ((7, 25), (8, 22))]
    assert proposed(street(1, start=3), people, 30, {VILLAGE: [(2, 7), (3, 5), (4, 8)]})[3].pk == 8


def test_why_somebody_is_proposed_is_said() -> None:
    with translation.override("en"):
        assert Proposed(1, 22, serves=True, distance=1).why == "the same village · next door · has 22 households"
        assert (
            Proposed(1, 1, serves=True, in_group=3).why
            == "the same village · 3 households in the group · has 1 household"
        )
        far = Proposed(1, 30, serves=False, is_full=True).why
    assert far == "nobody of the village could take it · has 30 households · nobody nearer has room"
