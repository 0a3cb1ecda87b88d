"""What the page of one issue shows beside its facts: the steps in order, who answers for it, what belongs to it."""

from collections.abc import Sequence
from typing import Any

from ledger.models import Issue, IssueStep
from ledger.queries.issue_standing import undecided
from ledger.queries.issue_timeline import Line, line_of
from ledger.queries.issues import Offer
from ledger.queries.responsibility import responsibility
from ledger.rules.issue_steps import Step, StepRule
from ledger.rules.issues import Outcome, State

MAIN_STEPS = (
    Step.ACCEPT, Step.GRANT_EXTENSION, Step.RESOLVE, Step.CLOSE, Step.CALL_BACK, Step.ASSIGN, Step.RESUME,
    Step.INSTRUCT,
)  # fmt: skip
"""The page's one main action is the first of these that is allowed."""
IN_SIGHT = (
    Step.ASSIGN, Step.RETURN, Step.PROGRESS, Step.REQUEST_EXTENSION, Step.GRANT_EXTENSION, Step.REFUSE_EXTENSION,
    Step.CALL_BACK, Step.CLOSE, Step.REOPEN, Step.RESUME, Step.REMIND, Step.WITHDRAW, Step.ESCALATE, Step.INSTRUCT,
    Step.SUPERVISE, Step.SEND_DOWN, Step.DEFER, Step.RELEASE, Step.RECLASSIFY, Step.MERGE, Step.VOID,
)  # fmt: skip
"""The other steps, the usual ones first; a step that is not named here comes last."""
SHOWN_AT_ONCE = 4
"""The rest folds under "more"."""


def main_offer(offers: list[Offer], issue: Issue) -> Offer | None:
    """The one main action; giving an issue to somebody else is never it, nor what only a leader's eye asks for."""
    allowed = {offer.step: offer for offer in offers if offer.refusal is None}
    for step in MAIN_STEPS:
        if step in allowed and (step != Step.ASSIGN or issue.state == State.REGISTERED):
            return allowed[step] if step != Step.INSTRUCT or Step.ASSIGN not in allowed else None
    return None


def step_parts(offers: list[Offer], issue: Issue) -> dict[str, Any]:
    """Main step, the others in sight, those that fold away, and why the rest is refused."""
    main = main_offer(offers, issue)
    allowed = {offer.step: offer.rule for offer in offers if offer.refusal is None}
    order = [*IN_SIGHT, *(step for step in allowed if step not in IN_SIGHT)]
    others: list[StepRule] = [
        allowed[step] for step in order if step in allowed and (main is None or step != main.step)
    ]
    return {
        "main": main,
        "others": others[:SHOWN_AT_ONCE],
        "more": others[SHOWN_AT_ONCE:],
        "refusals": list(dict.fromkeys(str(offer.refusal) for offer in offers if offer.refusal is not None)),
    }


def company(user: Any, issue: Issue, steps: Sequence[IssueStep]) -> dict[str, Any]:
    """Responsibility, instructions, extensions, earlier rounds, master and merged issues (as far as the user sees)."""
    extensions = list(issue.extensions.select_related("requested_by", "decided_by"))
    rounds = [row for row in issue.rounds.select_related("resolved_by") if row.round < issue.round]
    return {
        "chain": responsibility(issue),
        "instructions": _instructions(steps),
        "extensions": extensions,
        "asked": undecided(issue) if issue.extension_level else None,
        "rounds": [(row, [Outcome(each).label for each in row.outcomes if each in Outcome.values]) for row in rounds],
        "master": Issue.objects.visible_to(user).filter(pk=issue.master_id).first() if issue.master_id else None,
        "merged": list(issue.merged_issues.visible_to(user).select_related("village", "household").order_by("pk")),
    }


def _instructions(steps: Sequence[IssueStep]) -> list[Line]:
    """What leaders said, the latest first."""
    return [line_of(step) for step in reversed(steps) if step.step == Step.INSTRUCT]
