"""What undoing an import of an office's past would take back, and which of its rows stay and why. Nothing is written.

From the end of the chain to its beginning: issues, visits, households, enterprises, cadres, units. What came in goes
unless somebody has built on it, or something that stays needs it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from ledger.importing.history import KIND as HISTORY
from ledger.importing.history_undo_notes import as_written
from ledger.importing.plan import WRITTEN, Outcome
from ledger.importing.still_named import still_named
from ledger.importing.undo_check import Facts, Left, UndoPlan, UndoRow, check_undo
from ledger.models import (
    Assignment,
    Cadre,
    Correction,
    Enterprise,
    Exclusion,
    HeldRow,
    Household,
    HouseholdCode,
    ImportBatch,
    ImportRow,
    Issue,
    IssueRound,
    IssueStep,
    Notice,
    Organisation,
    Resident,
    StatusPeriod,
    VillageLink,
    Visit,
)
from ledger.rules.history import Table

CHUNK = 5_000
COMES_WITH: dict[type[Model], tuple[type[Model], ...]] = {
    Issue: (IssueStep, IssueRound, Notice),
    Visit: (Visit.companions.through, Visit.other_households.through, Visit.topics.through),
}
"""What belongs to such a row without anybody having built on it; a change of any of it raises the row's version."""


