"""周例会一页纸: the week in five numbers against the week before, the five worst, what waits for a decision."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from ledger.models import Issue, Village
from ledger.queries.calendar import Calendar
from ledger.queries.figures import FIGURES, rows_of, tally
from ledger.queries.figures_window import ONE_DAY, Figure, Window
from ledger.queries.meeting import needs
from ledger.rules.issues import OPEN_STATES, Answer, State
from ledger.rules.meeting import Need

KEYS = ("collected", "resolved", "struck_off", "overdue", "dissatisfied")
MORE_IS_WORSE = frozenset({"overdue", "dissatisfied"})
WORST, DECISIONS = 5, 8
DECIDED_BY_LEADERS = (Need.DISSATISFIED, Need.REPORT_LATE, Need.EXTENSION, Need.REVIEW, Need.TRIAGE_LATE)
"""What stays as it is until somebody decides; what is only late stands among the worst."""
PRINTED = ("village", "handler", "lead_organisation", "category")


def week_of(day: datetime.date, today: datetime.date) -> Window:
    """Monday to Sunday around the day; a week that runs ends today."""
    monday = day - day.weekday() * ONE_DAY
    return Window(monday, min(monday + 6 * ONE_DAY, today))


def week_before(week: Window) -> Window:
    """The same days of the week before, so that a week under way is not held against a whole one."""
    assert week.first is not None
    return Window(week.first - 7 * ONE_DAY, week.last - 7 * ONE_DAY)


@dataclass(frozen=True)
class Number:
    """One of the five, with what it was the week before."""

    figure: Figure
    value: int
    before: int

    @property
    def change(self) -> int:
        return self.value - self.before

    @property
    def is_worse(self) -> bool:
        """Whether the change is one to ask about."""
        return self.change > 0 and self.figure.key in MORE_IS_WORSE


def numbers(villages: QuerySet[Village], week: Window) -> list[Number]:
    """The five; two queries."""
    now, before = (tally(KEYS, villages, each, by=None)[None] for each in (week, week_before(week)))
    return [Number(FIGURES[key], now[key], before[key]) for key in KEYS]


def worst(villages: QuerySet[Village], week: Window) -> list[tuple[Issue, Need | None]]:
    """Dissatisfied in the week and not struck off, then the longest overdue, which has no need; two queries."""
    angry = rows_of("dissatisfied", villages, week).exclude(at_state=State.CLOSED).order_by("registered_at", "pk")
    found = list(angry.select_related(*PRINTED)[:WORST])
    late = rows_of("overdue", villages, week).exclude(pk__in=[issue.pk for issue in found])
    rest = late.select_related(*PRINTED).order_by("at_due", "pk")[: WORST - len(found)]
    return [*((issue, Need.DISSATISFIED) for issue in found), *((issue, None) for issue in rest)]


def to_decide(user: Any, villages: QuerySet[Village], calendar: Calendar) -> tuple[Sequence[Issue], int]:
    """What waits for a decision today, the most pressing first, each with its ``need``; and how many there are."""
    conditions = {each: condition for each, condition in needs(calendar).items() if each in DECIDED_BY_LEADERS}
    need = Case(
        *(When(condition, then=Value(int(each))) for each, condition in conditions.items()), default=Value(None),
        output_field=IntegerField(),
    )  # fmt: skip
    asked = Issue.objects.visible_to(user).filter(village__in=villages, is_sensitive=False)
    unfinished = asked.filter(Q(state__in=OPEN_STATES) | Q(state=State.RESOLVED, answer=Answer.DISSATISFIED))
    waiting = unfinished.annotate(need=need).filter(need__isnull=False)
    rows = waiting.select_related(*PRINTED).order_by("need", F("due_on").asc(nulls_last=True), "pk")[:DECISIONS]
    return list(rows), waiting.count()
