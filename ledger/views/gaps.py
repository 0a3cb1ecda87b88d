"""漏项清单: what nobody is responsible for in an area, a page that must be empty."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.filters.area import Area, find_area
from ledger.models import Cadre, County, Household, Issue, Township, Village
from ledger.models.scope import may
from ledger.queries.gaps import by_township, rows_of
from ledger.rules.gaps import BY_ALLOCATION, RULES, Gap
from ledger.rules.permissions import Level, Permission
from ledger.views.contract import contract
from ledger.views.dashboard import own_areas

FIRST = 8
"""Rows of a section beside the others; alone it has pages."""
PAGE = 50


@dataclass(frozen=True)
class Line:
    """A row: what it is, where and who, and the page that mends it (empty for who only reads)."""

    what: str
    where: str
    url: str = ""
    act_url: str = ""
    badge: str = ""


@contract(Permission.SEE_DASHBOARD)
def gap_list(request: HttpRequest) -> HttpResponse:
    """Each section with its definition, its figure, its rows and the act that mends them; ``?show=`` one alone."""
    mine = own_areas(request.user)
    asked = request.GET.get("area")
    area = find_area(request.user, asked, Permission.SEE_DASHBOARD) if asked else (mine[0] if mine else None)
    if area is None:
        raise Http404
    alone = request.GET.get("show", "")
    chosen = [Gap(alone)] if alone in Gap.values else list(Gap)
    villages = area.villages().filter(pk__in=Village.objects.visible_to(request.user, Permission.SEE_DASHBOARD))
    county = County.objects.filter(townships__villages__in=villages).first()
    most = county.list_most if county is not None else 0
    size = PAGE if len(chosen) == 1 else FIRST
    sections = [_section(request, gap, area, villages, most, size) for gap in chosen]
    context = {
        "area": area, "areas": mine, "sections": sections, "alone": len(chosen) == 1,
        "total": sum(section["count"] for section in sections),
        "page": sections[0]["page"] if len(chosen) == 1 else None,
        "townships": _townships(area, most) if len(chosen) > 1 else None,
        "labels": [gap.label for gap in Gap],
    }  # fmt: skip
    return render(request, "ledger/gaps/gap_list.html", context)


def _section(
    request: HttpRequest, gap: Gap, area: Area, villages: Any, most: int, size: int
) -> dict[str, Any]:  # fmt: skip
    rule = RULES[gap]
    rows = rows_of(gap, user=request.user, villages=villages, most=most)
    page: Page[Any] = Paginator(rows, size).get_page(request.GET.get("page") if size == PAGE else 1)
    can = may(request.user, rule.needs)
    count, query = page.paginator.count, f"area={area.key}&show={gap}"
    return {
        "gap": gap, "count": count, "definition": str(rule.definition) % {"most": most}, "empty": rule.empty,
        "act": rule.act, "lines": [LINES[gap](row, can) for row in page.object_list], "page": page,
        "url": f"{reverse('gap_list')}?{query}" if count > size else "", "query": query,
        "together": reverse("allocation_list") if count and can and gap in BY_ALLOCATION else "",
    }  # fmt: skip


def _household(household: Household, can: bool) -> Line:
    place = f"{household.village} {household.group}" if household.group is not None else str(household.village)
    where = [household.address if household.address.startswith(household.village.name) else place]
    gone = ""
    if household.cadre is not None:
        said = _("%(name)s has left") if household.cadre.left_on is not None else _("the account of %(name)s is closed")
        gone = said % {"name": household.cadre.name}
    return Line(
        household.head_name, " · ".join(part for part in [*where, gone] if part),
        reverse("household_detail", args=[household.pk]),
        reverse("household_assign", args=[household.pk]) if can else "",
    )  # fmt: skip


def _issue(issue: Issue, can: bool) -> Line:
    owner = issue.handler or issue.lead_organisation
    where = f"{issue.printed_number} · {issue.village}{issue.group or ''}"
    return Line(
        _("Sensitive matter") if issue.is_sensitive else issue.title, f"{where} · {owner}" if owner else where,
        reverse("issue_detail", args=[issue.pk]), reverse("issue_detail", args=[issue.pk]) if can else "",
    )  # fmt: skip


def _village(village: Village, can: bool) -> Line:
    where = " · ".join(str(part) for part in (village.township, village.district) if part)
    url = reverse("village_detail", args=[village.pk]) if can else ""
    return Line(village.name, where, url, url)


def _person(cadre: Cadre) -> str:
    return " · ".join(str(part) for part in (cadre.township, cadre.organisation, cadre.title) if part)


def _overloaded(cadre: Any, can: bool) -> Line:
    load = ngettext("%(n)s household", "%(n)s households", cadre.load) % {"n": cadre.load}
    url = f"{reverse('household_list')}?cadre={cadre.pk}"
    return Line(cadre.name, _person(cadre), url, url if can else "", load)


def _idle(cadre: Cadre, can: bool) -> Line:
    url = reverse("cadre_detail", args=[cadre.pk]) if can else ""
    return Line(cadre.name, _person(cadre), url, url)


LINES: dict[str, Callable[[Any, bool], Line]] = {
    Gap.HOUSEHOLDS: _household, Gap.ISSUES: _issue, Gap.VILLAGES: _village, Gap.OVERLOADED: _overloaded,
    Gap.IDLE: _idle,
}  # fmt: skip


def _townships(area: Area, most: int) -> list[dict[str, Any]] | None:
    """For a county: its townships, each with its figures, which open the same page of that township."""
    if area.level != Level.COUNTY:
        return None
    townships = list(Township.objects.filter(county=area.pk))
    counts, here = by_township(townships, most), reverse("gap_list")
    return [
        {"name": town.name, "url": f"{here}?area=township-{town.pk}", "counts": list(counts[town.pk].values())}
        for town in townships
    ]
