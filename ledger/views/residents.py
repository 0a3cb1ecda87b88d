"""家庭成员: the forms of the township admin, a call to an own household, one full number with a reason."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import residents, reveals
from ledger.actions.submissions import once
from ledger.forms.households import ResidentCreateForm, ResidentEditForm, ResidentLeaveForm, RevealForm
from ledger.models import Household, Resident
from ledger.queries.households import household_rows
from ledger.queries.residents import callable_member
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

P = Permission


@contract(P.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def resident_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A further member of the household."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, household)
    form = ResidentCreateForm(sent(request), initial={"relation": "child"})
    if form.is_bound and form.is_valid():
        made = form.save_by(lambda: _create(request.user, household, form))
        if made:
            messages.success(request, _("%(name)s has been added.") % {"name": form.cleaned_data["name"]})
            return redirect("household_detail", pk=pk)
    return _page(request, form, household, None)


def _create(user: Any, household: Household, form: ResidentCreateForm) -> int:
    values = form.values()
    return once(
        user=user, form="resident", client_id=form.cleaned_data["client_id"],
        body={"household": household.pk, **values},
        write=lambda: residents.add_resident(by=user, household=household, data=values).pk,
    )  # fmt: skip


@contract(P.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def resident_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a member; recorded numbers stay unless new ones are typed."""
    resident = get_object_or_404(_current(request), pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, resident)
    form = ResidentEditForm(sent(request), resident=resident)
    if form.is_bound and form.is_valid():
        version = form.cleaned_data["version"]
        saved = form.save_by(
            lambda: residents.edit_resident(by=request.user, resident=resident, version=version, data=form.values())
        )
        if saved:
            messages.success(request, _("%(name)s has been saved.") % {"name": saved.name})
            return redirect("household_detail", pk=resident.household_id)
    return _page(request, form, resident.household, resident)


@contract(P.EDIT_HOUSEHOLD, methods=("POST",))
def resident_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """A member no longer belongs to the household; the row stays on record."""
    resident = get_object_or_404(_current(request), pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, resident)
    form = ResidentLeaveForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        left = form.save_by(lambda: residents.leave(by=request.user, resident=resident, **data) or True)
        if left:
            messages.success(request, _("%(name)s no longer belongs to the household.") % {"name": resident.name})
            return redirect("household_detail", pk=resident.household_id)
    return _page(request, ResidentEditForm(resident=resident), resident.household, resident, form)


@contract(P.CALL_OWN, methods=("POST",))
def household_call(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: the phone of an own household, noted as read for a call."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.CALL_OWN, household)
    resident = callable_member(household, request.POST.get("member", ""))
    context: dict[str, Any] = {"household": household, "resident": resident, "dials": True}
    try:
        number = reveals.call(by=request.user, resident=resident) if resident is not None else ""
    except reveals.TooManyReveals as refused:
        return _number(request, context | {"too_many": refused.limit}, status=429)
    return _number(request, context | {"number": number})


@contract(P.REVEAL, methods=("POST",))
def resident_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """One full number for who has the right and says why; logged, at most thirty an hour."""
    resident = get_object_or_404(_current(request), pk=pk)
    require(request.user, P.REVEAL, resident)
    form = RevealForm(request.POST)
    context: dict[str, Any] = {"household": resident.household, "resident": resident, "form": form}
    if not form.is_valid():
        return _number(request, context, status=400)
    try:
        number = reveals.reveal(by=request.user, resident=resident, **form.cleaned_data)
    except reveals.TooManyReveals as refused:
        return _number(request, context | {"too_many": refused.limit}, status=429)
    return _number(request, context | {"number": number, "dials": form.cleaned_data["field"] == "phone"})


def _current(request: HttpRequest) -> Any:
    """Members in scope who still belong to their household."""
    rows = Resident.objects.visible_to(request.user).filter(left_on__isnull=True)
    return rows.select_related("household__village__township", "household__group")


def _number(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    piece = "_number.html" if request.htmx else "number.html"
    # htmx leaves an error answer out of the page, so the sentence comes with 200 there.
    return render(request, f"ledger/households/{piece}", context, status=200 if request.htmx else status)


def _page(
    request: HttpRequest, form: Any, household: Household, resident: Resident | None, leaving: Any = None
) -> HttpResponse:
    if resident is not None and leaving is None:
        leaving = ResidentLeaveForm(initial={"version": resident.version})
    context = {"form": form, "household": household, "resident": resident, "leaving": leaving}
    status = max(form.status, leaving.status if leaving is not None else 0)
    return render(request, "ledger/households/resident_form.html", context, status=status)
