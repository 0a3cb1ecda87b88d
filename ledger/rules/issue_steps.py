"""The table of steps: who may move an issue, from where, to where, and what it needs (design.md 5).

Buttons, checks, help text and tests read ``STEPS``; a new step is a row here, not a rewrite elsewhere.
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.issues import (
    FINAL_ANSWERS,
    OPEN_STATES,
    UNFINISHED_STATES,
    UNREACHABLE_TRIES,
    Answer,
    CloseBasis,
    State,
)


class Capacity(StrEnum):
    """In which capacities somebody stands before an issue; computed once by ``models/issue_scope.py``."""

    REGISTRANT = "registrant"
    DESK = "desk"  # desk of the issue's level, or above it
    LEADER = "leader"
    TOWNSHIP_LEADER = "township_leader"  # a leader of the issue's township, who answers for it there
    HANDLER = "handler"  # the person it is given to, or a handler of the organisation it is given to
    SUPPORTER = "supporter"  # a handler of an organisation that supports it (协办)
    RESOLVER = "resolver"  # the person who resolved it
    CALLER = "caller"  # the person who called back in this round
    DECIDER = "decider"  # desk of the level that decides the extension asked for, or above it


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
    REMIND = "remind", _("Remind")
    WITHDRAW = "withdraw", _("Take back an assignment")


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
        _row(Step.PROGRESS, {State.IN_PROGRESS, State.DEFERRED}, None, {C.HANDLER, C.SUPPORTER}, "text",
             _("Tells the others how far it has come.")),
        _row(Step.RESOLVE, {State.IN_PROGRESS}, State.RESOLVED, {C.HANDLER}, "outcomes text",
             _("Says what was done; somebody else will call back.")),
        _row(Step.CALL_BACK, {State.RESOLVED}, None, {C.DESK, C.LEADER, C.REGISTRANT}, "answer",
             _("Asks who raised it whether it really is settled."), never={C.RESOLVER}),
        _row(Step.CLOSE, {State.RESOLVED}, State.CLOSED, {C.DESK, C.CALLER}, "",
             _("Strikes it off the ledger after a call-back."), never={C.RESOLVER}),
        _row(Step.REOPEN, {State.RESOLVED, State.CLOSED}, State.REGISTERED, {C.DESK}, "text",
             _("Opens it again under the same number.")),
        _row(Step.REQUEST_EXTENSION, {State.IN_PROGRESS}, None, {C.HANDLER}, "wanted_on text",
             _("Asks the desk for a later date; the first date stays on record.")),
        _row(Step.GRANT_EXTENSION, {State.IN_PROGRESS, State.DEFERRED}, None, {C.DECIDER}, "granted_on",
             _("Agrees to a later date; the first one stays visible."), never={C.HANDLER}),
        _row(Step.REFUSE_EXTENSION, {State.IN_PROGRESS, State.DEFERRED}, None, {C.DECIDER}, "text",
             _("Keeps the date as it is, with your reason."), never={C.HANDLER}),
        _row(Step.INSTRUCT, set(OPEN_STATES), None, {C.LEADER, C.DESK}, "leader text",
             _("Puts a leader's instruction on record; the desk may enter it for them.")),
        _row(Step.SUPERVISE, set(OPEN_STATES), None, {C.LEADER}, "report_every",
             _("Puts it on top of every list, with progress every few days; only a leader strikes it off.")),
        _row(Step.RELEASE, set(UNFINISHED_STATES), None, {C.LEADER}, "text",
             _("Takes it off supervision.")),
        _row(Step.ESCALATE, set(OPEN_STATES), State.REGISTERED, {C.DESK}, "text",
             _("Hands it to the desk above, which has its own limit for assigning it.")),
        _row(Step.SEND_DOWN, set(OPEN_STATES), State.REGISTERED, {C.DESK}, "text",
             _("Hands it to a desk below, which has its own limit for assigning it.")),
        _row(Step.DEFER, {State.IN_PROGRESS, State.DEFERRED}, State.DEFERRED, {C.DESK}, "text deferred_until review_on",
             _("Stops the clock until a planned date, because of an obstacle that is named; it stays in sight.")),
        _row(Step.RESUME, {State.DEFERRED}, State.IN_PROGRESS, {C.DESK}, "",
             _("Starts the clock again; the date moves by the working days it stood still.")),
        _row(Step.RECLASSIFY, set(OPEN_STATES), None, {C.DESK}, "kind category text",
             _("Corrects kind or category; what it was stays on the timeline.")),
        _row(Step.MERGE, set(OPEN_STATES), State.MERGED, {C.DESK}, "master text",
             _("Joins it to another matter about the same thing and closes with that one.")),
        _row(Step.VOID, set(OPEN_STATES), State.VOID, {C.DESK}, "text",
             _("Takes a wrong entry out of all counts; its number stays."), never={C.HANDLER}),
        _row(Step.REMIND, {State.ASSIGNED, State.IN_PROGRESS, State.DEFERRED}, None, {C.DESK, C.LEADER}, "",
             _("Reminds who has it; the matter stays where it is.")),
        _row(Step.WITHDRAW, {State.ASSIGNED}, State.REGISTERED, {C.DESK}, "text",
             _("Takes back what nobody has accepted yet.")),
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


@dataclass(frozen=True)
class Standing:
    """How an issue stands, as far as the rules ask."""

    state: str
    call_back: CallBackRecord = CallBackRecord()
    is_supervised: bool = False
    is_asked: bool = False
    """An extension is asked for and undecided."""
    has_due_date: bool = True
    has_desk_above: bool = True
    has_desk_below: bool = True
    has_merged: bool = False
    """Other issues point at it as their master."""


KEPT_DEFERRED = (
    _("Keep it deferred"),
    _("After the review: a new planned date and the next review. The clock has stood still since the first day."),
)
"""What a deferral is called, and what it does, for a matter that is deferred already."""


def words_of(step: str, state: str) -> tuple[Promise | str, Promise | str]:
    """The name of a step and the sentence under it, for an issue in that state."""
    rule = STEPS[step]
    return KEPT_DEFERRED if step == Step.DEFER and state == State.DEFERRED else (rule.step.label, rule.help)


MOVED_ON = _("The matter has moved on: this step does not fit its state any more.")
WHOSE: tuple[tuple[Capacity, Promise | str], ...] = (
    (Capacity.DECIDER, _("The desk that decides on the extension takes this step.")),
    (Capacity.HANDLER, _("Whoever handles the matter takes this step.")),
    (Capacity.DESK, _("The desk in charge of the matter, or one above it, takes this step.")),
    (Capacity.LEADER, _("A leader of the place takes this step.")),
)
"""What somebody is told whose step it is not."""
NEVER: dict[str, Promise | str] = {
    Step.GRANT_EXTENSION: _("Who handles the matter does not decide on its extension."),
    Step.REFUSE_EXTENSION: _("Who handles the matter does not decide on its extension."),
    Step.VOID: _("Who handles the matter can't void it: another desk does."),
}
"""Why the capacities of ``StepRule.never`` may not; of a call-back and a close it is said in ``refusal``."""


def refusal(step: str, standing: Standing, capacities: frozenset[Capacity]) -> Promise | str | None:
    """Why somebody in these capacities may not take this step now; None when they may.

    The rules beyond the table (design.md 5): a close needs a call-back on record, three tries when
    unreachable; after "dissatisfied" only a township leader closes, under supervision a leader.
    """
    rule = STEPS[step]
    if standing.state not in rule.sources:
        return MOVED_ON
    pointless = misfit(step, standing)
    if pointless is not None:
        return pointless
    if rule.never & capacities:
        return NEVER.get(step) or _("Who resolved the matter can neither call back nor strike it off.")
    if not who_may(step, standing) & capacities:
        return _not_theirs(step, standing) if rule.who & capacities else whose(step)
    if step == Step.CLOSE:
        return _close_refusal(standing.call_back)
    if step in SHEDS and standing.is_supervised and Capacity.LEADER not in capacities:
        return _("A supervised matter leaves the ledger by a leader only.")
    return None


def whose(step: str) -> Promise | str:
    """The sentence that says whose step it is."""
    who = STEPS[step].who
    return next((said for capacity, said in WHOSE if capacity in who), _("This step belongs to somebody else."))


SHEDS = frozenset({Step.MERGE, Step.VOID})
"""Steps by which an issue leaves the ledger without a call-back of its own."""


def who_may(step: str, standing: Standing) -> frozenset[Capacity]:
    """Who may take the step: as the table says, but a close after "dissatisfied" or under supervision is a leader's."""
    if step == Step.CLOSE and standing.call_back.answer == Answer.DISSATISFIED:
        return frozenset({Capacity.TOWNSHIP_LEADER})
    if step == Step.CLOSE and standing.is_supervised:
        return frozenset({Capacity.LEADER})
    return STEPS[step].who


