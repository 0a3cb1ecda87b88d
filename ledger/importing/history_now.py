"""What the ledger holds of the things that the tables of the past name, read in a fixed number of queries."""

from dataclasses import dataclass, field
from typing import Any

from ledger.importing.ledger_now import LedgerNow, ledger_for, load_households
from ledger.models import (
    Cadre,
    Category,
    Enterprise,
    Group,
    Household,
    HouseholdCode,
    Issue,
    Organisation,
    Township,
    Village,
    VillageLink,
    Visit,
)
from ledger.rules.days import local_day


@dataclass(slots=True, eq=False)
class Unit:
    """An organisation; ``pk`` is None until a new one is written."""

    name: str
    township: int
    pk: int | None = None
    villages: set[int] = field(default_factory=set)
    """Villages that it is tied to."""
    is_committee: bool = False
    is_outside: bool = False


@dataclass(slots=True, eq=False)
class Person:
    """A cadre, also one who has left: the past was made by them."""

    number: str
    name: str
    township: int | None
    pk: int | None = None
    rank: str = ""
    unit: Unit | None = None
    unit_name: str = ""
    phone: str = ""
    has_left: bool = False
    villages: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Firm:
    """An enterprise."""

    code: str
    name: str
    village: int
    pk: int | None = None
    unit_name: str = ""


@dataclass(slots=True, eq=False)
class Home:
    """A household, as visits and matters name it by its code."""

    code: str
    village: int
    pk: int | None = None
    head: str = ""
    group: int | str | None = None
    cadre: int | None = None
    status: str = ""
    group_pk: int | None = None


@dataclass(slots=True, eq=False)
class Contact:
    """A visit, with what a second file could say otherwise."""

    number: str
    village: int
    pk: int | None = None
    said: dict[str, Any] = field(default_factory=dict)
    """kind, day, household, enterprise, lead, persons, opinions, void: keys of things by what tells them apart."""
    is_meeting: bool = False


@dataclass(slots=True, eq=False)
class Matter:
    """An issue, with what a second file could say otherwise."""

    number: str
    said: dict[str, Any] = field(default_factory=dict)


@dataclass
class PastNow:
    """The part of the ledger that the past of ``townships`` is compared with; new things are added as they are met."""

    ledger: LedgerNow
    units: dict[tuple[int, str], Unit] = field(default_factory=dict)
    people: dict[tuple[int, str], Person] = field(default_factory=dict)
    """(county, number in small letters) → cadre."""
    firms: dict[tuple[int, str], Firm] = field(default_factory=dict)
    homes: dict[tuple[int, str], Home] = field(default_factory=dict)
    contacts: dict[tuple[int, str], Contact] = field(default_factory=dict)
    """(township, number of the earlier ledger) → visit."""
    matters: dict[tuple[int, int, str], Matter] = field(default_factory=dict)
    """(township, year, number of the earlier ledger) → issue."""
    categories: dict[tuple[int, str], tuple[int | None, bool]] = field(default_factory=dict)
    """(county, name) → (category, whether its matters are kept to their circle); None for one to be added."""
    groups: dict[tuple[int, int | str], int] = field(default_factory=dict)
    villages: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Village → (official name, kind)."""

    @property
    def townships(self) -> list[Township]:
        return self.ledger.townships

    @property
    def counties(self) -> dict[int, int]:
        """Township → county."""
        return {township.pk: township.county_id for township in self.ledger.townships}

    @property
    def only_township(self) -> int | None:
        """The township that rows belong to which name no village."""
        return self.ledger.townships[0].pk if len(self.ledger.townships) == 1 else None


def past_for(townships: list[Township]) -> PastNow:
    """Everything that the tables may name in these townships."""
    ledger = ledger_for(townships)
    now = PastNow(ledger)
    mine = [township.pk for township in townships]
    villages = {place.pk for place in ledger.places.values() if place.in_scope}
    load_households(ledger, villages, members=False)
    _load_units(now, mine)
    _load_people(now)
    _load_homes(now)
    for pk, village, code, name, unit in (
        Enterprise.objects.filter(village__in=villages)
        .exclude(code="")
        .values_list("pk", "village_id", "code", "name", "organisation__name")
    ):
        now.firms[village, code] = Firm(code, name, village, pk, unit or "")
    for pk, village, number, name in Group.objects.filter(village__in=villages).values_list(
        "pk", "village_id", "number", "name"
    ):
        now.groups[village, number if number is not None else name] = pk
    for pk, official, kind in Village.objects.filter(pk__in=villages).values_list("pk", "official_name", "kind"):
        now.villages[pk] = (official, kind)
    _load_categories(now)
    _load_contacts(now, mine)
    _load_matters(now, mine)
    return now


def _load_units(now: PastNow, townships: list[int]) -> None:
    """Offices of the townships; one of the office's own goes before a village committee of that name."""
    rows = Organisation.objects.filter(township__in=townships).order_by("village_id", "pk")
    by_pk: dict[int, Unit] = {}
    for row in rows:
        assert row.township_id is not None
        unit = Unit(
            row.name, row.township_id, row.pk, is_committee=row.village_id is not None,
            is_outside=row.is_outside_command,
        )  # fmt: skip
        by_pk[row.pk] = unit
        known = now.units.get((row.township_id, row.name))
        if known is None or known.is_committee:
            now.units[row.township_id, row.name] = unit
    for unit_pk, village in (
        VillageLink.objects.open().filter(organisation__in=by_pk).values_list("organisation_id", "village_id")
    ):
        by_pk[unit_pk].villages.add(village)


