"""Households with their members, types, dated facts and cadres."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.demonstration import names
from ledger.demonstration.accounts import HOUSEHOLDS, NUMBERS
from ledger.demonstration.benefits import benefits
from ledger.demonstration.families import Family, Person, make_family
from ledger.demonstration.places import AREA, STREETS, WITHOUT_CADRE, Place, Town
from ledger.models import (
    Assignment,
    Cadre,
    Household,
    HouseholdBenefit,
    HouseholdCode,
    HouseholdType,
    Resident,
    StatusPeriod,
)
from ledger.models.fields import id_index, phone_index
from ledger.rules.days import SHANGHAI
from ledger.rules.households import Gender, HouseholdStatus, Relation
from ledger.rules.identity import make_id_number
from ledger.rules.permissions import Role
from ledger.rules.pinyin import initials, pinyin_key

S = HouseholdStatus
GONE = frozenset({S.MERGED, S.MOVED, S.CLOSED})
CHUNK = 2_000


@dataclass
class Home:
    """A household while its year is being told."""

    row: Household
    place: Place
    residents: list[Resident]
    tags: set[str]
    types: list[str] = field(default_factory=list)
    terms: list[tuple[Cadre, datetime.date]] = field(default_factory=list)
    """Who looked after it from when; the last one does today."""

    @property
    def cadre(self) -> Cadre | None:
        return self.terms[-1][0] if self.terms else None

    def cadre_on(self, day: datetime.date) -> Cadre | None:
        """Who looked after it on that day."""
        held = [cadre for cadre, since in self.terms if since <= day]
        return held[-1] if held else None

    @property
    def grown(self) -> list[Resident]:
        """Members old enough to speak for the household; the head among them."""
        latest = self.row.registered_on.year - 19  # type: ignore[union-attr]
        return [r for r in self.residents if r.birth_on and r.birth_on.year <= latest] or self.residents[:1]

    @property
    def is_there(self) -> bool:
        """Whether somebody may be met at all."""
        return self.row.status in {S.ACTIVE, S.AWAY}


class Register:
    """Makes households: keeps ID numbers and mobiles unique and names of heads different within a village."""

    def __init__(self, rng: random.Random, today: datetime.date) -> None:
        self.rng, self.today = rng, today
        self.founded_on = today - datetime.timedelta(days=428)
        self._ids: set[str] = set()
        self._mobiles: set[str] = set()

    def mobile(self, prefix: str) -> str:
        """A number nobody else here has."""
        while (number := f"{prefix}{self.rng.randrange(10**8):08d}") in self._mobiles:
            pass
        self._mobiles.add(number)
        return number

    def home(self, town: Town, place: Place, order: int, taken: set[str]) -> Home:
        """One household with its members, without a cadre yet."""
        rng, family = self.rng, make_family(self.rng)
        residents = [self._resident(town, person) for person in family.people]
        self._name(family, residents, place, taken)
        group = place.groups[(order - 1) * len(place.groups) // max(place.size, order)]
        status = rng.choices((S.ACTIVE, S.AWAY, S.VACANT, S.MOVED, S.MERGED, S.CLOSED), (927, 48, 11, 8, 3, 3))[0]
        row = Household(
            village=place.village, group=group, code=f"{place.village.code}{order:04d}",
            address=_address(rng, place, group.number or 1, order), population=len(residents),
            registered_on=self.founded_on, house_order=order, status=status,
            head_name=residents[0].name, pinyin=residents[0].pinyin, initials=residents[0].initials,
        )  # fmt: skip
        home = Home(row, place, residents, family.tags | {"community" if place.is_community else "village"})
        _characterise(rng, home)
        return home

    def _resident(self, town: Town, person: Person) -> Resident:
        rng = self.rng
        born = self.today - datetime.timedelta(days=person.age * 365 + person.age // 4 + rng.randint(1, 360))
        number = "" if person.relation != Relation.HEAD and rng.random() < 0.02 else self._id(born, person.male)
        share = {Relation.HEAD: 0.97, Relation.SPOUSE: 0.55, Relation.CHILD: 0.6, Relation.CHILD_IN_LAW: 0.6}
        chance = share.get(Relation(person.relation), 0.15) if person.age >= 16 else 0
        phone = self.mobile(town.mobiles) if rng.random() < chance else ""
        return Resident(
            relation=person.relation, gender=Gender.MALE if person.male else Gender.FEMALE, birth_on=born, id_no=number,
            id_index=id_index(number), phone=phone, phone_index=phone_index(phone),
        )  # fmt: skip

    def _id(self, born: datetime.date, male: bool) -> str:
        while (number := make_id_number(AREA, born, self.rng.randrange(500) * 2 + male)) in self._ids:
            pass
        self._ids.add(number)
        return number

    def _name(self, family: Family, residents: list[Resident], place: Place, taken: set[str]) -> None:
        """Everybody of a house under a different name, the head's new in the village."""
        rng = self.rng
        own = names.surname(rng, place.surnames)
        used: set[str] = set()
        father = own if family.people[0].male else names.surname(rng, place.surnames)
        for person, resident in zip(family.people, residents, strict=True):
            is_head = person.relation == Relation.HEAD
            line = father if person.relation in {Relation.CHILD, Relation.GRANDCHILD} else own
            while True:
                said = line if person.same_surname else names.surname(rng)
                name = said + names.given(rng, resident.birth_on.year, male=person.male)
                if name not in used and not (is_head and name in taken):
                    break
            used.add(name)
            if is_head:
                taken.add(name)
            elif person.relation == Relation.SPOUSE and not family.people[0].male:
                father = name[0]
            resident.name, resident.pinyin, resident.initials = name, pinyin_key(name), initials(name)


