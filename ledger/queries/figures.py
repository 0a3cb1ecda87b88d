"""Every figure by its key, counted for an area and its parts: one query for each kind of rows, whatever is asked.

``tally`` counts, ``rows_of`` gives exactly the rows that were counted. ``RATIOS`` divide two figures.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Village
from ledger.queries import figures_dashboard, figures_households, figures_issues, figures_visits
from ledger.queries.figures_window import Figure, Source, Window

FIGURES: dict[str, Figure] = {
    each.key: each
    for each in (
        *figures_households.FIGURES,
        *figures_visits.FIGURES,
        *figures_issues.FIGURES,
        *figures_dashboard.FIGURES,
    )
}
_ROWS = {
    Source.HOUSEHOLDS: figures_households.households_in, Source.VISITS: figures_visits.visits_in,
    Source.ISSUES: figures_issues.issues_in,
}  # fmt: skip
_PLACE = {Source.HOUSEHOLDS: "at_village", Source.VISITS: "village_id", Source.ISSUES: "village_id"}
Counts = dict[str, int]


@dataclass(frozen=True)
class Ratio:
    """One figure divided by others; ``definition`` is the sentence printed under it."""

    key: str
    name: Promise | str
    definition: Promise | str
    part: str
    whole: tuple[str, ...]

    def of(self, counts: Counts) -> Decimal | None:
        """Per cent with two decimals, half up; None where there is nothing to divide by."""
        return percent(counts[self.part], sum(counts[key] for key in self.whole))


RATIOS: dict[str, Ratio] = {
    each.key: each
    for each in (
        Ratio(
            "coverage", _("Visit coverage"),
            _("Households met at home at least once in the period ÷ households living here or away on its last day, "
              "without approved exclusions."), "visited", ("households",),
        ),
        Ratio(
            "satisfaction", _("Satisfaction"),
            _("Satisfied and acceptable ÷ matters whose household answered in the period."), "satisfied", ("answered",),
        ),
        Ratio(
            "on_time", _("On time"),
            _("Resolved in the period by the due date ÷ resolved in the period, and not resolved past the due date."),
            "in_time", ("resolved", "overdue"),
        ),
    )
}  # fmt: skip


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent with two decimals, half up; None of nothing."""
    return rounded(Decimal(100 * part) / whole) if whole else None


def rounded(value: Decimal) -> Decimal:
    """Two decimals, half up."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def rows_of(key: str, villages: QuerySet[Village] | Iterable[int], window: Window) -> QuerySet[Any]:
    """Exactly the rows that the figure counts in these villages."""
    each = FIGURES[key]
    found: QuerySet[Any] = _ROWS[each.source](window).filter(
        each.condition(window), **{f"{_PLACE[each.source]}__in": villages}
    )
    return found


def tally(
    keys: Collection[str], villages: QuerySet[Village] | Iterable[int], window: Window, *, by: str | None = "village",
    only: Mapping[Source, Q] = MappingProxyType({}),
) -> dict[Any, Counts]:  # fmt: skip
    """Part → key → number: parts are the villages, the units in charge (``unit``), or all in one under None (None).

    A village without any row has zeros; a unit without any is left out. ``only`` narrows each kind of rows.
    """
    listed = list(villages.values_list("pk", flat=True)) if isinstance(villages, QuerySet) else list(villages)
    nothing = dict.fromkeys(keys, 0)
    found: dict[Any, Counts] = {
        part: dict(nothing) for part in (listed if by == "village" else (None,) if by is None else ())
    }
    for source in Source:
        wanted = [FIGURES[key] for key in keys if FIGURES[key].source == source]
        if wanted:
            for part, counts in _counted(wanted, source, listed, window, by, only.get(source, Q())):
                found.setdefault(part, dict(nothing)).update(counts)
    return found


def _counted(
    wanted: list[Figure], source: Source, villages: list[int], window: Window, by: str | None, only: Q
) -> list[tuple[Any, Counts]]:
    rows = _ROWS[source](window).filter(only, **{f"{_PLACE[source]}__in": villages}).order_by()
    if len(wanted) == 1 and by == "village":
        # A condition on the rows, so that an index may find them among many years.
        rows = rows.filter(wanted[0].condition(window))
        sums = {f"n_{wanted[0].key}": wanted[0].measure.over(Q())}
    else:
        sums = {f"n_{each.key}": each.measure.over(each.condition(window)) for each in wanted}
    column = Value(None, BigIntegerField()) if by is None else F(_PLACE[source] if by == "village" else "at_unit")
    lines = rows.annotate(part=column).values("part").annotate(**sums)
    return [(line["part"], {name[2:]: number for name, number in line.items() if name != "part"}) for line in lines]


def added(parts: Iterable[Counts], keys: Collection[str]) -> Counts:
    """The sum of the parts, for figures that add up."""
    whole = dict.fromkeys(keys, 0)
    for counts in parts:
        for key in keys:
            whole[key] += counts[key]
    return whole


def coverage_window(today: datetime.date, days: int) -> Window:
    """The window of the coverage on a dashboard: the last ``days`` days before today, and today."""
    return Window(today - datetime.timedelta(days=days), today)
