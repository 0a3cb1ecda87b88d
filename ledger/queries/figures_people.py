"""Figures of cadres: what each took part in, how many households each looks after, who was not out in a month.

A joint visit counts once for each who took part. People are listed, never ranked.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from ledger.models import Cadre, Village, Visit
from ledger.queries.figures import rounded
from ledger.queries.figures_households import counted_q, households_in, met_q
from ledger.queries.figures_visits import visits_in
from ledger.queries.figures_window import Window
from ledger.rules.cadre_lists import Rank
from ledger.rules.visits import CONTACT_KINDS

MONTHLY_RANKS = (Rank.LEADER, Rank.DEPARTMENT_HEAD)
MONTHLY_RULE = _("Members of the leadership and heads of departments take part in at least one visit or meeting in "
                 "each calendar month of the period.")  # fmt: skip
CADRE_DEFINITION = _(
    "Households of which the cadre was in charge on the last day, those of them met in the period by whomever, and "
    "the entries the cadre led or joined: a joint visit counts once for each who took part."
)
CASELOAD_DEFINITION = _("Households in contact of each cadre who had any on the last day.")


@dataclass
class CadreFigures:
    """One cadre's figures."""

    cadre: Cadre
    households: int = 0
    visited: int = 0
    household_visits: int = 0
    events: int = 0
    days: set[datetime.date] = field(default_factory=set)

    @property
    def days_out(self) -> int:
        """Different days with at least one entry."""
        return len(self.days)


def cadres_of(villages: QuerySet[Village], window: Window) -> QuerySet[Cadre]:
    """The cadres of the townships of these villages who had not left by the last day."""
    stays = Q(left_on__isnull=True) | Q(left_on__gt=window.last)
    rows: QuerySet[Cadre] = Cadre.objects.filter(stays, township__in=villages.values("township"))
    return rows


def per_cadre(villages: QuerySet[Village], window: Window) -> list[CadreFigures]:
    """Each cadre of these townships, and whoever else took part or is in charge there, by number."""
    lines: dict[int, CadreFigures] = {}
    held, entries = _held(villages, window), _entries(villages, window)
    named = Cadre.objects.filter(pk__in=[*held, *entries])
    for cadre in (*cadres_of(villages, window), *named):
        lines.setdefault(cadre.pk, CadreFigures(cadre))
    for pk, (households, visited) in held.items():
        lines[pk].households, lines[pk].visited = households, visited
    for pk, days in entries.items():
        for day, total, at_home in days:
            lines[pk].days.add(day)
            lines[pk].events += total
            lines[pk].household_visits += at_home
    return sorted(lines.values(), key=lambda line: line.cadre.cadre_no)


def _held(villages: QuerySet[Village], window: Window) -> dict[int, tuple[int, int]]:
    """Cadre → households in charge of on the last day, and those of them met."""
    rows: Any = households_in(window)
    rows = rows.filter(counted_q(window), at_village__in=villages, at_cadre__isnull=False).order_by()
    met = Count("pk", filter=met_q(window.first, window))
    lines = rows.annotate(part=F("at_cadre")).values("part").annotate(all=Count("pk"), met=met)
    return {line["part"]: (line["all"], line["met"]) for line in lines}


def _entries(villages: QuerySet[Village], window: Window) -> dict[int, list[tuple[datetime.date, int, int]]]:
    """Cadre → day, entries, household visits among them; led or joined."""
    rows = visits_in(window).filter(village__in=villages).order_by()
    at_home = Count("pk", filter=Q(kind__in=CONTACT_KINDS))
    found: dict[int, list[tuple[datetime.date, int, int]]] = defaultdict(list)
    joined = rows.filter(companions__isnull=False).exclude(companions=F("lead"))
    for who, some in (("lead_id", rows), ("companions", joined)):
        for part, day, total, home in (
            some.annotate(part=F(who)).values("part", "occurred_on").annotate(all=Count("pk"), home=at_home)
            .values_list("part", "occurred_on", "all", "home")
        ):  # fmt: skip
            found[part].append((day, total, home))
    return found


@dataclass(frozen=True)
class Caseload:
    """How many households each cadre in charge of any looks after."""

    counts: tuple[int, ...]

    @property
    def under_20(self) -> int:
        return sum(count < 20 for count in self.counts)

    @property
    def from_20_to_30(self) -> int:
        return sum(20 <= count <= 30 for count in self.counts)

    @property
    def over_30(self) -> int:
        return sum(count > 30 for count in self.counts)

    @property
    def mean(self) -> Decimal:
        """Zero where nobody is in charge of any."""
        return rounded(Decimal(sum(self.counts)) / len(self.counts)) if self.counts else Decimal(0)


def caseload(lines: Iterable[CadreFigures]) -> Caseload:
    """Of the cadres who have households at all."""
    return Caseload(tuple(sorted(line.households for line in lines if line.households)))


def missing_months(villages: QuerySet[Village], window: Window) -> list[tuple[Cadre, list[datetime.date]]]:
    """Who is held to ``MONTHLY_RULE`` and in which months of the period they took part in nothing."""
    held = cadres_of(villages, window).filter(rank__in=MONTHLY_RANKS).order_by("cadre_no")
    out = _months_out(villages, window)
    found = [(cadre, [m for m in window.months() if (cadre.pk, m) not in out]) for cadre in held]
    return [(cadre, months) for cadre, months in found if months]


def _months_out(villages: QuerySet[Village], window: Window) -> set[tuple[Any, datetime.date]]:
    rows = visits_in(window).filter(village__in=villages).order_by().annotate(month=TruncMonth("occurred_on"))
    led = rows.values_list("lead_id", "month").distinct()
    joined: Any = Visit.companions.through._base_manager.filter(visit__in=rows.values("pk"))
    went = joined.annotate(month=TruncMonth("visit__occurred_on")).values_list("cadre_id", "month").distinct()
    return {*led, *went}
