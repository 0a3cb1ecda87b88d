"""What stands on the dashboard: tiles, the table of parts, months, what is not resolved by everything."""

import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.filters.area import Area
from ledger.models import Issue
from ledger.queries import dashboard as figures
from ledger.queries.dashboard import Inside, Place, Row
from ledger.queries.figures import FIGURES, RATIOS, percent
from ledger.rules.days import local_today
from ledger.rules.freshness import Band
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Level
from ledger.rules.visits import VisitKind
from ledger.views.dashboard_links import Links

FRESHEST_FIRST = [str(band) for band in reversed(Band)]
Cell = dict[str, Any]
COVERAGE_COLUMNS = ("households", "never", "without_cadre", "household_visits", "visit_people", "meetings")
ISSUE_COLUMNS = ("collected", "resolved", "struck_off", "pending", "overdue", "call_back")
LATE = {"overdue": "late", "without_cadre": "due"}


def tiles(whole: Row, links: Links, days: int) -> list[dict[str, Any]]:
    """The figures of the whole area, each with its sentence and its rows."""
    n = whole.counts
    excluded = ngettext("%(n)s household excluded", "%(n)s households excluded", n["excluded"]) % {"n": n["excluded"]}
    answered = _("%(a)s answered of %(b)s asked") % {"a": f"{n['answered']:,}", "b": f"{n['asked']:,}"}
    covered = _(
        "Households met in the last %(days)s days ÷ households living here or away, without approved exclusions."
    )
    contained = _(
        "Struck off in the period without ever lying on a desk above the village's ÷ struck off; none above the "
        "township's: %(of)s."
    )
    township = _per_cent(percent(n["contained_township"], n["struck_off"]))
    return [
        _tile(_("Visit coverage"), _per_cent(whole.ratio("coverage")), covered % {"days": days},
              links.rows("unvisited"), _("See who has not been met"), excluded if n["excluded"] else "",
              of_url=links.rows("excluded"), fraction=_share(whole, links, "coverage")),
        _count(whole, links, "never", _("See the households")),
        _count(whole, links, "household_visits", _("See the visits"),
               _("%(n)s people met") % {"n": f"{n['visit_people']:,}"}, of_url=links.rows("visit_people")),
        _count(whole, links, "collected", _("See the issues"),
               _("%(n)s struck off") % {"n": f"{n['struck_off']:,}"}, of_url=links.rows("struck_off")),
        _count(whole, links, "pending", _("See the issues")),
        _count(whole, links, "overdue", _("See the issues"), state="late" if n["overdue"] else ""),
        _tile(RATIOS["on_time"].name, _per_cent(whole.ratio("on_time")), RATIOS["on_time"].definition,
              links.rows("in_time"), _("See the issues"), fraction=_share(whole, links, "on_time")),
        _tile(RATIOS["satisfaction"].name, _per_cent(whole.ratio("satisfaction")), RATIOS["satisfaction"].definition,
              links.rows("answered"), _("See the issues"), answered, of_url=links.rows("asked"),
              fraction=_share(whole, links, "satisfaction")),
        _tile(_("Settled in the village"), _per_cent(percent(n["contained_village"], n["struck_off"])),
              contained % {"of": township}, links.rows("contained_village"), _("See the issues"),
              fraction=_fraction(whole, links, "contained_village", ("struck_off",))),
        _count(whole, links, "supervised", _("See the issues")),
        _count(whole, links, "call_back", _("See the issues")),
        _count(whole, links, "without_cadre", _("See the households"), state="due" if n["without_cadre"] else ""),
    ]  # fmt: skip


def _tile(
    name: Any, value: str, definition: Any, url: str, link: str, of: str = "", state: str = "", *, of_url: str = "",
    fraction: Any = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name, "value": value, "definition": definition, "url": url, "link": link, "of": of, "of_url": of_url,
        "state": state, "fraction": fraction,
    }  # fmt: skip


def _count(
    whole: Row, links: Links, key: str, link: str, of: str = "", state: str = "", *, of_url: str = ""
) -> dict[str, Any]:
    each, value = FIGURES[key], f"{whole.counts[key]:,}"
    return _tile(each.name, value, each.definition, links.rows(key), link, of, state, of_url=of_url)


def _share(row: Row, links: Links, key: str) -> dict[str, Any]:
    """What a ratio divides, each number opening its rows."""
    return _fraction(row, links, RATIOS[key].part, RATIOS[key].whole)


def _fraction(row: Row, links: Links, part: str, whole: tuple[str, ...]) -> dict[str, Any]:
    cells = [_cell(row, key, links) for key in whole]
    return {"part": _cell(row, part, links), "whole": cells, "is_told": any(cell["n"] for cell in cells)}


def _per_cent(value: Any) -> str:
    return f"{value:.1f}%" if value is not None else "–"


def groups(area: Area, rows: list[Row], inside: list[Inside], links: Links) -> list[dict[str, Any]]:
    """The parts under their districts; the townships of a county stand for themselves."""
    if area.level == Level.COUNTY:
        return [{"places": [], "rows": [_line(row, links.of(row.key)) for row in rows]}] if rows else []
    return [
        {"places": _places(area, places, links), "rows": [_line(row, links.of(row.key)) for row in lines]}
        for places, lines in figures.grouped(rows, inside)
    ]


