"""管区: districts made out of villages."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import districts
from ledger.forms.districts import DistrictForm
from ledger.models import District, Township
from ledger.queries.setup import districts as districts_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

MANAGE = Permission.MANAGE_DISTRICTS


@contract(MANAGE)
def district_list(request: HttpRequest) -> HttpResponse:
    """Each township's districts with their villages and secretary, and the villages that lie in none."""
    return render(request, "ledger/districts/district_list.html", {"townships": districts_of(request.user)})


@contract(MANAGE, methods=("GET", "POST"))
def district_create(request: HttpRequest, township: int) -> HttpResponse:
    place = get_object_or_404(Township.objects.visible_to(request.user), pk=township)
    require(request.user, MANAGE, place)
    form = DistrictForm(sent(request), township=place)
    if form.is_bound and form.is_valid():
        made = form.attempt(
            lambda: districts.create(
                by=request.user, district=form.instance, villages=form.cleaned_data["villages"],
                client_id=form.cleaned_data["client_id"], body=form.body,
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(name)s” has been added.") % {"name": made.name})
            return redirect("district_list")
    return _form_page(request, form, {"title": _("Add a district"), "township": place})


@contract(MANAGE, methods=("GET", "POST"))
def district_edit(request: HttpRequest, pk: int) -> HttpResponse:
    rows = District.objects.visible_to(request.user).select_related("township")
    district = get_object_or_404(rows, pk=pk)
    require(request.user, MANAGE, district)
    form = DistrictForm(sent(request), instance=district, township=district.township)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: districts.edit(
                by=request.user, district=district, values=form.values, villages=form.cleaned_data["villages"],
                seen=form.cleaned_data["version"],
            )
        )  # fmt: skip
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect("district_list")
    context = {"title": district.name, "township": district.township, "district": district}
    return _form_page(request, form, context)


@contract(MANAGE, methods=("POST",))
def district_remove(request: HttpRequest, pk: int) -> HttpResponse:
    district = get_object_or_404(District.objects.visible_to(request.user), pk=pk)
    require(request.user, MANAGE, district)
    try:
        districts.remove(by=request.user, district=district)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("district_edit", pk=pk)
    messages.success(request, _("“%(name)s” has been removed.") % {"name": district.name})
    return redirect("district_list")


def _form_page(request: HttpRequest, form: DistrictForm, context: dict[str, Any]) -> HttpResponse:
    return render(request, "ledger/districts/district_edit.html", {"form": form, **context}, status=form.status)
