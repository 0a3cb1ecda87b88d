"""``?figure=overdue&area=township-3&since=…&until=…&of_unit=7``: exactly the rows that a figure counted, in a list.

The list still shows only what who asks may see; a figure of other rows, a day that is none or a unit that is none
matches nothing.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.http import urlencode

from ledger.filters.area import area_q
from ledger.models import Village
from ledger.queries.figures import FIGURES, rows_of
from ledger.queries.figures_window import ROWS, Source, Window
from ledger.rules.days import local_today

EARLIEST, LATEST = datetime.date(1990, 1, 1), datetime.date(2099, 12, 31)
NO_UNIT = "0"


def day_of(text: str | None) -> datetime.date | None:
    """The day a parameter names; None for anything else."""
    try:
        day = datetime.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def window_of(data: Mapping[str, Any]) -> Window | None:
    """The period of the address: without ``since`` from the beginning, without ``until`` to today; None for rubbish."""
    since, until = data.get("since"), data.get("until")
    first, last = day_of(since), day_of(until) if until else local_today()
    if last is None or (since and first is None) or (first is not None and first > last):
        return None
    return Window(first, last)


def counted_rows(rows: QuerySet[Any], data: Mapping[str, Any], source: Source) -> QuerySet[Any]:
    """The rows among these that the figure of the address counts."""
    each, window = FIGURES.get(str(data.get("figure"))), window_of(data)
    if each is None or each.source != source or window is None:
        return rows.none()
    area, unit = data.get("area"), data.get("of_unit")
    villages = Village.objects.filter(area_q(area, "pk")) if area else Village.objects.all()
    found = rows_of(each.key, villages.values("pk"), window)
    if unit:
        if not (unit.isascii() and unit.isdigit() and len(unit) <= 12):
            return rows.none()
        found = found.filter(at_unit__isnull=True) if unit == NO_UNIT else found.filter(at_unit=int(unit))
    return rows.filter(pk__in=found.order_by().values("pk"))


def figure_query(key: str, *, area: str, window: Window, unit: str = "") -> str:
    """The parameters of a list that shows these rows."""
    asked = {"figure": key, "area": area, "until": window.last.isoformat()}
    if window.first is not None:
        asked["since"] = window.first.isoformat()
    if unit:
        asked["of_unit"] = unit
    return urlencode(asked)


def figure_words(data: Mapping[str, Any], rows: QuerySet[Any] | None = None) -> str:
    """What a list counted by a figure says of itself; empty for any other list.

    ``rows``: those listed, of which a figure that is not their number (人次) is told with it.
    """
    each, window = FIGURES.get(str(data.get("figure"))), window_of(data)
    if each is None or window is None:
        return ""
    days = [date_format(day, "DATE_FORMAT") for day in (window.first, window.last) if day is not None]
    summed = rows is not None and each.measure != ROWS
    value = f" {rows.order_by().aggregate(n=each.measure.over(Q()))['n']:,}" if summed and rows is not None else ""
    return f"{each.name}{value} · {' — '.join(days)}"