def _places(area: Area, places: list[Place], links: Links) -> list[dict[str, str]]:
    """The heading of a group of villages, each place opening its own dashboard, save the one that is open."""
    return [{"name": each.name, "url": links.of(each.key).page if each.key != area.key else ""} for each in places]


def _line(row: Row, links: Links) -> dict[str, Any]:
    """One part: its bar and its numbers with their links. Units are compared, people are not."""
    coverage, *shares = (
        {"value": _per_cent(row.ratio(key)), **_share(row, links, key)}
        for key in ("coverage", "on_time", "satisfaction")
    )
    return {
        "place": row.place, "url": links.page, "parts": band_parts(row), "coverage": coverage, "shares": shares,
        "visits": [_cell(row, key, links) for key in COVERAGE_COLUMNS],
        "issues": [_cell(row, key, links) for key in ISSUE_COLUMNS],
    }  # fmt: skip


def _cell(row: Row, key: str, links: Links) -> Cell:
    return {"name": FIGURES[key].name, "n": row.counts[key], "url": links.rows(key), "state": LATE.get(key, "")}


def band_parts(row: Row) -> list[tuple[str, int]]:
    """Freshest first, as the bar shows them."""
    return [(str(Band(band).label), row.bands[band]) for band in FRESHEST_FIRST]


def months(found: dict[str, dict[str, int]], links: Links, last: datetime.date) -> dict[str, Any]:
    """Visits by month and kind: the kinds that occur, each month with its numbers and their rows."""
    kinds = [kind for kind in VisitKind.values if any(line.get(kind) for line in found.values())]
    most = max((sum(line.values()) for line in found.values()), default=0)
    lines = []
    for month, line in found.items():
        first = datetime.date.fromisoformat(f"{month}-01")
        end = min(last, (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1))
        lines.append({
            "name": date_format(first, "YEAR_MONTH_FORMAT"), "short": f"{first.month}",
            "total": (n := sum(line.values())), "all": {"n": n, "url": links.visits_of(first, end)},
            "cells": [{"n": line.get(kind, 0), "url": links.visits_of(first, end, kind=kind)} for kind in kinds],
        })  # fmt: skip
    return {"kinds": [VisitKind(kind).label for kind in kinds], "lines": lines, "most": most}


def breakdowns(
    standing: dict[str, dict[str, int]], categories: list[Any], ages: list[Any], links: Links
) -> list[dict[str, Any]]:
    """What is not resolved by state, kind, category, level and age; each number opens its rows."""
    kinds = [kind for kind in IssueKind if kind != IssueKind.WISH]
    states = [state for state in State if standing["state"].get(state)]
    found = [
        (_("By state"), [
            (state.label, standing["state"][state],
             links.rows("call_back" if state == State.RESOLVED else "pending", state=state)) for state in states
        ]),
        (_("By kind"), [(k.label, standing["kind"].get(k, 0), links.rows("pending", kind=k)) for k in kinds]),
        (_("By category"), [(str(c), n, links.rows("pending", category=c.pk)) for c, n in categories]),
        (_("By level"), [(v.label, standing["level"].get(v, 0), links.rows("pending", level=v)) for v in Level]),
        (_("By days waited"), [
            (words, n, links.rows("pending", **_registered(first, last))) for words, first, last, n in ages
        ]),
    ]  # fmt: skip
    return [
        {"name": name, "most": max(shown)[0], "lines": [{"words": w, "n": n, "url": url} for w, n, url in lines if n]}
        for name, lines in found
        if (shown := [(n,) for _w, n, _url in lines if n])
    ]


def _registered(first: datetime.date | None, last: datetime.date) -> dict[str, str]:
    since = {"registered_from": first.isoformat()} if first is not None else {}
    return {**since, "registered_to": last.isoformat()}


def cadres(found: list[Any], links: Links) -> list[dict[str, Any]]:
    """Who looks after households here, by name, each number opening its households."""
    return [
        {
            "name": cadre.name, "n": n, "url": links.households(cadre=cadre.pk),
            "met": met, "met_url": links.households(cadre=cadre.pk, covered="yes"), "missed": n - met,
            "missed_url": links.households(cadre=cadre.pk, covered="no"),
            "never": never, "never_url": links.households(cadre=cadre.pk, band=Band.NEVER),
        }
        for cadre, n, met, never in found
    ]  # fmt: skip


def attention(issues: list[Issue]) -> list[dict[str, Any]]:
    """Matters that a leader should ask about."""
    return [_matter(issue) for issue in issues]


def _matter(issue: Issue) -> dict[str, Any]:
    due_on = issue.deferred_until if issue.state == State.DEFERRED else issue.due_on
    late = (local_today() - due_on).days if due_on else 0
    dissatisfied = issue.answer == "dissatisfied"
    overdue = ngettext("%(n)s day overdue", "%(n)s days overdue", late) % {"n": late}
    return {
        "issue": issue, "label": _("Dissatisfied") if dissatisfied else overdue,
        "owner": issue.handler or issue.lead_organisation, "url": reverse("issue_detail", args=[issue.pk]),
    }  # fmt: skip
