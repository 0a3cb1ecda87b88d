"""民情日记: what stands in it. A joint visit stands in the diary of each who was there."""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from ledger.models import Cadre, Issue, Visit, VisitCorrection
from ledger.queries.visits import of_cadre_q, said_q, visit_rows
from ledger.rules.days import month_limits

LONGEST = 400
"""Entries of one page: more than anybody logs in a month; a search shows the latest."""


def diary_rows(user: Any, person: Cadre, *, month: datetime.date | None, typed: str = "") -> list[Visit]:
    """The visits that ``person`` led or joined and ``user`` may read, the latest first; void ones stay in sight.

    ``month=None`` looks through all of them. The same number of queries for any number of entries.
    """
    corrected = Exists(VisitCorrection.objects.filter(visit=OuterRef("pk")))
    rows = visit_rows(user).filter(of_cadre_q(person.pk)).annotate(is_corrected=corrected)
    if month is not None:
        rows = rows.filter(occurred_on__range=month_limits(month))
    if typed:
        rows = rows.filter(said_q(typed))
    issues = Issue.objects.visible_to(user).order_by("pk")
    several = (
        "companions", "topics", "questions",
        Prefetch("issues", queryset=issues.select_related("township")),
    )  # fmt: skip
    found = rows.select_related("enterprise").prefetch_related(*several)
    return list(found.order_by("-occurred_on", "-pk")[:LONGEST])


def month_of(asked: str, today: datetime.date) -> datetime.date:
    """``2026-11`` as its first day; anything else, and what lies ahead, is this month."""
    try:
        month = datetime.date.fromisoformat(f"{asked}-01")
    except ValueError:
        return today.replace(day=1)
    return min(month, today.replace(day=1)) if month.year >= 1950 else today.replace(day=1)


def months_around(month: datetime.date, today: datetime.date) -> tuple[datetime.date, datetime.date | None]:
    """The month before, and the one after where it is not ahead of today."""
    after = (month + datetime.timedelta(days=32)).replace(day=1)
    return (month - datetime.timedelta(days=1)).replace(day=1), after if after <= today else None
