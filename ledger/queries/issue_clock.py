"""What the clock of one issue counted, gathered from its steps and extensions: for its page and its papers."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.models import Extension, Issue, IssueStep
from ledger.queries.calendar import Calendar, calendar_of
from ledger.rules.calendar import working_days_between
from ledger.rules.days import local_day
from ledger.rules.issue_clock import Counted, DaysOff, Late, count, late, paused_days
from ledger.rules.issues import HANDED_STATES, State

Date = datetime.date
DEFER, RESUME = "defer", "resume"
_STARTS_ANEW = frozenset({"assign", "reopen"})


@dataclass(frozen=True)
class Pause:
    """A time during which the clock stood still; ``until`` is None while it still does."""

    since: Date
    until: Date | None
    days: int


@dataclass(frozen=True)
class NamedOff:
    """Days off on end, and whose they are."""

    days: DaysOff
    name: str


@dataclass(frozen=True)
class IssueClock:
    """How an issue stands to its dates. ``counted`` is None while nothing was assigned (or history gave no date)."""

    waited: int
    """Days the villager has waited since it was registered."""
    counted: Counted | None
    first_due: Date | None
    left: int | None
    """Working days left; None when the clock does not run."""
    late: Late | None
    stands_since: Date | None
    planned: Date | None
    resolved_on: Date | None
    named_off: list[NamedOff]
    weekend_days: int
    pauses: list[Pause]
    extensions: list[Extension]

    @property
    def is_moved(self) -> bool:
        """Whether the date is not the first one any more."""
        return self.counted is not None and self.first_due is not None and self.counted.due != self.first_due

    @property
    def paused(self) -> int:
        """Working days it stood still, with those of a pause that still lasts."""
        open_days = sum(pause.days for pause in self.pauses if pause.until is None)
        return (self.counted.paused if self.counted is not None else 0) + open_days


def clock_of(issue: Issue, steps: Sequence[IssueStep], *, waited: int) -> IssueClock:
    """Everything the page says about an issue's dates, from its timeline in order (two queries more)."""
    started_on = local_day(issue.assigned_at) if issue.assigned_at is not None else None
    calendar = calendar_of(issue.township.county, since=started_on)
    pauses = _pauses(issue, steps, calendar)
    asked = Extension.objects.filter(issue=issue, round=issue.round).order_by("pk")
    extensions = list(asked.select_related("requested_by", "decided_by"))
    counted = _counted(issue, started_on, calendar)
    resolved_on = local_day(issue.resolved_at) if issue.resolved_at is not None else None
    judged_on = resolved_on or calendar.today
    runs_on = issue.state in HANDED_STATES
    judges = runs_on or resolved_on is not None
    deferred = issue.state == State.DEFERRED
    return IssueClock(
        waited=waited, counted=counted, first_due=issue.first_due_on,
        left=working_days_between(calendar.today, issue.due_on, calendar.overrides)
        if runs_on and issue.due_on is not None and issue.due_on >= calendar.today else None,
        late=late(issue.due_on, judged_on, calendar.overrides) if judges else None,
        stands_since=issue.deferred_on if deferred else None, planned=issue.deferred_until if deferred else None,
        resolved_on=resolved_on, pauses=pauses, extensions=extensions,
        **_off(counted, calendar),
    )  # fmt: skip


def _counted(issue: Issue, started_on: Date | None, calendar: Calendar) -> Counted | None:
    if started_on is None or issue.due_on is None:
        return None
    return count(started_on, issue.due_on, calendar.overrides, paused=issue.paused_days)


def _off(counted: Counted | None, calendar: Calendar) -> dict[str, Any]:
    """Festivals by their names; plain weekends only as a number."""
    named: list[NamedOff] = []
    weekend = 0
    for run in counted.off if counted is not None else ():
        names = list(dict.fromkeys(name for day in _days(run) if (name := calendar.note_of(day))))
        if names:
            named.append(NamedOff(run, " · ".join(names)))
        else:
            weekend += run.count
    return {"named_off": named, "weekend_days": weekend}


def _days(run: DaysOff) -> Iterable[Date]:
    return (run.first + datetime.timedelta(days=n) for n in range(run.count))


def _pauses(issue: Issue, steps: Sequence[IssueStep], calendar: Calendar) -> list[Pause]:
    """The pauses since the last assignment, from the timeline."""
    found: list[Pause] = []
    since: Date | None = None
    for row in steps:
        day = local_day(row.at)
        if row.step in _STARTS_ANEW:
            found, since = [], None
        elif row.step == DEFER:
            since = since or day  # deferred again after a review: it has stood still since the first
        elif row.step == RESUME and since is not None:
            # What the step moved the date by: days that an extension granted meanwhile had seen are not in it.
            moved = row.data.get("paused", paused_days(since, day, calendar.overrides))
            found.append(Pause(since, day, int(moved)))
            since = None
    if since is not None and issue.state == State.DEFERRED:
        found.append(Pause(since, None, paused_days(since, calendar.today, calendar.overrides)))
    return found
