"""What each step of ``rules/issue_steps.STEPS`` changes: one function a step, looked up by its name.

A step function reads a ``Move`` and returns an ``Effect``; it writes nothing. ``actions/issue_writing``
does the locking, the timeline, the household's count and the audit row for all of them alike.
"""

import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.actions.issue_corrections import CORRECTIONS
from ledger.actions.issue_dates import DATE_EFFECTS
from ledger.actions.issue_desks import DESK_EFFECTS
from ledger.actions.issue_moves import LONGEST_LIMIT, NEW_ROUND, NOBODY, UNSUPERVISED, Effect, Move, next_report
from ledger.models import Issue, Organisation
from ledger.queries.calendar import Calendar
from ledger.rules.days import local_day
from ledger.rules.issue_results import kept, lacking
from ledger.rules.issue_steps import Step, close_basis, is_extension, tried_today
from ledger.rules.issues import OUTCOMES_BY_KIND, UNREACHABLE_TRIES, Answer, Outcome, State


def default_due_on(issue: Issue, calendar: Calendar) -> datetime.date:
    """The due date of an assignment made today, by urgency and category (terms.md 3)."""
    return calendar.handler_due_on(issue.urgency, issue.category.days)


def _assign(move: Move) -> Effect:
    to = move.data["assignee"]
    calendar = move.calendar
    due = move.data.get("due_on") or default_due_on(move.issue, calendar)
    if not calendar.today <= due <= calendar.today + LONGEST_LIMIT:
        raise ValidationError({"due_on": _("The due date lies between today and three years from now.")})
    unit, cadre = (to, None) if isinstance(to, Organisation) else (None, to)
    same = to in {move.issue.handler, move.issue.lead_organisation}
    earlier = move.issue.due_on
    if earlier is not None and is_extension(move.issue.state, same_handler=same, due_on=earlier, wanted=due):
        said = _(
            "It is being worked on there, due %(day)s: assigning it again gives no later date. "
            "Keep the date, or choose somebody else."
        )
        raise ValidationError({"due_on": said % {"day": date_format(earlier, "DATE_FORMAT")}})
    supporting = [each for each in move.data.get("supporting", ()) if each != unit]
    return Effect(
        {
            **NOBODY, "handler": cadre, "lead_organisation": unit, "assigned_at": move.now, "due_on": due,
            "first_due_on": move.issue.first_due_on or due, "triage_due_on": None,
        },
        {"to_cadre": cadre, "to_organisation": unit, "due_on": due,
         "data": {"outside": unit is not None and unit.is_outside_command, **_named(move, supporting)}},
        supporting=supporting,
    )  # fmt: skip


def _named(move: Move, supporting: list[Organisation]) -> dict[str, list[Any]]:
    """Who supports it from now on, by the names of today, and which of them did not before: they are told."""
    if not supporting:
        return {}
    had = set(move.issue.supporting.values_list("pk", flat=True)) if move.issue.pk else set()
    new = [unit.pk for unit in supporting if unit.pk not in had]
    names = {"supporting_names": [unit.name for unit in supporting]}
    return names | ({"supporting": new} if new else {})


def _accept(move: Move) -> Effect:
    return Effect({"handler": move.cadre, "accepted_at": move.now})


def _return(move: Move) -> Effect:
    due = move.calendar.return_due_on(move.issue.urgency)
    return Effect({**NOBODY, "triage_due_on": due}, {"due_on": due}, supporting=[])


def _progress(move: Move) -> Effect:
    unit = move.data.get("for_unit")
    if unit is not None:
        return Effect(row={"data": {"supporter": unit.pk, "unit": unit.name}})
    return Effect({"report_due_on": next_report(move.issue, move.today)} if move.issue.is_supervised else {})


