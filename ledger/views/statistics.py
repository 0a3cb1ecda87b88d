"""统计报表: the table of an area for a period, each number opening its rows; and the same table as a workbook."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.exporting.exports import note
from ledger.exporting.statistics import Paper, statistics_workbook
from ledger.filters.area import MODELS, Area, find_area
from ledger.filters.exports import head_for
from ledger.filters.figures import figure_query
from ledger.forms.periods import PeriodForm
from ledger.models import Village
from ledger.models.scope import may, scope_of
from ledger.queries.figures import FIGURES, RATIOS, Counts
from ledger.queries.figures_window import Source, Window
from ledger.queries.statistics import COLUMNS, Column, Line, Statistics, statistics, value_of
from ledger.rules.days import local_today
from ledger.rules.permissions import Level, Permission
from ledger.views.contract import contract
from ledger.views.dashboard import own_areas
from ledger.views.exports import XLSX, file_response

P = Permission
LISTS = {Source.VISITS: "visit_list", Source.HOUSEHOLDS: "household_list", Source.ISSUES: "issue_list"}
STATES = {"overdue": "late", "deferred": "due"}


@contract(P.SEE_DASHBOARD)
def statistics_table(request: HttpRequest) -> HttpResponse:
    """``?area=township-3&period=month&until=2026-06-30&by=village``; the widest area of one's own without one."""
    form, areas = period_form(request), own_areas(request.user)
    area, villages = area_asked(request, areas)
    by_village = request.GET.get("by") == "village"
    found = statistics(villages, area.level, form.window, by_village=by_village)
    return render(request, "ledger/statistics/statistics_table.html", {
        "area": area, "areas": areas, "form": form, "window": form.window, "by_village": by_village,
        "heads": heads(), "columns": COLUMNS, "today": local_today(),
        "lines": [shown_line(area, line, form.window) for line in found.lines],
        "whole": shown_line(area, found.whole, form.window),
        "can_group": area.level in {Level.COUNTY, Level.TOWNSHIP}, "query": _query(area, form, by_village),
        "sees_sensitive": scope_of(request.user).has(P.SEE_SENSITIVE), "may_export": may(request.user, P.EXPORT),
        "may_freeze": may(request.user, P.REPORT, MODELS[area.level].objects.get(pk=area.pk)),
        "has_forms": any(each.level in {Level.COUNTY, Level.TOWNSHIP} for each in areas),
    })  # fmt: skip


def period_form(request: HttpRequest) -> PeriodForm:
    """The picker as the address fills it; this month without anything."""
    return PeriodForm({"period": "month", "until": local_today().isoformat(), **request.GET.dict()})


def area_asked(request: HttpRequest, areas: list[Area]) -> tuple[Area, Any]:
    """The area of the address with its villages; 404 for one that is not one's own."""
    asked = request.GET.get("area")
    area = find_area(request.user, asked, P.SEE_DASHBOARD) if asked else (areas[0] if areas else None)
    if area is None:
        raise Http404
    return area, area.villages().filter(pk__in=Village.objects.visible_to(request.user, P.SEE_DASHBOARD))


def heads() -> list[dict[str, Any]]:
    """The upper row of headings: how many columns each spans, and those that stand alone."""
    found: list[dict[str, Any]] = []
    for column in COLUMNS:
        if column.group and found and found[-1]["name"] == column.group:
            found[-1]["columns"].append(column)
        else:
            found.append({"name": column.group or column.head, "is_group": bool(column.group), "columns": [column]})
    return found


def shown_line(area: Area, line: Line, window: Window) -> dict[str, Any]:
    """One unit with its two rows of cells."""
    spans = (window, Window(None, window.last))
    named = ((pgettext("span", "Period"), line.period), (_("In all"), line.total))
    rows = [
        {"label": label, "cells": [_cell(area, line, column, counts, span) for column in COLUMNS]}
        for (label, counts), span in zip(named, spans, strict=True)
    ]
    is_place = line.key is not None and not line.key.startswith("unit-")
    url = f"{reverse('statistics_table')}?{_address(str(line.key), window)}" if is_place else ""
    return {"name": line.name, "url": url, "rows": rows}


def _address(area: str, window: Window) -> str:
    first = {"since": window.first.isoformat()} if window.first is not None else {}
    return urlencode({"area": area, "period": "custom", **first, "until": window.last.isoformat()})


def text_of(value: Any) -> str:
    """A number with its separators, or per cent; a dash in words where nothing is divided."""
    if value is None:
        return _("none")
    return f"{value:,}" if isinstance(value, int) else f"{value}%"


def _cell(area: Area, line: Line, column: Column, counts: Counts, span: Window) -> dict[str, Any]:
    value = value_of(column, counts)
    cell = {"text": text_of(value), "url": "", "state": "", "of": "", "head": column.head}
    of = _divided(column, counts)
    if not (of or value):
        return cell
    key = line.key or area.key
    is_unit = key.startswith("unit-")
    figure = RATIOS[column.key].whole[0] if column.is_ratio else column.key
    asked = figure_query(
        figure, area=area.key if is_unit else key, window=span, unit=key.removeprefix("unit-") if is_unit else ""
    )
    url = f"{reverse(LISTS[FIGURES[figure].source])}?{asked}"
    return cell | {"url": url, "state": STATES.get(column.key, ""), "of": of}


def _divided(column: Column, counts: Counts) -> str:
    """What a ratio divides, the second number being that of the rows it opens; empty for a figure or a ratio of none.

    The ratios of this table have one figure below the line.
    """
    if not column.is_ratio:
        return ""
    ratio = RATIOS[column.key]
    whole = counts[ratio.whole[0]]
    return f"{counts[ratio.part]:,} / {whole:,}" if whole else ""


def _query(area: Area, form: PeriodForm, by_village: bool) -> str:
    return _address(area.key, form.window) + ("&by=village" if by_village else "")


@contract(P.EXPORT, methods=("POST",))
def statistics_export(request: HttpRequest) -> HttpResponseBase:
    """The same table in the layout of terms.md 2, on record."""
    form = period_form(request)
    area, villages = area_asked(request, own_areas(request.user))
    found = statistics(villages, area.level, form.window, by_village=request.GET.get("by") == "village")
    return export_of(request, area.name, form.window, found)


def export_of(request: HttpRequest, place: str, window: Window, found: Statistics) -> HttpResponseBase:
    """The workbook of a table, noted in the trail."""
    paper = Paper(place, window, head_for(request.user, window.last))
    data = statistics_workbook(paper, found)
    told = f"{place} {window.first or ''} {window.last}"
    note(verb="export.made", by=request.user, kind="statistics", rows=len(found.lines), told=told)
    return file_response(data, paper.file_name, XLSX)
