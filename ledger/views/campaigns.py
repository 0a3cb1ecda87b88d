"""专题: the list, one with its progress by unit, its households, and the desk's begin, change, end and remove."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import campaigns
from ledger.actions.submissions import once
from ledger.filters.area import Area, area_q, find_area
from ledger.filters.campaigns import PAST, CampaignFilter, CampaignHomeFilter
from ledger.forms.campaigns import CampaignForm, PlaceForm
from ledger.models import Campaign, County, Household, Township, Village
from ledger.models.scope import may
from ledger.queries import campaigns as asked
from ledger.queries.households import PLACE_ORDER, count_up_to, household_rows
from ledger.queries.keyset import keyset_page
from ledger.rules.campaigns import Reach
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import allowed, sent

P = Permission
PAGE = 20


@contract(P.VIEW)
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Those that run or will, the next to end first; those that are over behind their own tab."""
    rows = asked.campaigns(request.user)
    chosen, over = CampaignFilter(request.GET, rows), CampaignFilter({"state": PAST}, rows)
    is_past = request.GET.get("state") == PAST
    lanes = [
        {"url": "?", "label": _("Now and next"), "count": CampaignFilter({}, rows).qs.count(), "active": not is_past},
        {"url": f"?state={PAST}", "label": _("Over"), "count": over.qs.count(), "active": is_past},
    ]
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lanes": lanes, "is_past": is_past, "day": local_today(),
               **allowed(request.user, begins=P.RUN_CAMPAIGNS)}  # fmt: skip
    return render(request, "ledger/campaigns/campaign_list.html", context)


@contract(P.VIEW)
def campaign_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it asks, and how far each unit has come: townships, then villages, then the cadres of one village."""
    campaign = get_object_or_404(asked.campaigns(request.user), pk=pk)
    area = _area(request)
    rows = asked.at_end(campaign, Household.objects.visible_to(request.user))
    rows = rows.filter(area_q(area.key if area else "", "at_village"))
    unit = _unit(campaign, rows, area)
    lines = asked.progress(campaign, rows, unit)
    runs = may(request.user, P.RUN_CAMPAIGNS, campaign)
    villages = list(campaign.places.visible_to(request.user).select_related("village__township"))
    context = {
        "campaign": campaign, "area": area, "unit": unit, "day": local_today(), "points": list(campaign.points.all()),
        "lines": [_linked(campaign, line, area, unit) for line in lines],
        "whole": _linked(campaign, asked.whole(lines), area, ""), "villages": [each.village for each in villages],
        "figures": [(reach, reach.label, asked.DEFINITIONS[reach]) for reach in asked.SHOWN],
        "crumbs": _crumbs(campaign, area), "query": urlencode({"campaign": pk} | ({"area": area.key} if area else {})),
        "is_over": campaign.is_over(local_today()), "runs": runs,
        "is_worked_on": runs and asked.is_worked_on(campaign),
    }  # fmt: skip
    return render(request, "ledger/campaigns/campaign_detail.html", context)


def _area(request: HttpRequest) -> Area | None:
    """The township or village of the address; 404 for one that is not one's own."""
    key = request.GET.get("area")
    if not key:
        return None
    area = find_area(request.user, key, P.VIEW)
    if area is None or area.level not in {"township", "village"}:
        raise Http404
    return area


def _unit(campaign: Campaign, rows: Any, area: Area | None) -> str:
    """What comes below: villages of a township, cadres of a village; townships only where there are several."""
    if area is not None:
        return "cadre" if area.level == "village" else "village"
    if campaign.township_id is not None:
        return "village"
    here = rows.filter(asked.figure_q(campaign, Reach.MEANT)).order_by().annotate(part=F("at_village")).values("part")
    several = Village._base_manager.filter(pk__in=here).values("township").order_by().distinct()[:2]
    return "township" if len(several) > 1 else "village"


def _linked(campaign: Campaign, line: asked.Line, area: Area | None, unit: str) -> dict[str, Any]:
    """One unit with its figures, each opening its rows, and the page of the units below it."""
    where = {"area": area.key} if area is not None else {}
    if unit == "cadre":
        where["cadre"] = line.key.removeprefix("cadre-") or "none"
    elif unit:
        where = {"area": line.key}
    base = reverse("campaign_households", args=[campaign.pk])
    cells = [
        {"reach": reach, "label": reach.label, "n": line.counts[reach],
         "url": f"{base}?{urlencode({'reach': reach.value} | where)}" if line.counts[reach] else ""}
        for reach in asked.SHOWN
    ]  # fmt: skip
    deeper = f"{reverse('campaign_detail', args=[campaign.pk])}?{urlencode(where)}" if unit not in {"", "cadre"} else ""
    return {"name": line.name, "url": deeper, "cells": cells, "share": line.share, "meant": line.counts[Reach.MEANT]}


def _crumbs(campaign: Campaign, area: Area | None) -> list[tuple[str, str]]:
    """The ways back up, the widest first."""
    if area is None:
        return []
    here = reverse("campaign_detail", args=[campaign.pk])
    return [(str(campaign.place), here), (area.name, "")]


