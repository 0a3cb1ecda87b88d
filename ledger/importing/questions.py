"""A held row as a question: what the file says, which households it might be, and what may be answered.

It is asked of the ledger as it is now, by the same planner that held the row: where somebody has put right meanwhile
what held it, nothing is left to ask but whether it is taken in.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ledger.importing.columns import Role
from ledger.importing.findings import Code, Finding
from ledger.importing.held_memory import Memory, held_for
from ledger.importing.ledger_now import LedgerNow, ledger_for, load_households
from ledger.importing.members import plan_member_of
from ledger.importing.plan import WRITTEN, Outcome, Planned, plan_households
from ledger.importing.row import Row
from ledger.models import HeldRow, Household, Resident
from ledger.rules.held_rows import Decision, HeldState
from ledger.rules.households import Relation

Answer = tuple[Decision, int | None]


@dataclass
class Question:
    """One held row before it is decided."""

    held: HeldRow
    planned: Planned
    now: LedgerNow
    others: list[Household] = field(default_factory=list)
    """The households of the township that it might be, as the ledger has them."""
    person: Resident | None = None
    """Who has the ID number of the row."""
    answers: list[tuple[Decision, int | None]] = field(default_factory=list)
    """What may be decided, and about which household."""

    @property
    def row(self) -> Row:
        return self.planned.row

    def seen(self) -> str:
        """The same as long as nothing changed that the question or its answers rest on."""
        others = [(other.pk, other.version, other.village_id, other.code) for other in self.others]
        person = (self.person.pk, self.person.version) if self.person else ()
        said = (self.held.state, self.planned.outcome, self.answers, others, person, sorted(self.planned.changes))
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def may(self, decision: str, other: int | None) -> bool:
        return any(decision == answer and other == about for answer, about in self.answers)


def question(held: HeldRow) -> Question:
    """The question that a held row asks at this moment; a fixed number of queries."""
    now = ledger_for([held.township])
    now.__dict__["memory"] = Memory(())  # what was decided about its like is no answer to this one
    row = _row(held, now)
    if row.role == Role.RESIDENTS:
        planned = _member(row, held, now)
    else:
        place = row.fields.get("village")
        load_households(now, {place.pk} if place is not None else set(), members=False)
        planned = plan_households([row], now)[0]
        if held.in_file:
            planned = _beside_its_twin(held, planned, now)
    asked = Question(held, planned, now)
    shown = Household.objects.filter(pk__in=planned.others).select_related("village", "group", "cadre")
    asked.others = sorted(shown.prefetch_related("types"), key=lambda other: planned.others.index(other.pk))
    asked.person = _holder(planned, now)
    asked.answers = list(_answers(asked)) if held.state == HeldState.OPEN else []
    return asked


def _row(held: HeldRow, now: LedgerNow) -> Row:
    """The row as the file had it, from its sealed values; a village that is gone leaves it without one."""
    values: dict[str, Any] = json.loads(held.said) if held.said else {}
    places = {place.code: place for place in now.places.values()}
    fields = {name: value for name, value in values.items() if name not in ("village_code", "group_no", "cadre")}
    letters = {note[1]: note[2] for note in held.row.notes}
    row = Row(held.row.sheet, held.row.row, held.row.role, fields, letters)
    if row.role == Role.HOUSEHOLDS:
        fields |= {"village": places.get(values.get("village_code", "")), "group": values.get("group_no")}
        if fields["village"] is None:
            row.tell(Code.VILLAGE_UNKNOWN, "village")
    kept = [Finding(*note) for note in held.row.notes]
    row.findings += [one for one in kept if one.is_soft and not one.field.startswith("cadre")]
    return row


def _member(row: Row, held: HeldRow, now: LedgerNow) -> Planned:
    if held.household is None:
        row.tell(Code.HOUSEHOLD_UNKNOWN, "hh_no")
        return Planned(row, Outcome.REFUSED)
    load_households(now, {held.household.village_id}, members=True)
    return plan_member_of(row, held.household_id or 0, now)


def _beside_its_twin(held: HeldRow, planned: Planned, now: LedgerNow) -> Planned:
    """A row that stood twice in its file is asked about, however alike the two are: the first is in the ledger now."""
    row = planned.row
    if not held_for(row) and planned.stored is not None:
        planned.others, planned.household, planned.stored = [planned.stored.pk], None, None
        planned.changes, planned.outcome = {}, Outcome.REFUSED
        row.tell(Code.POSSIBLE_DUPLICATE, "head")
    return planned


def _holder(planned: Planned, now: LedgerNow) -> Resident | None:
    townships = [township.pk for township in now.townships]
    holders = [now.holders.get((township, planned.id_index)) for township in townships] if planned.id_index else []
    pk = next((holder[0] for holder in holders if holder is not None and holder[1] in planned.others), None)
    return Resident.objects.filter(pk=pk).select_related("household").first() if pk else None


def _answers(asked: Question) -> Iterator[Answer]:
    """What may be answered; a household that a decision is about is named with it."""
    planned, reason = asked.planned, held_for(asked.row)
    first = asked.others[0] if asked.others else None
    if planned.outcome in (*WRITTEN, Outcome.UNCHANGED):
        yield _answer(Decision.TAKE)
    elif reason == Code.ID_ELSEWHERE and first is not None:
        yield from _answers_for_a_number(asked, first)
    elif reason in (Code.POSSIBLE_DUPLICATE, Code.CODE_CONFLICT):
        if not asked.held.in_file:
            for other in asked.others:
                yield _answer(Decision.SAME, other)
        yield _answer(Decision.TWO)
    yield _answer(Decision.OUT)


def _answers_for_a_number(asked: Question, first: Household) -> Iterator[Answer]:
    """Somebody has the row's ID number: the person came here, or one of the two numbers is wrong."""
    person = asked.person
    is_head = person is not None and person.relation == Relation.HEAD
    if asked.row.role == Role.RESIDENTS:
        if not is_head:
            yield _answer(Decision.MOVED, first)
        yield _answer(Decision.TWO)
        return
    if len(asked.others) > 1:  # its code is another household's of the village: that one, without the number
        yield _answer(Decision.SAME, asked.others[1])
        return
    if not asked.held.in_file and not (is_head and first.village_id == asked.row.fields["village"].pk):
        yield _answer(Decision.MOVED, first)
    yield _answer(Decision.TWO)


def _answer(decision: Decision, other: Household | None = None) -> Answer:
    return decision, other.pk if other is not None else None
