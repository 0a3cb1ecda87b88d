"""不计入覆盖率: the list with reason and approver, approving, ending."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import exclusions
from ledger.filters.waiting_lists import ExclusionFilter
from ledger.forms.household_events import ExclusionForm
from ledger.forms.records import attempt
from ledger.models import Exclusion
from ledger.models.scope import may
from ledger.queries.household_events import exclusions as left_out
from ledger.queries.households import household_rows
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

PAGE = 50
APPROVE = Permission.APPROVE_EXCLUSION


@contract(Permission.VIEW)
def exclusion_list(request: HttpRequest) -> HttpResponse:
    """Who is left out, why, and who approved it; ``?area=`` of one part of the map."""
    chosen = ExclusionFilter(request.GET, left_out(request.user), request=request)
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    return render(
        request, "ledger/exclusions/exclusion_list.html", {"page": page, "approves": may(request.user, APPROVE)}
    )


@contract(APPROVE, methods=("GET", "POST"))
def exclusion_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve that a household is left out from today."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, APPROVE, household)
    form = ExclusionForm(sent(request))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: exclusions.approve(by=request.user, household=household, reason=reason)):
            messages.success(request, _("Left out from today. It stands on the list with your name."))
            return redirect("household_detail", pk=pk)
    return render(
        request, "ledger/exclusions/exclusion_create.html", {"form": form, "household": household}, status=form.status
    )


@contract(APPROVE, methods=("POST",))
def exclusion_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The household counts again."""
    rows = Exclusion.objects.visible_to(request.user).select_related("household__village__township")
    exclusion = get_object_or_404(rows, pk=pk)
    require(request.user, APPROVE, exclusion.household)
    if exclusions.end(by=request.user, exclusion=exclusion):
        messages.success(request, _("It counts again from today."))
    return redirect("exclusion_list")
