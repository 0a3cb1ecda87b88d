"""工作看板: what an area and each of its parts stand at, out of the kept counts (``queries/figures_kept``).

A county is told by its townships, everything smaller by its villages. The cost does not grow with the number of visits.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.models import Cadre, Category, Exclusion, Household, Issue, IssueResult, Village
from ledger.models.scope import scope_of
from ledger.queries import figures
from ledger.queries.counts import Areas, Ask, Left, Sum, read
from ledger.queries.counts import Window as Days
from ledger.queries.figures_kept import Homes, counted, counted_together
from ledger.queries.figures_window import ONE_DAY, Window
from ledger.queries.issue_dates import overdue_q
from ledger.rules.counting import AreaLevel, Sort
from ledger.rules.days import day_start
from ledger.rules.freshness import Band, band_limits, band_of
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.issues import OPEN_STATES, UNFINISHED_STATES, IssueKind, State
from ledger.rules.periods import months_back
from ledger.rules.permissions import Level, Permission

COVERAGE = ("households", "visited", "unvisited", "never", "without_cadre", "excluded")
"""Of the coverage window, which ends on the last day of the period."""
PERIOD = (
    "household_visits", "visit_people", "meetings", "opinions", "collected", "resolved", "in_time", "struck_off",
    "pending", "overdue", "deferred", "call_back", "supervised", "asked", "answered", "satisfied", "dissatisfied",
    "contained_village", "contained_township", "wishes", "wishes_done",
)  # fmt: skip
MONTHS = 12
AGES = ((30, _("Up to 30 days")), (90, _("31 to 90 days")), (180, _("91 to 180 days")), (None, _("Over 180 days")))
"""How long a matter that is not resolved has waited."""


@dataclass
class Row:
    """The figures of one part of an area, or of the whole (without a place)."""

    place: "Place | None" = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*COVERAGE, *PERIOD), 0))
    bands: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Band.values, 0))

    @property
    def key(self) -> str:
        """The area's name in an address."""
        assert self.place is not None
        return self.place.key

    def ratio(self, key: str) -> Any:
        """Per cent, or None where there is nothing to divide by."""
        return figures.RATIOS[key].of(self.counts)


class Place(NamedTuple):
    """A territory, as far as a dashboard shows it; ``order`` among its like, as the county has them."""

    order: tuple[Any, ...]
    level: Level
    pk: int
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The area's name in an address."""
        return f"{self.level}-{self.pk}"


@dataclass(frozen=True)
class Inside:
    """A village of the area with what lies above it."""

    village: Place
    district: Place | None
    township: Place
    county: Place
    coverage_days: int

    def above(self, level: str) -> list[Place]:
        """What lies above a level, widest first."""
        levels = list(reversed(Level))
        places = [self.county, self.township, *([self.district] if self.district else [])]
        return [place for place in places if levels.index(place.level) < levels.index(Level(level))]


_INSIDE = (
    "sort_order", "code", "pk", "name", "district__sort_order", "district", "district__name", "township__sort_order",
    "township__code", "township", "township__name", "township__county", "township__county__name",
    "township__county__coverage_days",
)  # fmt: skip


def inside(villages: QuerySet[Village]) -> list[Inside]:
    """The villages, in the county's order: read once for all that a dashboard asks of them."""
    found = []
    for v_order, v_code, v, v_name, d_order, d, d_name, *above, days in villages.values_list(*_INSIDE):
        t_order, t_code, t, t_name, c, c_name = above
        district = Place((d_order, d), Level.DISTRICT, d, d_name) if d is not None else None
        township = Place((t_order, t_code), Level.TOWNSHIP, t, t_name)
        village = Place((v_order, v_code), Level.VILLAGE, v, v_name)
        found.append(Inside(village, district, township, Place((), Level.COUNTY, c, c_name), days))
    return found


def parts_of(level: str, villages: list[Inside]) -> tuple[Areas, list[Place]]:
    """The parts that an area of that level is told by, in the county's order."""
    if level == Level.COUNTY:
        places = sorted({each.township for each in villages})
        within = {each.village.pk: each.township.pk for each in villages}
        return Areas(AreaLevel.TOWNSHIP, [place.pk for place in places], within), places
    own = {each.village.pk: each.village.pk for each in villages}
    return Areas(AreaLevel.VILLAGE, list(own), own), [each.village for each in villages]


