"""What a roster would do to the ledger, row by row. Nothing is written here.

A row is matched by its household code in its village, else by the head's ID number, else it is new (design.md 7).
What could be one household or two is held: refused, with a code that says what to look at. An empty cell changes
nothing that is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ledger.importing.columns import Role
from ledger.importing.findings import Code
from ledger.importing.glance import COMPARED, Glance
from ledger.importing.held_memory import held_for
from ledger.importing.ledger_now import LedgerNow, Stored
from ledger.importing.responsible import KnownCadre
from ledger.importing.row import Columns, PlainRow, Row, where
from ledger.importing.villages import Place
from ledger.rules.held_rows import Decision
from ledger.rules.households import is_generated_code
from ledger.rules.masking import mask_id, mask_phone


class Outcome(StrEnum):
    """What becomes of a row; the words of the import report."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    IGNORED = "ignored"


_UNCHANGED = Outcome.UNCHANGED
_NOTHING_SAID = (None, "")
_TOLD_EVERY = 2_000
WRITTEN = (Outcome.CREATED, Outcome.UPDATED)


@dataclass(slots=True)
class Planned:
    """One row and what it would do. ``changes`` maps a field to its value before and after."""

    row: Row
    outcome: Outcome
    household: int | None = None
    resident: int | None = None
    stored: Any = None
    """The household or member as it is now; None for a new one."""
    cadre: int | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    id_index: str = ""
    phone_index: str = ""
    head: "Planned | None" = None
    """For a member: the row of this file that brings the household."""
    others: list[Any] = field(default_factory=list)
    """Of a held row: the households (or of a member's row the household) of the ledger that it might be."""


def plan_households(rows: list[Row], now: LedgerNow, progress: Callable[[int], None] | None = None) -> list[Planned]:
    """The plan of all rows that list households (others are passed over), in the file's order."""
    plan, role = _Planner(now).plan, Role.HOUSEHOLDS
    planned: list[Planned] = []
    for at in range(0, len(rows), _TOLD_EVERY):
        planned += [plan(row) for row in rows[at : at + _TOLD_EVERY] if row.role == role]
        if progress is not None:
            progress(min(at + _TOLD_EVERY, len(rows)))
    return planned


