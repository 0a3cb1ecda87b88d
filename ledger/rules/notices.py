"""消息 as data: what happens to a matter, who is told of it, and in which words (issue page, list and chat text alike).

A step tells the audiences of ``STEP_RULES``, the clock those of ``CLOCK_RULES``. Nobody is told of a step of their own.
"""

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.issue_steps import Step
from ledger.rules.issues import HANDED_STATES, OPEN_STATES, Answer, State, Urgency

KEPT_DAYS = 90
"""Days a read notice stays; ``manage.py run_daily`` removes older ones."""
FRESH_DAYS = 30
"""A date that passed longer ago raises no notice any more: a first run over an office's past must not flood anybody.
The digest and the desk count what is older all the same."""


class Sort(TextChoices):
    """What a notice is about."""

    ASSIGNED = "assigned", _("Given to you")
    SUPPORTING = "supporting", _("To be supported by your unit")
    RETURNED = "returned", _("Returned to your desk")
    ARRIVED = "arrived", _("Moved to your desk")
    NEAR = "near", _("Near due")
    TODAY = "today", _("Due today")
    OVERDUE = "overdue", _("Overdue")
    OVERDUE_SUPPORTED = "overdue_supported", _("Overdue, supported by your unit")
    OVERDUE_BELOW = "overdue_below", _("Long overdue below")
    EXTENSION_ASKED = "extension_asked", _("Extension requested")
    EXTENSION_DECIDED = "extension_decided", _("Extension decided")
    REOPENED = "reopened", _("Reopened")
    DISSATISFIED = "dissatisfied", _("Villager dissatisfied")
    INSTRUCTED = "instructed", _("Instruction given")
    SUPERVISED = "supervised", _("Under supervision")
    RELEASED = "released", _("Supervision ended")
    REPORT_LATE = "report_late", _("Progress report late")
    REVIEW = "review", _("Deferred, to be reviewed")
    REMINDED = "reminded", _("Reminder")
    MERGED = "merged", _("Merged with another matter")
    VOIDED = "voided", _("Voided")
    TAKEN = "taken", _("No longer with you")
    CLOSED = "closed", _("Struck off")
    UNASSIGNED = "unassigned", _("Waiting too long to be assigned")
    DIGEST = "digest", _("Today's digest")
    GAPS = "gaps", _("Gaps")
    HANDED_OVER = "handed_over", _("Households handed to you")
    KEPT_ENTRY = "kept_entry", _("Entry to review")
    CAMPAIGN = "campaign", _("Campaign begun")
    ENTRY_DECIDED = "entry_decided", _("Your entry was decided")


class Audience(StrEnum):
    """Who is meant, before names: ``queries/notice_people.py`` finds them."""

    HANDLER = "handler"  # the person it is given to, else the handlers of the unit it is given to
    LAST_HANDLER = "last_handler"  # who had it last, when it is given to nobody any more
    REGISTRANT = "registrant"
    DESK = "desk"  # who keeps the desk of the issue's level, or the next one up that is held
    DESK_ABOVE = "desk_above"  # the next held desk above that one
    DECIDING_DESK = "deciding_desk"  # the desk that decides on the extension
    NAMED = "named"  # the handlers of the units that this step named as supporting
    SUPPORTERS = "supporters"  # the handlers of the units that support it
    SUPERVISOR = "supervisor"  # the leader who put it under supervision


@dataclass(frozen=True)
class SortRule:
    """How a sort is said. ``said`` is a whole sentence that says what to do."""

    colour: str
    said: Promise | str
    fixed: bool = False
    """Whether it can't be switched off."""
    in_chat: Promise | str = ""
    """The sentence for a chat group, where ``said`` speaks to the reader alone; no rule names anybody there."""
    names_handler: bool = False
    """Whether ``said`` says who has it: ``%(handler)s``."""


