"""The table of steps: who may move an issue, from where, to where, and what it needs (design.md 5).

Buttons, checks, help text and tests read ``STEPS``; a new step is a row here, not a rewrite elsewhere.
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.issues import FINAL_ANSWERS, UNREACHABLE_TRIES, Answer, CloseBasis, State


class Capacity(StrEnum):
    """In which capacities somebody stands before an issue; computed once by ``models/issue_scope.py``."""

    REGISTRANT = "registrant"
    DESK = "desk"  # desk of the issue's level, or above it
    LEADER = "leader"
    TOWNSHIP_LEADER = "township_leader"  # a leader of the issue's township, who answers for it there
    HANDLER = "handler"  # the person it is given to, or a handler of the organisation it is given to
    RESOLVER = "resolver"  # the person who resolved it
    CALLER = "caller"  # the person who called back in this round


class Step(TextChoices):
    """One row of the timeline."""

    REGISTER = "register", _("Register")
    ASSIGN = "assign", _("Assign")
    ACCEPT = "accept", _("Accept")
    RETURN = "return", _("Return")
    PROGRESS = "progress", _("Report progress")
    RESOLVE = "resolve", _("Resolve")
    CALL_BACK = "call_back", _("Call back")
    CLOSE = "close", _("Strike off")
    REOPEN = "reopen", _("Reopen")
    INSTRUCT = "instruct", _("Instruct")
    ESCALATE = "escalate", _("Escalate")
    SEND_DOWN = "send_down", _("Send down")
    REQUEST_EXTENSION = "request_extension", _("Ask for an extension")
    GRANT_EXTENSION = "grant_extension", _("Grant the extension")
    REFUSE_EXTENSION = "refuse_extension", _("Refuse the extension")
    DEFER = "defer", _("Defer")
    RESUME = "resume", _("Resume")
    MERGE = "merge", _("Merge")
    VOID = "void", _("Void as a wrong entry")
    RECLASSIFY = "reclassify", _("Reclassify")
    SUPERVISE = "supervise", _("Supervise")
    RELEASE = "release", _("Release from supervision")


@dataclass(frozen=True)
class StepRule:
    """One row of the table: who may take the step, from where, to where, and what it needs."""

    step: Step
    sources: frozenset[str]
    target: str | None
    """The state after the step; None keeps the state."""
    who: frozenset[Capacity]
    never: frozenset[Capacity]
    needs: tuple[str, ...]
    """Names of the fields that must be filled in."""
    help: Promise | str


def _row(
    step: Step, sources: set[str], target: str | None, who: set[Capacity], needs: str, help_: Promise | str,
    never: set[Capacity] | None = None,
) -> StepRule:  # fmt: skip
    return StepRule(
        step, frozenset(sources), target, frozenset(who), frozenset(never or ()), tuple(needs.split()), help_
    )


C = Capacity
STEPS: dict[str, StepRule] = {
    row.step: row
    for row in (
        _row(Step.REGISTER, set(), State.REGISTERED, {C.REGISTRANT}, "kind category title",
             _("Gives the matter a ledger number.")),
        _row(Step.ASSIGN, {State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS}, State.ASSIGNED, {C.DESK},
             "assignee due_on", _("Gives it to a cadre or an organisation, with a date.")),
        _row(Step.ACCEPT, {State.ASSIGNED}, State.IN_PROGRESS, {C.HANDLER}, "",
             _("Confirms that you take it on.")),
        _row(Step.RETURN, {State.ASSIGNED}, State.REGISTERED, {C.HANDLER}, "text",
             _("Sends it back to the desk with your reason.")),
        _row(Step.PROGRESS, {State.IN_PROGRESS, State.DEFERRED}, None, {C.HANDLER}, "text",
             _("Tells the others how far it has come.")),
        _row(Step.RESOLVE, {State.IN_PROGRESS}, State.RESOLVED, {C.HANDLER}, "outcomes text",
             _("Says what was done; somebody else will call back.")),
        _row(Step.CALL_BACK, {State.RESOLVED}, None, {C.DESK, C.LEADER, C.REGISTRANT}, "answer",
             _("Asks who raised it whether it really is settled."), never={C.RESOLVER}),
        _row(Step.CLOSE, {State.RESOLVED}, State.CLOSED, {C.DESK, C.CALLER}, "",
             _("Strikes it off the ledger after a call-back."), never={C.RESOLVER}),
        _row(Step.REOPEN, {State.RESOLVED, State.CLOSED}, State.REGISTERED, {C.DESK}, "text",
             _("Opens it again under the same number.")),
    )
}  # fmt: skip


ON_THE_SPOT = (Step.ASSIGN, Step.ACCEPT, Step.RESOLVE)
"""当场办结: what registering does at once, in the registrant's own name, when the matter was settled on the spot."""

