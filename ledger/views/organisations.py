"""单位: organisations of the county, its townships and villages."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import records
from ledger.filters.organisations import OrganisationFilter
from ledger.forms.organisations import OrganisationForm
from ledger.models import Organisation
from ledger.queries.setup import with_cadre_counts
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

PAGE = 50
MANAGE = Permission.MANAGE_ORGANISATIONS


@contract(MANAGE)
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Organisations of the own territory, in their order."""
    rows = Organisation.objects.visible_to(request.user, MANAGE)
    chosen = OrganisationFilter(request.GET, queryset=rows, user=request.user)
    page = Paginator(with_cadre_counts(chosen.qs), PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/organisations/organisation_list.html", {"page": page, "filter": chosen})


@contract(MANAGE, methods=("GET", "POST"))
def organisation_create(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(sent(request), user=request.user)
    if form.is_bound and form.is_valid():
        made = form.attempt(
            lambda: records.create(
                by=request.user, row=form.instance, verb="organisation.created",
                client_id=form.cleaned_data["client_id"], body=form.body,
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(name)s” has been added.") % {"name": made.name})
            return redirect("organisation_list")
    return _form_page(request, form, {"title": _("Add an organisation")})


@contract(MANAGE, methods=("GET", "POST"))
def organisation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    require(request.user, MANAGE, organisation)
    form = OrganisationForm(sent(request), instance=organisation, user=request.user)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: records.change(
                by=request.user, row=organisation, values=form.values, seen=form.cleaned_data["version"],
                verb="organisation.changed",
            )
        )  # fmt: skip
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect("organisation_list")
    return _form_page(request, form, {"title": organisation.name})


def _form_page(request: HttpRequest, form: OrganisationForm, context: dict[str, Any]) -> HttpResponse:
    return render(request, "ledger/organisations/organisation_edit.html", {"form": form, **context}, status=form.status)
