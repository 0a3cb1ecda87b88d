"""How a matter goes its way: each step through the same effects as a live one, dated in the past."""

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

from ledger.actions.issue_corrections import traced
from ledger.actions.issue_extensions import asked, decision
from ledger.actions.issue_moves import Move
from ledger.actions.issue_rounds import ADDED, round_of
from ledger.actions.issue_steps import EFFECTS
from ledger.models import Cadre, Extension, Issue, IssueResult, IssueRound, IssueStep, Organisation
from ledger.queries.calendar import Calendar
from ledger.rules.days import SHANGHAI, day_start, local_day
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.issues import IssueKind, State

OPENS, SHUTS = 8.4, 17.8
"""Office hours within which most steps are taken."""


class PastMove(Move):
    """A step taken on its own day: the clock of the calendar stands at that day."""

    @property
    def calendar(self) -> Calendar:
        return Calendar(local_day(self.now))

    def calendar_since(self, day: datetime.date) -> Calendar:
        return self.calendar


@dataclass(frozen=True)
class Merging:
    """A merge that waits until both issues are stored."""

    master: "Course"
    by: Cadre
    at: datetime.datetime
    text: str


@dataclass
class Course:
    """One issue with the steps taken so far; ``at`` is when the last one was."""

    issue: Issue
    at: datetime.datetime
    values: dict[str, Any]
    """What fills the slots of its texts: place, group, numbers."""
    steps: list[IssueStep] = field(default_factory=list)
    rounds: list[IssueRound] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    supporting: list[Organisation] = field(default_factory=list)
    results: list[IssueResult] = field(default_factory=list)
    merging: Merging | None = None

    def register(self) -> None:
        """The first row of the timeline, as ``actions/issues.register`` writes it."""
        issue = self.issue
        waits = issue.kind != IssueKind.WISH  # a wish waits in its pool, where no date runs
        issue.triage_due_on = Calendar(local_day(self.at)).due_on(1) if waits else None
        self.steps.append(
            IssueStep(
                issue=issue, step=Step.REGISTER, to_state=State.REGISTERED, by=issue.registered_by, at=self.at,
                due_on=issue.triage_due_on, data={"level": issue.level},
            )
        )  # fmt: skip

    def take(self, step: str, at: datetime.datetime, by: Cadre | None, on_spot: bool = False, **data: Any) -> None:
        """One step of the table; raises ValueError for one that does not fit the state."""
        issue, rule = self.issue, STEPS[step]
        if issue.state not in rule.sources:
            raise ValueError(f"{step} does not fit {issue.state}")
        move = PastMove(issue, step, by, at, data)
        effect = EFFECTS[step](move)
        before, target, waited = issue.state, rule.target or issue.state, issue.extension_level
        for name, value in {**effect.changes, "state": target}.items():
            setattr(issue, name, value)
        issue.version += 1
        if effect.supporting is not None:
            self.supporting = effect.supporting
        if effect.result is not None:
            self.results.append(IssueResult(issue=issue, round=issue.round, **effect.result))
        self._keep_extension(move, waited)
        if step == Step.RESOLVE:
            self.rounds.append(round_of(issue))
        for name in ADDED.get(step, ()):
            setattr(self.rounds[-1], name, getattr(issue, name))
        facts = {**effect.row, "data": {**effect.row.get("data", {}), **({"on_spot": True} if on_spot else {})}}
        self.steps.append(
            IssueStep(
                issue=issue, step=step, round=issue.round, from_state=before, to_state=target, by=by, at=at,
                text=move.text, **facts,
            )
        )  # fmt: skip
        self.at = at

    def merge(self) -> None:
        """The merge that waited, with its trace on the master."""
        waiting = self.merging
        assert waiting is not None
        master = waiting.master.issue
        at = max(waiting.at, waiting.master.at)
        self.take(Step.MERGE, at, waiting.by, master=master, text=waiting.text)
        waiting.master.at, master.version = at, master.version + 1
        waiting.master.steps.append(
            IssueStep(
                issue=master, step=Step.MERGE, round=master.round, from_state=master.state, to_state=master.state,
                by=waiting.by, at=at, text=waiting.text, **traced(master, self.issue).row,
            )
        )  # fmt: skip

    def _keep_extension(self, move: Move, waited: str) -> None:
        """As ``actions/issue_extensions.keep_extension`` does for a live step."""
        if move.step == Step.REQUEST_EXTENSION:
            self.extensions.append(asked(move))
        elif waited and not self.issue.extension_level:
            for name, value in decision(move).items():
                setattr(self.extensions[-1], name, value)


class Clock:
    """Moments at which people work, none of them ahead of now."""

    def __init__(self, rng: random.Random, now: datetime.datetime) -> None:
        self.rng, self.now = rng, now

    def after(self, moment: datetime.datetime, low: float, high: float, *, weekends: bool = False) -> datetime.datetime:
        """So many hours later, in office hours; pressed together when that would lie ahead of now."""
        later = self._in_hours(moment + datetime.timedelta(hours=self.rng.uniform(low, high)), weekends)
        if later <= moment:
            later = moment + datetime.timedelta(minutes=self.rng.randint(6, 40))
        return later if later < self.now else self._between(moment)

    def on(self, day: datetime.date, low: float = OPENS, high: float = SHUTS) -> datetime.datetime:
        """Some time of that day, before now."""
        moment = day_start(day) + datetime.timedelta(hours=self.rng.uniform(low, high))
        if moment < self.now:
            return moment
        latest = (self.now - day_start(day)).total_seconds()
        if latest > 9 * 3600:
            return day_start(day) + datetime.timedelta(seconds=self.rng.uniform(8.3 * 3600, latest - 300))
        # Too early for office hours: it was the evening before.
        return day_start(day) - datetime.timedelta(hours=self.rng.uniform(4, 9))

    def _in_hours(self, moment: datetime.datetime, weekends: bool) -> datetime.datetime:
        local = moment.astimezone(SHANGHAI)
        hour = local.hour + local.minute / 60
        if hour < OPENS or hour > SHUTS:
            day = local.date() + datetime.timedelta(days=hour > SHUTS)
            local = day_start(day) + datetime.timedelta(hours=self.rng.triangular(OPENS, 16.5, 9))
        if local.weekday() >= 5 and not weekends and self.rng.random() < 0.85:
            local += datetime.timedelta(days=7 - local.weekday())
        return local

    def _between(self, moment: datetime.datetime) -> datetime.datetime:
        span = (self.now - moment).total_seconds()
        tries = [moment + datetime.timedelta(seconds=span * self.rng.uniform(0.05, 0.9)) for _try in range(25)]
        awake = [at for at in tries if 8 <= at.astimezone(SHANGHAI).hour < 20]
        return (awake or tries)[0]