def misfit(step: str, standing: Standing) -> Promise | str | None:
    """Why the step has no meaning now, for anybody; such a step has no button and is not explained either."""
    unfit: dict[str, tuple[bool, Promise | str]] = {
        Step.ESCALATE: (not standing.has_desk_above, _("Nobody holds a desk above this one.")),
        Step.SEND_DOWN: (not standing.has_desk_below, _("There is no desk below that could take it.")),
        Step.SUPERVISE: (standing.is_supervised, _("It is under supervision already.")),
        Step.RELEASE: (not standing.is_supervised, _("It is not under supervision.")),
        Step.GRANT_EXTENSION: (not standing.is_asked, _("No extension is asked for.")),
        Step.REFUSE_EXTENSION: (not standing.is_asked, _("No extension is asked for.")),
        Step.MERGE: (standing.has_merged, _("Other matters are merged into this one: it can't be merged itself.")),
        Step.VOID: (standing.has_merged, _("Other matters are merged into this one: it can't be voided.")),
    }
    if step == Step.CALL_BACK and standing.call_back.answer in FINAL_ANSWERS:
        return ANSWERED if standing.call_back.answer != Answer.DISSATISFIED else DISSATISFIED_NEEDS
    if step == Step.REQUEST_EXTENSION and not standing.has_due_date:
        return _("It has no due date that could be moved.")
    if step == Step.REQUEST_EXTENSION and standing.is_asked:
        return _("An extension is asked for already and waits for its decision.")
    applies, sentence = unfit.get(step, (False, ""))
    return sentence if applies else None


DISSATISFIED_NEEDS = _(
    "The villager is dissatisfied: reopen the matter, or a township leader strikes it off with a reason."
)
ANSWERED = _("The villager has answered already: strike it off or reopen it.")


def _not_theirs(step: str, standing: Standing) -> Promise | str:
    """A close that the table would give them, but not after this answer, or not under supervision."""
    if standing.call_back.answer == Answer.DISSATISFIED:
        return DISSATISFIED_NEEDS
    return _("A supervised matter is struck off by a leader.")


def _close_refusal(call_back: CallBackRecord) -> Promise | str | None:
    if not call_back.answer:
        return _("Call back first.")
    if call_back.answer == Answer.UNREACHABLE and call_back.tries < UNREACHABLE_TRIES:
        return _("Unreachable counts after three tries on record.")
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
