"""Figures of matters, as each stood at the end of the period.

Ordinary matters: sensitive ones are counted apart for those who may see them, a wrong entry counts nowhere, one merged
into another is counted with that one. Small wishes have their own two figures.
"""

from functools import partial
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models import Issue, IssueResult, IssueRound, IssueStep
from ledger.queries.figures_window import ONE_DAY, Figure, Window, figure
from ledger.queries.figures_window import Source as Rows
from ledger.rules.issue_steps import Step
from ledger.rules.issues import DUE_STATES, OPEN_STATES, Answer, IssueKind, Source, State

_flow = partial(figure, Rows.ISSUES)
_stock = partial(figure, Rows.ISSUES, is_stock=True)
SOLVED_STATES = (State.RESOLVED, State.CLOSED)
SOON = 7 * ONE_DAY
ANSWERS = (Answer.SATISFIED, Answer.ACCEPTABLE, Answer.DISSATISFIED)
_NOT_WISH = ~Q(kind=IssueKind.WISH)
_DATING = (Step.ASSIGN, Step.GRANT_EXTENSION, Step.RESUME, Step.RECLASSIFY)
"""Steps that give a matter under way its due date."""
_TO_DESK = (Step.RETURN, Step.WITHDRAW, Step.ESCALATE, Step.SEND_DOWN, Step.REOPEN)
_GIVES = Q(step__in=(Step.REGISTER, Step.ASSIGN, *_TO_DESK)) | Q(step=Step.RECLASSIFY, to_state=State.REGISTERED)
"""Steps that say who has a matter from then on: somebody, or nobody where it lies on a desk (again)."""
_HANDED_OVER = Q(step=Step.ASSIGN, data__has_key="hand_over")
"""工作交接 changes the person alone: the unit it was given to keeps it."""
_SUPERVISION = Q(step__in=(Step.SUPERVISE, Step.RELEASE, Step.CLOSE))
"""Steps that put a matter under supervision or end it, but for those that end the matter itself."""
_ANSWER = KeyTextTransform("answer", "data")
"""What a call-back said, in its step."""
_AT = (
    ("state", "state"), ("due", "due_on"), ("until", "deferred_until"), ("round", "round"),
    ("resolved", "resolved_at"), ("in_time", "resolved_in_time"), ("answer", "answer"), ("closed", "closed_at"),
)  # fmt: skip


def issues_in(window: Window) -> QuerySet[Issue]:
    """Ordinary matters registered by the end, each with ``at_…``: how it stood then, and ``at_unit``, in charge."""
    rows: QuerySet[Issue] = Issue.objects.filter(registered_at__lt=window.end, is_sensitive=False)
    return standing_at(rows.exclude(state=State.VOID).alias(at_unit=_unit_at(window)), window)


def _unit_at(window: Window) -> Any:
    """The unit in charge, or that of the person in charge; of a past day who had it then, whoever had it since."""
    now = Coalesce("lead_organisation_id", "handler__organisation_id", output_field=BigIntegerField())
    if window.is_now:
        return now
    gives = IssueStep.objects.filter(_GIVES, issue=OuterRef("pk"))
    before = gives.filter(at__lt=window.end).order_by("-pk")
    unit = Subquery(before.exclude(_HANDED_OVER).values("to_organisation")[:1])
    person = Subquery(before.values("to_cadre__organisation")[:1])
    then = Coalesce(unit, person, output_field=BigIntegerField())
    return Case(When(Exists(gives.filter(at__gte=window.end)), then=then), default=now)


def standing_at(rows: QuerySet[Issue], window: Window) -> QuerySet[Issue]:
    """With ``at_state``, ``at_due``, ``at_resolved`` and so on: today's columns, or what the steps say of that day."""
    if window.is_now:
        kept = {f"at_{name}": F(column) for name, column in _AT if name != "closed"}
        return rows.alias(**kept, at_closed=Coalesce("closed_at", "resolved_at"), at_supervised=F("is_supervised"))
    steps = IssueStep.objects.filter(issue=OuterRef("pk"), at__lt=window.end).order_by("-pk")
    dated = steps.filter(step__in=_DATING)
    rounds = IssueRound.objects.filter(issue=OuterRef("pk"), round=OuterRef("at_round"), resolved_at__lt=window.end)
    answers = steps.filter(step=Step.CALL_BACK, round=OuterRef("at_round")).annotate(answer=_ANSWER)
    return rows.alias(
        at_state=Coalesce(Subquery(steps.values("to_state")[:1]), F("state")),
        at_round=Subquery(steps.values("round")[:1]),
        at_until=Subquery(steps.filter(step=Step.DEFER).values("due_on")[:1]),
    ).alias(
        at_due=Case(
            When(~Q(at_state=State.REGISTERED), then=Subquery(dated.values("due_on")[:1])),
            When(~Exists(dated), source=Source.IMPORTED, then=F("first_due_on")),
            output_field=DateField(),
        ),
        at_resolved=Subquery(rounds.values("resolved_at")[:1]), at_in_time=Subquery(rounds.values("in_time")[:1]),
        at_answer=Subquery(answers.values("answer")[:1]),
        at_closed=Subquery(steps.filter(to_state=State.CLOSED).values("at")[:1]),
        at_supervised=Q(Exact(Subquery(steps.filter(_SUPERVISION).values("step")[:1]), Step.SUPERVISE)),
    )  # fmt: skip


