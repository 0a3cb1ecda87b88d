"""What a kind of issue brings along beside the issue itself, at its registration and when it is resolved."""

from typing import Any

from django.core.exceptions import ValidationError

from ledger.actions.disputes import begin_dispute
from ledger.actions.early_signs import begin_sign
from ledger.models import Issue
from ledger.queries.disputes import mediation_fault
from ledger.rules.issues import IssueKind, Outcome


def begin_kind(issue: Issue, data: dict[str, Any]) -> None:
    """Write what the registration said of its kind; ``issue`` is stored."""
    if issue.kind == IssueKind.DISPUTE:
        begin_dispute(issue, data)
    elif issue.kind == IssueKind.EARLY_SIGN:
        begin_sign(issue, data)


def check_outcomes(issue: Issue, outcomes: Any) -> None:
    """Refuse an outcome whose ground is not on record. Raises ValidationError at ``outcomes``."""
    fault = mediation_fault(issue) if Outcome.MEDIATED in (outcomes or ()) else None
    if fault is not None and issue.kind == IssueKind.DISPUTE:
        raise ValidationError({"outcomes": str(fault)})