@dataclass
class PastUndo(UndoPlan):
    """The rows of an import of the past, with what becomes of each."""

    made: dict[Table, set[int]] = field(default_factory=dict)
    """Things that go, by table."""
    before: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Row → the columns it wrote (``as``) or filled (``fills``)."""

    def put_back(self, table: Table) -> list[UndoRow]:
        """Rows of a table whose fillings are taken out again."""
        return [row for row in self.restored if row.role == table]


def undo_plan(batch: ImportBatch) -> UndoPlan:
    """What undoing a batch of either kind would do at this moment."""
    return check_past(batch) if batch.kind == HISTORY else check_undo(batch)


def check_past(batch: ImportBatch) -> PastUndo:
    """What undoing an import of the past would do; the number of queries depends on the tables, not on the rows."""
    columns = ("pk", "role", "outcome", "household_id", "versions")
    found = ImportRow.objects.filter(batch=batch, outcome__in=[o.value for o in WRITTEN]).order_by("pk")
    rows = [
        UndoRow(pk, role, outcome, household, None, versions or {})
        for pk, role, outcome, household, versions in found.values_list(*columns)
    ]
    return _Chain(batch, rows).walked()


class _Chain:
    """Walks the tables from the last to the first, each knowing what of the later ones goes."""

    def __init__(self, batch: ImportBatch, rows: list[UndoRow]) -> None:
        self.batch, self.plan = batch, PastUndo(rows)
        self.rows: dict[str, list[UndoRow]] = defaultdict(list)
        for row in rows:
            self.rows[row.role].append(row)
            if "made" not in row.versions:
                row.left = Left.OLDER
        self.going: dict[type[Model], set[int]] = {}
        compared = (Table.UNITS, Table.CADRES, Table.ENTERPRISES)
        kept = ImportRow.objects.filter(pk__in=[row.pk for table in compared for row in self.rows[table]])
        opened = kept.exclude(before="").values_list("pk", "before")
        self.plan.before = {pk: json.loads(before) for pk, before in opened}

    def walked(self) -> PastUndo:
        """The plan with a reason beside each row that stays."""
        self._recorded(Table.ISSUES, Issue, self._stepped())
        self._recorded(Table.EVENTS, Visit, set())
        self._households()
        self._places(Table.ENTERPRISES, Enterprise)
        self._tied(Table.CADRES)
        self._places(Table.CADRES, Cadre)
        self._tied(Table.UNITS)
        self._places(Table.UNITS, Organisation)
        return self.plan

    def _created(self, table: Table) -> list[UndoRow]:
        return [row for row in self.rows[table] if row.outcome == Outcome.CREATED and not row.left]

    def _end(self, table: Table, model: type[Model]) -> None:
        self.plan.made[table] = {row.versions["made"] for row in self._created(table)}
        self.going[model] = set(self.plan.made[table])

    # Issues and visits

    def _recorded(self, table: Table, model: type[Model], worked: set[int]) -> None:
        """They go as they came: nothing changed, nothing added, and nothing that stays names them.

        One reason for all of it: that there is an issue at all is not everybody's to know.
        """
        keys = [row.versions["made"] for row in self._created(table)]
        fresh = {key for at in range(0, len(keys), CHUNK) for key in _first_version(model, keys[at : at + CHUNK])}
        named = still_named(model, keys, self.going, but=COMES_WITH[model])
        for row in self._created(table):
            if row.versions["made"] not in fresh - worked - named:
                row.left = Left.BUILT
        self._end(table, model)

    def _stepped(self) -> set[int]:
        """Issues with a step that did not come with the import, or of which somebody reminded its handler."""
        keys = [row.versions["made"] for row in self._created(Table.ISSUES)]
        found: set[int] = set()
        for at in range(0, len(keys), CHUNK):
            steps = IssueStep.objects.filter(issue__in=keys[at : at + CHUNK]).values_list("issue_id", "data")
            found |= {issue for issue, data in steps if data.get("imported") is not True}
            reminded = Issue.objects.filter(pk__in=keys[at : at + CHUNK], reminded_on__isnull=False)
            found |= set(reminded.values_list("pk", flat=True))
        return found

    # Households

    def _households(self) -> None:
        """New ones under the rules of a roster, those that got a cadre as well."""
        rows = [row for row in self.rows[Table.HOUSEHOLDS] if not row.left]
        facts = Facts(self.batch, rows, going=self.going)
        for row in rows:
            if row.household is None:
                row.left = Left.EDITED  # it was taken away since
            else:
                row.left = facts.why_new(row.household) if row.household in facts.made else facts.why_row(row)
        self._end(Table.HOUSEHOLDS, Household)
        self.plan.households = self.plan.made[Table.HOUSEHOLDS]
        named = still_named(Household, self.plan.households, self.going, but=_belongings())
        for row in self._created(Table.HOUSEHOLDS):
            if row.household in named:
                row.left = Left.WORK
        self._end(Table.HOUSEHOLDS, Household)
        self.plan.households = self.plan.made[Table.HOUSEHOLDS]
        restored = self.plan.put_back(Table.HOUSEHOLDS)
        # A household whose cadre is taken out again names nobody any more.
        self.going[Household] |= {row.household for row in restored if row.household}
        self.going[Assignment] = {row.versions["assignment"][1] for row in restored}

    # Enterprises, cadres, units

    def _places(self, table: Table, model: type[Model]) -> None:
        """They go as they came and when nothing that stays names them; their fillings, where they still hold."""
        rows = [row for row in self.rows[table] if not row.left]
        now = as_written(model, {row.versions["made"] for row in rows})
        for row in rows:
            was, current = self.plan.before.get(row.pk, {}), now.get(row.versions["made"], {})
            if (
                was.get("as", current) != current
                or not current
                or any(current[name] != value for name, value in was.get("fills", {}).items())
            ):
                row.left = Left.EDITED
        named = still_named(model, [row.versions["made"] for row in self._created(table)], self.going)
        for row in self._created(table):
            if row.versions["made"] in named:
                row.left = Left.NEEDED
        self._with_their_thing(table)
        self._end(table, model)
        self.going[model] |= {
            row.versions["made"] for row in self.plan.put_back(table)
            if "organisation_id" in self.plan.before.get(row.pk, {}).get("fills", {})
        }  # fmt: skip

    def _with_their_thing(self, table: Table) -> None:
        """A second row about a new thing stays when the thing stays."""
        stays = {r.versions.get("made"): r.left for r in self.rows[table] if r.outcome == Outcome.CREATED and r.left}
        for row in self.rows[table]:
            if not row.left and row.versions["made"] in stays:
                row.left = stays[row.versions["made"]]

    def _tied(self, table: Table) -> None:
        """Ties to villages go with their row; one that was ended or taken away since is an edit."""
        rows = [row for row in self.rows[table] if not row.left]
        links = [link for row in rows for link in row.versions["links"]]
        held = VillageLink.objects.filter(pk__in=links, end_on__isnull=True)
        still = set(held.values_list("pk", flat=True))
        for row in rows:
            if not still.issuperset(row.versions["links"]):
                row.left = Left.EDITED
        mine = {link for row in rows if not row.left for link in row.versions["links"]}
        self.going[VillageLink] = self.going.get(VillageLink, set()) | mine


def _first_version(model: Any, keys: list[int]) -> Iterable[int]:
    found: Iterable[int] = model.objects.filter(pk__in=keys, version=1).values_list("pk", flat=True)
    return found


def _belongings() -> tuple[type[Model], ...]:
    """What a household has of its own, which the rules of rosters look at."""
    own = (HouseholdCode, StatusPeriod, Assignment, Resident, Correction, Exclusion, Household.types.through)
    return (*own, ImportRow, HeldRow)
