"""区划: the official divisions, and what the county and its townships word themselves about them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import divisions, records
from ledger.forms.places import CountyForm, TownshipForm
from ledger.importing.divisions import COLUMNS, REQUIRED, read_divisions
from ledger.models import County, Township
from ledger.queries.setup import divisions as division_tree
from ledger.rules.divisions import DivisionLine
from ledger.rules.permissions import Permission
from ledger.views import lists
from ledger.views.contract import contract, require
from ledger.views.records import allowed, sent

LOAD = Permission.MANAGE_DIVISIONS


@contract(LOAD, Permission.MANAGE_DISTRICTS)
def division_list(request: HttpRequest) -> HttpResponse:
    """Townships and villages of the own territory with their codes."""
    context = {
        "townships": division_tree(request.user),
        "counties": County.objects.visible_to(request.user, LOAD),
        **allowed(request.user, loads=LOAD),
    }
    return render(request, "ledger/divisions/division_list.html", context)


@contract(LOAD, methods=("GET", "POST"))
def division_import(request: HttpRequest) -> HttpResponse:
    """Hand in the official list; look at what is new and what changes; nothing is written yet."""
    return lists.look_through(
        request, kind="divisions", template="ledger/divisions/division_import.html", columns=COLUMNS,
        required=REQUIRED, read=read_divisions,
        plan=lambda lines: divisions.plan_divisions(lines, within=_own_codes(request)),
    )  # fmt: skip


@contract(LOAD, methods=("POST",))
def division_apply(request: HttpRequest) -> HttpResponse:
    """Load the list that was looked at."""

    def write(rows: list[dict[str, Any]], name: str) -> divisions.DivisionPlan:
        lines = [DivisionLine(**{**row, "aliases": tuple(row["aliases"])}) for row in rows]
        return divisions.load_divisions(by=request.user, lines=lines, file_name=name, within=_own_codes(request))

    plan = lists.load(request, kind="divisions", write=write)
    if plan is None:
        return redirect("division_import")
    said = _("%(new)s new, %(changed)s changed, %(unchanged)s unchanged.")
    messages.success(request, said % {"new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged})
    return redirect("division_list")


@contract(LOAD, methods=("GET", "POST"))
def county_edit(request: HttpRequest, pk: int) -> HttpResponse:
    county = get_object_or_404(County.objects.visible_to(request.user), pk=pk)
    require(request.user, LOAD, county)
    return _edit_place(request, CountyForm(sent(request), instance=county), county, "county.changed")


@contract(Permission.MANAGE_DISTRICTS, methods=("GET", "POST"))
def township_edit(request: HttpRequest, pk: int) -> HttpResponse:
    township = get_object_or_404(Township.objects.visible_to(request.user), pk=pk)
    require(request.user, Permission.MANAGE_DISTRICTS, township)
    return _edit_place(request, TownshipForm(sent(request), instance=township), township, "township.changed")


def _edit_place(request: HttpRequest, form: Any, place: Any, verb: str) -> HttpResponse:
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: records.change(
                by=request.user, row=place, values=form.values, seen=form.cleaned_data["version"], verb=verb
            )
        )
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect("division_list")
    context = {"form": form, "title": place.name}
    return render(request, "ledger/divisions/place_edit.html", context, status=form.status)


def _own_codes(request: HttpRequest) -> list[str]:
    return list(County.objects.visible_to(request.user, LOAD).values_list("code", flat=True))
