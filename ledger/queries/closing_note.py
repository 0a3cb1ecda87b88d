"""销号说明: who registered, assigned, took on, resolved, called back and struck off, and what the result rests on."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from ledger.models import Cadre, Issue, IssueResult, IssueStep
from ledger.queries.issue_timeline import moment_words, who_words
from ledger.rules.issue_steps import Step

ACTS: tuple[tuple[Step, Promise | str], ...] = (
    (Step.REGISTER, _("registered by")), (Step.ASSIGN, _("assigned by")), (Step.ACCEPT, _("taken on by")),
    (Step.RESOLVE, _("resolved by")), (Step.CALL_BACK, _("called back by")), (Step.CLOSE, _("struck off by")),
)  # fmt: skip
OF_THE_ISSUE = {Step.RESOLVE: "resolved", Step.CALL_BACK: "called_back", Step.CLOSE: "closed"}
"""Where the issue itself says who and when, for one that came from an earlier ledger without its steps."""


@dataclass(frozen=True)
class Act:
    """One line of the note."""

    label: Promise | str
    who: str
    when: str


def closing_note(issue: Issue, steps: Iterable[IssueStep]) -> list[Act]:
    """The acts of the current round in the order of the table; registering belongs to every round."""
    last: dict[str, IssueStep] = {
        row.step: row for row in steps if row.round == issue.round or row.step == Step.REGISTER
    }
    found = []
    for step, label in ACTS:
        if step in last:
            found.append(Act(label, who_words(last[step]), moment_words(last[step])))
        elif step in OF_THE_ISSUE:
            said = _from_issue(issue, OF_THE_ISSUE[step])
            if said is not None:
                found.append(Act(label, *said))
    return found


def _from_issue(issue: Issue, act: str) -> tuple[str, str] | None:
    who: Cadre | None = getattr(issue, f"{act}_by")
    at: datetime.datetime | None = getattr(issue, f"{act}_at")
    if at is None:
        return None
    return who.name if who is not None else "", date_format(localtime(at), "DATE_FORMAT")


def results_of(issue: Issue) -> tuple[IssueResult | None, list[IssueResult]]:
    """What the result of this round rests on, and those of earlier rounds, the latest first."""
    rows = sorted(issue.results.all(), key=lambda row: -row.round)
    current = next((row for row in rows if row.round == issue.round and issue.resolved_at is not None), None)
    return current, [row for row in rows if row.round < issue.round and row.says_something]
