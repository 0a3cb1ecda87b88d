"""Steps that put the ledger itself right: merge, void, reclassify."""

import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.actions.issue_moves import LONGEST_LIMIT, NOBODY, UNSUPERVISED, Effect, Move, highest
from ledger.models import Category, Issue
from ledger.rules.calendar import due_on
from ledger.rules.days import local_day
from ledger.rules.issue_steps import Step
from ledger.rules.issues import MAY_BE_SENSITIVE, IssueKind, State, must_be_sensitive


def _merge(move: Move) -> Effect:
    master = move.data["master"]
    changes = {**NOBODY, **UNSUPERVISED, "master": master, "triage_due_on": None}
    return Effect(changes, {"data": {"master": master.pk, "number": master.printed_number}}, supporting=[])


def traced(master: Issue, child: Issue) -> Effect:
    """What the master's own timeline says of a merge; nothing else of it changes."""
    return Effect({}, {"data": {"merged": child.pk, "number": child.printed_number}}, state=master.state)


def _void(move: Move) -> Effect:
    return Effect({**NOBODY, **UNSUPERVISED, "triage_due_on": None}, supporting=[])


def _reclassify(move: Move) -> Effect:
    """Kind and category anew; what turns out to be for the discipline office leaves whoever has it."""
    issue, kind, category = move.issue, str(move.data["kind"]), move.data["category"]
    if (kind, category.pk) == (issue.kind, issue.category_id):
        raise ValidationError({"category": _("Nothing would change: choose another kind or category.")})
    sensitive = must_be_sensitive(kind, restricted=category.restricts)
    changes: dict[str, Any] = {
        "kind": kind, "category": category,
        "is_sensitive": sensitive or (issue.is_sensitive and kind in MAY_BE_SENSITIVE),
    }  # fmt: skip
    said = {
        "kinds": [str(issue.kind), kind],
        "categories": [_names(issue.category), _names(category)],
    }
    level = move.data.get("level")
    if level is not None:
        triage = move.calendar.triage_due_on(issue.urgency)
        changes |= {**NOBODY, "level": str(level), "highest_level": highest(issue, str(level)), "triage_due_on": triage}
        if kind == IssueKind.COMPLAINT:
            changes["about_cadre"] = move.data.get("about_cadre")
        return Effect(changes, {"due_on": triage, "data": said}, supporting=[], state=State.REGISTERED)
    due = _new_due(move, category)
    return Effect(changes | {"due_on": due}, {"due_on": due, "data": said})


def _new_due(move: Move, category: Category) -> datetime.date | None:
    """The date that was typed, else that of the new category from the day of the assignment, today at the earliest."""
    issue = move.issue
    if issue.due_on is None or issue.assigned_at is None:
        return issue.due_on
    typed: datetime.date | None = move.data.get("due_on")
    if typed is not None:
        if not move.today <= typed <= move.today + LONGEST_LIMIT:
            raise ValidationError({"due_on": _("The due date lies between today and three years from now.")})
        return typed
    assigned = local_day(issue.assigned_at)
    calendar = move.calendar_since(assigned)
    days = calendar.limits.days(issue.urgency, category.days)
    return max(due_on(assigned, days, calendar.overrides).date, move.today)


def _names(category: Category) -> list[str]:
    """The name in both languages, so that the timeline needs no look-up."""
    return [category.name, category.name_en]


CORRECTIONS: dict[str, Callable[[Move], Effect]] = {
    Step.MERGE: _merge,
    Step.VOID: _void,
    Step.RECLASSIFY: _reclassify,
}
