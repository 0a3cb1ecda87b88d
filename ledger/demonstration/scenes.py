"""What the accounts of the demonstration find on their desks: a full day's work for each."""

import datetime

from ledger.demonstration.accounts import NUMBERS
from ledger.demonstration.fates import Fate
from ledger.demonstration.homes import Home
from ledger.demonstration.issues import Chronicle
from ledger.demonstration.matters import Matter
from ledger.demonstration.places import DEMONSTRATION_VILLAGE, Town
from ledger.demonstration.visits import Contact, Diary
from ledger.rules.calendar import DueState
from ledger.rules.households import HouseholdStatus
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Role
from ledger.rules.visits import VisitKind, VisitResult, is_contact

NEVER_VISITED = 3
NEW, YESTERDAY, LATE = (
    Fate(State.REGISTERED, ago=(0, 0)),
    Fate(State.REGISTERED, ago=(1, 1)),
    Fate(State.REGISTERED, ago=(3, 4)),
)
OWN = (
    Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.TODAY),
    Fate(State.ASSIGNED, ago=(1, 1)),
)  # fmt: skip
"""Where the matters stand that the household cadre handles for own households."""
TO_ASK = Fate(State.RESOLVED)
"""Raised by the household cadre, resolved by an office: the cadre may call back."""
CARE = (Fate(State.IN_PROGRESS, due=DueState.LATER), Fate(State.RESOLVED))
"""What the doctor brought back from visits."""
VILLAGE = (
    NEW, YESTERDAY, LATE, Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.NEAR),
    Fate(State.RESOLVED), Fate(State.RESOLVED),
)  # fmt: skip
"""What lies on the desk of the village cadre."""
DISTRICT = (NEW, YESTERDAY, LATE)
"""What waits in a village without a village cadre, and so on the desk of the district secretary."""
UNIT = (
    Fate(State.ASSIGNED, ago=(0, 1)), Fate(State.ASSIGNED, ago=(2, 3)), Fate(State.ASSIGNED, ago=(4, 6)),
    Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.TODAY),
    Fate(State.IN_PROGRESS, due=DueState.NEAR), Fate(State.IN_PROGRESS, due=DueState.LATER),
)  # fmt: skip
"""What the office of the department handler has in hand."""
SUPPORTED = (Fate(State.IN_PROGRESS, due=DueState.OVERDUE), Fate(State.IN_PROGRESS, due=DueState.LATER))
"""What other offices have in hand, and that office supports."""


def arrange_round(diary: Diary, homes: list[Home], contacts: list[Contact]) -> list[Contact]:
    """The contacts, but of the household cadre's own houses just three never seen and all others met."""
    own = _own(homes)
    unvisited = {id(home) for home in own[4 : 4 + NEVER_VISITED * 6 : 6]}
    met = {id(contact.home) for contact in contacts if is_contact(contact.row.kind, contact.row.result)}
    kept = [contact for contact in contacts if id(contact.home) not in unvisited]
    for home in own:
        if id(home) not in unvisited | met and home.cadre is not None:
            day = diary.today - datetime.timedelta(days=diary.rng.randint(35, 120))
            kept.append(diary.by(home.cadre, home, day, VisitKind.HOUSEHOLD, VisitResult.MET))
    return kept


def own_round(homes: list[Home]) -> frozenset[int]:
    """The households whose open matters are told here alone, as ``id`` of each."""
    return frozenset(id(home) for home in _own(homes))


def set_scenes(
    chronicle: Chronicle, diary: Diary, town: Town, homes: list[Home], contacts: list[Contact]
) -> list[Contact]:  # fmt: skip
    """Add the work of the accounts to a township whose year is told already; returns the visits it took."""
    met = {id(contact.home) for contact in contacts}
    visited = [home for home in _own(homes) if id(home) in met and home.row.status == HouseholdStatus.ACTIVE]
    paid: list[Contact] = []

    def call(home: Home, day: datetime.date) -> Contact:
        assert home.cadre is not None
        paid.append(diary.by(home.cadre, home, day, VisitKind.HOUSEHOLD, VisitResult.MET))
        diary.schedule(paid[-1:])
        return paid[-1]

    def look_after(home: Home, day: datetime.date) -> Contact:
        paid.append(diary.by(home.place.visitors[0], home, day, VisitKind.SERVICE, VisitResult.MET))
        diary.schedule(paid[-1:])
        return paid[-1]

    for home, fate in zip(visited[::3], OWN, strict=False):
        chronicle.one(fate, home=home, handler=home.cadre, want=lambda m: _simple(m) and not m.public, call=call)
    chronicle.one(TO_ASK, home=visited[1], want=_of_unit, call=call)
    place = next(place for place in town.places if place.name == DEMONSTRATION_VILLAGE)
    for fate in VILLAGE:
        chronicle.one(fate, place=place, want=_simple)
    patients = [home for home in homes if home.place is place and "elder" in home.tags and home.cadre and home.is_there]
    for home, fate in zip(patients[::3], CARE, strict=False):
        chronicle.one(fate, home=home, want=_of_care, call=look_after, is_called=True)
    for number, (days, where) in enumerate(((1, place), (3, place), (6, town.places[0]), (9, town.places[-1]))):
        chronicle.one(Fate(State.REGISTERED, ago=(days, days + number)), place=where, want=_is_wish)
    near = [other for other in town.places if other.secretary is place.secretary]
    for other in near:
        for fate in DISTRICT if other.village_cadre is None else ():
            chronicle.one(fate, place=other, want=_ordinary)
    for number, fate in enumerate(UNIT):
        chronicle.one(fate, place=near[number % len(near)], want=_of_office)
    for number, fate in enumerate(SUPPORTED):
        chronicle.one(fate, place=near[number % len(near)], want=_of_others)
    return paid


def _own(homes: list[Home]) -> list[Home]:
    return [home for home in homes if home.cadre and home.cadre.cadre_no == NUMBERS[Role.HOUSEHOLD_CADRE]]


def _is_wish(matter: Matter) -> bool:
    """What waits in the pool until somebody claims it."""
    return matter.kind == IssueKind.WISH


def _ordinary(matter: Matter) -> bool:
    return not matter.sensitive and matter.kind not in {IssueKind.COMPLAINT, IssueKind.EARLY_SIGN, IssueKind.WISH} and (
        matter.category[0] != "村务作风"
    )  # fmt: skip


def _simple(matter: Matter) -> bool:
    """What the village settles itself."""
    return _ordinary(matter) and not matter.unit


def _of_unit(matter: Matter) -> bool:
    return matter.unit and not matter.public and _ordinary(matter)


def _of_care(matter: Matter) -> bool:
    """What a doctor hears at a bedside."""
    return matter.category[0] in {"社保健康", "民政救助"} and _ordinary(matter)


def _of_office(matter: Matter) -> bool:
    return matter.unit and _ordinary(matter) and matter.category[0] in {"道路交通", "住房建设"}


def _of_others(matter: Matter) -> bool:
    return "村镇建设办" in matter.supporting and _ordinary(matter)
