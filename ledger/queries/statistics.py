"""统计表: the figures of an area by the units one level below it, of a period and of all days up to its last."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models import Organisation, Village
from ledger.queries.figures import FIGURES, RATIOS, Counts, added, rows_of, tally
from ledger.queries.figures_window import Window
from ledger.rules.permissions import Level

ENTERPRISES = "enterprises"
"""The only figure of the table that does not add up: an enterprise counts once wherever it is counted."""
_VISITS, _MEETINGS, _WISHES = _("Visits"), _("Symposia"), _("Small wishes")


@dataclass(frozen=True)
class Column:
    """One column of the paper (terms.md 2): a figure or a ratio, under a heading that several may share."""

    key: str
    head: Promise | str
    group: Promise | str = ""

    @property
    def is_ratio(self) -> bool:
        return self.key in RATIOS

    @property
    def definition(self) -> Promise | str:
        """The sentence printed under it."""
        return (RATIOS if self.is_ratio else FIGURES)[self.key].definition


COLUMNS: tuple[Column, ...] = (
    Column("households", _("Households in contact")),
    Column("household_visits", pgettext_lazy("statistics", "Visits made"), _VISITS),
    Column("visit_people", pgettext_lazy("statistics", "People"), _VISITS),
    Column("visited", pgettext_lazy("statistics", "Households covered"), _VISITS),
    Column("coverage", pgettext_lazy("statistics", "Coverage"), _VISITS),
    Column("meetings", pgettext_lazy("statistics", "Held"), _MEETINGS),
    Column("meeting_people", pgettext_lazy("statistics", "People"), _MEETINGS),
    Column("talk_people", pgettext_lazy("statistics", "Heart-to-heart talks (people)")),
    Column(ENTERPRISES, pgettext_lazy("statistics", "Enterprises")),
    Column("opinions", pgettext_lazy("statistics", "Asked for opinions (people)")),
    Column("collected", pgettext_lazy("statistics", "Problems received")),
    Column("resolved", pgettext_lazy("statistics", "Resolved")),
    Column("struck_off", pgettext_lazy("statistics", "Struck off")),
    Column("under_way", pgettext_lazy("statistics", "Under way")),
    Column("overdue", pgettext_lazy("statistics", "Overdue")),
    Column("deferred", pgettext_lazy("statistics", "Deferred")),
    Column("wishes", pgettext_lazy("statistics", "Received"), _WISHES),
    Column("wishes_done", pgettext_lazy("statistics", "Fulfilled"), _WISHES),
    Column("satisfaction", pgettext_lazy("statistics", "Satisfaction")),
)
_WANTED = {key for column in COLUMNS if column.is_ratio for key in (RATIOS[column.key].part, *RATIOS[column.key].whole)}
KEYS: tuple[str, ...] = tuple(dict.fromkeys([*(c.key for c in COLUMNS if not c.is_ratio), *sorted(_WANTED)]))
ADDING = tuple(key for key in KEYS if FIGURES[key].measure.adds_up)


@dataclass
class Line:
    """One unit: ``key`` opens its rows (``village-3``, or ``unit-7`` inside a village); None is the whole."""

    name: str
    key: str | None
    period: Counts = field(default_factory=dict)
    total: Counts = field(default_factory=dict)

    def spans(self) -> Sequence[tuple[str, Counts]]:
        """The period, then everything up to its last day."""
        return (("period", self.period), ("total", self.total))


@dataclass
class Statistics:
    """The table: its lines in the county's order and the whole."""

    lines: list[Line]
    whole: Line


def value_of(column: Column, counts: Counts) -> int | Decimal | None:
    """A number, or per cent with two decimals; None where nothing is divided."""
    return RATIOS[column.key].of(counts) if column.is_ratio else counts[column.key]


def statistics(villages: QuerySet[Village], level: str, window: Window, *, by_village: bool = False) -> Statistics:
    """The table of these villages, an area of that level; four queries for each of the two spans."""
    spans = (window, Window(None, window.last))
    if level == Level.VILLAGE:
        return _by_unit(villages, spans)
    places = list(
        villages.select_related("township", "district").order_by("township__sort_order", "sort_order", "code")
    )
    groups = _groups(places, level, by_village=by_village)
    found = []
    for span in spans:
        counts, firms = tally(ADDING, [place.pk for place in places], span), _firms(places, span)
        by_group = {key: _summed([place.pk for place in some], counts, firms) for key, (_name, some) in groups.items()}
        found.append((by_group, _summed([place.pk for place in places], counts, firms)))
    (period, all_period), (total, all_total) = found
    lines = [Line(name, key, period[key], total[key]) for key, (name, _some) in groups.items()]
    return Statistics(lines, Line(str(_("Total")), None, all_period, all_total))


def _groups(places: list[Village], level: str, *, by_village: bool) -> dict[str, tuple[str, list[Village]]]:
    """Key → name and villages of each line; districts only where every village of the township is in one."""
    groups: dict[str, tuple[str, list[Village]]] = {}
    in_districts = level == Level.TOWNSHIP and all(place.district_id for place in places)
    for place in places:
        part: Any = place
        if not by_village and level == Level.COUNTY:
            part = place.township
        elif not by_village and in_districts:
            part = place.district
        key = f"{part._meta.model_name}-{part.pk}"
        groups.setdefault(key, (str(part), []))[1].append(place)
    if in_districts and not by_village:
        order = {f"district-{p.district.pk}": (p.district.sort_order, p.district.pk) for p in places if p.district}
        return dict(sorted(groups.items(), key=lambda item: order[item[0]]))
    return groups


def _firms(places: list[Village], span: Window) -> dict[int, set[int]]:
    """Village → enterprises visited there."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = rows_of(ENTERPRISES, [place.pk for place in places], span).order_by()
    for village, firm in rows.values_list("village_id", "enterprise_id").distinct():
        found[village].add(firm)
    return found


def _summed(pks: list[int], counts: dict[Any, Counts], firms: dict[int, set[int]]) -> Counts:
    different: set[int] = set().union(*(firms.get(pk, set()) for pk in pks))
    return added((counts[pk] for pk in pks), ADDING) | {ENTERPRISES: len(different)}


def _by_unit(villages: QuerySet[Village], spans: tuple[Window, Window]) -> Statistics:
    """A village by the units of its cadres and visitors, and those in charge of its matters."""
    parts = [tally(KEYS, villages, span, by="unit") for span in spans]
    whole = [tally(KEYS, villages, span, by=None)[None] for span in spans]
    nothing = dict.fromkeys(KEYS, 0)
    units = Organisation.objects.filter(pk__in={unit for part in parts for unit in part if unit is not None})
    lines = [
        Line(unit.name, f"unit-{unit.pk}", parts[0].get(unit.pk, nothing), parts[1].get(unit.pk, nothing))
        for unit in units.order_by("sort_order", "pk")
    ]
    nobody = parts[1].get(None, nothing)
    if any(nobody.values()):
        lines.append(Line(str(_("No unit")), "unit-0", parts[0].get(None, nothing), nobody))
    return Statistics(lines, Line(str(_("Total")), None, *whole))
