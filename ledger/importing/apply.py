"""Write a plan: everything in one transaction, or nothing.

The caller holds the transaction and has made the plan inside it. Rows go to their tables in bulk; the batch keeps
for each of them what was there before and what is there now, sealed, which is what undoing reads.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Coalesce

from ledger.actions.assignments import assign_many
from ledger.importing.added_lists import Lists
from ledger.importing.ledger_now import LedgerNow
from ledger.importing.members import facts
from ledger.importing.plan import WRITTEN, Outcome, Planned
from ledger.importing.writing import CHUNK, insert, iso, now_stored, reserve, sealed, sealed_all, update
from ledger.models import (
    Assignment,
    Household,
    HouseholdCode,
    ImportBatch,
    Resident,
    StatusPeriod,
)
from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.rules.households import GENERATED_CODE_PREFIX, HouseholdStatus, Relation, generated_code, generated_number
from ledger.rules.identity import gender
from ledger.rules.pinyin import initials, pinyin_key

_HOUSEHOLD = (
    "id", "village_id", "group_id", "code", "code_is_generated", "address", "population", "registered_on", "remark",
    "status", "head_name", "pinyin", "initials", "cadre_id", "open_issues", "version", "created_at", "updated_at",
)  # fmt: skip
PERSON = ("name", "relation", "relation_text", "gender", "birth_on", "id_no", "phone")
"""The columns of a member that a row may change."""
Tell = Callable[[str, int, int], None]
_RESIDENT = (
    "id", "household_id", "township_id", "name", "pinyin", "initials", "relation", "relation_text", "gender",
    "birth_on", "id_no", "id_index", "id_index_next", "phone", "phone_index", "phone_index_next", "remark", "version",
)  # fmt: skip
_HEAD = Relation.HEAD.value
_SEXES = {order: gender(f"{order:>17}").value for order in "0123456789"}
"""The 17th digit of an ID number → the sex it stands for."""


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

    def __init__(self, *, by: Any, batch: ImportBatch, now: LedgerNow, tell: Tell | None = None) -> None:
        self.by, self.batch, self.now, self.tell = by, batch, now, tell
        self.keys = now.keys
        self.today = now.today.isoformat()
        self.moment = now_stored()
        self.names = _Names()
        self.lists = Lists(now.townships)
        self.people_before: dict[int, dict[str, Any]] = {}
        """id() of a planned row → the member it changed, whole, as it was."""
        self.versions: dict[int, dict[str, Any]] = {}
        """id() of a planned row → what it changed, by version before and after; what undoing compares."""
        self.beside: dict[int, list[dict[str, Any]]] = {}
        """id() of a row that was held → what its decision changed beside its own household, as it was."""
        self._resident_versions: dict[int, int] = {}

    def write(self, households: list[Planned], members: list[Planned]) -> None:
        """Households first, then their members."""
        created = [p for p in households if p.outcome == Outcome.CREATED]
        updated = [p for p in households if p.outcome == Outcome.UPDATED]
        self._complete_heads(members)
        self.lists.complete(created + updated)
        written, total = 0, len(created) + len(updated) + sum(p.outcome in WRITTEN for p in members)
        for at in range(0, len(created), CHUNK):
            self._create(created[at : at + CHUNK])
            written += len(created[at : at + CHUNK])
            self._tell(written, total)
        if updated:  # all at once: two of them may swap codes or numbers
            self._update(updated)
            self._tell(written + len(updated), total)
        self._write_members(members)
        self._tell(total, total)

    def _tell(self, written: int, total: int) -> None:
        if self.tell is not None:
            self.tell("written", written, total)

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

    # New households

    def _create(self, created: list[Planned]) -> None:
        households, heads = reserve(Household, len(created)), reserve(Resident, len(created))
        for planned, household, head in zip(created, households, heads, strict=True):
            planned.household, planned.resident = household, head
        self._number(created)
        insert(Household, _HOUSEHOLD, [self._household(p) for p in created])
        insert(Resident, _RESIDENT, self._heads(created))
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
            [pair for p in created for pair in self.lists.type_pairs(p)],
        )

    def _number(self, created: list[Planned]) -> None:
        """Give a generated code to each new household that came without one."""
        bare = [p for p in created if not p.row.fields.get("hh_no")]
        last: dict[int, int] = defaultdict(int)
        villages = {p.row.fields["village"].pk for p in bare}
        place = Coalesce("village_id", "household__village_id")
        given = HouseholdCode.objects.annotate(place=place).filter(
            place__in=villages, code__startswith=GENERATED_CODE_PREFIX
        )
        for village, code in given.values_list("place", "code") if bare else ():
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
            planned.household, place.pk, self.lists.group(planned), fields["hh_no"], "hh_no_generated" in fields,
            fields.get("address") or "", fields.get("population"), iso(fields.get("since")), fields.get("remark") or "",
            HouseholdStatus.ACTIVE.value, head, *self.names.of(head), planned.cadre, 0, 1, self.moment, self.moment,
        )  # fmt: skip

    def _heads(self, created: list[Planned]) -> list[tuple[Any, ...]]:
        rows = []
        for planned, id_no, phone in self._with_sealed(created):
            fields = planned.row.fields
            number, head = fields.get("id_no") or "", fields["head"]
            rows.append((
                planned.resident, planned.household, fields["village"].township_id, head, *self.names.of(head), _HEAD,
                "户主", _SEXES[number[16]] if number else "",
                f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else None,
                id_no, *self.keys.id_pair(number, planned.id_index),
                phone, *self.keys.phone_pair(fields.get("phone") or "", planned.phone_index), "", 1,
            ))  # fmt: skip
        return rows

    @staticmethod
    def _with_sealed(people: list[Planned]) -> Iterator[tuple[Planned, str, str]]:
        """Each row with its ID number and its phone as their columns keep them."""
        numbers, phones = ([p.row.fields.get(name) or "" for p in people] for name in ("id_no", "phone"))
        return zip(people, sealed_all(ID_LABEL, numbers), sealed_all(PHONE_LABEL, phones), strict=True)

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
        for p in updated:
            self.versions[id(p)] = {"household": [p.stored.version, p.stored.version + 1 + 2 * ("hh_no" in p.changes)]}
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
            None if group is None else self.lists.group_of(stored.village, group),
            after("address", stored.address), after("population", stored.population), iso(after("since", stored.since)),
            after("remark", stored.remark), head, *self.names.of(head), self.moment, stored.pk, stored.version,
        )  # fmt: skip

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
        for p in planned:
            self.versions[id(p)]["code"] = [p.stored.code, p.row.fields["hh_no"], p.stored.generated]

    def _retype(self, planned: list[Planned]) -> None:
        through = Household.types.through
        through.objects.filter(household__in=[p.household for p in planned]).delete()
        pairs = [pair for p in planned for pair in self.lists.type_pairs(p)]
        if pairs:
            insert(through, ("household_id", "householdtype_id"), pairs)

    def _reassign(self, planned: list[Planned]) -> None:
        """By the day the roster names, through the one writer of assignments."""
        days: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for p in planned:
            assert p.household is not None
            assert p.cadre is not None
            days[self._assigned_on(p)].append((p.household, p.cadre))
        before = self._open_assignments(planned)
        for day, pairs in days.items():
            assign_many(by=self.by, pairs=pairs, on=datetime.date.fromisoformat(day), batch=self.batch)
        after = self._open_assignments(planned)
        for p in planned:
            self.versions[id(p)]["assignment"] = [before.get(p.household), after.get(p.household)]

    @staticmethod
    def _open_assignments(planned: list[Planned]) -> dict[int | None, int]:
        held = Assignment.objects.open().filter(household__in=[p.household for p in planned])
        return dict(held.values_list("household_id", "pk"))

    def _update_people(self, planned: list[Planned], *, name_field: str) -> None:
        """Name, numbers and facts of members. Two may swap ID numbers: all let go of the old one first."""
        rows = [p for p in planned if p.resident is not None]
        versions = self._resident_versions  # the rows of a household and of its head may both change one member
        for p in rows:
            versions.setdefault(p.resident or 0, p.stored.head_version if name_field == "head" else p.stored.version)
            kept = self.versions.setdefault(id(p), {})
            kept |= {"resident": [versions[p.resident or 0]], "person": p.resident}
            if "id_no" in p.changes:
                kept["id"] = [1]
        renumbered = [p for p in rows if "id_no" in p.changes]
        self._keep_people(rows)
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
            written = update(Resident, columns, [(*values(p), p.resident, versions[p.resident or 0]) for p in some])
            if written != len(some):
                raise StalePlan
            for p in some:
                versions[p.resident or 0] += 1
        for p in rows:
            self.versions[id(p)]["resident"].append(versions[p.resident or 0])

    def _keep_people(self, planned: list[Planned]) -> None:
        rows = {p.resident: p for p in planned}
        for at in range(0, len(planned), CHUNK):
            people = Resident.objects.filter(pk__in=[p.resident for p in planned[at : at + CHUNK]])
            for pk, *values in people.values_list("pk", *PERSON):
                born = {"birth_on": iso(values[PERSON.index("birth_on")])}
                self.people_before[id(rows[pk])] = dict(zip(PERSON, values, strict=True)) | born

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
        for at in range(0, len(new), CHUNK):
            chunk = self._with_sealed(new[at : at + CHUNK])
            insert(Resident, _RESIDENT, [self._member(p, townships, *tokens) for p, *tokens in chunk])
        self._update_people([p for p in members if p.outcome == Outcome.UPDATED], name_field="name")

    def _member(self, planned: Planned, townships: dict[int, int], id_no: str, phone: str) -> tuple[Any, ...]:
        fields = planned.row.fields
        township = planned.head.row.fields["village"].township_id if planned.head else townships[planned.household or 0]
        said, name = facts(fields), fields["name"]
        return (
            planned.resident, planned.household, township, name, *self.names.of(name), fields["relation_code"],
            (fields.get("relation") or "")[:20], said["gender"], said["birth"] or None,
            id_no, *self.keys.id_pair(fields.get("id_no") or "", planned.id_index),
            phone, *self.keys.phone_pair(fields.get("phone") or "", planned.phone_index), "", 1,
        )  # fmt: skip


def _facts(planned: Planned) -> tuple[Any, Any]:
    said = facts(planned.row.fields)
    before_sex, before_birth = getattr(planned.stored, "gender", ""), getattr(planned.stored, "birth", "")
    return said["gender"] or before_sex, (said["birth"] or before_birth) or None
