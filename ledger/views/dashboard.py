"""工作看板: where an area stands in a period, each number opening its rows."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.filters.area import Area, find_area
from ledger.forms.dashboard import PeriodForm
from ledger.models import Posting, Village
from ledger.models.scope import scope_of
from ledger.queries import dashboard as figures
from ledger.queries.attention import needs_attention
from ledger.queries.counts import Areas
from ledger.queries.figures import coverage_window
from ledger.queries.figures_window import Window
from ledger.queries.gaps import without_leader
from ledger.rules.counting import AreaLevel
from ledger.rules.freshness import Band
from ledger.rules.permissions import Level, Permission
from ledger.views import dashboard_panels as panels
from ledger.views.contract import contract
from ledger.views.dashboard_links import Links

P = Permission


@contract(P.SEE_DASHBOARD)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The figures of one area (``?area=township-3``, by default the widest of one's own) and of its parts.

    ``period`` (``from``, ``to``) chooses the days; ``view=wall`` is for a projector.
    """
    user, mine = request.user, own_areas(request.user)
    asked = request.GET.get("area")
    area = find_area(user, asked, P.SEE_DASHBOARD) if asked else (mine[0] if mine else None)
    if area is None:
        raise Http404
    form = PeriodForm(request.GET)
    villages = area.villages().filter(pk__in=Village.objects.visible_to(user, P.SEE_DASHBOARD))
    inside = dict(villages.values_list("pk", "township"))
    first = Village.objects.filter(pk__in=[*inside][:1]).select_related("township__county", "district").first()
    days = first.township.county.coverage_days if first else 90
    window, coverage = form.window, coverage_window(form.window.last, days)
    areas, places = figures.parts_of(area.level, inside)
    rows = figures.rows(user, areas, places, window, coverage)
    whole = figures.total(rows)
    links = Links(area.key, window, coverage, form.query)
    context: dict[str, Any] = {
        "area": area, "areas": mine, "crumbs": _crumbs(user, area, first), "form": form, "window": window, "days": days,
        "links": links, "tiles": panels.tiles(whole, links, days), "whole": whole,
        "groups": panels.groups(area, rows, links), "bands": [Band(band).label for band in panels.FRESHEST_FIRST],
        "whole_parts": panels.band_parts(whole), "is_wall": request.GET.get("view") == "wall",
        "without_leader": without_leader(Village.objects.filter(pk__in=inside)).count(),
        "sees_sensitive": scope_of(user).has(P.SEE_SENSITIVE), "sensitive": figures.sensitive_open(user, villages),
        **_charts(user, area, areas, window, links),
    }  # fmt: skip
    if window.is_now:
        context["attention"] = panels.attention(needs_attention(user, list(inside), window.last))
    if area.level == Level.VILLAGE and first is not None and window.is_now:
        context["cadres"] = panels.cadres(figures.cadres_of(first, window.last, days), links)
    return render(request, "ledger/dashboard/dashboard.html", context)


def _charts(user: Any, area: Area, areas: Areas, window: Window, links: Links) -> dict[str, Any]:
    """Visits by month; and, for a period that ends today, what is not resolved by everything."""
    found = figures.charts(user, _whole(area, areas), window.last, is_now=window.is_now)
    shown: dict[str, Any] = {"months": panels.months(found.months, links, window.last)}
    if window.is_now:
        shown["breakdowns"] = panels.breakdowns(found.standing, found.categories, found.ages, links)
    return shown


def _whole(area: Area, parts: Areas) -> Areas:
    """The area itself, where it has counts of its own; a district is its villages."""
    levels = {Level.COUNTY: AreaLevel.COUNTY, Level.TOWNSHIP: AreaLevel.TOWNSHIP}
    level = levels.get(Level(area.level))
    return Areas(level, [area.pk]) if level is not None else parts


def own_areas(user: Any) -> list[Area]:
    """The territories somebody has a dashboard of, widest first."""
    held = scope_of(user).giving(Permission.SEE_DASHBOARD)
    levels = (Level.COUNTY, Level.TOWNSHIP, Level.DISTRICT, Level.VILLAGE)
    columns = [column for level in levels for column in (f"{level}_id", f"{level}__name")]
    found = {}
    postings = list(Posting.objects.filter(pk__in=[t.posting for t in held]).values_list(*columns))
    for place, level in enumerate(levels):
        for pk, name in (posting[2 * place : 2 * place + 2] for posting in postings):
            if pk is not None:
                found[f"{level}-{pk}"] = Area(str(level), pk, name)
    return list(found.values())


def _crumbs(user: Any, area: Area, first: Village | None) -> list[Area]:
    """The areas above, as far as the user has a dashboard of them."""
    if first is None:
        return []
    above: list[tuple[str, Any]] = [
        (Level.COUNTY, first.township.county),
        (Level.TOWNSHIP, first.township),
        (Level.DISTRICT, first.district),
    ]
    levels = [Level.COUNTY, Level.TOWNSHIP, Level.DISTRICT, Level.VILLAGE]
    shown = []
    for level, place in above:
        if place is None or levels.index(Level(level)) >= levels.index(Level(area.level)):
            continue
        found = find_area(user, f"{level}-{place.pk}", Permission.SEE_DASHBOARD)
        if found:
            shown.append(found)
    return shown
