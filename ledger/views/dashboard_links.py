"""Addresses of the dashboard: of other areas in the same period, and of exactly the rows that a number counted."""

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from ledger.queries.dashboard import COVERAGE
from ledger.queries.figures import FIGURES
from ledger.queries.figures_window import Source, Window

LISTS = {Source.HOUSEHOLDS: "household_list", Source.VISITS: "visit_list", Source.ISSUES: "issue_list"}


@cache
def _list(source: Source, _prefix: str) -> str:
    """Address of the list; once for each prefix that the application is served under."""
    return reverse(LISTS[source])


@dataclass(frozen=True)
class Links:
    """Of one area and period; ``query`` is the period as the address says it."""

    area: str
    window: Window
    coverage: Window
    query: str

    def of(self, area: str) -> "Links":
        """The same for another area."""
        return Links(area, self.window, self.coverage, self.query)

    @property
    def page(self) -> str:
        """The dashboard of the area in this period."""
        return f"{reverse('dashboard')}?{urlencode({'area': self.area})}{'&' if self.query else ''}{self.query}"

    @property
    def wishes(self) -> str:
        """Small wishes of the period."""
        return self.rows("wishes")

    @property
    def wishes_done(self) -> str:
        """Those that came true."""
        return self.rows("wishes_done")

    def rows(self, key: str, window: Window | None = None, **more: Any) -> str:
        """The list with the rows that a figure counted."""
        window = window or (self.coverage if key in COVERAGE else self.window)
        source = FIGURES[key].source
        # By hand: a page has some three hundred of them, and these words hold nothing that needs quoting.
        since = "" if window.first is None else f"&since={window.first.isoformat()}"
        period = f"{since}&until={window.last.isoformat()}"
        plain = "&sensitive=no" if source == Source.ISSUES else ""
        others = f"&{urlencode(more)}" if more else ""
        return f"{_list(source, get_script_prefix())}?area={self.area}&figure={key}{period}{plain}{others}"

    def households(self, **more: Any) -> str:
        """The households in contact, as they are now."""
        return f"{reverse('household_list')}?{urlencode({'area': self.area, 'counted': '1', **more})}"

    def visits_of(self, first: datetime.date, last: datetime.date, **more: Any) -> str:
        """The visits of some days."""
        return self.rows("events", Window(first, last), **more)
