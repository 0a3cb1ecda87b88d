"""What the steps of one bulk act share, read once for all of them."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from ledger.actions.issue_checks import Said, prepare
from ledger.models import Issue, IssueStep
from ledger.queries.calendar import Calendar, calendar_of
from ledger.rules.issue_steps import Step

BY_PLACE = frozenset({Step.ASSIGN, Step.ESCALATE})
"""Steps whose check depends on where the issue lies and at which desk, not on the issue itself."""


@dataclass
class Together:
    """``batch``: what each step names in place of an audit row of its own; ``steps``: those written so far."""

    batch: int
    steps: list[IssueStep] = field(default_factory=list)
    calendars: dict[int, Calendar] = field(default_factory=dict)
    found: dict[tuple[Any, ...], Said | ValidationError] = field(default_factory=dict)

    def calendar(self, issue: Issue) -> Calendar:
        """The calendar of the issue's county."""
        county = issue.township.county
        return self.calendars.get(county.pk) or self.calendars.setdefault(county.pk, calendar_of(county))

    def prepare(self, by: Any, issue: Issue, step: str, data: Said) -> Said:
        """As ``issue_checks.prepare``; issues of one village, desk and person complained about are asked about once."""
        if step not in BY_PLACE:
            return prepare(by, issue, step, data)
        key = (step, issue.village_id, issue.level, issue.about_cadre_id)
        if key not in self.found:
            try:
                self.found[key] = prepare(by, issue, step, data)
            except ValidationError as fault:
                self.found[key] = fault
        found = self.found[key]
        if isinstance(found, ValidationError):
            raise found
        return found
