"""An office's past: from the tables of an earlier ledger to their plan, and from the plan into the ledger."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.importing.files import FileError, FileRefused
from ledger.importing.findings import SOFT
from ledger.importing.history_matters import Matters
from ledger.importing.history_now import PastNow, past_for
from ledger.importing.history_people import People
from ledger.importing.history_tables import History, Line, lines_of
from ledger.importing.history_undo_notes import Written, as_written, written_rows
from ledger.importing.history_write import PeopleWriter
from ledger.importing.history_write_matters import MattersWriter
from ledger.importing.plan import WRITTEN, Outcome, Planned
from ledger.models import Category, ImportBatch, Organisation, Township
from ledger.rules.history import Table

KIND = "history"
"""The kind of such a batch."""
_TOLD_EVERY, MAX_LABEL = 500, 60
_LABEL = {
    Table.VILLAGES: "name", Table.UNITS: "unit", Table.CADRES: "cadre_name", Table.ENTERPRISES: "name",
    Table.HOUSEHOLDS: "head", Table.EVENTS: "event_id", Table.ISSUES: "issue_id",
}  # fmt: skip
"""The column that tells somebody which row is meant."""


@dataclass
class HistoryPlan:
    """What the tables would do; nothing is written yet."""

    tables: dict[Table, list[Planned]]
    now: PastNow

    @property
    def rows(self) -> list[Planned]:
        return [planned for rows in self.tables.values() for planned in rows]

    @property
    def has_changes(self) -> bool:
        return any(planned.outcome in WRITTEN for planned in self.rows)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Rows by outcome, those with a notice, rows by code, and the outcomes of each table."""
        outcomes: dict[str, int] = {outcome.value: 0 for outcome in Outcome}
        codes: Counter[str] = Counter()
        tables: dict[str, dict[str, int]] = {}
        warned = 0
        for table, rows in self.tables.items():
            mine = Counter(planned.outcome.value for planned in rows)
            if rows:
                tables[table.value] = {outcome: mine[outcome] for outcome in outcomes if mine[outcome]}
            for outcome, count in mine.items():
                outcomes[outcome] += count
            for planned in rows:
                said = {finding.code for finding in planned.row.findings}
                codes.update(str(code) for code in said)
                warned += bool(said & SOFT) and planned.outcome != Outcome.REFUSED
        return outcomes | {"warned": warned, "members": 0, "codes": dict(sorted(codes.items())), "tables": tables}

    @property
    def first_day(self) -> datetime.date:
        """The first day of which the tables say anything; today when they name none."""
        days = [
            planned.row.fields["day"]
            for table in (Table.EVENTS, Table.ISSUES)
            for planned in self.tables[table]
            if planned.outcome in (Outcome.CREATED, Outcome.UNCHANGED)
        ]
        return datetime.date.fromisoformat(min(days)) if days else self.now.ledger.today

    def digest(self) -> str:
        """The same for two plans that do the same: what somebody looked at is what is applied."""
        said = hashlib.sha256()
        for planned in self.rows:
            row = planned.row
            codes = [str(finding.code) for finding in row.findings]
            more = [sorted(row.fields.get(name, ())) for name in ("fills", "ties")]
            key = (row.sheet, row.row, row.role, planned.outcome.value, planned.household, codes, more)
            said.update(repr(key).encode())
        return said.hexdigest()


def plan_history(
    history: History, townships: Iterable[Township], progress: Callable[[str, int, int], None] | None = None
) -> HistoryPlan:
    """Compare the tables with the ledger of these townships; raises FileRefused when there is no row at all."""
    lines: dict[Table, list[Line]] = {table: [] for table in Table}
    for found in history.found:
        lines[found.table] += lines_of(found)
    total = sum(len(some) for some in lines.values())
    if not any(not line.row.ignored for some in lines.values() for line in some):
        raise FileRefused(FileError.NO_DATA_ROWS)
    now = past_for(list(townships))
    matters = Matters(now)
    planners = People(now).planners() | {Table.EVENTS: matters.event, Table.ISSUES: matters.issue}
    plan = HistoryPlan({table: [] for table in Table}, now)
    count = 0
    for table in Table:
        for line in lines[table]:
            line.row.fields["name"] = line.text(_LABEL[table])[:MAX_LABEL]
            ignored = bool(line.row.ignored)
            plan.tables[table].append(Planned(line.row, Outcome.IGNORED) if ignored else planners[table](line))
            count += 1
            if progress is not None and count % _TOLD_EVERY == 0:
                progress("checked", count, total)
    return plan


def write_history(
    *, by: Any, batch: ImportBatch, plan: HistoryPlan, tell: Callable[[str, int, int], None] | None = None
) -> Written:
    """Write what the plan says is new; the caller holds the transaction and has made the plan inside it."""
    total = len(plan.rows)
    if tell is not None:
        tell("written", 0, total)
    people = PeopleWriter(by=by, batch=batch, now=plan.now, first_day=plan.first_day)
    people.write(plan.tables)
    if tell is not None:
        matters = sum(len(plan.tables[table]) for table in (Table.EVENTS, Table.ISSUES))
        tell("written", total - matters, total)
    new = {table: [p for p in plan.tables[table] if p.outcome == Outcome.CREATED] for table in Table}
    matters_writer = MattersWriter(by=by, now=plan.now, people=people)
    matters_writer.write(new[Table.EVENTS], new[Table.ISSUES])
    beside: dict[str, Any] = {
        "groups": people.added_groups, "units": as_written(Organisation, people.added_units),
        "categories": as_written(Category, matters_writer.added_categories),
    }  # fmt: skip
    return Written(written_rows(plan.tables), beside)
