"""The record of each request for a later date: written when it is asked for, decided once."""

from typing import Any

from ledger.actions.issue_moves import Move
from ledger.models import Extension
from ledger.rules.issue_steps import Step


def asked(move: Move) -> Extension:
    """The request as it is kept; not stored yet."""
    issue = move.issue
    assert issue.due_on is not None, "the rules refuse it otherwise"
    return Extension(
        issue=issue, round=issue.round, level=move.data["level"], requested_at=move.now, requested_by=move.cadre,
        due_on=issue.due_on, wanted_on=move.data["wanted_on"], reason=move.text,
    )  # fmt: skip


def decision(move: Move) -> dict[str, Any]:
    """What the step makes of an undecided request; after any other step than its own two it lapses."""
    granted = move.step == Step.GRANT_EXTENSION
    decided = granted or move.step == Step.REFUSE_EXTENSION
    return {
        "decided_at": move.now, "decided_by": move.cadre if decided else None, "is_granted": granted,
        "granted_on": move.data["granted_on"] if granted else None, "decision_text": move.text if decided else "",
    }  # fmt: skip


def keep_extension(move: Move, waited: str) -> None:
    """After a step; ``waited`` is the level whose decision was waited for before it."""
    if move.step == Step.REQUEST_EXTENSION:
        asked(move).save(force_insert=True)
    elif waited and not move.issue.extension_level:
        Extension.objects.filter(issue=move.issue, decided_at__isnull=True).update(**decision(move))
