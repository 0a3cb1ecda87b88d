"""What the accounts of the demonstration find on their desks: a full day's work for each."""

from ledger.demonstration.accounts import NUMBERS
from ledger.demonstration.fates import Fate
from ledger.demonstration.homes import Home
from ledger.demonstration.issues import Chronicle
from ledger.demonstration.places import Town
from ledger.demonstration.staff import DEMONSTRATION_VILLAGE
from ledger.demonstration.visits import Contact, Diary
from ledger.rules.calendar import DueState
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Role

HOUSEHOLDS = 24
NEVER_VISITED = 3
OWN = (
    Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.TODAY),
    Fate(State.ASSIGNED, ago=(1, 1)), Fate(State.IN_PROGRESS, due=DueState.LATER),
)  # fmt: skip
"""Where the matters stand that the household cadre handles for own households."""
VILLAGE = (
    Fate(State.REGISTERED, ago=(0, 1)), Fate(State.REGISTERED, ago=(1, 2)), Fate(State.REGISTERED, ago=(3, 4)),
    Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.NEAR), Fate(State.RESOLVED),
    Fate(State.RESOLVED),
)  # fmt: skip
UNIT = (
    Fate(State.ASSIGNED, ago=(0, 1)), Fate(State.ASSIGNED, ago=(1, 2)), Fate(State.ASSIGNED, ago=(2, 3)),
    Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.TODAY),
    Fate(State.IN_PROGRESS, due=DueState.NEAR), Fate(State.IN_PROGRESS, due=DueState.LATER),
)  # fmt: skip
"""What the office of the department handler has in hand."""
OWNERLESS = 20


def set_scenes(
    chronicle: Chronicle, diary: Diary, town: Town, homes: list[Home], contacts: list[Contact]
) -> None:  # fmt: skip
    """Add the work of the accounts to a township whose year is told already."""
    place = next(place for place in town.places if place.name == DEMONSTRATION_VILLAGE)
    own = [home for home in homes if home.cadre and home.cadre.cadre_no == NUMBERS[Role.HOUSEHOLD_CADRE]]
    met = {id(contact.home) for contact in contacts if contact.home}
    cadre = own[0].cadre
    assert cadre is not None
    visited = [home for home in own if id(home) in met and home.is_there]
    for home, fate in zip(visited, OWN, strict=False):
        chronicle.one(fate, home=home, handler=cadre, want=_ordinary)
    for fate in VILLAGE:
        chronicle.one(fate, place=place, want=lambda m: _ordinary(m) and not m.unit)
    for fate in (
        Fate(State.REGISTERED, ago=(0, 1)),
        Fate(State.REGISTERED, ago=(1, 2)),
        Fate(State.REGISTERED, ago=(0, 0)),
    ):
        for other in town.places:
            if other.secretary is place.secretary and other.village_cadre is None:
                chronicle.one(fate, place=other, want=_ordinary)
    near = [other for other in town.places if other.secretary is place.secretary]
    for number, fate in enumerate(UNIT):
        chronicle.one(fate, place=near[number % len(near)], want=lambda m: m.unit and _of_office(m))


def _ordinary(matter: object) -> bool:
    return matter.kind not in {IssueKind.COMPLAINT, IssueKind.EARLY_SIGN} and not matter.sensitive  # type: ignore[attr-defined]


def _of_office(matter: object) -> bool:
    return matter.category[0] in {"道路交通", "住房建设"} and not matter.sensitive  # type: ignore[attr-defined]
