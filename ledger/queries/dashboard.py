"""The first dashboard: five figures for an area and the same by village (design.md 6).

Each figure is one function; the sentence printed under it is ``definition`` beside it. The cost does not
grow with the number of visits: what is summed is kept beside the household and on the issue.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Exclusion, Household, Issue, IssueResult, Village
from ledger.queries.issue_dates import overdue_q
from ledger.rules.days import day_start
from ledger.rules.freshness import Band, band_limits
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.issues import OPEN_STATES, Answer, IssueKind, State
from ledger.rules.permissions import Level, Permission

DEFINITIONS: dict[str, Promise | str] = {
    "coverage": _(
        "Households met in the last %(days)s days ÷ households living here or away, without approved exclusions."
    ),
    "never": _("Households living here or away where nobody has been met yet."),
    "open": _("Registered, assigned, in progress or deferred, not yet resolved."),
    "overdue": _("Open and past the due date, deferred ones past their planned date; due today is not overdue."),
    "call_back": _("Resolved, and the household has not been asked yet or the matter is not struck off yet."),
    "closed": _("Struck off since the first day of this month."),
    "without_cadre": _("Households living here or away that no cadre is responsible for: this list must be empty."),
}


@dataclass
class Row:
    """The figures of one village, or the sum of an area."""

    village: Village | None = None
    households: int = 0
    covered: int = 0
    excluded: int = 0
    without_cadre: int = 0
    bands: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Band.values, 0))
    open: int = 0
    overdue: int = 0
    call_back: int = 0
    closed: int = 0
    sensitive: int = 0
    wishes: int = 0
    wishes_done: int = 0

    @property
    def never(self) -> int:
        return self.bands[Band.NEVER]

    @property
    def coverage(self) -> float | None:
        """Per cent, or None where there is no household to cover."""
        return 100 * self.covered / self.households if self.households else None


def counted_households(today: datetime.date) -> Q:
    """The denominator of coverage: active or away, and not excluded with approval on that day."""
    excluded = Exclusion.objects.open_on(today).values("household_id")
    return Q(status__in=COUNTED_STATUSES) & ~Q(pk__in=excluded)


def covered_since(today: datetime.date, days: int) -> Q:
    """Met at home within the window of ``days`` that ends today."""
    return Q(last_met_on__gte=today - datetime.timedelta(days=days))


def band_q(band: str, today: datetime.date) -> Q:
    """Households of one freshness band."""
    limits = band_limits(today)[Band(band)]
    if limits.never:
        return Q(last_met_on__isnull=True)
    condition = Q(last_met_on__isnull=False)
    if limits.earliest is not None:
        condition &= Q(last_met_on__gte=limits.earliest)
    if limits.latest is not None:
        condition &= Q(last_met_on__lte=limits.latest)
    return condition


def issue_conditions(today: datetime.date) -> dict[str, Q]:
    """What each issue figure counts."""
    month, wish = day_start(today.replace(day=1)), Q(kind=IssueKind.WISH)
    conditions = {
        "open": Q(state__in=OPEN_STATES),
        "overdue": overdue_q(today),
        "call_back": Q(state=State.RESOLVED),
        "closed": Q(state=State.CLOSED, closed_at__gte=month),
    }
    fulfilled = IssueResult._base_manager.filter(issue=OuterRef("pk"), round=OuterRef("round"), is_fulfilled=True)
    return {name: ~wish & each for name, each in conditions.items()} | {
        "wishes": wish & conditions["open"],
        "wishes_done": wish & Q(Exists(fulfilled), state__in=[State.RESOLVED, State.CLOSED]),
    }


def by_village(user: Any, villages: QuerySet[Village], today: datetime.date, days: int) -> list[Row]:
    """One row a village, in the county's order; four queries whatever the number of villages or households.

    Ordinary issues only: sensitive ones are counted apart, and only for those who may see them.
    """
    rows = {v.pk: Row(village=v) for v in villages.select_related("township", "district")}
    _add_households(rows, user, today, days)
    _add_exclusions(rows, today)
    _add_issues(rows, user, today)
    return list(rows.values())


def total(rows: list[Row]) -> Row:
    """The sum of the villages' rows."""
    whole = Row()
    for row in rows:
        for name in ("households", "covered", "excluded", "without_cadre", "open", "overdue", "call_back", "closed",
                     "sensitive", "wishes", "wishes_done"):  # fmt: skip
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
        for band, count in row.bands.items():
            whole.bands[band] += count
    return whole


