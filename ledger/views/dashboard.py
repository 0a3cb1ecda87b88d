"""工作看板: where an area stands, each number opening its rows."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.filters.area import Area, find_area
from ledger.models import Issue, Posting, Village
from ledger.models.scope import scope_of
from ledger.queries import dashboard as figures
from ledger.rules.days import local_today
from ledger.rules.freshness import Band
from ledger.rules.permissions import Level, Permission
from ledger.views.contract import contract

FRESHEST_FIRST = [str(band) for band in reversed(Band)]


@contract(Permission.SEE_DASHBOARD)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The figures of one area (``?area=township-3``, by default the widest of one's own) and of its villages."""
    mine = own_areas(request.user)
    asked = request.GET.get("area")
    area = find_area(request.user, asked, Permission.SEE_DASHBOARD) if asked else (mine[0] if mine else None)
    if area is None:
        raise Http404
    today = local_today()
    villages = area.villages().filter(pk__in=Village.objects.visible_to(request.user, Permission.SEE_DASHBOARD))
    first = villages.select_related("township__county", "district").first()
    days = first.township.county.coverage_days if first else 90
    rows = figures.by_village(request.user, villages, today, days)
    whole = figures.total(rows)
    return render(
        request,
        "ledger/dashboard/dashboard.html",
        {
            "area": area,
            "areas": mine,
            "crumbs": _crumbs(request.user, area, first),
            "figures": _figures(area, whole, days),
            "whole": whole,
            "wish_urls": {key: issue_url(area.key, key) for key in ("wishes", "wishes_done")},
            "groups": [
                {"places": _places(area, places), "rows": [_line(row) for row in lines]}
                for places, lines in figures.grouped(rows)
            ],
            "bands": [Band(band).label for band in FRESHEST_FIRST],
            "whole_parts": _parts(whole),
            "attention": [_matter(issue) for issue in figures.needs_attention(request.user, villages, today)],
            "sees_sensitive": scope_of(request.user).has(Permission.SEE_SENSITIVE),
            "today": today,
            "days": days,
        },
    )


def own_areas(user: Any) -> list[Area]:
    """The territories somebody has a dashboard of, widest first."""
    held = scope_of(user).giving(Permission.SEE_DASHBOARD)
    postings = Posting.objects.with_names().filter(pk__in=[t.posting for t in held])
    found = {}
    for level in (Level.COUNTY, Level.TOWNSHIP, Level.DISTRICT, Level.VILLAGE):
        for posting in postings:
            place = getattr(posting, level)
            if place is not None:
                found[f"{level}-{place.pk}"] = Area(str(level), place.pk, str(place))
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


def dashboard_url(area: str) -> str:
    """The same page of another area."""
    return f"{reverse('dashboard')}?{urlencode({'area': area})}"


def household_url(area: str, **more: str) -> str:
    """The household list with exactly the rows a coverage figure counted."""
    return f"{reverse('household_list')}?{urlencode({'area': area, 'counted': '1', **more})}"


def issue_url(area: str, count: str) -> str:
    """The issue list with exactly the rows an issue figure counted."""
    return f"{reverse('issue_list')}?{urlencode({'area': area, 'count': count, 'sensitive': 'no'})}"


def _figures(area: Area, whole: figures.Row, days: int) -> list[dict[str, Any]]:
    per_cent = f"{whole.coverage:.1f}%" if whole.coverage is not None else _("no households yet")
    households = ngettext("%(a)s / %(b)s household", "%(a)s / %(b)s households", whole.households)
    excluded = ngettext("%(n)s household excluded", "%(n)s households excluded", whole.excluded)
    of = households % {"a": f"{whole.covered:,}", "b": f"{whole.households:,}"}
    if whole.excluded:
        of = f"{of} · {excluded % {'n': whole.excluded}}"
    define = figures.DEFINITIONS
    shown = [
        {
            "name": _("Visit coverage"), "value": per_cent, "of": of, "definition": define["coverage"] % {"days": days},
            "url": household_url(area.key, covered="no"), "link": _("See who has not been met"),
        },
        {
            "name": _("Never visited"), "value": f"{whole.never:,}", "of": "", "definition": define["never"],
            "url": household_url(area.key, band=Band.NEVER), "link": _("See the households"),
        },
    ]  # fmt: skip
    for name, count, key in (
        (_("Open issues"), whole.open, "open"),
        (_("Overdue"), whole.overdue, "overdue"),
        (_("To be called back"), whole.call_back, "call_back"),
        (_("Struck off this month"), whole.closed, "closed"),
    ):
        shown.append(
            {"name": name, "value": f"{count:,}", "of": "", "definition": define[key],
             "url": issue_url(area.key, key), "link": _("See the issues")}
        )  # fmt: skip
    return shown


def _places(area: Area, places: list[tuple[Level, Any]]) -> list[dict[str, str]]:
    """The heading of a group of villages, each place opening its own dashboard, save the one that is open."""
    keys = [(f"{level}-{place.pk}", str(place)) for level, place in places]
    return [{"name": name, "url": dashboard_url(key) if key != area.key else ""} for key, name in keys]


def _parts(row: figures.Row) -> list[tuple[str, int]]:
    return [(str(Band(band).label), row.bands[band]) for band in FRESHEST_FIRST]


def _line(row: figures.Row) -> dict[str, Any]:
    """One village: its bar and its numbers with their links."""
    assert row.village is not None
    key = f"village-{row.village.pk}"
    return {
        "village": row.village,
        "url": dashboard_url(key),
        "parts": _parts(row),
        "coverage": f"{row.coverage:.0f}%" if row.coverage is not None else "",
        "households": (row.households, household_url(key)),
        "never": (row.never, household_url(key, band=Band.NEVER)),
        "without_cadre": (row.without_cadre, household_url(key, cadre="none")),
        "issues": [
            {"name": name, "count": getattr(row, name), "url": issue_url(key, name),
             "state": "late" if name == "overdue" else ""}
            for name in ("open", "overdue", "call_back", "closed")
        ],
    }  # fmt: skip


def _matter(issue: Issue) -> dict[str, Any]:
    """A matter that a leader should ask about."""
    late = (local_today() - issue.due_on).days if issue.due_on else 0
    dissatisfied = issue.answer == "dissatisfied"
    overdue = ngettext("%(n)s day overdue", "%(n)s days overdue", late) % {"n": late}
    label = _("Dissatisfied") if dissatisfied else overdue
    return {
        "issue": issue,
        "label": label,
        "owner": issue.handler or issue.lead_organisation,
        "url": reverse("issue_detail", args=[issue.pk]),
    }
