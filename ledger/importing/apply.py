"""Write a plan: everything in one transaction, or nothing.

The caller holds the transaction and has made the plan inside it. Rows go to their tables in bulk; the batch keeps
for each of them what was there before and what is there now, sealed, which is what undoing reads.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ledger.actions.assignments import assign_many
from ledger.importing.ledger_now import LedgerNow
from ledger.importing.members import facts
from ledger.importing.plan import Outcome, Planned
from ledger.importing.writing import insert, iso, now_stored, reserve, update
from ledger.models import (
    Assignment,
    Group,
    Household,
    HouseholdCode,
    HouseholdType,
    ImportBatch,
    Resident,
    StatusPeriod,
)
from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.rules import keyring
from ledger.rules.households import GENERATED_CODE_PREFIX, HouseholdStatus, Relation, generated_code, generated_number
from ledger.rules.identity import birth_date, gender
from ledger.rules.pinyin import initials, pinyin_key

_HOUSEHOLD = (
    "id", "village_id", "group_id", "code", "code_is_generated", "address", "population", "registered_on", "remark",
    "status", "head_name", "pinyin", "initials", "cadre_id", "open_issues", "version", "created_at", "updated_at",
)  # fmt: skip
_RESIDENT = (
    "id", "household_id", "township_id", "name", "pinyin", "initials", "relation", "relation_text", "gender",
    "birth_on", "id_no", "id_index", "id_index_next", "phone", "phone_index", "phone_index_next", "remark", "version",
)  # fmt: skip


class StalePlan(Exception):
    """A row that the plan changes was changed by somebody else meanwhile; nothing is written."""


@dataclass
class _Names:
    """Pinyin of names, made once for each name."""

    known: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[str, str]:
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = (pinyin_key(name), initials(name))
        return found


class Writer:
    """Writes one plan; ``Planned.household`` and ``.resident`` hold the keys afterwards."""

    def __init__(self, *, by: Any, batch: ImportBatch, now: LedgerNow) -> None:
        self.by, self.batch, self.now = by, batch, now
        self.keys = now.keys
        self.today = now.today.isoformat()
        self.moment = now_stored()
        self.names = _Names()
        self.counties = {township.pk: township.county_id for township in now.townships}
        self.groups: dict[tuple[int, int | str], int] = {}
        self.types: dict[tuple[int, str], int] = {}
        self.before: dict[int, dict[str, Any]] = {}
        """Member → ID number and phone as they were, of members whose numbers the plan changes."""

    def write(self, households: list[Planned], members: list[Planned]) -> None:
        """Households first, then their members."""
        created = [p for p in households if p.outcome == Outcome.CREATED]
        updated = [p for p in households if p.outcome == Outcome.UPDATED]
        self._complete_heads(members)
        self._make_groups(created + updated)
        self._make_types(created + updated)
        if created:
            self._create(created)
        if updated:
            self._update(updated)
        self._write_members(members)

    def _complete_heads(self, members: list[Planned]) -> None:
        """The member's row of a new household's head may bring the ID number or phone that its own row lacks."""
        for planned in members:
            head = planned.head
            is_head = planned.row.fields.get("relation_code") == Relation.HEAD
            if planned.outcome != Outcome.CREATED or head is None or not is_head or head.outcome != Outcome.CREATED:
                continue
            for name, index in (("id_no", "id_index"), ("phone", "phone_index")):
                if not head.row.fields.get(name) and planned.row.fields.get(name):
                    head.row.fields[name] = planned.row.fields[name]
                    setattr(head, index, getattr(planned, index))

    # Lists that a roster may add to

    def _make_groups(self, planned: list[Planned]) -> None:
        wanted = {(p.row.fields["village"].pk, g) for p in planned if (g := p.row.fields.get("group")) is not None}
        villages = {village for village, _group in wanted}
        for pk, village, number, name in Group.objects.filter(village__in=villages).values_list(
            "pk", "village_id", "number", "name"
        ):
            self.groups[village, number if number is not None else name] = pk
        missing = sorted(wanted - self.groups.keys(), key=str)
        for key, pk in zip(missing, reserve(Group, len(missing)) if missing else (), strict=True):
            self.groups[key] = pk
        rows = [(self.groups[v, g], v, *((g, "") if isinstance(g, int) else (None, g))) for v, g in missing]
        if rows:
            insert(Group, ("id", "village_id", "number", "name"), rows)

    def _make_types(self, planned: list[Planned]) -> None:
        """The types in use; of a county without a list those that the roster uses, under their usual names."""
        wanted = {(self._county(p), name) for p in planned for name in p.row.fields.get("hh_type") or ()}
        for pk, county, name in HouseholdType.objects.filter(county__in={c for c, _n in wanted}).values_list(
            "pk", "county_id", "name"
        ):
            self.types[county, name] = pk
        for county, name in sorted(wanted - self.types.keys()):
            self.types[county, name] = HouseholdType.objects.create(county_id=county, name=name, sort_order=999).pk

    # New households

    def _create(self, created: list[Planned]) -> None:
        households, heads = reserve(Household, len(created)), reserve(Resident, len(created))
        for planned, household, head in zip(created, households, heads, strict=True):
            planned.household, planned.resident = household, head
        self._number(created)
        insert(Household, _HOUSEHOLD, [self._household(p) for p in created])
        insert(Resident, _RESIDENT, [self._head(p) for p in created])
        day = self.today
        codes = [(p.household, p.row.fields["hh_no"], day) for p in created]
        insert(HouseholdCode, ("household_id", "code", "start_on"), codes)
        statuses = [(p.household, HouseholdStatus.ACTIVE.value, "", day) for p in created]
        insert(StatusPeriod, ("household_id", "status", "reason", "start_on"), statuses)
        # The first assignment of a household that is being made: nothing to end, so it goes with the rest.
        assignments = [(p.household, p.cadre, "", self._assigned_on(p)) for p in created if p.cadre is not None]
        insert(Assignment, ("household_id", "cadre_id", "reason", "start_on"), assignments)
        insert(
            Household.types.through,
            ("household_id", "householdtype_id"),
            [pair for p in created for pair in self._type_pairs(p)],
        )

    def _number(self, created: list[Planned]) -> None:
        """Give a generated code to each new household that came without one."""
        bare = [p for p in created if not p.row.fields.get("hh_no")]
        last: dict[int, int] = defaultdict(int)
        given = HouseholdCode.objects.filter(
            household__village__in={p.row.fields["village"].pk for p in bare}, code__startswith=GENERATED_CODE_PREFIX
        )
        for village, code in given.values_list("household__village_id", "code") if bare else ():
            last[village] = max(last[village], generated_number(code))
        for planned in bare:
            village = planned.row.fields["village"].pk
            last[village] += 1
            planned.row.fields["hh_no"] = generated_code(last[village])
            planned.row.fields["hh_no_generated"] = True

    def _household(self, planned: Planned) -> tuple[Any, ...]:
        fields = planned.row.fields
        place, head = fields["village"], fields["head"]
        return (
            planned.household, place.pk, self._group(planned), fields["hh_no"], "hh_no_generated" in fields,
            fields.get("address") or "", fields.get("population"), iso(fields.get("since")), fields.get("remark") or "",
            HouseholdStatus.ACTIVE.value, head, *self.names.of(head), planned.cadre, 0, 1, self.moment, self.moment,
        )  # fmt: skip

    def _head(self, planned: Planned) -> tuple[Any, ...]:
        fields = planned.row.fields
        number = fields.get("id_no") or ""
        return self._resident(
            planned, fields["village"].township_id, fields["head"], Relation.HEAD.value, "户主",
            gender(number).value if number else "", iso(birth_date(number)) if number else None,
        )  # fmt: skip

    def _resident(
        self, planned: Planned, township: int, name: str, relation: str, text: str, sex: str, birth: str | None
    ) -> tuple[Any, ...]:
        fields = planned.row.fields
        number, phone = fields.get("id_no") or "", fields.get("phone") or ""
        return (
            planned.resident, planned.household, township, name, *self.names.of(name), relation, text, sex, birth,
            sealed(ID_LABEL, number), *self.keys.id_pair(number, planned.id_index),
            sealed(PHONE_LABEL, phone), *self.keys.phone_pair(phone, planned.phone_index), "", 1,
        )  # fmt: skip

    def _group(self, planned: Planned) -> int | None:
        group = planned.row.fields.get("group")
        return None if group is None else self.groups[planned.row.fields["village"].pk, group]

    def _type_pairs(self, planned: Planned) -> list[tuple[Any, int]]:
        county = self._county(planned)
        return [(planned.household, self.types[county, name]) for name in planned.row.fields.get("hh_type") or ()]

    def _county(self, planned: Planned) -> int:
        return self.counties[planned.row.fields["village"].township_id]

    def _assigned_on(self, planned: Planned) -> str:
        """The day the roster names, if it is none to come; else today."""
        said = planned.row.fields.get("assigned_on") or ""
        return said if said and said <= self.today else self.today

    # Households that are there already

    def _update(self, updated: list[Planned]) -> None:
        fields = (
            "group_id",
            "address",
            "population",
            "registered_on",
            "remark",
            "head_name",
            "pinyin",
            "initials",
            "updated_at",
        )
        rows = [self._changed(p) for p in updated]
        if update(Household, fields, rows) != len(rows):
            raise StalePlan
        self._recode([p for p in updated if "hh_no" in p.changes])
        self._retype([p for p in updated if "hh_type" in p.changes])
        self._reassign([p for p in updated if "cadre" in p.changes])
        heads = [p for p in updated if {"head", "id_no", "phone"} & p.changes.keys()]
        self._update_people(heads, name_field="head")

    def _changed(self, planned: Planned) -> tuple[Any, ...]:
        """All columns that a roster may change, with what they hold afterwards."""
        stored, fields, changes = planned.stored, planned.row.fields, planned.changes

        def after(name: str, before: Any) -> Any:
            return fields[name] if name in changes else before

        head = after("head", stored.head)
        group = after("group", stored.group)
        return (
            None if group is None else self._group_of(stored.village, group),
            after("address", stored.address), after("population", stored.population), iso(after("since", stored.since)),
            after("remark", stored.remark), head, *self.names.of(head), self.moment, stored.pk, stored.version,
        )  # fmt: skip

    def _group_of(self, village: int, group: int | str) -> int:
        if (village, group) not in self.groups:
            given = {"number": group} if isinstance(group, int) else {"name": group}
            self.groups[village, group] = Group.objects.get(village=village, **given).pk
        return self.groups[village, group]

    def _recode(self, planned: list[Planned]) -> None:
        """Date the codes. Two households may swap theirs: all let go of the old one first."""
        ids = [p.household for p in planned]
        if not planned:
            return
        versions = [(f"~{p.household}", p.household, p.stored.version + 1) for p in planned]
        finals = [(p.row.fields["hh_no"], False, p.household, p.stored.version + 2) for p in planned]
        if update(Household, ("code",), versions) + update(Household, ("code", "code_is_generated"), finals) != 2 * len(
            ids
        ):
            raise StalePlan
        HouseholdCode.objects.open().filter(household__in=ids).update(end_on=self.today)
        codes = [(p.household, p.row.fields["hh_no"], self.today) for p in planned]
        insert(HouseholdCode, ("household_id", "code", "start_on"), codes)

    def _retype(self, planned: list[Planned]) -> None:
        through = Household.types.through
        through.objects.filter(household__in=[p.household for p in planned]).delete()
        pairs = [pair for p in planned for pair in self._type_pairs(p)]
        if pairs:
            insert(through, ("household_id", "householdtype_id"), pairs)

    def _reassign(self, planned: list[Planned]) -> None:
        """By the day the roster names, through the one writer of assignments."""
        days: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for p in planned:
            assert p.household is not None
            assert p.cadre is not None
            days[self._assigned_on(p)].append((p.household, p.cadre))
        for day, pairs in days.items():
            assign_many(by=self.by, pairs=pairs, on=datetime.date.fromisoformat(day), batch=self.batch)

    def _update_people(self, planned: list[Planned], *, name_field: str) -> None:
        """Name, numbers and facts of members. Two may swap ID numbers: all let go of the old one first."""
        rows = [p for p in planned if p.resident is not None]
        versions = {p.resident: (p.stored.head_version if name_field == "head" else p.stored.version) for p in rows}
        renumbered = [p for p in rows if "id_no" in p.changes]
        self._keep_numbers([p for p in rows if {"id_no", "phone"} & p.changes.keys()])
        id_columns = ("id_no", "id_index", "id_index_next")
        steps: list[tuple[tuple[str, ...], list[Planned], Any]] = [
            (id_columns, renumbered, lambda p: ("", "", "")),
            (("name", "pinyin", "initials"), [p for p in rows if name_field in p.changes], lambda p: (
                p.row.fields[name_field], *self.names.of(p.row.fields[name_field]))),
            (("phone", "phone_index", "phone_index_next"), [p for p in rows if "phone" in p.changes], lambda p: (
                sealed(PHONE_LABEL, p.row.fields["phone"]),
                *self.keys.phone_pair(p.row.fields["phone"], p.phone_index))),
            (("gender", "birth_on"), [p for p in rows if {"id_no", "sex", "birth"} & p.changes.keys()], _facts),
            (("relation", "relation_text"), [p for p in rows if "relation" in p.changes], lambda p: (
                p.row.fields["relation_code"], p.row.fields["relation"])),
            (id_columns, renumbered, lambda p: (
                sealed(ID_LABEL, p.row.fields["id_no"]), *self.keys.id_pair(p.row.fields["id_no"], p.id_index))),
        ]  # fmt: skip
        for columns, some, values in steps:
            written = update(Resident, columns, [(*values(p), p.resident, versions[p.resident]) for p in some])
            if written != len(some):
                raise StalePlan
            for p in some:
                versions[p.resident] += 1

    def _keep_numbers(self, planned: list[Planned]) -> None:
        wanted = {p.resident or 0: set(p.changes) & {"id_no", "phone"} for p in planned}
        known = Resident.objects.filter(pk__in=wanted).values_list("pk", "id_no", "phone")
        for pk, id_no, phone in known.iterator(chunk_size=5_000):
            self.before[pk] = {k: v for k, v in (("id_no", id_no), ("phone", phone)) if k in wanted[pk]}

    # Members

    def _write_members(self, members: list[Planned]) -> None:
        for planned in members:
            if planned.head is not None:
                planned.household = planned.head.household
        created = [p for p in members if p.outcome == Outcome.CREATED]
        new = []
        for planned in created:
            if planned.row.fields.get("relation_code") == Relation.HEAD and planned.head is not None:
                planned.resident = planned.head.resident  # one person, made with the household
            else:
                new.append(planned)
        townships = dict(
            Household.objects.filter(pk__in={p.household for p in new if p.head is None}).values_list(
                "pk", "village__township_id"
            )
        )
        for planned, pk in zip(new, reserve(Resident, len(new)) if new else (), strict=True):
            planned.resident = pk
        if new:
            insert(Resident, _RESIDENT, [self._member(p, townships) for p in new])
        self._update_people([p for p in members if p.outcome == Outcome.UPDATED], name_field="name")

    def _member(self, planned: Planned, townships: dict[int, int]) -> tuple[Any, ...]:
        fields = planned.row.fields
        township = planned.head.row.fields["village"].township_id if planned.head else townships[planned.household or 0]
        said = facts(fields)
        return self._resident(
            planned, township, fields["name"], fields["relation_code"], (fields.get("relation") or "")[:20],
            said["gender"], said["birth"] or None,
        )  # fmt: skip


def sealed(label: str, value: str) -> str:
    """The value as its column keeps it; empty stays empty."""
    return keyring.encrypt(label, value) if value else ""


def _facts(planned: Planned) -> tuple[Any, Any]:
    said = facts(planned.row.fields)
    before_sex, before_birth = getattr(planned.stored, "gender", ""), getattr(planned.stored, "birth", "")
    return said["gender"] or before_sex, (said["birth"] or before_birth) or None