def rows(user: Any, areas: Areas, places: list[Place], window: Window, coverage: Window) -> list[Row]:
    """One row a part: a fixed number of queries, whatever their number."""
    about = scope_of(user).cadre_id
    limits = [each.earliest for each in band_limits(coverage.last).values() if each.earliest is not None]
    (covered, period), homes = counted_together(
        [(COVERAGE, coverage), (PERIOD, window)], areas, about=about, cuts=limits
    )
    bands = _bands(areas, coverage.last, homes) if homes is not None else _bands_then(areas, coverage.last)
    return [Row(place, covered[place.pk] | period[place.pk], bands[place.pk]) for place in places]


def total(found: list[Row]) -> Row:
    """The sum of the parts."""
    whole = Row()
    for row in found:
        for key, n in row.counts.items():
            whole.counts[key] += n
        for band, n in row.bands.items():
            whole.bands[band] += n
    return whole


def _bands(areas: Areas, today: datetime.date, homes: Homes) -> dict[int, dict[str, int]]:
    """How many households were last met when."""
    found = {pk: dict.fromkeys(Band.values, 0) for pk in areas.ids}
    for line in homes.lines:
        if line.key in COUNTED_STATUSES:
            found[line.area][band_of(homes.first_day(line), today)] += line.n
    return found


def _bands_then(areas: Areas, last: datetime.date) -> dict[int, dict[str, int]]:
    """The same on a past day: households met since each limit, one taken from the next."""
    found = {pk: dict.fromkeys(Band.values, 0) for pk in areas.ids}
    before: dict[int, int] = dict.fromkeys(areas.ids, 0)
    limits = band_limits(last)
    for band in (Band.TO_30, Band.TO_60, Band.TO_90, Band.OVER_90):
        counts = counted(("households", "visited"), areas, Window(limits[band].earliest, last))
        for pk, each in counts.items():
            found[pk][band] = each["visited"] - before[pk]
            before[pk] = each["visited"]
            found[pk][Band.NEVER] = each["households"] - each["visited"]
    return found


@dataclass(frozen=True)
class Charts:
    """Visits by month; and, for a period that ends today, matters not settled by everything."""

    months: dict[str, dict[str, int]]
    """Month → kind of visit → number."""
    standing: dict[str, dict[str, int]]
    """Matters not struck off by ``state``, and those not resolved by ``kind`` and by ``level``."""
    categories: list[tuple[Category, int]]
    """Those not resolved by their first category; most first."""
    ages: list[tuple[Any, datetime.date | None, datetime.date, int]]
    """Those not resolved by how long they have waited: words, registered from and until, number."""


def charts(user: Any, whole: Areas, last: datetime.date, *, is_now: bool) -> Charts:
    """Of an area as one, by one statement."""
    starts = [months_back(last, back) for back in reversed(range(MONTHS))]
    since = [last - days * ONE_DAY for days, _words in reversed(AGES) if days is not None]
    about = Left(about_cadre=scope_of(user).cadre_id)
    asks = [Ask(Sort.VISIT, Days(starts[0], last), cuts=tuple(starts[1:]))]
    if is_now:
        asks += [
            Ask(Sort.ISSUE, left=about), Ask(Sort.ISSUE_CATEGORY, left=about),
            Ask(Sort.ISSUE_REGISTERED, Days(since=since[0]), left=about, cuts=tuple(since[1:])),
        ]  # fmt: skip
    visits, *others = read(whole, asks)
    months = _by_month(visits, starts)
    if not is_now:
        return Charts(months, {}, [], [])
    standing = _standing(others[0])
    return Charts(
        months, standing, _by_category(others[1]), _by_age(others[2], since, last, sum(standing["kind"].values()))
    )


