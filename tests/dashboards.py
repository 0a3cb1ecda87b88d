"""The rows of a dashboard as somebody sees them, for tests."""

import datetime
from typing import Any

from django.db.models import QuerySet

from ledger.models import Village
from ledger.queries.dashboard import Row, inside, parts_of, rows
from ledger.queries.figures import coverage_window
from ledger.queries.figures_window import Window
from ledger.rules.days import local_today
from ledger.rules.permissions import Level


def village_rows(
    user: Any, villages: QuerySet[Village], last: datetime.date | None = None, first: datetime.date | None = None
) -> list[Row]:
    """One row a village: coverage of 90 days, everything else of this month, or from ``first``."""
    last = last or local_today()
    areas, places = parts_of(Level.TOWNSHIP, inside(villages))
    return rows(user, areas, places, Window(first or last.replace(day=1), last), coverage_window(last, 90))