def _add_households(rows: dict[int, Row], user: Any, today: datetime.date, days: int) -> None:
    counts: dict[str, Any] = {f"band_{band}": Count("pk", filter=band_q(band, today)) for band in Band.values}
    found: Any = (
        Household.objects.visible_to(user, Permission.SEE_DASHBOARD)
        .filter(counted_households(today), village__in=rows)
        .order_by()
        .values("village_id")
        .annotate(
            households=Count("pk"),
            covered=Count("pk", filter=covered_since(today, days)),
            without_cadre=Count("pk", filter=Q(cadre__isnull=True)),
            **counts,
        )
    )
    for line in found:
        row = rows[line["village_id"]]
        row.households, row.covered, row.without_cadre = line["households"], line["covered"], line["without_cadre"]
        row.bands = {band: line[f"band_{band}"] for band in Band.values}


def _add_exclusions(rows: dict[int, Row], today: datetime.date) -> None:
    found = (
        Exclusion.objects.open_on(today)
        .filter(household__village__in=rows, household__status__in=COUNTED_STATUSES)
        .order_by()
        .values("household__village_id")
        .annotate(count=Count("pk"))
    )
    for line in found:
        rows[line["household__village_id"]].excluded = line["count"]


def _add_issues(rows: dict[int, Row], user: Any, today: datetime.date) -> None:
    conditions = issue_conditions(today)
    ordinary = {name: Count("pk", filter=Q(is_sensitive=False) & q) for name, q in conditions.items()}
    found: Any = (
        Issue.objects.visible_to(user, Permission.SEE_DASHBOARD)
        .filter(village__in=rows)
        .order_by()
        .values("village_id")
        .annotate(sensitive=Count("pk", filter=Q(is_sensitive=True, state__in=OPEN_STATES)), **ordinary)
    )
    for line in found:
        row = rows[line["village_id"]]
        for name in (*conditions, "sensitive"):
            setattr(row, name, line[name])


def needs_attention(user: Any, villages: QuerySet[Village], today: datetime.date, most: int = 5) -> list[Issue]:
    """What a leader should ask about: households that answered "dissatisfied", then the longest overdue."""
    return list(
        Issue.objects.visible_to(user, Permission.SEE_DASHBOARD)
        .filter(
            Q(state=State.RESOLVED, answer=Answer.DISSATISFIED) | issue_conditions(today)["overdue"],
            village__in=villages,
            is_sensitive=False,
        )
        .select_related("village", "handler", "lead_organisation", "household")
        .order_by("-state", "due_on", "pk")[:most]
    )


def grouped(rows: list[Row]) -> list[tuple[list[tuple[Level, Any]], list[Row]]]:
    """The rows under their places, in the county's order: the district, and the township where there are several."""
    groups: dict[tuple[int, ...], list[Row]] = defaultdict(list)
    for row in rows:
        village = row.village
        assert village is not None
        district = village.district
        within = (district.sort_order, district.pk) if district else (10**6, 0)
        groups[village.township.sort_order, village.township_id, *within].append(row)
    several = len({key[1] for key in groups}) > 1
    return [(_places(groups[key][0].village, several), groups[key]) for key in sorted(groups)]


def _places(village: Any, several: bool) -> list[tuple[Level, Any]]:
    township, district = (Level.TOWNSHIP, village.township), (Level.DISTRICT, village.district)
    if village.district is None:
        return [township]
    return [township, district] if several else [district]