@contract(P.VIEW)
def campaign_households(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a figure: each household with the points that are open there."""
    campaign = get_object_or_404(asked.campaigns(request.user), pk=pk)
    chosen = CampaignHomeFilter(request.GET, household_rows(request.user), user=request.user, campaign=campaign)
    page = keyset_page(
        chosen.qs, order=PLACE_ORDER, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    count, is_more = count_up_to(chosen.qs)
    left = asked.left_of(campaign, [home.pk for home in page.rows])
    query = request.GET.copy()
    query["campaign"] = str(pk)
    context = {
        "campaign": campaign, "page": page, "rows": [(home, left[home.pk]) for home in page.rows], "filter": chosen,
        "count": count, "is_more": is_more, "definition": asked.DEFINITIONS[chosen.reached], "query": query.urlencode(),
        "lanes": _lanes(request, chosen.reached), "runs_now": campaign.runs_on(local_today()),
        "can_visit": may(request.user, P.LOG_VISIT),
    }  # fmt: skip
    return render(request, "ledger/campaigns/campaign_households.html", context)


def _lanes(request: HttpRequest, chosen: str) -> list[dict[str, Any]]:
    """The figures as tabs, the unit kept."""
    kept = {name: value for name, value in request.GET.items() if name in {"area", "cadre"}}
    return [
        {"url": f"?{urlencode({'reach': reach.value} | kept)}", "label": reach.label, "count": "",
         "active": reach == chosen}
        for reach in asked.SHOWN
    ]  # fmt: skip


@contract(P.RUN_CAMPAIGNS, methods=("GET", "POST"))
def campaign_create(request: HttpRequest) -> HttpResponse:
    """Begin one at the township or county whose desk one keeps."""
    where = PlaceForm(request.GET, places=_places(request.user))
    place = where.place
    if place is None:
        raise Http404
    form = CampaignForm(sent(request), place=place)
    if form.is_bound and form.is_valid():
        values = form.values
        made = form.save_by(
            lambda: once(
                user=request.user, form="campaign", client_id=form.cleaned_data["client_id"],
                body={"place": place, **values}, write=lambda: int(
                    campaigns.begin(by=request.user, place=place, **values).pk
                ),
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("The campaign stands. Those it concerns are told on its first day."))
            return redirect("campaign_detail", pk=made)
    context = {"form": form, "where": where, "place": place}
    return render(request, "ledger/campaigns/campaign_form.html", context, status=form.status)


def _places(user: Any) -> list[County | Township]:
    """The county or townships that somebody runs campaigns of: where their own posting is."""
    counties = County.objects.visible_to(user, P.RUN_CAMPAIGNS)
    townships = Township.objects.visible_to(user, P.RUN_CAMPAIGNS).select_related("county")
    return [*counties, *townships.exclude(county__in=counties.values("pk"))]


@contract(P.RUN_CAMPAIGNS, methods=("GET", "POST"))
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one that runs or will."""
    campaign = _to_run(request, pk)
    if campaign.is_over(local_today()):
        messages.info(request, _("This campaign is over: it stays as it was."))
        return redirect("campaign_detail", pk=pk)
    form = CampaignForm(sent(request), place=campaign.place, campaign=campaign)
    if form.is_bound and form.is_valid():
        values, version = form.values, form.cleaned_data["version"]
        saved = form.save_by(lambda: campaigns.change(by=request.user, campaign=campaign, version=version, **values))
        if saved:
            messages.success(request, _("Saved."))
            return redirect("campaign_detail", pk=pk)
    context = {"form": form, "campaign": campaign, "place": campaign.place}
    return render(request, "ledger/campaigns/campaign_form.html", context, status=form.status)


@contract(P.RUN_CAMPAIGNS, methods=("POST",))
def campaign_end(request: HttpRequest, pk: int) -> HttpResponse:
    """It ends today, before its last day."""
    campaign = _to_run(request, pk)
    if campaigns.end(by=request.user, campaign=campaign):
        messages.success(request, _("Ended. What was done stays on record."))
    else:
        messages.info(request, _("It does not run: there is nothing to end."))
    return redirect("campaign_detail", pk=pk)


@contract(P.RUN_CAMPAIGNS, methods=("POST",))
def campaign_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away one that nobody worked on."""
    campaign = _to_run(request, pk)
    if campaigns.remove(by=request.user, campaign=campaign):
        messages.success(request, _("Removed."))
        return redirect("campaign_list")
    messages.error(request, _("Visits say something of its points already: end it instead."))
    return redirect("campaign_detail", pk=pk)


def _to_run(request: HttpRequest, pk: int) -> Campaign:
    """A campaign in scope that is this desk's; 403 for another desk's."""
    rows = asked.campaigns(request.user).select_related("township__county", "county")
    campaign: Campaign = get_object_or_404(rows, pk=pk)
    require(request.user, P.RUN_CAMPAIGNS, campaign)
    return campaign