def _address(rng: random.Random, place: Place, group: int, order: int) -> str:
    if place.is_community:
        street = STREETS[group % len(STREETS)]
        floor, door = rng.randint(1, 6), rng.randint(1, 2)
        return f"{place.name}{street}{order}号" + (f"{floor}0{door}室" if rng.random() < 0.6 else "")
    return f"{place.name}{group}组{order}号"


def _characterise(rng: random.Random, home: Home) -> None:
    """Household types in realistic shares, only where they fit, and the words the texts ask for."""
    tags, row = home.tags, home.row
    chances = (
        ("特困户", 0.16, {"alone"}), ("低保户", 0.05, {"senior"}), ("低保户", 0.02, set()),
        ("低保边缘户", 0.02, set()), ("脱贫户", 0.045, {"village"}), ("监测户", 0.008, {"village"}),
        ("残疾人户", 0.05, set()), ("独居老人户", 1.0, {"alone"}),
        ("留守儿童户", 0.9, {"left_behind"}),
        ("困境儿童户", 0.01, {"child"}), ("军属", 0.05, {"college"}), ("军属", 0.012, {"young"}),
        ("党员户", 0.09, set()), ("大病户", 0.015, set()), ("外出务工户", 0.16, {"young"}),
        ("种养大户", 0.025, {"worker", "village"}), ("租住户", 0.12, {"community", "young"}),
    )  # fmt: skip
    home.types = [name for name, chance, needs in chances if needs <= tags and rng.random() < chance]
    home.types = list(dict.fromkeys(home.types))
    if "特困户" in home.types:
        home.types = [name for name in home.types if name not in {"低保户", "低保边缘户", "党员户"}]
    if row.status == S.AWAY and "young" in tags and "外出务工户" not in home.types:
        home.types.append("外出务工户")
    home.types = home.types or ["一般户"]
    if "village" in tags and "able" in tags and rng.random() < 0.75:
        tags.add("farm")
    words = {
        "低保户": "low", "特困户": "low", "低保边缘户": "low", "脱贫户": "poor", "监测户": "poor",
        "残疾人户": "disabled", "军属": "army", "党员户": "party", "大病户": "ill", "外出务工户": "migrant",
        "种养大户": "grower", "租住户": "tenant", "困境儿童户": "hardship",
    }  # fmt: skip
    tags |= {words[name] for name in home.types if name in words}


def make_homes(register: Register, town: Town) -> list[Home]:
    """All households of a township, each village numbered along the road, with their cadres."""
    homes: list[Home] = []
    for place in town.places:
        taken: set[str] = set()
        own = [register.home(town, place, order, taken) for order in range(1, place.size + 1)]
        _allot(register, place, own)
        homes += own
    return homes