_LATE = _("It is past its date: its handler resolves it or says what stands in the way, its desk sees to that.")
"""Handler and desk are told the same words."""
SORTS: dict[str, SortRule] = {
    Sort.ASSIGNED: SortRule("due", _("It is given to you: please accept it and deal with it in time."), fixed=True,
                            in_chat=_("It was given to its handler: please accept it and deal with it in time.")),
    Sort.SUPPORTING: SortRule(
        "due", _("Your unit is to support the one in charge: please help, and report what you have done."), fixed=True,
        in_chat=_("It needs the help of the supporting units: please help, and report what you have done."),
    ),
    Sort.RETURNED: SortRule("due", _("It was returned: please assign it again within one working day."), fixed=True),
    Sort.ARRIVED: SortRule("due", _("It is on your desk now: please assign it."), fixed=True),
    Sort.NEAR: SortRule("due", _("It will be due soon: please see to it.")),
    Sort.TODAY: SortRule("due", _("It is due today: please resolve it, or say what stands in the way."), fixed=True),
    Sort.OVERDUE: SortRule("late", _LATE, fixed=True),
    Sort.OVERDUE_SUPPORTED: SortRule(
        "late",
        _("Your unit supports it. %(handler)s has it, and it is past its date: please report what you have done."),
        fixed=True, in_chat=_("It is past its date: supporting units, please report what you have done."),
        names_handler=True,
    ),
    Sort.OVERDUE_BELOW: SortRule("late", _("It has been overdue for days at a desk below: please ask about it."),
                                 fixed=True, in_chat=_LATE),
    Sort.EXTENSION_ASKED: SortRule("due", _("Its handler asks for more time: please decide."), fixed=True),
    Sort.EXTENSION_DECIDED: SortRule("calm", _("The request for more time is decided: please look at the date.")),
    Sort.REOPENED: SortRule("late", _("It is open again: please deal with it anew.")),
    Sort.DISSATISFIED: SortRule("late", _("The villager is dissatisfied: please see what is missing.")),
    Sort.INSTRUCTED: SortRule("due", _("A leader has given an instruction on it: please read and act on it."),
                              fixed=True),
    Sort.SUPERVISED: SortRule("late", _("It is under supervision: please report progress on time."), fixed=True),
    Sort.RELEASED: SortRule("plain", _("It is no longer under supervision.")),
    Sort.REPORT_LATE: SortRule("late", _("It is under supervision and the report is late: please report progress."),
                               fixed=True),
    Sort.REVIEW: SortRule("due", _("It was deferred until now: please review whether it can go on.")),
    Sort.REMINDED: SortRule("due", _("Its desk reminds you: please see to it and report progress."), fixed=True),
    Sort.MERGED: SortRule("plain", _("It was merged into another matter and will be struck off with that.")),
    Sort.VOIDED: SortRule("plain", _("It was voided as a wrong entry.")),
    Sort.TAKEN: SortRule("plain", _("It is no longer with you: its desk goes on with it, or somebody else does."),
                         in_chat=_("It was taken from its handler: its desk goes on with it, or somebody else does.")),
    Sort.CLOSED: SortRule("done", _("It is struck off: your unit's part in it is over."),
                          in_chat=_("It is struck off: the part of the supporting units is over.")),
    Sort.UNASSIGNED: SortRule("late", _("The time to assign it is over: please assign it, or send it on."), fixed=True),
    Sort.DIGEST: SortRule("calm", _("What is new, near its date, overdue, to be called back and to be reviewed.")),
    Sort.HANDED_OVER: SortRule("due", _("Households were handed over to you: please get to know them."), fixed=True),
    Sort.KEPT_ENTRY: SortRule("due", _("An entry from a phone could not be saved as it came: please look and decide."),
                              fixed=True),
    Sort.ENTRY_DECIDED: SortRule("calm", _("What you handed in from your phone has been decided.")),
    Sort.CAMPAIGN: SortRule("calm", _("It concerns households of yours: see which, and its points at each.")),
    Sort.GAPS: SortRule("late", _("Somebody or something in your area has nobody responsible: see the list of gaps.")),
}  # fmt: skip
FIXED = frozenset(sort for sort, rule in SORTS.items() if rule.fixed)


@dataclass(frozen=True)
class NoticeRule:
    """One row: who gets a notice of which sort."""

    sort: str
    to: tuple[Audience, ...]
    answer: str = ""
    """Only when the call-back said this."""
    into: str = ""
    """Only when the step brought the matter into this state: a merge leaves a trace on its master too."""
    held: bool = False
    """Only when somebody had the matter until then."""


