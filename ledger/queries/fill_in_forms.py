"""What the bound cells of a form say for a period; the number of queries does not grow with the cells."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models import Village
from ledger.queries.figures import FIGURES, RATIOS, added, rows_of, tally
from ledger.queries.figures_window import Window

PERIOD, TOTAL = "period", "total"
SPANS = {PERIOD: pgettext_lazy("span", "Period"), TOTAL: _("In all")}
WORDS = {"@place": _("Name of the area"), "@until": _("Last day"), "@since": _("First day")}
"""Besides figures: what a form says of itself."""
FIRMS = "enterprises"


def choices() -> list[tuple[str, Any]]:
    """Everything a cell can be bound to, figures first."""
    return [(key, each.name) for key, each in (FIGURES | RATIOS).items()] + list(WORDS.items())


def values_of(
    bindings: dict[str, list[str]], villages: QuerySet[Village], names: dict[str, str], window: Window
) -> dict[str, Any]:
    """Cell → number, per cent or text; a cell bound to an area that is not among ``names`` stays empty."""
    keys = _needed(key for key, _span, _area in bindings.values())
    places = list(villages.values_list("pk", "township_id", "district_id", "township__county_id"))
    within: dict[str, list[int]] = defaultdict(list)
    for pk, township, district, county in places:
        for level, number in (("village", pk), ("township", township), ("district", district), ("county", county)):
            within[f"{level}-{number}"].append(pk)
    spans = {span for _key, span, _area in bindings.values()}
    windows = {PERIOD: window, TOTAL: Window(None, window.last)}
    counted = {span: _counted(keys, [pk for pk, *_rest in places], windows[span]) for span in spans if span in windows}
    found: dict[str, Any] = {}
    for cell, (key, span, area) in bindings.items():
        if area in names and span in counted:
            value = _value(key, area, within.get(area, []), counted[span], names, window)
            if value is not None:
                found[cell] = value
    return found


def _needed(keys: Iterable[str]) -> list[str]:
    wanted: set[str] = set()
    for key in keys:
        if key in RATIOS:
            wanted |= {RATIOS[key].part, *RATIOS[key].whole}
        elif key in FIGURES:
            wanted.add(key)
    return sorted(wanted)


Counted = tuple[dict[Any, dict[str, int]], dict[int, set[int]]]


def _counted(keys: list[str], pks: list[int], window: Window) -> Counted:
    """Village → figures, and village → enterprises: those of several villages count once."""
    firms: dict[int, set[int]] = defaultdict(set)
    if FIRMS in keys:
        for village, firm in rows_of(FIRMS, pks, window).order_by().values_list("village_id", "enterprise_id"):
            firms[village].add(firm)
    return tally([key for key in keys if key != FIRMS], pks, window), firms


def _value(key: str, area: str, pks: list[int], counted: Counted, names: dict[str, str], window: Window) -> Any:
    if key in WORDS:
        day = (window.first or window.last) if key == "@since" else window.last
        return names[area] if key == "@place" else date_format(day, "DATE_FORMAT")
    counts, firms = counted
    adding = next(iter(counts.values()), {}).keys()
    whole = added((counts[pk] for pk in pks), list(adding)) | {
        FIRMS: len(set().union(*(firms.get(pk, set()) for pk in pks)))
    }
    if key in RATIOS:
        share = RATIOS[key].of(whole) if pks else None
        return float(share) if share is not None else None
    return whole.get(key)
