"""How an issue's state, date and place are worded: the same on every page."""

import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.models import Issue
from ledger.queries.calendar import Calendar
from ledger.queries.issues import waited_days
from ledger.rules.calendar import DueState
from ledger.rules.early_signs import BADGES, Colour
from ledger.rules.issue_steps import StepRule, words_of
from ledger.rules.issues import FINAL_ANSWERS, HANDED_STATES, STATE_COLOURS, UNREACHABLE_TRIES, Answer, IssueKind, State

register = template.Library()

COLOURS = {DueState.OVERDUE: "late", DueState.TODAY: "due", DueState.NEAR: "due", DueState.LATER: "plain"}


@register.inclusion_tag("components/_badge.html")
def state_badge(issue: Issue) -> dict[str, str]:
    """Where it stands."""
    return {"label": issue.get_state_display(), "state": STATE_COLOURS[issue.state]}


@register.inclusion_tag("components/_badge.html")
def due_badge(issue: Issue, calendar: Calendar) -> dict[str, str]:
    """The date that runs now: the desk's, the handler's or the planned one. Only where ``runs`` says so."""
    due = running_date(issue)
    assert due is not None, "ask runs first"
    return {"label": due_words(due, calendar), "state": COLOURS[_due_state(due, calendar)]}


@register.inclusion_tag("components/_badge.html")
def issue_badge(issue: Issue, calendar: Calendar) -> dict[str, str]:
    """The one badge of a list's row: the date where it presses, else the state."""
    due = running_date(issue)
    state = _due_state(due, calendar) if due is not None else DueState.LATER
    quiet = issue.state in {State.REGISTERED, State.DEFERRED}
    if due is None or state == DueState.LATER or (quiet and state != DueState.OVERDUE):
        return {"label": issue.get_state_display(), "state": STATE_COLOURS[issue.state]}
    label = due_words(due, calendar)
    if quiet:
        label = f"{issue.get_state_display()} · {label}"
    return {"label": label, "state": COLOURS[state]}


@register.filter
def runs(issue: Issue) -> bool:
    """Whether a date is running."""
    return running_date(issue) is not None


def running_date(issue: Issue) -> datetime.date | None:
    """The day that presses in this state; None when no clock runs."""
    if issue.state == State.REGISTERED:
        return issue.due_on or issue.triage_due_on
    if issue.state == State.DEFERRED:
        return issue.deferred_until
    return issue.due_on if issue.state in HANDED_STATES else None


def due_words(due: datetime.date, calendar: Calendar) -> str:
    """``3 days overdue``, ``Due today``, ``Due tomorrow``, else the day itself."""
    days = (due - calendar.today).days
    if days < 0:
        return ngettext("%(n)s day overdue", "%(n)s days overdue", -days) % {"n": -days}
    if days < 2:
        return _("Due tomorrow") if days else _("Due today")
    return day_words(due, calendar.today)


@register.filter
def day_words(day: datetime.date, today: datetime.date) -> str:
    """The day, with its year when it is another one."""
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


def _due_state(due: datetime.date, calendar: Calendar) -> DueState:
    if due <= calendar.today:
        return DueState.OVERDUE if due < calendar.today else DueState.TODAY
    return DueState.NEAR if due <= calendar.near_until else DueState.LATER


@register.filter
def step_name(rule: StepRule, issue: Issue) -> str:
    """What a step is called for this issue."""
    return str(words_of(rule.step, issue.state)[0])


@register.filter
def step_help(rule: StepRule, issue: Issue) -> str:
    """What a step does to this issue."""
    return str(words_of(rule.step, issue.state)[1])


@register.filter
def waited(issue: Issue) -> str:
    """How long the villager has waited."""
    days = waited_days(issue)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def category_words(issue: Issue) -> str:
    """The category, and the kind where it says more: a dispute under "Disputes" is not named twice."""
    category, kind = issue.category.full_name, str(issue.get_kind_display())
    told = issue.kind == IssueKind.REQUEST or kind in category
    return category if told else f"{category} · {kind}"


@register.filter
def place(issue: Issue) -> str:
    """Village and group."""
    return f"{issue.village} {issue.group}" if issue.group is not None else str(issue.village)


@register.filter
def answered(issue: Issue) -> bool:
    """Whether the call-backs of this round are enough to strike it off."""
    tried = issue.answer == Answer.UNREACHABLE and issue.call_back_tries >= UNREACHABLE_TRIES
    return issue.answer in FINAL_ANSWERS or tried


@register.filter
def sign_colour(colour: str) -> str:
    """The badge of an early sign's colour."""
    return BADGES[Colour(colour)]


@register.filter
def answer_label(answer: str) -> str:
    """The household's answer in words."""
    return str(Answer(answer).label)


@register.filter
def answer_colour(answer: str) -> str:
    """The colour beside the household's answer."""
    return {Answer.DISSATISFIED: "late", Answer.UNREACHABLE: "due"}.get(Answer(answer), "done")


@register.filter
def yuan(amount: Decimal) -> str:
    """``1,200 yuan``: grouped, with the cents only where there are some."""
    shown = f"{amount:,.2f}".removesuffix(".00")
    return _("%(amount)s yuan") % {"amount": shown}


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """The value of a mapping, None when it has none."""
    return mapping.get(key)
