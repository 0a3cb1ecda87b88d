"""A claim ends with the step that takes the wish from who claimed it, whichever way that step was taken; so does
its wording in the pool."""

from ledger.actions.issue_moves import Move
from ledger.models import PoolEnd, PublishedWish, WishClaim
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, Outcome

ENDS = frozenset({Step.ASSIGN, Step.RETURN, Step.RESOLVE, Step.REOPEN, Step.VOID, Step.MERGE, Step.RECLASSIFY})


def end_claim(move: Move, *, kind: str) -> None:
    """``kind`` is what the issue was before the step."""
    if kind != IssueKind.WISH or move.step not in ENDS:
        return
    fulfilled = move.step == Step.RESOLVE and Outcome.FULFILLED in (move.data.get("outcomes") or ())
    WishClaim.objects.filter(issue=move.issue, ended_at__isnull=True).update(
        ended_at=move.now, is_fulfilled=fulfilled, reason=move.text if move.step == Step.RETURN else ""
    )
    PublishedWish.objects.filter(issue=move.issue, ended_at__isnull=True).update(
        ended_at=move.now, how_ended=PoolEnd.TAKEN_UP
    )
