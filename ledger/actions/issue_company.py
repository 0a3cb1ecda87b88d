"""What a step on one issue does to others: the master of a merge, what is merged into it, the discipline office."""

import datetime
from typing import Any

from ledger.actions.audit import SYSTEM
from ledger.actions.issue_corrections import traced
from ledger.actions.issue_moves import Effect, Move
from ledger.actions.issue_steps import EFFECTS
from ledger.actions.issue_writing import write_step
from ledger.models import Issue
from ledger.queries.issue_desks import discipline_unit, works_in
from ledger.rules.issue_steps import Step
from ledger.rules.issues import CloseBasis, IssueKind, State
from ledger.rules.permissions import Level


def bring_along(move: Move, *, by: Any) -> None:
    """After a step, in its transaction: the others move with it, each by a step of its own."""
    if move.step == Step.MERGE:
        master = move.data["master"]
        write_step(
            Move(master, Step.MERGE, move.cadre, move.now, {"text": move.text}), traced(master, move.issue), by=by
        )
    elif move.step == Step.CLOSE:
        _close_merged(move, by)
    elif move.step == Step.REOPEN:
        _reopen_merged(move, by)
    elif move.step == Step.RECLASSIFY and move.issue.state == State.REGISTERED:
        send_complaint(move.issue, move.now)


def _close_merged(move: Move, by: Any) -> None:
    for child in _merged(move.issue).filter(state=State.MERGED):
        closed = {"closed_at": move.now, "closed_by": move.cadre, "close_basis": CloseBasis.WITH_MASTER}
        said = {"basis": CloseBasis.WITH_MASTER, "number": move.issue.printed_number}
        write_step(Move(child, Step.CLOSE, move.cadre, move.now, {}), Effect(closed, {"data": said}), by=by)


def _reopen_merged(move: Move, by: Any) -> None:
    """They wait for their master again."""
    for child in _merged(move.issue).filter(state=State.CLOSED, close_basis=CloseBasis.WITH_MASTER):
        opened = {"closed_at": None, "closed_by": None, "close_basis": ""}
        effect = Effect(opened, {"data": {"number": move.issue.printed_number}}, state=State.MERGED)
        write_step(Move(child, Step.REOPEN, move.cadre, move.now, {}), effect, by=by)


def _merged(master: Issue) -> Any:
    return master.merged_issues.select_related("township__county", "village__township", "household").order_by("pk")


def send_complaint(issue: Issue, now: datetime.datetime) -> None:
    """A complaint goes straight to the discipline office, unless it is about somebody there (terms.md 1)."""
    if issue.kind != IssueKind.COMPLAINT or issue.level != Level.TOWNSHIP:
        return
    unit = discipline_unit(issue.village)
    if unit is None or (issue.about_cadre is not None and works_in(issue.about_cadre, unit)):
        return
    move = Move(issue, Step.ASSIGN, None, now, {"assignee": unit})
    write_step(move, EFFECTS[Step.ASSIGN](move), by=SYSTEM)
