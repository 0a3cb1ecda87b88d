"""周例会: why a matter is on the wall, and which step of the one table a decision in the room is."""

import datetime

from django.db.models import IntegerChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.issue_steps import Step
from ledger.rules.issues import OPEN_STATES, State


class Need(IntegerChoices):
    """What the room is asked to decide, the most pressing first."""

    DISSATISFIED = 0, _("Villager dissatisfied")
    REPORT_LATE = 1, _("Supervised, report late")
    OVERDUE = 2, _("Overdue")
    EXTENSION = 3, _("Extension to decide")
    REVIEW = 4, _("Deferred, to be reviewed")
    TRIAGE_LATE = 5, _("Not assigned in time")
    TO_ASSIGN = 6, _("To be assigned")
    SUPERVISED = 7, _("Under supervision")
    NEAR = 8, _("Near due")
    NONE = 9, _("In hand")


NEED_COLOURS = {
    Need.DISSATISFIED: "late", Need.REPORT_LATE: "late", Need.OVERDUE: "late", Need.TRIAGE_LATE: "late",
    Need.EXTENSION: "due", Need.REVIEW: "due", Need.TO_ASSIGN: "due", Need.NEAR: "due", Need.SUPERVISED: "calm",
    Need.NONE: "plain",
}  # fmt: skip

NO_HANDLER = _("Say first who handles it.")
NEEDS_REQUEST = _(
    "It is being worked on: a later date is asked for by its handler and then decided here. Give an earlier date, "
    "another handler, or only the next step."
)
SAY_WHY = _("It is opened again: say as the next step what is still to be done.")
REVIEW_DAYS = 30
"""Days after which what was put off in the room is looked at again, where no earlier review stands."""
ON_ITS_PAGE = _("This one is decided on its own page.")
NOTHING_SAID = _("Say who handles it, by when, or what comes next.")


def decision(
    *, state: str, hands_over: bool, wanted: datetime.date | None, due_on: datetime.date | None, goal: str,
    extension_asked: bool, leads: bool,
) -> Step | Promise | str:  # fmt: skip
    """The step that a decision is, or the sentence why it can't be one.

    ``hands_over``: another handler was named. ``wanted``: the day typed; the day that stands already (``due_on``, of a
    deferred one its planned date) is no decision. What is deferred is put off anew by a day, and taken up by another
    handler. What was resolved to nobody's satisfaction is opened again. ``leads``: who decides is a leader here: the
    next step alone is an instruction then, else a reminder with it.
    """
    if state == State.RESOLVED:
        return Step.REOPEN if goal else SAY_WHY
    if state not in OPEN_STATES:
        return ON_ITS_PAGE
    moved = wanted is not None and wanted != due_on
    if hands_over:
        return Step.RESUME if state == State.DEFERRED else Step.ASSIGN
    if state == State.REGISTERED:
        return NO_HANDLER if wanted or goal else NOTHING_SAID
    if moved and state == State.DEFERRED:
        return Step.DEFER
    if moved and state == State.IN_PROGRESS and due_on is not None and wanted is not None and wanted > due_on:
        return Step.GRANT_EXTENSION if extension_asked else NEEDS_REQUEST
    if moved:
        return Step.ASSIGN
    if goal:
        return Step.INSTRUCT if leads else Step.REMIND
    return NOTHING_SAID


def next_review(standing: datetime.date | None, until: datetime.date, today: datetime.date) -> datetime.date:
    """The review of a matter put off until a day: the one that stands where it still fits, else within a month."""
    if standing is not None and today < standing <= until:
        return standing
    return min(until, today + datetime.timedelta(days=REVIEW_DAYS))
