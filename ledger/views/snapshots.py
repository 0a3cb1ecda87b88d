"""报送快照: freeze the table on the page, list what was reported, compare it with today, take it out."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.actions.snapshots import freeze
from ledger.filters.area import MODELS, Area
from ledger.forms.snapshots import SnapshotForm
from ledger.models import StatisticsSnapshot, Village
from ledger.models.scope import may
from ledger.queries.figures import Counts
from ledger.queries.snapshots import Pair, paired, reported, window_of
from ledger.queries.statistics import COLUMNS, Column, statistics, value_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.dashboard import own_areas
from ledger.views.statistics import area_asked, export_of, heads, period_form, text_of

P = Permission
PAGE = 20


def snapshots(request: HttpRequest) -> Any:
    """What was reported of the areas whose figures somebody sees."""
    return StatisticsSnapshot.objects.visible_to(request.user, P.SEE_DASHBOARD)


@contract(P.SEE_DASHBOARD)
def snapshot_list(request: HttpRequest) -> HttpResponse:
    """The latest day first."""
    rows = snapshots(request).select_related("county", "township", "district", "village", "made_by").defer("lines")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/snapshots/snapshot_list.html", {"page": page})


@contract(P.REPORT, methods=("POST",))
def snapshot_create(request: HttpRequest) -> HttpResponse:
    """Freeze the table of the address under the name that was typed."""
    period, form = period_form(request), SnapshotForm(request.POST)
    area, villages = area_asked(request, own_areas(request.user))
    place = MODELS[area.level].objects.get(pk=area.pk)
    require(request.user, P.REPORT, place)
    by_village = request.GET.get("by") == "village"
    back = f"{reverse('statistics_table')}?{request.GET.urlencode()}"
    if not form.is_valid() or period.errors:
        messages.error(request, _("Nothing was frozen: give the report a name of up to 40 characters."))
        return redirect(back)
    found = statistics(villages, area.level, period.window, by_village=by_village)
    try:
        made = freeze(
            by=request.user, place=place, name=form.cleaned_data["name"], window=period.window, by_village=by_village,
            found=found,
        )  # fmt: skip
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect(back)
    messages.success(request, _("Frozen. It stays as it is now, whatever is entered later."))
    return redirect("snapshot_detail", pk=made.pk)


@contract(P.SEE_DASHBOARD)
def snapshot_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """As reported, each cell that differs today with what it says now."""
    snapshot = get_object_or_404(snapshots(request).select_related("county", "township", "district", "village"), pk=pk)
    area = _area(snapshot)
    villages = area.villages().filter(pk__in=Village.objects.visible_to(request.user, P.SEE_DASHBOARD))
    was, window = reported(snapshot), window_of(snapshot)
    now = statistics(villages, area.level, window, by_village=snapshot.by_village)
    lines = [_line(pair) for pair in paired(was, now)]
    return render(request, "ledger/snapshots/snapshot_detail.html", {
        "snapshot": snapshot, "window": window, "heads": heads(), "columns": COLUMNS, "lines": lines[:-1],
        "whole": lines[-1], "differs": sum(line["differs"] for line in lines),
        "may_export": may(request.user, P.EXPORT),
    })  # fmt: skip


@contract(P.EXPORT, methods=("POST",))
def snapshot_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The table as it was reported, as a workbook."""
    snapshot = get_object_or_404(snapshots(request).select_related("county", "township", "district", "village"), pk=pk)
    return export_of(request, str(snapshot.place), window_of(snapshot), reported(snapshot))


def _area(snapshot: StatisticsSnapshot) -> Area:
    level, _dash, number = snapshot.area.partition("-")
    return Area(level, int(number), str(snapshot.place))


def _line(pair: Pair) -> dict[str, Any]:
    """One unit; a cell that differs says what it is today."""
    was = pair.was.spans() if pair.was else (("period", {}), ("total", {}))
    now = pair.now.spans() if pair.now else (("period", {}), ("total", {}))
    rows = [
        {"label": label, "cells": [_cell(column, before, after) for column in COLUMNS]}
        for label, (_was, before), (_now, after) in zip(
            (pgettext("span", "Period"), _("In all")), was, now, strict=True
        )
    ]
    differs = sum(bool(cell["change"]) for row in rows for cell in row["cells"])
    return {"name": pair.line.name, "url": "", "rows": rows, "differs": differs}


def _cell(column: Column, before: Counts, after: Counts) -> dict[str, Any]:
    then, today = _value(column, before), _value(column, after)
    change = "" if then == today else _("today %(value)s") % {"value": text_of(today)}
    return {"text": text_of(then), "url": "", "state": "", "head": column.head, "change": change}


def _value(column: Column, counts: Counts) -> int | Decimal | None:
    return value_of(column, counts) if counts else None
