"""What the ledger holds already, read in a fixed number of queries before a roster is compared with it."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from ledger.actions.defaults import read as read_default
from ledger.importing.held_memory import Memory
from ledger.importing.responsible import Cadres, KnownCadre
from ledger.importing.villages import Place, Villages
from ledger.models import Cadre, Group, Household, HouseholdType, Resident, Township, Village
from ledger.models.number_indexes import IndexKeys, index_keys
from ledger.rules.days import local_today
from ledger.rules.households import Relation

_HEAD = Relation.HEAD.value
_YES = frozenset({"1", "true"})
"""A yes as text: SQLite's and PostgreSQL's."""


_ROWS_AT_ONCE = 1_000
"""Of a query: few enough to stay in the processor's cache while they are looked at."""
_NO_TYPES: frozenset[str] = frozenset()
_NO_HEAD = (0, None, 0, "", "")
"""As ``_heads_of`` has them, for a household without a head."""


@dataclass(slots=True)
class Stored:
    """A household as a roster can change it. Numbers stay sealed: their indexes are compared."""

    pk: int
    village: int
    code: str
    generated: bool
    group: int | str | None
    head: str
    address: str
    population: int | None
    since: str
    remark: str
    cadre: int | None
    version: int
    types: frozenset[str] = frozenset()
    head_pk: int | None = None
    head_version: int = 0
    id_index: str = ""
    phone_index: str = ""


@dataclass(slots=True)
class Member:
    """A current member, as far as matching needs it."""

    pk: int
    household: int
    name: str
    relation: str
    relation_text: str
    gender: str
    birth: str
    id_index: str
    phone_index: str
    version: int


@dataclass
class LedgerNow:
    """The part of the ledger that a roster for ``townships`` is compared with."""

    townships: list[Township]
    villages: Villages
    cadres: Cadres
    types: dict[int, frozenset[str]]
    """County → the household types in use."""
    today: datetime.date
    keys: IndexKeys
    """What the indexes of numbers are made with; in a transaction until its end."""
    households: dict[int, Stored] = field(default_factory=dict)
    by_code: dict[tuple[int, str], Stored] = field(default_factory=dict)
    by_household: dict[int, list[Member]] = field(default_factory=dict)
    """The members of each household; only read for a file that lists members."""
    places: dict[int, Place] = field(default_factory=dict)

    @cached_property
    def holders(self) -> dict[tuple[int, str], tuple[int, int]]:
        """(township, index of the ID number) → (member, household): asked only for rows that are not as they were.

        Of all current members of the townships: a number may be known in another village.
        """
        numbered = _current(self).exclude(**{self.keys.id_column: ""}).order_by()
        columns = ("township_id", self.keys.id_column, "pk", "household_id")
        found = numbered.values_list(*columns).iterator(chunk_size=_ROWS_AT_ONCE)
        return {(township, index): (pk, household) for township, index, pk, household in found}

    @cached_property
    def by_name(self) -> dict[tuple[int, int | str | None, str], list[Stored]]:
        """(village, group, head) → households: asked only for rows without an ID number."""
        found: dict[tuple[int, int | str | None, str], list[Stored]] = {}
        for stored in self._in_order():
            found.setdefault((stored.village, stored.group, stored.head), []).append(stored)
        return found

    @cached_property
    def by_address(self) -> dict[tuple[int, str, str], list[Stored]]:
        """(village, head, address) → households: asked only for rows that would be new."""
        found: dict[tuple[int, str, str], list[Stored]] = {}
        for stored in self._in_order():
            if stored.address:
                found.setdefault((stored.village, stored.head, stored.address), []).append(stored)
        return found

    def _in_order(self) -> list[Stored]:
        """The oldest first; they are read without an order, which costs a large table as much as reading it."""
        return sorted(self.households.values(), key=attrgetter("pk"))

    @cached_property
    def memory(self) -> Memory:
        """What was decided about held rows of earlier files."""
        return Memory(self.townships)

    @property
    def all_types(self) -> frozenset[str]:
        return frozenset().union(*self.types.values())


def ledger_for(townships: Iterable[Township]) -> LedgerNow:
    """What reading a roster needs: villages, cadres and types of the townships' counties (three queries)."""
    listed = list(townships)
    mine = {township.pk for township in listed}
    counties = {township.county_id for township in listed}
    places = [
        Place(
            pk=v.pk, code=v.code, name=v.name, township_id=v.township_id, township=v.township.name,
            official_name=v.official_name, aliases=v.aliases, in_scope=v.township_id in mine,
            above=tuple(filter(None, (v.township.county.name, v.township.county.city, v.township.county.province))),
        )
        for v in _villages(counties)
    ]  # fmt: skip
    return LedgerNow(
        townships=listed,
        villages=Villages(places),
        cadres=Cadres(_cadres(counties), mine),
        types=_types(counties),
        today=local_today(),
        keys=index_keys(),
        places={place.pk: place for place in places},
    )