def _allot(register: Register, place: Place, homes: list[Home]) -> None:
    """Neighbouring houses to one cadre; a few changed hands during the year."""
    rng, team = register.rng, place.team
    if not team:
        return
    living = [home for home in homes if home.row.status not in GONE]
    for number, home in enumerate(living):
        home.terms = [(team[number * len(team) // len(living)], register.founded_on)]
    _give_full_round(team, living, register.founded_on)
    handed_on = register.today - datetime.timedelta(days=rng.randint(120, 260))
    moving = [cadre for cadre in team if cadre.cadre_no != NUMBERS[Role.HOUSEHOLD_CADRE]]
    mover, *others = rng.sample(moving, min(2, len(moving)))
    for home in living:
        if others and home.cadre is mover and rng.random() < 0.25:
            home.terms.append((others[0], handed_on))
    active = [home for home in living if home.row.status == S.ACTIVE]
    for home in active[: min(WITHOUT_CADRE.get(place.name, 0), len(active) // 2)]:
        home.terms = []


def _give_full_round(team: list[Cadre], living: list[Home], since: datetime.date) -> None:
    """The household cadre of the demonstration looks after just so many neighbouring houses."""
    cadre = next((one for one in team if one.cadre_no == NUMBERS[Role.HOUSEHOLD_CADRE]), None)
    if cadre is None:
        return
    other = next(one for one in team if one is not cadre)
    settled = [at for at, home in enumerate(living) if home.row.status == S.ACTIVE]
    first = next((at for at, home in enumerate(living) if home.cadre is cadre), 0)
    start = min(first, settled[max(0, len(settled) - HOUSEHOLDS)])
    kept = [at for at in settled if at >= start][:HOUSEHOLDS]
    for at, home in enumerate(living):
        if at in kept:
            home.terms = [(cadre, since)]
        elif home.cadre is cadre:
            home.terms = [(other, since)]


def store(homes: list[Home], founded_on: datetime.date, rng: random.Random, today: datetime.date) -> None:
    """Write the households and what hangs on them, in a few statements each."""
    for home in homes:
        home.row.cadre = home.cadre
    rows = [home.row for home in homes]
    Household.objects.bulk_create(rows, batch_size=CHUNK)
    Household.objects.filter(pk__gte=rows[0].pk, pk__lte=rows[-1].pk).update(created_at=_morning(founded_on))
    for home in homes:  # ids, not objects: nothing to look up again for each of the thousands
        for resident in home.residents:
            resident.household_id, resident.township_id = home.row.pk, home.place.village.township_id
    Resident.objects.bulk_create([r for home in homes for r in home.residents], batch_size=CHUNK)
    HouseholdCode.objects.bulk_create(
        [HouseholdCode(household_id=home.row.pk, code=home.row.code, start_on=founded_on) for home in homes],
        batch_size=CHUNK,
    )
    StatusPeriod.objects.bulk_create(
        [period for home in homes for period in _periods(home, founded_on, rng, today)], batch_size=CHUNK
    )
    Assignment.objects.bulk_create([term for home in homes for term in _terms(home)], batch_size=CHUNK)
    types = {row.name: row for row in HouseholdType.objects.filter(county=homes[0].place.village.township.county)}
    through = Household.types.through
    through.objects.bulk_create(
        [
            through(household_id=home.row.pk, householdtype_id=types[name].pk)
            for home in homes
            for name in home.types
            if name in types
        ],
        batch_size=CHUNK,
    )
    county = homes[0].place.village.township.county
    receiving = benefits(county, [(home.row.pk, home.types) for home in homes], founded_on)
    HouseholdBenefit.objects.bulk_create(receiving, batch_size=CHUNK)


def _morning(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(9, 20), tzinfo=SHANGHAI)


_WHY = {
    S.AWAY: "全家外出务工，逢年过节回来", S.VACANT: "房屋空置一年以上", S.MOVED: "迁往县城居住", S.MERGED: "与儿子并户",
    S.CLOSED: "户内无人，已销户",
}  # fmt: skip


def _periods(
    home: Home, founded_on: datetime.date, rng: random.Random, today: datetime.date
) -> Iterator[StatusPeriod]:  # fmt: skip
    """Living there until something happened; a household that is there no more was there at first."""
    status = home.row.status
    changed = today - datetime.timedelta(days=rng.randint(20, 300))
    if status == S.ACTIVE:
        yield StatusPeriod(household_id=home.row.pk, status=status, start_on=founded_on)
        return
    yield StatusPeriod(household_id=home.row.pk, status=S.ACTIVE, start_on=founded_on, end_on=changed)
    yield StatusPeriod(household_id=home.row.pk, status=status, start_on=changed, reason=_WHY[S(status)])


def _terms(home: Home) -> Iterator[Assignment]:
    for number, (cadre, since) in enumerate(home.terms):
        following = home.terms[number + 1][1] if number + 1 < len(home.terms) else None
        reason = "联系户调整" if number else ""
        yield Assignment(household_id=home.row.pk, cadre_id=cadre.pk, start_on=since, end_on=following, reason=reason)
