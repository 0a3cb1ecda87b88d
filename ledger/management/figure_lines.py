"""The figures of an area as lines for a terminal: a name and a number a line, then a table for each part."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ledger.queries.figures import FIGURES
from ledger.queries.figures_report import PER_VILLAGE, TOTALS

GAP = "  "


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """Totals, then villages, months, cadres and units."""
    yield _("Figures from %(first)s to %(last)s") % {"first": found["from"], "last": found["as_of"]}
    totals = found["totals"]
    yield from _table((), [(FIGURES[key].name, totals[name]) for name, key in TOTALS.items()])
    yield from _table((), [(_("Visit coverage"), f"{totals['coverage_pct']:.2f}%")])
    at_place = [FIGURES[key].name for key in PER_VILLAGE.values()]
    rows = [(each["name"], *(each[name] for name in PER_VILLAGE)) for each in found["per_village"]]
    yield from _part(_("By village"), (_("Village"), *at_place), rows)
    months = [tuple(each.values()) for each in found["per_month"]]
    names = ("household_visits", "visit_people", "events", "collected", "resolved")
    yield from _part(_("By month"), (_("Month"), *(FIGURES[key].name for key in names)), months)
    people = (_("Cadre number"), _("Households"), _("Visited"), _("Household visits"), _("Entries"), _("Days out"))
    yield from _part(_("By cadre"), people, [tuple(each.values()) for each in found["per_cadre"]])
    units = [(name or _("No unit in charge"), *each.values()) for name, each in found["per_department"].items()]
    yield from _part(_("By unit in charge"), (_("Unit"), FIGURES["collected"].name, FIGURES["overdue"].name), units)
    missing = [(each["cadre_no"], " ".join(each["months"])) for each in found["monthly_rule"]["missing"]]
    yield from _part(found["monthly_rule"]["rule"], (_("Cadre number"), _("Months without an entry")), missing)


def _part(title: str, heads: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield ""
    yield title
    yield from _table(heads, rows) if rows else [_("None")]


def _table(heads: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    cells = [[str(cell) for cell in row] for row in ((heads, *rows) if heads else rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        rest = [" " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield GAP.join((first, *rest)).rstrip()


def _width(text: str) -> int:
    """A Chinese character is two columns wide."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