def _load_people(now: PastNow) -> None:
    counties = {township.county_id for township in now.ledger.townships}
    columns = (
        "pk", "county_id", "cadre_no", "name", "township_id", "rank", "organisation__name", "phone", "left_on",
    )  # fmt: skip
    by_pk: dict[int, Person] = {}
    for pk, county, number, name, township, rank, unit, phone, left in Cadre.objects.filter(
        county__in=counties
    ).values_list(*columns):
        has_left = left is not None and left <= now.ledger.today
        person = Person(number, name, township, pk, rank, None, unit or "", phone, has_left)
        by_pk[pk] = now.people[county, number.lower()] = person
    for cadre, village in VillageLink.objects.open().filter(cadre__in=by_pk).values_list("cadre_id", "village_id"):
        by_pk[cadre].villages.add(village)


def _load_homes(now: PastNow) -> None:
    """By today's codes, and by the codes that households had before."""
    more = {
        pk: (status, group)
        for pk, status, group in Household.objects.filter(
            village__township__in=[t.pk for t in now.ledger.townships]
        ).values_list("pk", "status", "group_id")
    }
    for stored in now.ledger.households.values():
        status, group_pk = more.get(stored.pk, ("", None))
        now.homes[stored.village, stored.code] = Home(
            stored.code, stored.village, stored.pk, stored.head, stored.group, stored.cadre, status, group_pk
        )
    by_pk = {home.pk: home for home in now.homes.values()}
    townships = [township.pk for township in now.ledger.townships]
    former = HouseholdCode.objects.filter(household__village__township__in=townships, end_on__isnull=False)
    for household, code in former.values_list("household_id", "code").iterator(chunk_size=5_000):
        home = by_pk.get(household)
        if home is not None:
            now.homes.setdefault((home.village, code), home)


def _load_categories(now: PastNow) -> None:
    """By name; of two alike the one in use, then the top one."""
    rows = Category.objects.filter(county__in={t.county_id for t in now.ledger.townships}).select_related("parent")
    for row in sorted(rows, key=lambda each: (not each.is_active, each.parent_id is not None, each.pk)):
        now.categories.setdefault((row.county_id, row.name), (row.pk, row.restricts))


def _load_contacts(now: PastNow, townships: list[int]) -> None:
    columns = (
        "pk", "earlier_number", "village_id", "village__township_id", "kind", "occurred_on", "household__code",
        "enterprise__code", "lead__cadre_no", "people_met", "opinions_heard", "voided_at",
    )  # fmt: skip
    rows = Visit.objects.filter(village__township__in=townships).exclude(earlier_number="").values_list(*columns)
    for pk, number, village, township, kind, day, home, firm, lead, persons, opinions, voided in rows.iterator(
        chunk_size=5_000
    ):
        said = {
            "kind": str(kind), "time": day.isoformat(), "hh_no": home or "", "enterprise_id": firm or "",
            "cadre_no": (lead or "").lower(), "persons": persons, "opinions_from": opinions, "void": voided is not None,
        }  # fmt: skip
        now.contacts[township, number] = Contact(number, village, pk, said, kind == "meeting")


def _load_matters(now: PastNow, townships: list[int]) -> None:
    columns = (
        "earlier_number", "township_id", "year", "village_id", "title", "registered_at", "category__name", "urgency",
        "household__code", "due_on", "state",
    )  # fmt: skip
    rows = Issue.objects.filter(township__in=townships).exclude(earlier_number="").values_list(*columns)
    for number, township, year, village, title, at, category, urgency, home, due, state in rows.iterator(
        chunk_size=5_000
    ):
        said = {
            "village_code": village, "title": title, "created_date": local_day(at).isoformat(), "category": category,
            "urgency": str(urgency), "hh_no": home or "", "due_date": due.isoformat() if due else "",
            "status": str(state),
        }  # fmt: skip
        now.matters[township, year, number] = Matter(number, said)
