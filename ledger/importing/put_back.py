"""The old values of rows that an import changed, written back over the new ones."""

import json
from typing import Any

from ledger.actions.assignments import take_back_many
from ledger.importing.added_lists import Lists
from ledger.importing.apply import PERSON, StalePlan
from ledger.importing.undo_check import UndoPlan, UndoRow
from ledger.importing.writing import CHUNK, as_json, insert, iso, now_stored, sealed, set_column, update
from ledger.models import Household, HouseholdCode, HouseholdType, ImportBatch, ImportRow, Resident
from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.models.number_indexes import index_keys
from ledger.rules.pinyin import initials, pinyin_key

_COLUMNS = (
    "group_id", "address", "population", "registered_on", "remark", "head_name", "pinyin", "initials", "updated_at",
)  # fmt: skip
_ID_COLUMNS = ("id_no", "id_index", "id_index_next")
_PERSON_COLUMNS = (
    "name", "pinyin", "initials", "relation", "relation_text", "gender", "birth_on", *_ID_COLUMNS, "phone",
    "phone_index", "phone_index_next",
)  # fmt: skip


def put_back(batch: ImportBatch, plan: UndoPlan) -> None:
    """Put back what the rows changed; raises StalePlan when one of them was changed at this very moment."""
    _people(plan.restored)
    rows = [row for row in plan.restored if "household" in row.versions]
    lists = Lists(list(batch.townships.all()))
    _recode(rows)
    for at in range(0, len(rows), CHUNK):
        _households(rows[at : at + CHUNK], lists)
    take_back_many(pairs=[(a, b) for row in rows if (pair := row.versions.get("assignment")) for b, a in [pair] if a])
    set_column(ImportRow, "versions", [(as_json(row.versions), row.pk) for row in plan.restored])


def _households(rows: list[UndoRow], lists: Lists) -> None:
    before = _before(rows)
    stored = {h.pk: h for h in Household.objects.filter(pk__in=[row.household or 0 for row in rows])}
    moment = now_stored()
    values: list[tuple[Any, ...]] = []
    types: dict[int, list[str]] = {}
    for row in rows:
        household, old = stored[row.household or 0], before[row.pk]
        head = old.get("head", household.head_name)
        spelt = (pinyin_key(head), initials(head)) if "head" in old else (household.pinyin, household.initials)
        group = household.group_id if "group" not in old else _group(household, old["group"], lists)
        values.append((
            group, old.get("address", household.address), old.get("population", household.population),
            iso(old.get("since", household.registered_on)), old.get("remark", household.remark), head,
            *spelt, moment, household.pk, household.version,
        ))  # fmt: skip
        row.versions.setdefault("undone", {})["household"] = household.version + 1
        if "hh_type" in old:
            types[household.pk] = old["hh_type"]
    if update(Household, _COLUMNS, values) != len(values):
        raise StalePlan
    _retype(types, lists)


def _group(household: Household, group: int | str | None, lists: Lists) -> int | None:
    return None if group is None else lists.group_of(household.village_id, group)


def take_back_beside(rows: list[UndoRow]) -> None:
    """What decisions about held rows changed beside their households, as it was; what they added goes.

    After all else: a member who comes back may have the ID number of a household that just went.
    """
    changed = [row for row in rows if not row.left and {"also", "added"} & row.versions.keys()]
    added = [pk for row in changed for pk in row.versions.get("added", ())]
    Resident.objects.filter(pk__in=added).delete()
    before = _before(changed)
    for row in changed:
        changes = zip(row.versions.get("also", ()), before[row.pk].get("also", ()), strict=True)
        # The last first: who was made head steps down before the former head is head again.
        for (name, pk, _was, version), old in reversed(list(changes)):
            model: Any = {"resident": Resident, "household": Household}[name]
            if model.objects.filter(pk=pk, version=version).update(version=version + 1, **old) != 1:
                raise StalePlan


def _retype(types: dict[int, list[str]], lists: Lists) -> None:
    known = dict(
        HouseholdType.objects.filter(county__in=set(lists.counties.values())).values_list("name", "pk").order_by("-pk")
    )
    through = Household.types.through
    through.objects.filter(household__in=list(types)).delete()
    pairs = [(household, known[name]) for household, names in types.items() for name in names if name in known]
    if pairs:
        insert(through, ("household_id", "householdtype_id"), pairs)


def _recode(rows: list[UndoRow]) -> None:
    """The code before, open again. Two households may have swapped theirs: all let go of the present one first."""
    coded = [row for row in rows if "code" in row.versions]
    if not coded:
        return
    ids = [row.household or 0 for row in coded]
    moved = [(row.versions["village"], row.household or 0) for row in coded if "village" in row.versions]
    versions = _versions(Household, ids)
    free = [(f"~{pk}", pk, version) for pk, version in versions.items()]
    again = [
        (row.versions["code"][0], row.versions["code"][2], row.household, versions[row.household or 0] + 1)
        for row in coded
    ]
    written = update(Household, ("code",), free)
    set_column(Household, "village_id", moved)
    written += update(Household, ("code", "code_is_generated"), again)
    if written != 2 * len(coded):
        raise StalePlan
    for at in range(0, len(ids), CHUNK):
        HouseholdCode.objects.open().filter(household__in=ids[at : at + CHUNK]).delete()
    for row in coded:
        earlier = HouseholdCode.objects.filter(household=row.household, code=row.versions["code"][0]).order_by("-pk")
        HouseholdCode.objects.filter(pk__in=earlier.values("pk")[:1]).update(end_on=None, village=None)


def _people(rows: list[UndoRow]) -> None:
    """Members as they were before the first of the rows that changed them. All let go of their ID number first."""
    changed: dict[int, list[UndoRow]] = {}
    for row in rows:
        if "resident" in row.versions:
            changed.setdefault(row.person or 0, []).append(row)
    listed = list(changed)
    keys = index_keys()
    current = _versions(Resident, listed)
    numbered = [pk for pk, of in changed.items() if any(row.versions.get("id") for row in of)]
    if update(Resident, _ID_COLUMNS, [("", "", "", pk, current[pk]) for pk in numbered]) != len(numbered):
        raise StalePlan
    for pk in numbered:
        current[pk] += 1
    for at in range(0, len(listed), CHUNK):
        chunk = listed[at : at + CHUNK]
        before = _before([changed[pk][0] for pk in chunk])
        values = [(*_person(before[changed[pk][0].pk]["person"], keys), pk, current[pk]) for pk in chunk]
        if update(Resident, _PERSON_COLUMNS, values) != len(values):
            raise StalePlan
    for pk, of in changed.items():
        # The earliest row's version before is what the present one is equal to.
        of[0].versions.setdefault("undone", {})["resident"] = current[pk] + 1


def _person(person: dict[str, Any], keys: Any) -> tuple[Any, ...]:
    name, relation, relation_text, gender, birth_on, id_no, phone = (person[column] for column in PERSON)
    return (
        name, pinyin_key(name), initials(name), relation, relation_text, gender, birth_on, sealed(ID_LABEL, id_no),
        *keys.id_pair(id_no), sealed(PHONE_LABEL, phone), *keys.phone_pair(phone),
    )  # fmt: skip


def _versions(model: Any, ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for at in range(0, len(ids), CHUNK):
        found |= dict(model.objects.filter(pk__in=ids[at : at + CHUNK]).values_list("pk", "version"))
    return found


def _before(rows: list[UndoRow]) -> dict[int, dict[str, Any]]:
    """Row → its old values, opened."""
    kept = ImportRow.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "before")
    return {pk: json.loads(before) if before else {} for pk, before in kept}
