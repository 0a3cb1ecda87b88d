"""What a step is (a ``Move``), what it does (an ``Effect``), and what an issue forgets when it lies on a desk again."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from ledger.models import Cadre, Issue, Organisation
from ledger.queries.calendar import Calendar, calendar_of
from ledger.rules.days import local_day
from ledger.rules.permissions import LEVEL_RANK, Level

LONGEST_LIMIT = datetime.timedelta(days=3 * 366)
"""A due date further away is a slip of the finger."""


@dataclass(frozen=True)
class Move:
    """One step somebody wants to take: the issue as it is now, who, when, and what the form said."""

    issue: Issue
    step: str
    cadre: Cadre | None
    """Who takes it; None is the system."""
    now: datetime.datetime
    data: dict[str, Any]
    days: Calendar | None = None
    """The calendar where it was read already."""

    @property
    def text(self) -> str:
        """What was written, without surrounding blanks."""
        return str(self.data.get("text") or "").strip()

    @property
    def calendar(self) -> Calendar:
        """The calendar of the issue's county."""
        return self.days if self.days is not None else calendar_of(self.issue.township.county)

    def calendar_since(self, day: datetime.date) -> Calendar:
        """The same with its days off from an earlier day on."""
        return calendar_of(self.issue.township.county, since=day)

    @property
    def today(self) -> datetime.date:
        """The local day on which the step is taken."""
        return local_day(self.now)


@dataclass(frozen=True)
class Effect:
    """What a step does: new values of the issue, facts of the timeline row, supporting units when they change."""

    changes: dict[str, Any] = field(default_factory=dict)
    row: dict[str, Any] = field(default_factory=dict)
    supporting: list[Organisation] | None = None
    result: dict[str, Any] | None = None
    """The typed parts of a result (``rules/issue_results``); None for a step that ends nothing."""
    state: str | None = None
    """Where it ends when that is not where the table says: what became a complaint goes to its desk at once."""


TAKEN_UP: dict[str, Any] = {"obstacle": "", "deferred_on": None, "deferred_until": None, "review_on": None}
"""An issue that is not deferred (any more)."""
NOBODY: dict[str, Any] = {
    "handler": None, "lead_organisation": None, "assigned_at": None, "accepted_at": None, "due_on": None,
    "paused_days": 0, "extension_level": "", **TAKEN_UP,
}  # fmt: skip
"""An issue that lies on a desk: given to nobody."""
NEW_ROUND: dict[str, Any] = NOBODY | {
    "first_due_on": None, "resolved_at": None, "resolved_by": None, "resolved_in_time": None, "outcomes": [],
    "result_text": "", "answer": "", "call_back_tries": 0, "called_back_at": None, "called_back_by": None,
    "closed_at": None, "closed_by": None, "close_basis": "", "master": None,
}  # fmt: skip
"""What a reopened issue forgets; the steps of the earlier round keep it."""
UNSUPERVISED: dict[str, Any] = {
    "is_supervised": False, "supervised_by": None, "supervised_at": None, "report_every": None, "report_due_on": None,
}  # fmt: skip


def highest(issue: Issue, level: str) -> str:
    """The highest desk the issue has lain on once it lies on that of ``level``."""
    return str(max(issue.highest_level or issue.level, level, key=lambda each: LEVEL_RANK[Level(each)]))


def next_report(issue: Issue, today: datetime.date) -> datetime.date | None:
    """The day by which a supervised issue's next progress is due; None for any other."""
    every = issue.report_every if issue.is_supervised else None
    return today + datetime.timedelta(days=every) if every else None
