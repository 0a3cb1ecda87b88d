"""A whole roster: from the file's bytes to its plan."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.importing.columns import Layout, Role, layouts, mapped_layouts
from ledger.importing.findings import SOFT
from ledger.importing.holding import is_held
from ledger.importing.ledger_now import LedgerNow, ledger_for, load_households
from ledger.importing.members import plan_members
from ledger.importing.plan import WRITTEN, Outcome, Planned, plan_households
from ledger.importing.reading import Sheet, column_letters
from ledger.importing.returned import read_sheets
from ledger.importing.row import said_by
from ledger.importing.rows import Known, read_rows
from ledger.importing.villages import Place
from ledger.models import Township


@dataclass
class Roster:
    """A file that was read: its sheets with data, each with its layout, and the sheets left alone."""

    found: list[tuple[Sheet, Layout]]
    others: list[str]

    def described(self) -> dict[str, Any]:
        """What was recognised, for the page that shows the plan."""
        sheets = [
            {
                "name": sheet.name,
                "role": layout.role.value,
                "header_rows": [row + 1 for row in layout.header_rows],
                "columns": {column_letters(column): name for name, column in layout.columns.items()},
                "left_out": layout.left_out,
                "cut_after": sheet.cut_after,
                "village": layout.village,
            }
            for sheet, layout in self.found
        ]
        return {"sheets": sheets, "others": self.others}


@dataclass
class RosterPlan:
    """What the roster would do; nothing is written yet."""

    households: list[Planned]
    members: list[Planned]
    now: LedgerNow
    sheets: list[dict[str, Any]]
    """How each sheet was read."""

    @property
    def rows(self) -> list[Planned]:
        return [*self.households, *self.members]

    @property
    def has_changes(self) -> bool:
        return any(planned.outcome in WRITTEN for planned in self.rows)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Rows by outcome, those that came in with a notice, and rows by code."""
        found = [planned.outcome for planned in self.rows]
        outcomes = {outcome.value: found.count(outcome) for outcome in Outcome}
        codes: Counter[str] = Counter()
        warned = held = 0
        for planned in self.rows:
            if not planned.row.findings:
                continue
            held += is_held(planned)
            said = {finding.code for finding in planned.row.findings}
            codes.update(str(code) for code in said)
            warned += bool(said & SOFT) and planned.outcome != Outcome.REFUSED
        members = sum(planned.outcome in WRITTEN for planned in self.members)
        return outcomes | {"warned": warned, "members": members, "held": held, "codes": dict(sorted(codes.items()))}

    def digest(self) -> str:
        """The same for two plans that do the same: what somebody looked at is what is applied."""
        said = hashlib.sha256()
        for planned in self.rows:
            row = planned.row
            codes = [str(finding.code) for finding in row.findings]
            key = (row.sheet, row.row, planned.outcome.value, planned.household, planned.cadre, codes, planned.id_index,
                   planned.phone_index, sorted(planned.changes))  # fmt: skip
            said.update(repr(key).encode())
        return said.hexdigest()


def read_roster(data: bytes, mapping: dict[str, Any] | None = None) -> Roster:
    """The sheets and layouts of a file; raises FileRefused. ``mapping`` has the columns that somebody chose by hand."""
    sheets = read_sheets(data)
    found = mapped_layouts(sheets, mapping) if mapping else layouts(sheets)
    used = {id(sheet) for sheet, _layout in found}
    return Roster(found, [sheet.name for sheet in sheets if id(sheet) not in used and sheet.count])


def plan_roster(
    roster: Roster, townships: Iterable[Township], progress: Callable[[str, int, int], None] | None = None
) -> RosterPlan:
    """Compare a roster with the ledger of these townships; raises FileRefused when it has no data at all."""
    now = ledger_for(townships)
    rows = read_rows(roster.found, Known(now.villages, now.all_types, now.today))
    (places,) = said_by(rows, "village")
    villages = {place.pk for place in places if isinstance(place, Place)}
    lists_members = any(layout.role == Role.RESIDENTS for _sheet, layout in roster.found)
    if lists_members:  # they name households by code, in whatever village
        villages |= {place.pk for place in now.places.values() if place.in_scope}
    load_households(now, villages, members=lists_members)
    total = len(rows)
    if progress is not None:
        progress("read", total, total)
    households = plan_households(rows, now, (lambda done: progress("checked", done, total)) if progress else None)
    members = plan_members(rows, households, now) if lists_members else []
    return RosterPlan(households, members, now, roster.described()["sheets"])
