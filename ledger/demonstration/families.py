"""Who lives in a house: ages that fit each other, and what follows from them."""

import random
from dataclasses import dataclass, field

from ledger.rules.households import Relation

R = Relation


@dataclass
class Person:
    """A member before it becomes a row; age in years."""

    relation: str
    male: bool
    age: int
    same_surname: bool = True
    """As the head's family name."""


@dataclass
class Family:
    """Members, head first, and words for what the household is like (``elder``, ``child``, ``farm``…)."""

    people: list[Person]
    tags: set[str] = field(default_factory=set)


def make_family(rng: random.Random) -> Family:
    """One of the usual kinds of village household, in realistic shares."""
    kinds, weights = zip(*_KINDS, strict=True)
    family = Family(rng.choices(kinds, weights)[0](rng))
    ages = [person.age for person in family.people]
    tests = {
        "elder": max(ages) >= 70, "senior": max(ages) >= 60, "child": any(3 <= age <= 14 for age in ages),
        "pupil": any(7 <= age <= 14 for age in ages), "baby": min(ages) <= 1,
        "student": any(15 <= age <= 21 for age in ages), "college": any(18 <= age <= 21 for age in ages),
        "able": any(18 <= age <= 74 for age in ages), "worker": any(22 <= age <= 57 for age in ages),
        "young": any(22 <= age <= 35 for age in ages), "alone": len(ages) == 1 and ages[0] >= 62,
        "couple": _is_couple(family),
        "left_behind": any(age <= 15 for age in ages) and not any(22 <= age <= 52 for age in ages),
    }  # fmt: skip
    family.tags = {tag for tag, holds in tests.items() if holds}
    return family


def _is_couple(family: Family) -> bool:
    return any(person.relation == R.SPOUSE for person in family.people)


def _elder_alone(rng: random.Random) -> list[Person]:
    return [Person(R.HEAD, rng.random() < 0.4, rng.randint(67, 91))]


def _elder_couple(rng: random.Random) -> list[Person]:
    age = rng.randint(64, 85)
    return [Person(R.HEAD, True, age), Person(R.SPOUSE, False, age - rng.randint(-1, 5), False)]


def _bachelor(rng: random.Random) -> list[Person]:
    return [Person(R.HEAD, True, rng.randint(43, 66))]


def _parents(rng: random.Random, low: int, high: int) -> list[Person]:
    """A couple of working age; now and then the woman is the head."""
    age = rng.randint(low, high)
    male = rng.random() < 0.88
    difference = rng.randint(-1, 4)
    return [
        Person(R.HEAD, male, age),
        Person(R.SPOUSE, not male, age - difference if male else age + difference, False),
    ]


def _nuclear(rng: random.Random) -> list[Person]:
    people = _parents(rng, 31, 55)
    eldest = min(people[0].age, people[1].age) - rng.randint(22, 29)
    if eldest >= 0:
        people.append(Person(R.CHILD, rng.random() < 0.53, eldest))
        if rng.random() < 0.55 and eldest >= 4:
            people.append(Person(R.CHILD, rng.random() < 0.53, eldest - rng.randint(2, 4)))
    return people


def _young(rng: random.Random) -> list[Person]:
    people = _parents(rng, 26, 33)
    if rng.random() < 0.7:
        people.append(Person(R.CHILD, rng.random() < 0.52, rng.randint(0, 5)))
    return people


def _three_generations(rng: random.Random) -> list[Person]:
    people = _parents(rng, 52, 66)
    people[0].male, people[1].male = True, False
    son = min(people[1].age, people[0].age) - rng.randint(22, 26)
    people.append(Person(R.CHILD, True, son))
    people.append(Person(R.CHILD_IN_LAW, False, son - rng.randint(-1, 3), False))
    child = son - rng.randint(23, 28)
    if child >= 0:
        people.append(Person(R.GRANDCHILD, rng.random() < 0.52, child))
    return people


def _with_parent(rng: random.Random) -> list[Person]:
    people = _nuclear(rng)
    people[0].male, people[1].male = True, False
    mother = rng.random() < 0.62
    people.append(Person(R.PARENT, not mother, min(94, people[0].age + rng.randint(22, 31)), not mother))
    return people


def _left_behind(rng: random.Random) -> list[Person]:
    age = rng.randint(57, 71)
    people = [Person(R.HEAD, True, age)]
    if rng.random() < 0.75:
        people.append(Person(R.SPOUSE, False, age - rng.randint(0, 4), False))
    youngest = rng.randint(4, 13)
    people.append(Person(R.GRANDCHILD, rng.random() < 0.52, youngest))
    if rng.random() < 0.35:
        people.append(Person(R.GRANDCHILD, rng.random() < 0.52, min(15, youngest + rng.randint(1, 3))))
    return people


_KINDS = (
    (_elder_alone, 9), (_elder_couple, 14), (_bachelor, 3), (_nuclear, 28), (_young, 6), (_three_generations, 22),
    (_with_parent, 12), (_left_behind, 6),
)  # fmt: skip