def _ordinary(*states: str) -> Q:
    return _NOT_WISH & Q(at_state__in=states)


def solved_q(window: Window) -> Q:
    """Resolved in the period, and still resolved or struck off at its end."""
    return _ordinary(*SOLVED_STATES) & window.moments("at_resolved")


def answered_q(window: Window, *answers: str) -> Q:
    """Matters of which a call-back in the period said one of these."""
    said = IssueStep.objects.filter(window.moments("at"), issue=OuterRef("pk"), step=Step.CALL_BACK)
    return _NOT_WISH & Q(Exists(said.filter(data__answer__in=[str(each) for each in answers])))


@_flow(
    "collected", _("Problems received"), _("Matters registered in the period, merged ones counted with their master.")
)
def collected(window: Window) -> Q:
    return _NOT_WISH & window.moments("registered_at") & ~Q(at_state=State.MERGED)


@_flow("resolved", _("Resolved"), _("Resolved in the period and not opened again by its end."))
def resolved(window: Window) -> Q:
    return solved_q(window)


@_flow(
    "struck_off",
    pgettext_lazy("statistics", "Struck off"),
    _("Struck off in the period and not opened again by its end."),
)
def struck_off(window: Window) -> Q:
    return _ordinary(State.CLOSED) & window.moments("at_closed")


@_stock("pending", _("Not resolved"), _("Registered, assigned, in progress or deferred on the last day."))
def pending(window: Window) -> Q:
    return _ordinary(*OPEN_STATES)


@_stock("under_way", _("Under way"), _("Registered, assigned or in progress on the last day; deferred ones apart."))
def under_way(window: Window) -> Q:
    return _ordinary(*DUE_STATES)


@_stock(
    "overdue", _("Overdue"),
    _("Not resolved and past the due date, deferred ones past their planned date; due today is not overdue."),
)  # fmt: skip
def overdue(window: Window) -> Q:
    late = Q(at_state__in=DUE_STATES, at_due__lt=window.last)
    return _NOT_WISH & (late | Q(at_state=State.DEFERRED, at_until__lt=window.last))


@_stock("deferred", _("Deferred"), _("Kept on the list with a planned date on the last day."))
def deferred(window: Window) -> Q:
    return _ordinary(State.DEFERRED)


@_stock("due_soon", _("Due within seven days"), _("Under way, due on the last day or within the seven days after it."))
def due_soon(window: Window) -> Q:
    return _ordinary(*DUE_STATES) & Q(at_due__gte=window.last, at_due__lte=window.last + SOON)


@_stock("due_today", _("Due today"), _("Under way and due on the last day itself: not overdue."))
def due_today(window: Window) -> Q:
    return _ordinary(*DUE_STATES) & Q(at_due=window.last)


@_flow("late", _("Resolved late"), _("Of those resolved in the period, the ones resolved after their due date."))
def late(window: Window) -> Q:
    return solved_q(window) & Q(at_in_time=False)


@_flow("in_time", _("Resolved in time"), _("Of those resolved in the period, the ones resolved by their due date."))
def in_time(window: Window) -> Q:
    return solved_q(window) & Q(at_in_time=True)


@_flow("asked", _("Called back"), _("Matters whose household was called back in the period, also where unreachable."))
def asked(window: Window) -> Q:
    return answered_q(window, *ANSWERS, Answer.UNREACHABLE)


@_flow("answered", _("Answered"), _("Matters whose household said in the period how satisfied it is."))
def answered(window: Window) -> Q:
    return answered_q(window, *ANSWERS)


@_flow(
    "satisfied", _("Satisfied"),
    _("Of those that answered, the satisfied and acceptable; one dissatisfied in the period is not among them."),
)  # fmt: skip
def satisfied(window: Window) -> Q:
    return answered_q(window, Answer.SATISFIED, Answer.ACCEPTABLE) & ~answered_q(window, Answer.DISSATISFIED)


@_flow(
    "dissatisfied", _("Dissatisfied"),
    _("Matters whose household answered “dissatisfied” in the period, also where it was taken up again since."),
)  # fmt: skip
def dissatisfied(window: Window) -> Q:
    return answered_q(window, Answer.DISSATISFIED)


@_flow("wishes", _("Small wishes received"), _("Small wishes registered in the period."))
def wishes(window: Window) -> Q:
    return Q(kind=IssueKind.WISH) & window.moments("registered_at") & ~Q(at_state=State.MERGED)


@_flow("wishes_done", _("Small wishes fulfilled"), _("Small wishes whose end in the period was that it came true."))
def wishes_done(window: Window) -> Q:
    done = IssueResult.objects.filter(issue=OuterRef("pk"), round=OuterRef("at_round"), is_fulfilled=True)
    wish = Q(kind=IssueKind.WISH, at_state__in=SOLVED_STATES)
    return wish & window.moments("at_resolved") & Q(Exists(done))


FIGURES: tuple[Figure, ...] = (
    collected, resolved, struck_off, pending, under_way, overdue, deferred, due_soon, due_today, late, in_time, asked,
    answered, satisfied, dissatisfied, wishes, wishes_done,
)  # fmt: skip