PHONE_IS_FOR = frozenset({Capacity.HANDLER})
"""Who sees the full phone of the person who raised it without the reveal permission (design.md 3)."""

EVIDENCE_IS_FROM = frozenset({Capacity.HANDLER, Capacity.DESK, Capacity.REGISTRANT})
"""Who adds photos and PDFs, while the issue is unfinished."""


@dataclass(frozen=True)
class CallBackRecord:
    """What the current round's call-backs amount to."""

    answer: str = ""
    tries: int = 0
    tried_on: datetime.date | None = None
    """The local day of the last try that reached nobody; None when the last call-back was no such try."""


def refusal(
    step: str, *, state: str, capacities: frozenset[Capacity], supervised: bool = False,
    call_back: CallBackRecord | None = None,
) -> Promise | str | None:  # fmt: skip
    """Why somebody in these capacities may not take this step now; None when they may.

    The rules beyond the table (design.md 5): a close needs a call-back on record, three tries when
    unreachable; after "dissatisfied" only a township leader closes, under supervision a leader.
    """
    rule, call_back = STEPS[step], call_back or CallBackRecord()
    if state not in rule.sources:
        return _("The matter has moved on: this step does not fit its state any more.")
    if rule.never & capacities:
        return _("Who resolved the matter can neither call back nor strike it off.")
    if not who_may(step, call_back) & capacities:
        return DISSATISFIED_NEEDS if rule.who & capacities else _("This step belongs to somebody else.")
    if step == Step.CALL_BACK:
        return _call_back_refusal(call_back, capacities)
    if step == Step.CLOSE:
        return _close_refusal(call_back, capacities, supervised)
    return None


def who_may(step: str, call_back: CallBackRecord) -> frozenset[Capacity]:
    """Who may take the step: as the table says, but after "dissatisfied" only a township leader closes."""
    dissatisfied = step == Step.CLOSE and call_back.answer == Answer.DISSATISFIED
    return frozenset({Capacity.TOWNSHIP_LEADER}) if dissatisfied else STEPS[step].who


DISSATISFIED_NEEDS = _(
    "The villager is dissatisfied: reopen the matter, or a township leader strikes it off with a reason."
)


def _call_back_refusal(call_back: CallBackRecord, capacities: frozenset[Capacity]) -> Promise | str | None:
    if call_back.answer == Answer.DISSATISFIED and Capacity.TOWNSHIP_LEADER not in capacities:
        return DISSATISFIED_NEEDS
    if call_back.answer in FINAL_ANSWERS:
        return _("The villager has answered already: strike it off or reopen it.")
    return None


def _close_refusal(
    call_back: CallBackRecord, capacities: frozenset[Capacity], supervised: bool
) -> Promise | str | None:
    if not call_back.answer:
        return _("Call back first.")
    if call_back.answer == Answer.UNREACHABLE and call_back.tries < UNREACHABLE_TRIES:
        return _("Unreachable counts after three tries on record.")
    if supervised and Capacity.LEADER not in capacities:
        return _("A supervised matter is struck off by a leader.")
    return None


def tried_today(answer: str, call_back: CallBackRecord, today: datetime.date) -> bool:
    """Whether this would be a second try of the same day: three calls in one minute reach nobody three times."""
    return answer == Answer.UNREACHABLE and call_back.tried_on == today


def is_extension(state: str, *, same_handler: bool, due_on: datetime.date, wanted: datetime.date) -> bool:
    """Whether an assignment would only give who works on it a later date; an extension is a step of its own."""
    return state == State.IN_PROGRESS and same_handler and wanted > due_on


def needs(step: str, *, call_back: CallBackRecord | None = None, answer: str = "") -> tuple[str, ...]:
    """The fields the step needs now: those of the table, and a reason or finding where design.md 5 asks for one."""
    fields = STEPS[step].needs
    dissatisfied = step == Step.CLOSE and call_back is not None and call_back.answer == Answer.DISSATISFIED
    on_site = step == Step.CALL_BACK and answer == Answer.ON_SITE
    return (*fields, "text") if dissatisfied or on_site else fields


def close_basis(call_back: CallBackRecord) -> str:
    """The basis a close by call-back is recorded with."""
    return CloseBasis.UNREACHABLE if call_back.answer == Answer.UNREACHABLE else CloseBasis.CALLED_BACK
