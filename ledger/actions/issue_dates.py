"""Steps that move or stop the clock: an extension asked for and decided, deferral and resumption."""

import datetime
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.actions.issue_moves import LONGEST_LIMIT, TAKEN_UP, Effect, Move
from ledger.rules.issue_clock import paused_days, resumed
from ledger.rules.issue_steps import Step

ONE_DAY = datetime.timedelta(days=1)


def _request_extension(move: Move) -> Effect:
    wanted = move.data["wanted_on"]
    _check_later(move, "wanted_on", wanted)
    level = str(move.data["level"])
    return Effect({"extension_level": level}, {"due_on": wanted, "data": {"level": level}})


def _grant_extension(move: Move) -> Effect:
    granted = move.data["granted_on"]
    _check_later(move, "granted_on", granted)
    return Effect({"extension_level": "", "due_on": granted}, {"due_on": granted})


def _refuse_extension(move: Move) -> Effect:
    return Effect({"extension_level": ""}, {"due_on": move.issue.due_on})


def _check_later(move: Move, name: str, day: datetime.date) -> None:
    """An extension ends after the date that runs, and not in the past."""
    due = move.issue.due_on
    first = max(move.today, due + ONE_DAY) if due is not None else move.today
    if not first <= day <= move.today + LONGEST_LIMIT:
        said = _("A later date is needed: from %(day)s on, three years from now at the most.")
        raise ValidationError({name: said % {"day": date_format(first, "DATE_FORMAT")}})


def _defer(move: Move) -> Effect:
    """The clock stops at the first deferral; deferring again after a review keeps it standing since then."""
    until, review = move.data["deferred_until"], move.data["review_on"]
    if not move.today < until <= move.today + LONGEST_LIMIT:
        raise ValidationError({"deferred_until": _("The planned date lies between tomorrow and three years from now.")})
    if not move.today < review <= until:
        raise ValidationError({"review_on": _("The next review lies between tomorrow and the planned date.")})
    changes = {
        "obstacle": move.text, "deferred_on": move.issue.deferred_on or move.today, "deferred_until": until,
        "review_on": review,
    }  # fmt: skip
    return Effect(changes, {"due_on": until, "data": {"review_on": review.isoformat()}})


def _resume(move: Move) -> Effect:
    """The due date moves by the working days it stood still; an extension granted meanwhile saw the pause so far."""
    issue, due = move.issue, move.issue.due_on
    stopped = issue.deferred_on or move.today
    calendar = move.calendar_since(min(stopped, due or stopped))
    if due is None:
        paused = paused_days(stopped, move.today, calendar.overrides)
    else:
        again = resumed(
            due, deferred_on=stopped, resumed_on=move.today, granted_on=move.data.get("granted_on"),
            overrides=calendar.overrides,
        )  # fmt: skip
        due, paused = again.due.date, again.paused
    changes = {**TAKEN_UP, "due_on": due, "paused_days": issue.paused_days + paused}
    return Effect(changes, {"due_on": due, "data": {"paused": paused}})


DATE_EFFECTS: dict[str, Callable[[Move], Effect]] = {
    Step.REQUEST_EXTENSION: _request_extension,
    Step.GRANT_EXTENSION: _grant_extension,
    Step.REFUSE_EXTENSION: _refuse_extension,
    Step.DEFER: _defer,
    Step.RESUME: _resume,
}
