"""Steps between desks and leaders: escalate, send down, instruct, supervise, release."""

import datetime
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.actions.issue_moves import NOBODY, UNSUPERVISED, Effect, Move, highest
from ledger.rules.issue_steps import Step

LONGEST_BETWEEN_REPORTS = 90
"""Days; a supervision that hears of progress more seldom is none."""


def _to_desk(move: Move) -> Effect:
    """It lies on the desk of ``data["level"]``, given to nobody, and that desk's limit starts."""
    due, level = move.calendar.triage_due_on(move.issue.urgency), str(move.data["level"])
    said = {"level": level, "from_level": str(move.issue.level)}
    changes = {**NOBODY, "level": level, "highest_level": highest(move.issue, level), "triage_due_on": due}
    return Effect(changes, {"due_on": due, "data": said}, supporting=[])


def _instruct(move: Move) -> Effect:
    """On record as the leader's; when the desk enters it, the row says for whom."""
    leader, on = move.data["leader"], move.data.get("instructed_on") or move.today
    if on > move.today:
        raise ValidationError({"instructed_on": _("This day lies ahead of today.")})
    entered = leader if leader != move.cadre else None
    return Effect({}, {"acting_for": entered, "data": {"on": on.isoformat()}})


def _supervise(move: Move) -> Effect:
    every = int(move.data["report_every"])
    if not 1 <= every <= LONGEST_BETWEEN_REPORTS:
        raise ValidationError({"report_every": _("Progress is reported every 1 to 90 days.")})
    due = move.today + datetime.timedelta(days=every)
    changes = {
        "is_supervised": True, "supervised_by": move.cadre, "supervised_at": move.now, "report_every": every,
        "report_due_on": due,
    }  # fmt: skip
    return Effect(changes, {"due_on": due, "data": {"every": every}})


def _release(move: Move) -> Effect:
    return Effect(dict(UNSUPERVISED))


DESK_EFFECTS: dict[str, Callable[[Move], Effect]] = {
    Step.ESCALATE: _to_desk,
    Step.SEND_DOWN: _to_desk,
    Step.INSTRUCT: _instruct,
    Step.SUPERVISE: _supervise,
    Step.RELEASE: _release,
}