def _by_month(lines: list[Sum], starts: list[datetime.date]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {f"{start:%Y-%m}": defaultdict(int) for start in starts}
    months = list(found.values())
    for line in lines:
        months[line.step][line.key.partition(":")[0]] += line.n
    return found


def _standing(lines: list[Sum]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {"state": defaultdict(int), "kind": defaultdict(int), "level": defaultdict(int)}
    for line in lines:
        state, kind, level = line.key.split(":")
        if kind == IssueKind.WISH or state not in UNFINISHED_STATES:
            continue
        found["state"][state] += line.n
        if state in OPEN_STATES:
            found["kind"][kind] += line.n
            found["level"][level] += line.n
    return found


_NAMED = (
    "name", "name_en", "sort_order", "county", "parent__name", "parent__name_en", "parent__sort_order",
    "parent__county",
)  # fmt: skip


def _by_category(lines: list[Sum]) -> list[tuple[Category, int]]:
    numbers: dict[int, int] = defaultdict(int)
    for line in lines:
        state, _colon, number = line.key.partition(":")
        if state in OPEN_STATES:
            numbers[int(number)] += line.n
    tops: dict[Category, int] = defaultdict(int)
    named = Category.objects.select_related("parent").only(*_NAMED)
    for category in named.filter(pk__in=numbers):
        tops[category.parent or category] += numbers[category.pk]
    return sorted(tops.items(), key=lambda pair: (-pair[1], pair[0].sort_order, pair[0].pk))


def _by_age(
    lines: list[Sum], since: list[datetime.date], today: datetime.date, waiting: int
) -> list[tuple[Any, datetime.date | None, datetime.date, int]]:
    """The oldest are those that are left of all (``waiting``), so that years of registrations are not added up."""
    numbers = [0] * len(AGES)
    for line in lines:
        kind, state = line.key.split(":")
        if state in OPEN_STATES and kind != IssueKind.WISH:
            numbers[len(since) - 1 - line.step] += line.n
    numbers[-1] = waiting - sum(numbers)
    starts = since[::-1]
    ends = [today, *(start - ONE_DAY for start in starts)]
    return [
        (words, start, end, n)
        for (_days, words), start, end, n in zip(AGES, [*starts, None], ends, numbers, strict=True)
    ]


def sensitive_open(user: Any, villages: QuerySet[Village]) -> int:
    """Sensitive matters not resolved, of those that the person may see."""
    visible = Issue.objects.visible_to(user, Permission.SEE_DASHBOARD)
    return int(visible.filter(is_sensitive=True, state__in=OPEN_STATES, village__in=villages).count())


def cadres_of(village: int, today: datetime.date, days: int) -> list[tuple[Cadre, int, int, int]]:
    """Who looks after households of the village, by name: households, covered, never met. Nobody is ranked."""
    homes = Household.objects.filter(counted_households(today), village=village, cadre__isnull=False)
    sums: dict[str, Any] = {
        "n": Count("pk"), "met": Count("pk", filter=covered_since(today, days)),
        "never": Count("pk", filter=Q(last_met_on__isnull=True)),
    }  # fmt: skip
    lines: dict[int, Any] = {line["cadre_id"]: line for line in homes.order_by().values("cadre_id").annotate(**sums)}
    people = Cadre.objects.filter(pk__in=lines).order_by("pinyin", "pk")
    return [(one, lines[one.pk]["n"], lines[one.pk]["met"], lines[one.pk]["never"]) for one in people]


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


def grouped(found: list[Row], villages: list[Inside]) -> list[tuple[list[Place], list[Row]]]:
    """The rows of villages under their places, in the county's order: the district, and the township if several."""
    of = {each.village.pk: each for each in villages}
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in found:
        assert row.place is not None
        each = of[row.place.pk]
        groups[each.township, each.district or _LAST].append(row)
    several = len({township for township, _district in groups}) > 1
    return [(_places(*key, several=several), groups[key]) for key in sorted(groups)]


_LAST = Place((10**6, 0), Level.DISTRICT, 0, "")
"""Stands for no district: such villages come after the others."""


def _places(township: Place, district: Place, *, several: bool) -> list[Place]:
    if district == _LAST:
        return [township]
    return [township, district] if several else [district]
