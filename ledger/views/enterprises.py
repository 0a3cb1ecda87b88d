"""企业: those of the own villages, with when each was visited last."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import records
from ledger.filters.small_lists import EnterpriseFilter
from ledger.forms.enterprises import EnterpriseForm
from ledger.models import Enterprise
from ledger.models.scope import may
from ledger.queries.enterprises import enterprises
from ledger.queries.visits import villages_of_visitor
from ledger.rules.cleaning import is_storable
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

P = Permission
PAGE = 50


@contract(P.LOG_VISIT, P.VIEW)
def enterprise_list(request: HttpRequest) -> HttpResponse:
    """Never visited first, then longest ago; ``?q=`` finds by any part of the name."""
    typed = request.GET.get("q", "").strip()[:60]
    rows = enterprises(request.user)
    rows = EnterpriseFilter({"q": typed}, rows).qs if is_storable(typed) else rows.none()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "typed": typed, "day": local_today(), "can_visit": may(request.user, P.LOG_VISIT)}
    return render(request, "ledger/enterprises/enterprise_list.html", context)


@contract(P.LOG_VISIT, methods=("GET", "POST"))
def enterprise_create(request: HttpRequest) -> HttpResponse:
    """A company that is not in the list yet; afterwards its visit can be logged."""
    form = EnterpriseForm(sent(request), user=request.user)
    if form.is_bound and form.is_valid():
        made = form.attempt(
            lambda: records.create(
                by=request.user, row=form.instance, verb="enterprise.created",
                client_id=form.cleaned_data["client_id"], body=form.body,
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(name)s” has been added.") % {"name": made.name})
            return redirect("enterprise_list")
    return _page(request, form, _("Add an enterprise"))


@contract(P.LOG_VISIT, methods=("GET", "POST"))
def enterprise_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it; one that has closed is switched off and keeps its visits."""
    enterprise = get_object_or_404(Enterprise.objects.visible_to(request.user).select_related("village"), pk=pk)
    if not villages_of_visitor(request.user).filter(pk=enterprise.village_id).exists():
        require(request.user, P.LOG_VISIT, enterprise)
    form = EnterpriseForm(sent(request), instance=enterprise, user=request.user)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: records.change(
                by=request.user, row=enterprise, values=form.values, seen=form.cleaned_data["version"],
                verb="enterprise.changed",
            )
        )  # fmt: skip
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect("enterprise_list")
    return _page(request, form, enterprise.name)


def _page(request: HttpRequest, form: EnterpriseForm, title: str) -> HttpResponse:
    return render(
        request, "ledger/enterprises/enterprise_edit.html", {"form": form, "title": title}, status=form.status
    )
