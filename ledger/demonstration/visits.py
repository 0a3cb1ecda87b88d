"""A year of household contacts: whom each cadre went to see, when, and who was in."""

import datetime
import random
from collections import defaultdict
from dataclasses import dataclass, field

from ledger.demonstration.homes import Home
from ledger.demonstration.places import Place
from ledger.models import Cadre, Visit
from ledger.rules.households import HouseholdStatus, Relation
from ledger.rules.visits import PartOfDay, Profession, VisitKind, VisitResult

K, R = VisitKind, VisitResult
YEAR = 364
OPENING_HOUR, EVENING_HOUR = 8, 18
CALLED = {Relation.SPOUSE: "户主爱人", Relation.CHILD_IN_LAW: "户主儿媳"}


@dataclass
class Contact:
    """A visit while it is being told; the row is complete once ``writing.py`` gave it its text."""

    row: Visit
    place: Place
    home: Home | None = None
    topics: list[str] = field(default_factory=list)
    companions: list[Cadre] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    """Titles of the issues it raised."""
    about: str = ""
    """What it was for, when that is known beforehand (a call-back)."""

    @property
    def is_evening(self) -> bool:
        return self.row.part_of_day == PartOfDay.EVENING


class Diary:
    """Plans the contacts of a township; the latest are of yesterday."""

    def __init__(self, rng: random.Random, today: datetime.date) -> None:
        self.rng, self.today = rng, today
        self._rounds: dict[int, list[int]] = {}
        self._zeal: dict[int, float] = {}

    def visit_homes(self, homes: list[Home]) -> list[Contact]:
        """The contacts of these households, in no order."""
        contacts: list[Contact] = []
        for home in homes:
            if home.terms and home.is_there:
                contacts += self._year(home)
            contacts += self._professional(home)
        return contacts

    def contact(self, home: Home, ago: int, kind: str = K.HOUSEHOLD, result: str = R.MET) -> Contact | None:
        """One contact so many days ago, by whoever looked after the household then."""
        day = self.today - datetime.timedelta(days=ago)
        lead = home.cadre_on(day)
        return None if lead is None else self.by(lead, home, day, kind, result)

    def by(self, lead: Cadre, home: Home, day: datetime.date, kind: str, result: str) -> Contact:
        """One contact of this cadre with the household."""
        evening = kind == K.NIGHT
        part = PartOfDay.EVENING if evening else self.rng.choice((PartOfDay.MORNING, PartOfDay.AFTERNOON))
        met = 0 if result != R.MET else 1 if kind == K.PHONE else self.rng.choices((1, 2, 3), (62, 30, 8))[0]
        row = Visit(
            kind=kind, result=result, occurred_on=day, part_of_day=part, lead=lead, profession=lead.profession,
            village=home.place.village, group=home.row.group, household=home.row,
            people_met=min(met, len(home.residents)), recorded_by=lead.user,
        )  # fmt: skip
        return Contact(row, home.place, home)

    def _year(self, home: Home) -> list[Contact]:
        """Backwards from the last contact; away families answer the phone, a few houses nobody ever reached."""
        rng = self.rng
        cadre = home.cadre
        assert cadre is not None
        away = home.row.status == HouseholdStatus.AWAY
        if rng.random() < (0.2 if away else 0.024):
            return self._missed(home, rng.randint(8, 200)) if rng.random() < 0.5 else []
        contacts: list[Contact] = []
        ago = self._on_round(cadre, self._last_gap(cadre, home.place))
        while ago <= YEAR:
            kind = (
                K.PHONE if away and rng.random() < 0.5 else rng.choices((K.HOUSEHOLD, K.NIGHT, K.TALK), (82, 15, 3))[0]
            )
            contacts += self._one(home, ago, kind)
            if rng.random() < 0.12:
                contacts += self._missed(home, ago + rng.randint(1, 5))
            if rng.random() < 0.16:
                contacts += self._one(home, ago + rng.randint(20, 60), K.PHONE)
            ago = self._on_round(cadre, ago + rng.randint(150, 370))
        return contacts

    def _one(self, home: Home, ago: int, kind: str) -> list[Contact]:
        result = R.DECLINED if kind != K.PHONE and self.rng.random() < 0.006 else R.MET
        found = self.contact(home, ago, kind, result) if ago <= YEAR else None
        return [found] if found else []

    def _missed(self, home: Home, ago: int) -> list[Contact]:
        away = home.row.status == HouseholdStatus.AWAY or ("migrant" in home.tags and self.rng.random() < 0.5)
        found = self.contact(home, ago, K.HOUSEHOLD, R.AWAY if away else R.ABSENT) if ago <= YEAR else None
        return [found] if found else []

    def _last_gap(self, cadre: Cadre, place: Place) -> int:
        """Days since the last contact: shorter with some cadres and in some villages than in others."""
        zeal = self._zeal.setdefault(id(cadre), self.rng.uniform(0.75, 1.3))
        zeal *= self._zeal.setdefault(id(place), self.rng.triangular(0.55, 1.75, 0.95))
        low, high = self.rng.choices(((1, 30), (31, 60), (61, 90), (91, 170)), (42, 27, 16, 11))[0]
        return max(1, round(self.rng.randint(low, high) * zeal))

    def _on_round(self, cadre: Cadre, ago: int) -> int:
        """The day of the cadre's rounds at or before that: several houses on one outing."""
        days = self._rounds.get(id(cadre))
        if days is None:
            days = [self.rng.randint(1, 6)]
            while days[-1] <= YEAR:
                days.append(days[-1] + self.rng.randint(3, 10))
            self._rounds[id(cadre)] = days
        return next(day for day in days if day >= min(ago, YEAR)) if ago <= YEAR else ago

    def _professional(self, home: Home) -> list[Contact]:
        """Doctors see the old and the ill, teachers families of pupils, agri-technicians farms."""
        wanted = {
            Profession.DOCTOR: ("elder", "ill", "disabled", "baby"), Profession.TEACHER: ("child",),
            Profession.AGRI_TECHNICIAN: ("grower", "farm"),
        }  # fmt: skip
        share = {Profession.DOCTOR: 0.45, Profession.TEACHER: 0.3, Profession.AGRI_TECHNICIAN: 0.2}
        if not home.is_there:
            return []
        return [
            self.by(cadre, home, self.today - datetime.timedelta(days=self.rng.randint(1, YEAR)), K.SERVICE, R.MET)
            for cadre in home.place.visitors
            if home.tags.intersection(wanted[Profession(cadre.profession)])
            and self.rng.random() < share[Profession(cadre.profession)]
        ]

    def schedule(self, contacts: list[Contact]) -> None:
        """Give each contact its hour: one after the other on a round, evenings after six."""
        outings: dict[tuple[int, datetime.date, str], list[Contact]] = defaultdict(list)
        for contact in contacts:
            row = contact.row
            outings[id(row.lead), row.occurred_on, row.part_of_day].append(contact)
        starts = {PartOfDay.MORNING: 8 * 60 + 10, PartOfDay.AFTERNOON: 13 * 60 + 50, PartOfDay.EVENING: 18 * 60 + 30}
        longest = {PartOfDay.MORNING: 215, PartOfDay.AFTERNOON: 225, PartOfDay.EVENING: 150}
        for (_lead, _day, part), outing in outings.items():
            part_of_day = PartOfDay(part)
            step = min(self.rng.choice((15, 20, 25, 30, 35)), longest[part_of_day] // len(outing))
            left = longest[part_of_day] - step * (len(outing) - 1)
            begin = starts[part_of_day] + self.rng.randrange(0, max(10, left * 3 // 4), 5)
            for place, contact in enumerate(outing):
                minutes = min(begin + place * max(step, 1), 21 * 60 + 20)
                contact.row.occurred_time = datetime.time(minutes // 60, minutes % 60 // 5 * 5)


def person_met(rng: random.Random, home: Home, people: int) -> str:
    """Who of the household was met, in words."""
    grown = [r for r in home.grown if r.relation in CALLED]
    if grown and rng.random() < 0.35:
        member = rng.choice(grown)
        if member.relation == Relation.SPOUSE and member.gender == "male":
            return "户主丈夫"
        return CALLED[Relation(member.relation)]
    parents = [r for r in home.residents if r.relation == Relation.PARENT]
    if parents and rng.random() < 0.4:
        return "户主父亲" if parents[0].gender == "male" else "户主母亲"
    if people > 1 and len(home.residents) > 1 and home.residents[1].relation == Relation.SPOUSE and rng.random() < 0.15:
        return "户主夫妇"
    return "户主"