A = Audience
_HELD = HANDED_STATES | {State.DEFERRED}
_TAKEN = NoticeRule(Sort.TAKEN, (A.LAST_HANDLER,), held=True)
STEP_RULES: dict[str, tuple[NoticeRule, ...]] = {
    Step.ASSIGN: (
        NoticeRule(Sort.ASSIGNED, (A.HANDLER,)),
        NoticeRule(Sort.SUPPORTING, (A.NAMED,)),
        _TAKEN,
    ),
    Step.CLOSE: (NoticeRule(Sort.CLOSED, (A.SUPPORTERS,)),),
    Step.WITHDRAW: (_TAKEN,),
    Step.RETURN: (NoticeRule(Sort.RETURNED, (A.DESK,)),),
    Step.ESCALATE: (NoticeRule(Sort.ARRIVED, (A.DESK,)), _TAKEN),
    Step.SEND_DOWN: (NoticeRule(Sort.ARRIVED, (A.DESK,)), _TAKEN),
    Step.REQUEST_EXTENSION: (NoticeRule(Sort.EXTENSION_ASKED, (A.DECIDING_DESK,)),),
    Step.GRANT_EXTENSION: (NoticeRule(Sort.EXTENSION_DECIDED, (A.HANDLER,)),),
    Step.REFUSE_EXTENSION: (NoticeRule(Sort.EXTENSION_DECIDED, (A.HANDLER,)),),
    Step.CALL_BACK: (NoticeRule(Sort.DISSATISFIED, (A.HANDLER, A.DESK), answer=Answer.DISSATISFIED),),
    Step.REOPEN: (NoticeRule(Sort.REOPENED, (A.DESK, A.LAST_HANDLER, A.REGISTRANT), into=State.REGISTERED),),
    Step.RECLASSIFY: (
        NoticeRule(Sort.ARRIVED, (A.DESK,), into=State.REGISTERED),
        replace(_TAKEN, into=State.REGISTERED),
    ),
    Step.INSTRUCT: (NoticeRule(Sort.INSTRUCTED, (A.HANDLER, A.DESK)),),
    Step.SUPERVISE: (NoticeRule(Sort.SUPERVISED, (A.HANDLER, A.DESK)),),
    Step.RELEASE: (NoticeRule(Sort.RELEASED, (A.HANDLER, A.DESK)),),
    Step.REMIND: (NoticeRule(Sort.REMINDED, (A.HANDLER,)),),
    Step.MERGE: (NoticeRule(Sort.MERGED, (A.LAST_HANDLER, A.REGISTRANT), into=State.MERGED),),
    Step.VOID: (NoticeRule(Sort.VOIDED, (A.LAST_HANDLER, A.REGISTRANT)),),
}
CLOCK_RULES: dict[str, tuple[Audience, ...]] = {
    Sort.NEAR: (A.HANDLER,),
    Sort.TODAY: (A.HANDLER,),
    Sort.OVERDUE: (A.HANDLER, A.DESK),
    Sort.OVERDUE_SUPPORTED: (A.SUPPORTERS,),
    Sort.OVERDUE_BELOW: (A.DESK_ABOVE,),
    Sort.REVIEW: (A.DESK,),
    Sort.UNASSIGNED: (A.DESK,),
    Sort.REPORT_LATE: (A.HANDLER, A.SUPERVISOR),
}
"""What the calendar raises, found by ``manage.py run_daily``."""


@dataclass(frozen=True)
class Days:
    """A county's today, as far as notices ask."""

    today: datetime.date
    near_until: datetime.date
    escalate_days: int
    """Days past the due date after which the next desk up is told; 0 never."""

    @property
    def oldest(self) -> datetime.date:
        """The earliest date that still raises a notice."""
        return self.today - datetime.timedelta(days=FRESH_DAYS)

    @property
    def escalated_from(self) -> datetime.date | None:
        """Due dates up to this day are told to the next desk up."""
        return self.today - datetime.timedelta(days=self.escalate_days) if self.escalate_days else None


def step_rules(step: str, *, before: str, after: str, answer: str = "") -> list[NoticeRule]:
    """What a step tells that was taken, from the state ``before`` to that ``after``; nothing when nobody need know."""
    return [
        rule
        for rule in STEP_RULES.get(step, ())
        if rule.answer in ("", answer)
        and (not rule.into or (after == rule.into and before != after))
        and (not rule.held or before in _HELD)
    ]


@dataclass(frozen=True)
class Clock:
    """What of an issue the calendar looks at."""

    state: str
    due_on: datetime.date | None = None
    review_on: datetime.date | None = None
    report_due_on: datetime.date | None = None
    """None without supervision."""
    triage_due_on: datetime.date | None = None
    """Until when its desk has time to assign it."""


def clock_sorts(clock: Clock, days: Days) -> list[tuple[Sort, datetime.date]]:
    """What the dates of an issue say today: each sort with the day it speaks of, which makes it once only."""
    found = _due(clock, days)
    review, report = clock.review_on, clock.report_due_on
    if clock.state == State.DEFERRED and review is not None and days.oldest <= review <= days.today:
        found.append((Sort.REVIEW, review))
    triage = clock.triage_due_on
    if clock.state == State.REGISTERED and triage is not None and days.oldest <= triage < days.today:
        found.append((Sort.UNASSIGNED, triage))
    if clock.state in OPEN_STATES and report is not None and days.oldest <= report < days.today:
        found.append((Sort.REPORT_LATE, report))
    return found


def _due(clock: Clock, days: Days) -> list[tuple[Sort, datetime.date]]:
    due = clock.due_on
    if clock.state not in HANDED_STATES or due is None or not days.oldest <= due <= days.near_until:
        return []
    if due >= days.today:
        return [(Sort.TODAY if due == days.today else Sort.NEAR, due)]
    late = [(Sort.OVERDUE, due), (Sort.OVERDUE_SUPPORTED, due)]
    return [*late, (Sort.OVERDUE_BELOW, due)] if days.escalated_from and due <= days.escalated_from else late


def rings_at_night(urgency: str) -> bool:
    """Danger to life passes the quiet hours; whatever else is urgent has days, and waits for the morning."""
    return urgency == Urgency.LIFE