def _resolve(move: Move) -> Effect:
    outcomes = list(dict.fromkeys(move.data.get("outcomes") or ()))
    unfit = set(outcomes) - set(OUTCOMES_BY_KIND[move.issue.kind])
    if unfit:
        named = ", ".join(sorted(str(Outcome(each).label) for each in unfit if each in Outcome.values))
        raise ValidationError({"outcomes": _("This outcome does not fit the kind of the matter: %s.") % named})
    faults = lacking(outcomes, move.data, has_files=bool(move.data.get("files")))
    if faults:
        raise ValidationError(dict(faults))
    due = move.issue.due_on
    in_time = due is None or local_day(move.now) <= due
    return Effect(
        {
            "resolved_at": move.now, "resolved_by": move.cadre, "resolved_in_time": in_time, "outcomes": outcomes,
            "result_text": move.text, "answer": "", "call_back_tries": 0, "extension_level": "", "report_due_on": None,
        },
        {"due_on": due, "data": {"outcomes": outcomes, "in_time": in_time}},
        result=kept(outcomes, move.data),
    )  # fmt: skip


def _call_back(move: Move) -> Effect:
    answer = str(move.data["answer"])
    if answer not in Answer.values:
        raise ValidationError({"answer": _("Choose what the villager said.")})
    if answer not in move.issue.answers:
        raise ValidationError({"answer": _(ON_SITE_IS_FOR)})
    today = local_day(move.now)
    if tried_today(answer, move.issue.call_back, today):
        raise ValidationError({"answer": tried_words(move.issue, today)})
    tries = move.issue.call_back_tries + (answer == Answer.UNREACHABLE)
    return Effect(
        {"answer": answer, "call_back_tries": tries, "called_back_at": move.now, "called_back_by": move.cadre},
        {"data": {"answer": answer, "tries": tries}},
    )


ON_SITE_IS_FOR = gettext_noop(
    "A check on site stands for an answer only in public works and where nobody is named: ask the villager."
)


def tried_words(issue: Issue, today: datetime.date) -> str:
    """What is said of a second try on the day of an earlier one, with the day from which it may be tried again."""
    said = _(
        "Today's try is on record already, as number %(tries)d of %(needed)d. Another one counts from %(day)s; "
        "any other answer can be recorded today."
    )
    day = date_format(today + datetime.timedelta(days=1), "MONTH_DAY_FORMAT")
    return said % {"tries": issue.call_back_tries, "needed": UNREACHABLE_TRIES, "day": day}


def _close(move: Move) -> Effect:
    basis = close_basis(move.issue.call_back)
    return Effect(
        {"closed_at": move.now, "closed_by": move.cadre, "close_basis": basis, **UNSUPERVISED},
        {"data": {"basis": basis, "answer": move.issue.answer}},
    )


def _reopen(move: Move) -> Effect:
    due = move.calendar.triage_due_on(move.issue.urgency)
    anew = {"round": move.issue.round + 1, "triage_due_on": due, "report_due_on": next_report(move.issue, move.today)}
    return Effect({**NEW_ROUND, **anew}, {"due_on": due}, supporting=[])


def _remind(move: Move) -> Effect:
    """Nothing but the reminder itself; a second one of the same day says what is new."""
    today = local_day(move.now)
    if move.issue.reminded_on == today and not move.text:
        raise ValidationError({"text": _("Reminded today already: say what is new, or wait until tomorrow.")})
    return Effect({"reminded_on": today})


def _withdraw(move: Move) -> Effect:
    """Back on the desk under the desk's own earlier limit: giving it out by mistake gains no time."""
    issue, data = move.issue, move.data
    due = data["triage_due_on"] if "triage_due_on" in data else _desk_limit(issue)
    first = data.get("first_due_on", issue.first_due_on)
    return Effect({**NOBODY, "triage_due_on": due, "first_due_on": first}, {"due_on": due}, supporting=[])


def _desk_limit(issue: Issue) -> datetime.date | None:
    """The limit under which the desk had the issue last."""
    there = issue.steps.filter(to_state=State.REGISTERED, due_on__isnull=False).order_by("-pk")
    return there.values_list("due_on", flat=True).first()


EFFECTS: dict[str, Callable[[Move], Effect]] = {
    Step.ASSIGN: _assign,
    Step.ACCEPT: _accept,
    Step.RETURN: _return,
    Step.PROGRESS: _progress,
    Step.RESOLVE: _resolve,
    Step.CALL_BACK: _call_back,
    Step.CLOSE: _close,
    Step.REOPEN: _reopen,
    **DESK_EFFECTS,
    **DATE_EFFECTS,
    **CORRECTIONS,
    Step.REMIND: _remind,
    Step.WITHDRAW: _withdraw,
}
