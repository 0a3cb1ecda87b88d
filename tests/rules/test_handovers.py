"""Who is proposed to take households over: the village first, below the band, neighbours together, the least loaded."""

from collections import Counter

from ledger.rules.handovers import House, Person, propose

VILLAGE, BESIDE = 1, 2


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
