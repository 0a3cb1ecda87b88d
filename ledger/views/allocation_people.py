"""参加人员: who takes part in a village with how much of a list, and the wishes about single households."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.allocation_people import save_parts, tie, untie
from ledger.forms.allocation import PartsForm, TieForm
from ledger.models import Cadre, HouseholdTie, Village
from ledger.queries.allocation import Ground, grounds_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

ASSIGN = Permission.ASSIGN_HOUSEHOLDS


def _village(request: HttpRequest, pk: int) -> Village:
    village: Village = get_object_or_404(
        Village.objects.visible_to(request.user).select_related("township__county"), pk=pk
    )
    require(request.user, ASSIGN, village)
    return village


@contract(ASSIGN, methods=("GET", "POST"))
def allocation_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who takes part, as it is known or was set; saved only where it differs."""
    village = _village(request, pk)
    ground = grounds_of([village])[0]
    form = _parts(request, village, ground, sent(request))
    if form.is_bound and form.is_valid():
        save_parts(by=request.user, village=village, parts=form.changed)
        messages.success(request, _("“%(name)s” has been saved.") % {"name": village.name})
        return redirect("allocation_people", pk=pk)
    return _page(request, village, ground, form, TieForm(user=request.user, village=village))


def _parts(request: HttpRequest, village: Village, ground: Ground, data: Any) -> PartsForm:
    idle = list(Cadre.objects.filter(share__village=village, share__takes_part=False))
    return PartsForm(data, user=request.user, village=village, hands=ground.hands, idle=idle)


def _page(request: HttpRequest, village: Village, ground: Ground, form: PartsForm, ties: TieForm) -> HttpResponse:
    wishes = HouseholdTie.objects.filter(household__village=village)
    context = {
        "village": village, "form": form, "tie_form": ties, "households": len(ground.houses), "band": ground.band,
        "ties": wishes.select_related("household__group", "cadre").order_by("household__group__number", "pk"),
    }  # fmt: skip
    return render(request, "ledger/allocation/allocation_people.html", context, status=max(form.status, ties.status))


@contract(ASSIGN, methods=("POST",))
def allocation_tie_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A household stays with a cadre, or must not be theirs."""
    village = _village(request, pk)
    form = TieForm(request.POST, user=request.user, village=village)
    if form.is_valid():
        data = form.cleaned_data
        if form.attempt(lambda: tie(by=request.user, **data)) is not None:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": data["household"].head_name})
            return redirect("allocation_people", pk=pk)
    ground = grounds_of([village])[0]
    return _page(request, village, ground, _parts(request, village, ground, None), form)


@contract(ASSIGN, methods=("POST",))
def allocation_tie_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wish back."""
    rows = HouseholdTie.objects.visible_to(request.user).select_related("household__village__township", "cadre")
    row = get_object_or_404(rows, pk=pk)
    require(request.user, ASSIGN, row)
    untie(by=request.user, tie=row)
    messages.success(request, _("“%(name)s” has been saved.") % {"name": row.household.head_name})
    return redirect("allocation_people", pk=row.household.village_id)
