"""工作看板: where an area stands in a period, each number opening its rows."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.filters.area import Area, find_area
from ledger.forms.dashboard import PeriodForm
from ledger.models import Village
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
    inside = figures.inside(villages)
    days = inside[0].coverage_days if inside else 90
    ids = [each.village.pk for each in inside]
    window, coverage = form.window, coverage_window(form.window.last, days)
    areas, places = figures.parts_of(area.level, inside)
    rows = figures.rows(user, areas, places, window, coverage)
    whole = figures.total(rows)
    links = Links(area.key, window, coverage, form.query)
    context: dict[str, Any] = {
        "area": area, "areas": mine, "crumbs": _crumbs(user, area, inside), "form": form, "window": window,
        "days": days, "links": links, "tiles": panels.tiles(whole, links, days), "whole": whole,
        "groups": panels.groups(area, rows, inside, links),
        "bands": [Band(band).label for band in panels.FRESHEST_FIRST],
        "whole_parts": panels.band_parts(whole), "is_wall": request.GET.get("view") == "wall",
        "without_leader": without_leader(Village.objects.filter(pk__in=ids)).count(),
        "sees_sensitive": scope_of(user).has(P.SEE_SENSITIVE), "sensitive": figures.sensitive_open(user, villages),
        **_charts(user, area, areas, window, links),
    }  # fmt: skip
    if window.is_now:
        context["attention"] = panels.attention(needs_attention(user, ids, window.last))
    if area.level == Level.VILLAGE and inside and window.is_now:
        context["cadres"] = panels.cadres(figures.cadres_of(area.pk, window.last, days), links)
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
    found = {}
    for level in reversed(Level):
        for territory in held:
            pk: int | None = getattr(territory, level)
            if pk is not None:
                found[f"{level}-{pk}"] = Area(str(level), pk, territory.name)
    return list(found.values())


def _crumbs(user: Any, area: Area, inside: list[figures.Inside]) -> list[Area]:
    """The areas above, as far as the user has a dashboard of them."""
    above = inside[0].above(area.level) if inside else []
    found = [find_area(user, place.key, Permission.SEE_DASHBOARD) for place in above]
    return [each for each in found if each is not None]
