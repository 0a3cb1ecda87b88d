"""What the page of one issue shows beside its facts: the steps in order, who answers for it, what belongs to it."""

from collections.abc import Sequence
from typing import Any

from ledger.models import Issue, IssueStep
from ledger.queries.issue_standing import undecided
from ledger.queries.issue_timeline import Line, line_of
from ledger.queries.issues import Offer
from ledger.queries.responsibility import responsibility
from ledger.rules.issue_steps import Step, StepRule
from ledger.rules.issues import OPEN_STATES, Answer, Outcome, State

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
LEADERS_FIRST = (Step.INSTRUCT, Step.SUPERVISE, Step.REMIND, Step.RELEASE)
"""What a leader came for; whoever may supervise or release is one."""
SHOWN_AT_ONCE = 4
"""The rest folds under "more"."""


def main_offer(offers: list[Offer], issue: Issue) -> Offer | None:
    """The one main action; giving an issue to somebody else is never it, nor what only a leader's eye asks for.

    A dissatisfied villager asks for the matter to be taken up again, also where a leader could strike it off.
    """
    allowed = {offer.step: offer for offer in offers if offer.refusal is None}
    if issue.answer == Answer.DISSATISFIED and Step.REOPEN in allowed:
        return allowed[Step.REOPEN]
    for step in MAIN_STEPS:
        if step in allowed and (step != Step.ASSIGN or issue.state == State.REGISTERED):
            return allowed[step] if step != Step.INSTRUCT or Step.ASSIGN not in allowed else None
    return None


def step_parts(offers: list[Offer], issue: Issue) -> dict[str, Any]:
    """Main step, the others in sight, those that fold away, and why the rest is refused."""
    main = main_offer(offers, issue)
    allowed = {offer.step: offer.rule for offer in offers if offer.refusal is None}
    first = LEADERS_FIRST if {Step.SUPERVISE, Step.RELEASE} & allowed.keys() and issue.state in OPEN_STATES else ()
    order = list(dict.fromkeys([*first, *IN_SIGHT, *allowed]))
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
        "reopened": _reopened(issue, steps),
        "chain": responsibility(issue),
        "instructions": _instructions(steps),
        "extensions": extensions,
        "asked": undecided(issue) if issue.extension_level else None,
        "rounds": [(row, [Outcome(each).label for each in row.outcomes if each in Outcome.values]) for row in rounds],
        "master": Issue.objects.visible_to(user).filter(pk=issue.master_id).first() if issue.master_id else None,
        "merged": list(issue.merged_issues.visible_to(user).select_related("village", "household").order_by("pk")),
    }


def _reopened(issue: Issue, steps: Sequence[IssueStep]) -> Line | None:
    """Why it was opened again, while it is worked on for that reason."""
    again = [step for step in steps if step.step == Step.REOPEN and step.round == issue.round > 1]
    return line_of(again[-1]) if again and issue.state in OPEN_STATES else None


def _instructions(steps: Sequence[IssueStep]) -> list[Line]:
    """What leaders said, the latest first."""
    return [line_of(step) for step in reversed(steps) if step.step == Step.INSTRUCT]