def _villages(counties: set[int]) -> Iterable[Village]:
    return Village.objects.filter(township__county__in=counties, successor=None).select_related("township__county")


def _cadres(counties: set[int]) -> list[KnownCadre]:
    rows = Cadre.objects.filter(Q(left_on=None) | Q(left_on__gt=local_today()), county__in=counties)
    columns = ("pk", "cadre_no", "name", "phone", "township_id", "county_id", "organisation__name")
    return [KnownCadre(*row) for row in rows.values_list(*columns)]


def _types(counties: set[int]) -> dict[int, frozenset[str]]:
    """The types each county uses; the usual ones for a county that keeps no list of its own yet."""
    found: dict[int, set[str]] = defaultdict(set)
    own = set()
    for county, name, is_active in HouseholdType.objects.filter(county__in=counties).values_list(
        "county_id", "name", "is_active"
    ):
        own.add(county)
        if is_active:
            found[county].add(name)
    usual = frozenset(row["name"] for row in read_default("household_types"))
    return {county: frozenset(found[county]) if county in own else usual for county in counties}


def load_households(now: LedgerNow, villages: set[int], *, members: bool) -> None:
    """Read the households of the villages that a roster names, with their types and heads (four queries).

    ``members`` says whether the file lists members too: then all of theirs are read (one query more).
    """
    groups = {pk: number if number is not None else name for pk, number, name in _groups(villages)}
    # Days and yes-or-no come as text: one column of another kind makes Django convert every row in Python.
    plain = {"is_generated": Cast("code_is_generated", TextField()), "since": Cast("registered_on", TextField())}
    columns = (
        "pk", "village_id", "code", "is_generated", "group_id", "head_name", "address", "population", "since",
        "remark", "cadre_id", "version",
    )  # fmt: skip
    found = Household.objects.filter(village__in=villages).annotate(**plain).values_list(*columns).order_by()
    households, by_code = now.households, now.by_code
    types, heads = _types_of(villages).get, _heads_of(now).get
    for (
        pk,
        village,
        code,
        is_generated,
        group,
        head,
        address,
        population,
        since,
        remark,
        cadre,
        version,
    ) in found.iterator(chunk_size=_ROWS_AT_ONCE):
        stored = households[pk] = Stored(
            pk, village, code, is_generated in _YES, groups.get(group), head, address, population, since or "", remark,
            cadre, version, types(pk, _NO_TYPES), *heads(pk, _NO_HEAD)[1:],
        )  # fmt: skip
        if not stored.generated:
            by_code[village, code] = stored
    if members:
        _load_members(now)


def _types_of(villages: set[int]) -> dict[int, frozenset[str]]:
    """Household → its types. Nearly every household is of one: those share one set for it."""
    alone = {pk: frozenset({name}) for pk, name in HouseholdType.objects.values_list("pk", "name")}
    through = Household.types.through.objects.filter(household__village__in=villages)
    found: dict[int, frozenset[str]] = {}
    for pk, kind in through.values_list("household_id", "householdtype_id").iterator(chunk_size=_ROWS_AT_ONCE):
        found[pk] = found[pk] | alone[kind] if pk in found else alone[kind]
    return found


def _groups(villages: set[int]) -> Any:
    return Group.objects.filter(village__in=villages).values_list("pk", "number", "name")


def _heads_of(now: LedgerNow) -> dict[int, tuple[Any, ...]]:
    """Household → itself, and of its head the member, version and indexes of the ID number and the phone."""
    columns = ("household_id", "pk", "version", now.keys.id_column, now.keys.phone_column)
    heads = _current(now).filter(relation=_HEAD)
    return {row[0]: row for row in heads.order_by().values_list(*columns).iterator(chunk_size=_ROWS_AT_ONCE)}


def _load_members(now: LedgerNow) -> None:
    columns = (
        "pk", "household_id", "name", "relation", "relation_text", "gender", "birth_on", now.keys.id_column,
        now.keys.phone_column, "version",
    )  # fmt: skip
    for pk, household, name, relation, text, gender, birth, *numbers in (
        _current(now).order_by("pk").values_list(*columns)
    ):
        born = birth.isoformat() if birth else ""
        member = Member(pk, household, name, relation, text, gender, born, *numbers)
        now.by_household.setdefault(household, []).append(member)


def _current(now: LedgerNow) -> QuerySet[Resident]:
    found: QuerySet[Resident] = Resident.objects.filter(township__in=[t.pk for t in now.townships], left_on=None)
    return found
