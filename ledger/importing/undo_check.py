"""What undoing an import would take back, and which of its rows stay because somebody has built on them.

Nothing is written here. A household that the import made stays or goes with all members that came with it. Looking at
a household, its members or a full number builds nothing: only what is recorded does.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.importing.plan import WRITTEN, Outcome
from ledger.importing.writing import CHUNK
from ledger.models import (
    Assignment,
    BatchState,
    Correction,
    Exclusion,
    Household,
    ImportBatch,
    ImportRow,
    Issue,
    Resident,
    Visit,
)
from ledger.models.number_indexes import index_keys
from ledger.rules.days import local_today
from ledger.rules.households import Relation

WRITTEN_WORDS = [outcome.value for outcome in WRITTEN]


class Left(StrEnum):
    """Why a row is left as it is."""

    WORK = "work"
    CORRECTION = "correction"
    LATER = "later"
    ASSIGNED = "assigned"
    EDITED = "edited"
    TAKEN = "taken"
    CADRE_LEFT = "cadre_left"
    OLDER = "older"
    BUILT = "built"
    NEEDED = "needed"


SENTENCES: dict[str, Promise | str] = {
    # One sentence for both: that a household has an issue at all is not everybody's to know.
    Left.WORK: _("A visit or an issue has been recorded for the household since."),
    Left.CORRECTION: _("Its cadre has proposed a correction, or it was left out of coverage, since."),
    Left.LATER: _("A later import has changed it. Undo that one first."),
    Left.ASSIGNED: _("It has been given another cadre since."),
    Left.EDITED: _("The household or one of its members has been edited since."),
    Left.TAKEN: _("The code or ID number it had before belongs to another household by now."),
    Left.CADRE_LEFT: _("The cadre it had before has left the service."),
    Left.OLDER: _("It was imported before imports could be undone."),
    Left.BUILT: _("Somebody has worked on it since."),
    Left.NEEDED: _("Something that stays names it."),
}


@dataclass(slots=True)
class UndoRow:
    """One row that the import wrote; ``left`` says why it stays, empty when it goes."""

    pk: int
    role: str
    outcome: str
    household: int | None
    resident: int | None
    versions: dict[str, Any]
    left: str = ""

    @property
    def person(self) -> int | None:
        """The member whose columns the row changed."""
        return self.resident or self.versions.get("person")


@dataclass
class UndoPlan:
    """All rows that the import wrote, each with what becomes of it."""

    rows: list[UndoRow]
    households: set[int] = field(default_factory=set)
    """Households that go, with all that belongs to them."""
    members: set[int] = field(default_factory=set)
    """Members that go from households which stay."""

    @property
    def restored(self) -> list[UndoRow]:
        """Rows whose changes are put back."""
        return [row for row in self.rows if row.outcome == Outcome.UPDATED and not row.left]

    @property
    def left(self) -> dict[str, int]:
        """Rows that stay, by reason."""
        found: dict[str, int] = defaultdict(int)
        for row in self.rows:
            if row.left:
                found[row.left] += 1
        return dict(found)

    def digest(self) -> str:
        """The same for two plans that do the same: what somebody looked at is what is done."""
        return hashlib.sha256(repr([(row.pk, row.left) for row in self.rows]).encode()).hexdigest()


def check_undo(batch: ImportBatch) -> UndoPlan:
    """What undoing the batch would do at this moment; a fixed number of queries."""
    columns = ("pk", "role", "outcome", "household_id", "resident_id", "versions")
    found = ImportRow.objects.filter(batch=batch, outcome__in=WRITTEN_WORDS).order_by("pk")
    rows = [
        UndoRow(pk, role, outcome, household, resident, versions or {})
        for pk, role, outcome, household, resident, versions in found.values_list(*columns)
    ]
    facts = Facts(batch, rows)
    for row in rows:
        if row.household not in facts.made:
            row.left = facts.why_row(row)
    units: dict[int, str] = {household: facts.why_new(household) for household in facts.made}
    for row in rows:
        if row.household in units and facts.was_touched_beside(row):
            units[row.household] = units[row.household] or Left.EDITED
    for row in rows:
        if row.household in units:
            row.left = units[row.household]
    _keep_together(rows)
    plan = UndoPlan(rows, {household for household, why in units.items() if not why})
    plan.members = {
        row.resident for row in rows
        if row.resident and row.outcome == Outcome.CREATED and row.household not in units and not row.left
    }  # fmt: skip
    facts.refuse_taken(plan)
    _keep_together(rows)
    return plan


def _keep_together(rows: list[UndoRow]) -> None:
    """Two rows that changed one member (its household's and its own) stay together."""
    by_person: dict[int, list[UndoRow]] = defaultdict(list)
    for row in rows:
        if row.person and row.outcome == Outcome.UPDATED:
            by_person[row.person].append(row)
    for together in by_person.values():
        why = next((row.left for row in together if row.left), "")
        for row in together:
            row.left = row.left or why


class Facts:
    """What happened to the households and members of a batch since it was applied."""

    def __init__(
        self, batch: ImportBatch, rows: list[UndoRow], *, going: Mapping[type[Model], set[int]] | None = None
    ) -> None:
        """``going``: visits and issues that go with the batch, by their keys."""
        self.batch, self.rows, self.going = batch, rows, going or {}
        self.since = batch.finished_at or batch.applied_at
        written = ImportRow.objects.filter(batch=batch, outcome__in=WRITTEN_WORDS).order_by()
        self.all = written.exclude(household=None).values("household")
        new = written.filter(role="households", outcome=Outcome.CREATED).exclude(household=None)
        self.new = new.values("household")
        self.made = self._read_made(new)
        """Households that the batch made, with the cadre it gave them."""
        self.updated = {row.household for row in rows if row.outcome == Outcome.UPDATED}
        self.same = self._read_undone()
        self._read_households()
        self._read_people()
        self._read_beside()
        self._read_acts()
        self._read_assignments()
        self.final: dict[int, int] = {}
        for row in rows:
            if row.person and "resident" in row.versions:
                self.final[row.person] = max(self.final.get(row.person, 0), row.versions["resident"][1])

    def _read_made(self, new: QuerySet[ImportRow]) -> dict[int, int | None]:
        made: dict[int, int | None] = {}
        is_older = False  # written before the rows said so in the open
        for household, versions in new.values_list("household_id", "versions").iterator(chunk_size=CHUNK):
            if versions and "cadre" in versions:
                made[household] = versions["cadre"]
            else:
                is_older = True
        if is_older:
            for household, values in new.values_list("household_id", "values").iterator(chunk_size=CHUNK):
                if household not in made:
                    made[household] = json.loads(values).get("cadre") if values else None
        return made

    def _needs(self, household: int) -> bool:
        """Whether a row is judged by what its household is: most are new ones, of which only oddities are kept."""
        return household not in self.made or household in self.updated

    def _read_households(self) -> None:
        self.households: dict[int, tuple[int, int]] = {}
        """Household that a row changed → version, village."""
        self.edited: set[int] = set()
        """New households that are not as they came, or have a member who is not."""
        found = Household.objects.filter(pk__in=self.all).order_by().values_list("pk", "version", "village_id")
        for pk, version, village in found.iterator(chunk_size=CHUNK):
            if self._needs(pk):
                self.households[pk] = (version, village)
            if pk in self.made and not self._is("household", pk, version, 1):
                self.edited.add(pk)

    def _read_people(self) -> None:
        changed = {row.person for row in self.rows if row.person and row.household not in self.made}
        self.people: dict[int, int] = {}
        """Member of an older household that a row changed or added → version."""
        self.brought = {row.resident for row in self.rows if row.resident and row.outcome == Outcome.CREATED}
        new = Resident.objects.filter(household__in=self.new).order_by()
        columns = ("household_id", "pk", "version", "relation")
        for household, *person in new.values_list(*columns).iterator(chunk_size=CHUNK):
            if not self._came_with(*person):
                self.edited.add(household)
        listed = [pk for pk in changed if pk]
        for at in range(0, len(listed), CHUNK):
            people = Resident.objects.filter(pk__in=listed[at : at + CHUNK]).order_by()
            self.people |= dict(people.values_list("pk", "version"))

    def _read_beside(self) -> None:
        """Versions of what decisions about held rows changed beside their households; few, if any."""
        wanted = [(entry[0], entry[1]) for row in self.rows for entry in row.versions.get("also", ())]
        wanted += [("resident", pk) for row in self.rows for pk in row.versions.get("added", ())]
        tables: dict[str, Any] = {"household": Household, "resident": Resident}
        self.beside: dict[tuple[str, int], int] = {}
        for name, table in tables.items() if wanted else ():
            pks = [pk for of, pk in wanted if of == name]
            versions = table.objects.filter(pk__in=pks).values_list("pk", "version")
            self.beside |= {(name, pk): version for pk, version in versions}

    def _read_acts(self) -> None:
        fresh, new = Q(household__in=self.all), Q(household__in=self.new)
        visits = Visit.objects.filter(new | fresh & Q(recorded_at__gt=self.since))
        self.worked = self._staying(Visit, visits.values_list("household_id", "pk"))
        attended = Visit.other_households.through.objects.filter(new | fresh & Q(visit__recorded_at__gt=self.since))
        self.worked |= self._staying(Visit, attended.values_list("household_id", "visit_id"))
        issues = Issue.objects.filter(new | fresh & Q(registered_at__gt=self.since))
        self.worked |= self._staying(Issue, issues.values_list("household_id", "pk"))
        corrections = Correction.objects.filter(new | fresh & Q(proposed_at__gt=self.since))
        self.corrected = set(corrections.values_list("household_id", flat=True))
        self.corrected |= set(Exclusion.objects.filter(new).values_list("household_id", flat=True))
        self.later = self._read_later()

    def _read_later(self) -> set[int | None]:
        """Households of this batch that a later one has written: asked by batch, of which there are few."""
        states = (BatchState.APPLIED, BatchState.UNDOING)
        batches = ImportBatch.objects.filter(finished_at__gt=self.since, state__in=states).exclude(pk=self.batch.pk)
        written = ImportRow.objects.filter(batch__in=list(batches.order_by().values_list("pk", flat=True)))
        written = written.filter(outcome__in=WRITTEN_WORDS, household__in=self.all).order_by()
        return set(written.values_list("household_id", flat=True))

    def _read_assignments(self) -> None:
        self.assignments: dict[int, int] = {}
        """Household that a row changed → its last assignment."""
        self.reassigned: set[int] = set()
        """New households whose cadre is not the one they came with, and nobody else since."""
        as_given: set[int] = set()
        held = Assignment.objects.filter(household__in=self.all).order_by("pk")
        for household, pk, cadre, ended in held.values_list("household_id", "pk", "cadre_id", "end_on").iterator(
            chunk_size=CHUNK
        ):
            if self._needs(household):
                self.assignments[household] = pk
            if household in self.made:
                is_given = (cadre, ended) == (self.made[household], None) and household not in as_given
                (as_given if is_given else self.reassigned).add(household)
        self.reassigned |= {
            household for household, cadre in self.made.items() if cadre is not None and household not in as_given
        }
        gone = Assignment.objects.filter(household__in=self.all, cadre__left_on__lte=local_today()).order_by()
        self.of_leavers = set(gone.values_list("pk", flat=True))

    def _staying(self, model: type[Model], pairs: Iterable[tuple[int | None, int]]) -> set[int | None]:
        """Households of visits or issues that do not go with the batch."""
        going = self.going.get(model, set[int]())
        return {household for household, pk in pairs if pk not in going}

    def _read_undone(self) -> dict[tuple[str, int], dict[int, int]]:
        """Versions that undoing a later import made, and the earlier ones that they are equal to."""
        same: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
        batches = list(ImportBatch.objects.filter(state=BatchState.UNDONE).order_by().values_list("pk", flat=True))
        undone = ImportRow.objects.filter(household__in=self.all, batch__in=batches).order_by()
        changed = undone.exclude(versions=None).values_list("household_id", "resident_id", "versions")
        versions: Any
        for household, resident, versions in changed:
            for name, pk in (("household", household), ("resident", resident or versions.get("person"))):
                if name in versions.get("undone", {}):
                    same[name, pk][versions["undone"][name]] = versions[name][0]
        return same

    def _is(self, name: str, pk: int, current: int | None, expected: int) -> bool:
        """Whether a version is the expected one, or equal to it since all that came after was undone."""
        known = self.same.get((name, pk), {})
        while current != expected and current in known:
            current = known[current]
        return current == expected

    def _used(self, household: int | None) -> str:
        if household in self.worked:
            return Left.WORK
        if household in self.corrected:
            return Left.CORRECTION
        return Left.LATER if household in self.later else ""

    def why_new(self, household: int) -> str:
        """Why a household that the batch made stays; empty when it goes."""
        used = self._used(household)
        if used:
            return used
        if household in self.reassigned:
            return Left.ASSIGNED
        return Left.EDITED if household in self.edited else ""

    def _came_with(self, pk: int, version: int, relation: str) -> bool:
        """Whether a member came with the import and is as it came; the head comes with the household's own row."""
        return self._is("resident", pk, version, 1) and (pk in self.brought or relation == Relation.HEAD)

    def why_row(self, row: UndoRow) -> str:
        """Why a row that changed a household or member, or added a member to an older household, stays."""
        used = self._used(row.household)
        if used:
            return used
        if row.outcome == Outcome.CREATED:
            return "" if self._is("resident", row.resident or 0, self.people.get(row.resident or 0), 1) else Left.EDITED
        if not row.versions:
            return Left.OLDER
        return Left.EDITED if self.was_touched_beside(row) else self._why_changed(row)

    def was_touched_beside(self, row: UndoRow) -> bool:
        """Whether what a decision changed or added beside the row's household has been changed since."""
        also = [(name, pk, after) for name, pk, _before, after in row.versions.get("also", ())]
        also += [("resident", pk, 1) for pk in row.versions.get("added", ())]
        return any(self.beside.get((name, pk)) != version for name, pk, version in also)

    def _why_changed(self, row: UndoRow) -> str:
        versions, household, person = row.versions, row.household or 0, row.person or 0
        if "household" in versions and not self._is(
            "household", household, self.households[household][0], versions["household"][1]
        ):
            return Left.EDITED
        if "resident" in versions and not self._is("resident", person, self.people.get(person), self.final[person]):
            return Left.EDITED
        if "assignment" in versions:
            before, after = versions["assignment"]
            if self.assignments.get(household) != after:
                return Left.ASSIGNED
            if before in self.of_leavers:
                return Left.CADRE_LEFT
        return ""

    def refuse_taken(self, plan: UndoPlan) -> None:
        """Leave rows whose earlier code or ID number somebody else has by now."""
        coded = {row.household: row for row in plan.restored if "code" in row.versions}
        wanted = {
            (row.versions.get("village", self.households[h][1]), row.versions["code"][0]): row
            for h, row in coded.items()
            if h
        }
        for pk, village, code in Household.objects.filter(
            village__in={v for v, _c in wanted}, code__in={c for _v, c in wanted}
        ).values_list("pk", "village_id", "code"):
            if (village, code) in wanted and pk not in coded and pk not in plan.households:
                wanted[village, code].left = Left.TAKEN
        self._refuse_taken_numbers(plan)

    def _refuse_taken_numbers(self, plan: UndoPlan) -> None:
        numbered = {row.pk: row for row in plan.restored if row.versions.get("id")}
        keys = index_keys()
        wanted: dict[str, UndoRow] = {}
        for pk, before in ImportRow.objects.filter(pk__in=list(numbered)).values_list("pk", "before"):
            number = json.loads(before).get("person", {}).get("id_no", "")
            if number:
                wanted[keys.id_index(number)] = numbered[pk]
        going = plan.members | {row.person for row in numbered.values()}
        holders = Resident.objects.filter(
            township__in=self.batch.townships.all(), left_on=None, **{f"{keys.id_column}__in": list(wanted)}
        )
        for pk, household, index in holders.values_list("pk", "household_id", keys.id_column):
            if pk not in going and household not in plan.households:
                wanted[index].left = Left.TAKEN


def by_reason(left: dict[str, int]) -> Iterable[tuple[str, Promise | str, int]]:
    """(reason, sentence, rows), the most frequent first."""
    ordered = sorted(left.items(), key=lambda item: -item[1])
    return [(why, SENTENCES[why], count) for why, count in ordered if why in SENTENCES]