class _Planner:
    def __init__(self, now: LedgerNow) -> None:
        self.now = now
        self.claimed: dict[int, Row] = {}
        self.nameless: dict[tuple[Any, ...], Row] = {}
        """Rows without ID and household number, by place and head: the second of two is held."""
        self.glances: dict[int, Glance] = {}
        """Of each sheet, by the identity of its columns."""
        self.seen: Glance | None = None
        """That of the row before: rows come sheet by sheet."""

    def plan(self, row: Row) -> Planned:
        return (self._unchanged(row) if isinstance(row, PlainRow) else None) or self._with_a_closer_look(row)

    def _unchanged(self, row: PlainRow) -> Planned | None:
        """The row, if a glance shows that it brings nothing new and if nobody claimed its household."""
        if row.findings:
            return None
        seen, at = self.seen, row.at
        if seen is None or seen.columns is not row.columns:
            seen = self.seen = self._glance(row.columns)
        same = seen.same[at]
        if same is None or self.claimed.setdefault(same.pk, row) is not row:
            return None
        cadre = seen.matches[at].cadre
        who = None if cadre is None else cadre.pk
        return Planned(row, _UNCHANGED, same.pk, same.head_pk, same, who, {}, seen.ids[at], seen.phones[at])

    def _glance(self, columns: Columns) -> Glance:
        seen = self.glances.get(id(columns))
        if seen is None:
            seen = self.glances[id(columns)] = Glance(columns, self.now)
        return seen

    def _with_a_closer_look(self, row: Row) -> Planned:
        fields = row.fields
        place = fields.get("village")
        if row.ignored or not isinstance(place, Place):
            return Planned(row, Outcome.IGNORED if row.ignored else Outcome.REFUSED)
        named = "cadre_no" in fields or "cadre_name" in fields
        cadre = self._name_cadre(row, place) if named else None
        who = None if cadre is None else cadre.pk
        code = fields.get("hh_no")
        if code and is_generated_code(code):
            fields["hh_no"] = ""
            row.tell(Code.HH_NO_GENERATED, "hh_no")
        is_refused = bool(row.findings) and row.refused
        if is_refused and not held_for(row):
            return Planned(row, Outcome.REFUSED)
        planned = Planned(row, Outcome.CREATED, cadre=who)
        planned.id_index = self.now.keys.id_index(fields.get("id_no") or "")
        planned.phone_index = self.now.keys.phone_index(fields.get("phone") or "")
        return self._held(planned, place) if is_refused else self._matched(planned, place)

    def _name_cadre(self, row: Row, place: Place) -> KnownCadre | None:
        """Resolve the cadre's columns; what can't be resolved is told, and the household comes without a cadre."""
        fields = row.fields
        said = fields.get
        match = self.now.cadres.find(
            said("cadre_no") or "", said("cadre_name") or "", said("cadre_phone") or "", place.township_id
        )
        if match.code:
            row.tell(match.code, match.field, said(match.field) or "")
        cadre = fields["cadre"] = match.cadre
        fields["cadre_no"], fields["cadre_name"] = ("", "") if cadre is None else (cadre.number, cadre.name)
        return cadre

    def _matched(self, planned: Planned, place: Place) -> Planned:
        stored = self._stored(planned, place)
        if planned.row.findings and planned.row.refused:
            return self._held(planned, place)
        if stored is not None:
            self._compare(planned, stored)
        return planned

    def _held(self, planned: Planned, place: Place) -> Planned:
        planned.outcome = Outcome.REFUSED
        self._as_decided(planned, place)
        return planned

    def _as_decided(self, planned: Planned, place: Place) -> None:
        """What somebody decided about this very row stands: it is held no longer."""
        row, reason = planned.row, held_for(planned.row)
        found = self.now.memory.take(row.role, plain_fields(row.fields)) if reason else None
        if found is None:
            return
        if found.decision == Decision.OUT:
            row.findings, row.ignored, planned.outcome = [], "decided", Outcome.IGNORED
            return
        stored = self.now.households.get(found.household or 0)
        if stored is None or stored.village != place.pk or self.claimed.setdefault(stored.pk, row) is not row:
            return
        row.findings = [finding for finding in row.findings if finding.code != reason]
        without_what_is_not_its_own(planned, found.reason)
        self._compare(planned, stored)

    def _stored(self, planned: Planned, place: Place) -> Stored | None:
        """The household that this row speaks of, or None for a new one; doubts become findings that hold the row."""
        row, fields = planned.row, planned.row.fields
        code = fields.get("hh_no") or ""
        by_code = self.now.by_code.get((place.pk, code)) if code else None
        holder = self.now.holders.get((place.township_id, planned.id_index)) if planned.id_index else None
        if by_code is not None:
            return self._claim(by_code, row) if self._same(planned, by_code, holder) else None
        if holder is not None:
            stored = self.now.households.get(holder[1])
            if stored is None or stored.village != place.pk or stored.head_pk != holder[0]:
                row.tell(Code.ID_ELSEWHERE, "id_no")
                planned.others = [holder[1]]
                return None
            return self._claim(stored, row)
        found = None if planned.id_index else self._without_id(planned, place, code)
        if found is None and not row.refused:
            self._refuse_same_home(planned, place, code)
        return found

    def _same(self, planned: Planned, stored: Stored, holder: tuple[int, int] | None) -> bool:
        """Whether code, head and ID number agree enough to be one household."""
        row = planned.row
        if holder is not None and holder[1] != stored.pk:
            row.tell(Code.ID_ELSEWHERE, "id_no")
            planned.others = [holder[1], stored.pk]
            return False
        same_id = bool(planned.id_index) and planned.id_index == stored.id_index
        if row.fields["head"] == stored.head:
            return True
        no_numbers = not planned.id_index and not stored.id_index
        if not same_id and not no_numbers:
            row.tell(Code.CODE_CONFLICT, "hh_no", hint=stored.head)
            planned.others = [stored.pk]
            return False
        row.tell(Code.HEAD_CHANGED, "head", hint=stored.head)
        return True

    def _claim(self, stored: Stored, row: Row) -> Stored | None:
        """Each household is changed by one row at most."""
        first = self.claimed.setdefault(stored.pk, row)
        if first is row:
            return stored
        row.tell(Code.HH_NO_DUPLICATE, "hh_no", hint=where(first, row))
        return None

    def _without_id(self, planned: Planned, place: Place, code: str) -> Stored | None:
        """A row without an ID number: nobody, the very same household again, or a possible duplicate."""
        row, fields = planned.row, planned.row.fields
        key = (place.pk, fields.get("group"), fields["head"])
        if not code and self.nameless.setdefault(key, row) is not row:
            row.twin = self.nameless[key]
            row.tell(Code.POSSIBLE_DUPLICATE, "head", hint=where(row.twin, row))
            return None
        known = [stored for stored in self.now.by_name.get(key, ()) if not code or stored.generated]
        for stored in known:
            if not stored.id_index and not self._differences(planned, stored):
                return self._claim(stored, row)
        if known:
            row.tell(Code.POSSIBLE_DUPLICATE, "head")
            planned.others = [stored.pk for stored in known]
        return None

    def _refuse_same_home(self, planned: Planned, place: Place, code: str) -> None:
        """Hold a new household of the same head at the same address, where its numbers do not tell the two apart.

        An address without a house number is that of many: it counts only where codes and ID numbers say nothing.
        """
        fields = planned.row.fields
        address = fields.get("address") or ""
        is_exact = any(sign.isdigit() for sign in address)
        for stored in self.now.by_address.get((place.pk, fields["head"], address), ()) if address else ():
            unnumbered = not (planned.id_index and stored.id_index)
            if is_exact or (unnumbered and not (code and not stored.generated)):
                planned.others.append(stored.pk)
        if planned.others:
            planned.row.tell(Code.POSSIBLE_DUPLICATE, "head")

    def _compare(self, planned: Planned, stored: Stored) -> None:
        planned.stored, planned.household, planned.resident = stored, stored.pk, stored.head_pk
        planned.changes = self._differences(planned, stored)
        planned.outcome = Outcome.UPDATED if planned.changes else Outcome.UNCHANGED

    @staticmethod
    def _differences(planned: Planned, stored: Stored) -> dict[str, tuple[Any, Any]]:
        return differences(planned, stored)


