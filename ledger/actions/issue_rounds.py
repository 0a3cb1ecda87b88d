"""What stays of a round: written when it is resolved, its answer and its close added when they happen."""

from ledger.models import Issue, IssueRound
from ledger.rules.issue_steps import Step

COPIED = (
    "round", "assigned_at", "first_due_on", "due_on", "paused_days", "lead_organisation", "resolved_at", "resolved_by",
    "outcomes", "result_text",
)  # fmt: skip
ADDED: dict[str, tuple[str, ...]] = {
    Step.CALL_BACK: ("answer", "called_back_at", "called_back_by"),
    Step.CLOSE: ("closed_at", "closed_by", "close_basis"),
}
"""What a later step of the round adds."""


def round_of(issue: Issue) -> IssueRound:
    """The round the issue stands in, with all that is known of it by now; not stored yet."""
    names = [*COPIED, *(name for added in ADDED.values() for name in added)]
    return IssueRound(issue=issue, in_time=issue.resolved_in_time, **{name: getattr(issue, name) for name in names})


def keep_round(issue: Issue, step: str) -> None:
    """After a step: a resolved round is kept, its call-back and its close are added to it."""
    if step == Step.RESOLVE:
        round_of(issue).save(force_insert=True)
    elif step in ADDED:
        facts = {name: getattr(issue, name) for name in ADDED[step]}
        IssueRound.objects.filter(issue=issue, round=issue.round).update(**facts)
