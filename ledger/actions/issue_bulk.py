"""Assigning several issues at once: each is its own step, with its own lock, timeline row and audit row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, transition
from ledger.models import Issue
from ledger.rules.issue_steps import Step

MOST_AT_ONCE = 50


@dataclass
class BulkResult:
    """What became of each: the issues assigned, and those left alone with the sentence why."""

    done: list[Issue] = field(default_factory=list)
    moved: list[Issue] = field(default_factory=list)
    refused: list[tuple[Issue, str]] = field(default_factory=list)


def assign_many(*, by: Any, issues: Sequence[tuple[Issue, int]], data: dict[str, Any]) -> BulkResult:
    """Assign each (issue, version) with the same data; without ``due_on`` each gets the date of its category.

    What somebody moved meanwhile, or what is out of reach, is left alone and named.
    """
    result = BulkResult()
    for issue, version in issues[:MOST_AT_ONCE]:
        try:
            result.done.append(transition(by=by, issue=issue, step=Step.ASSIGN, version=version, data=data))
        except StaleIssue:
            result.moved.append(issue)
        except StepRefused as refused:
            result.refused.append((issue, str(refused)))
        except ValidationError as fault:
            result.refused.append((issue, " ".join(fault.messages)))
    return result