def differences(planned: Planned, stored: Stored) -> dict[str, tuple[Any, Any]]:
    """What the row says and the ledger does not; numbers are masked, since a plan is looked at."""
    said = planned.row.fields.get
    changes: dict[str, tuple[Any, Any]] = {}
    for name, column in COMPARED.items():
        before, after = getattr(stored, column), said(name)
        if after != before and after not in _NOTHING_SAID:
            changes[name] = (before, after)
    types = said("hh_type")
    if types and stored.types != frozenset(types):
        changes["hh_type"] = (tuple(sorted(stored.types)), types)
    if planned.id_index and planned.id_index != stored.id_index:
        changes["id_no"] = ("", mask_id(planned.row.fields["id_no"]))
    if planned.phone_index and planned.phone_index != stored.phone_index:
        changes["phone"] = ("", mask_phone(planned.row.fields["phone"]))
    if planned.cadre is not None and planned.cadre != stored.cadre:
        changes["cadre"] = (stored.cadre, planned.cadre)
    return changes


def without_what_is_not_its_own(planned: Planned, reason: str) -> None:
    """Leave out of a held row the number that belongs to somebody else: its ID number, or its household code."""
    fields = planned.row.fields
    if reason in (Code.ID_ELSEWHERE, Code.ID_DUPLICATE_IN_FILE):
        fields["id_no"], planned.id_index = "", ""
    elif reason == Code.CODE_CONFLICT:
        fields["hh_no"] = ""


def plain_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The values of a row in words of the contract."""
    kept = dict(fields)
    if "village" in kept:
        place = kept.pop("village")
        kept["village_code"] = place.code if isinstance(place, Place) else ""
    if "group" in kept:
        kept["group_no"] = kept.pop("group")
    if "cadre" in kept:
        kept["cadre"] = kept["cadre"].pk if kept["cadre"] is not None else None
    return kept
