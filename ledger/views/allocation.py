"""分配联系户: choose a place, see the proposal, move borders, apply it in one step, take it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRefresh

from ledger.actions import allocation as acts
from ledger.actions.allocation_edit import move
from ledger.actions.allocation_jobs import fill_allocation
from ledger.filters.area import MODELS, find_area
from ledger.forms.picks import number_of
from ledger.models import Allocation, AllocationState, County, Village
from ledger.queries.allocation import villages_of
from ledger.queries.allocation_drafts import figures_of, village_draft
from ledger.queries.allocation_places import places_of
from ledger.rules.allocation_figures import total
from ledger.rules.allocation_words import on_average
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require

ASSIGN = Permission.ASSIGN_HOUSEHOLDS
RECENT = 10
MOST_MOVED = 200


def allocation_asked(request: HttpRequest, pk: int) -> Allocation:
    """A proposal of the own territory, for who gives out its households."""
    rows = Allocation.objects.visible_to(request.user).select_related(
        "village__township__county", "township__county", "county", "made_by"
    )
    allocation: Allocation = get_object_or_404(rows, pk=pk)
    require(request.user, ASSIGN, allocation)
    return allocation


@contract(ASSIGN)
def allocation_list(request: HttpRequest) -> HttpResponse:
    """The villages with who lies bare and whose list is outside the band; proposals that are open or were applied."""
    shown = [AllocationState.OPEN, AllocationState.DRAWING, AllocationState.APPLIED, AllocationState.TAKEN_BACK]
    rows = Allocation.objects.visible_to(request.user, ASSIGN).filter(state__in=shown)
    recent = rows.select_related("village", "township", "county", "made_by")[:RECENT]
    context = {
        "places": places_of(request.user), "recent": recent,
        "counties": County.objects.visible_to(request.user, ASSIGN),
    }  # fmt: skip
    return render(request, "ledger/allocation/allocation_list.html", context)


@contract(ASSIGN, methods=("POST",))
def allocation_draw(request: HttpRequest) -> HttpResponse:
    """Draw a proposal: a village at once, more in the background."""
    area = find_area(request.user, request.POST.get("area", ""), ASSIGN)
    if area is None or area.level == "district":
        raise Http404
    place = MODELS[area.level].objects.get(pk=area.pk)
    anew = True if request.POST.get("anew") else None
    allocation = acts.begin(by=request.user, place=place, anew=anew)
    if allocation.village_id is not None:
        acts.fill(allocation)
    else:
        fill_allocation.enqueue(allocation.pk)
    return redirect("allocation_detail", allocation.pk)


@contract(ASSIGN)
def allocation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposal: for more than one village their figures, ``?village=`` one of them list by list."""
    allocation = allocation_asked(request, pk)
    if allocation.state in {AllocationState.DRAWING, AllocationState.FAILED}:
        return render(request, "ledger/allocation/allocation_drawing.html", {"allocation": allocation})
    if request.htmx and request.htmx.target == "drawing":  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    village = _village(request, allocation)
    context = _frame(allocation) | ({"draft": village_draft(allocation, village)} if village is not None else {})
    if village is None:
        return render(request, "ledger/allocation/allocation_detail.html", context)
    return render(request, "ledger/allocation/allocation_village.html", context)


def _frame(allocation: Allocation) -> dict[str, Any]:
    by_village = figures_of(allocation)
    totals = total(by_village.values())
    villages = [
        (village, by_village[village.pk]) for village in villages_of(allocation.place) if village.pk in by_village
    ]
    return {
        "allocation": allocation, "totals": totals, "villages": villages,
        "average": on_average(totals.households, totals.cadres),
    }  # fmt: skip


def _village(request: HttpRequest, allocation: Allocation) -> Village | None:
    """The village asked for; that of the proposal where it covers one."""
    if allocation.village is not None:
        return allocation.village
    asked = request.GET.get("village") or request.POST.get("village")
    if not asked:
        return None
    inside = {village.pk: village for village in villages_of(allocation.place)}
    if number_of(asked) not in inside:
        raise Http404
    return inside[number_of(asked)]


@contract(ASSIGN, methods=("POST",))
def allocation_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a border (``border=household:cadre``: it and all beyond it on that side) or the ticked households."""
    allocation = allocation_asked(request, pk)
    village = _village(request, allocation)
    if village is None:
        raise Http404
    households, cadre = _asked(request, allocation, village)
    try:
        if households:
            move(
                by=request.user, allocation=allocation, version=number_of(request.POST.get("version", "")),
                village=village, households=households, cadre=cadre,
            )  # fmt: skip
        else:
            messages.info(request, _("Tick the households first."))
    except acts.StaleProposal:
        messages.warning(request, _("The proposal was changed a moment ago; this is how it stands now."))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    if request.htmx:  # type: ignore[attr-defined]
        allocation.refresh_from_db()
        context = {"allocation": allocation, "draft": village_draft(allocation, village), "spoken": True}
        return render(request, "ledger/allocation/_village.html", context)
    return redirect(f"{reverse('allocation_detail', args=[pk])}?village={village.pk}")


def _asked(request: HttpRequest, allocation: Allocation, village: Village) -> tuple[list[int], int]:
    """The households that are to move, and to whom."""
    border = request.POST.get("border", "")
    if not border:
        ticked = [number_of(value) for value in request.POST.getlist("household")[:MOST_MOVED]]
        return [pk for pk in ticked if pk], number_of(request.POST.get("cadre", ""))
    named, _colon, side = border.partition(":")
    draft = village_draft(allocation, village)
    for place, line in enumerate(draft.lists):
        ids = [row.household_id for row in line.rows]
        if number_of(named) not in ids:
            continue
        at, other = ids.index(number_of(named)), place - 1 if side == "up" else place + 1
        if not 0 <= other < len(draft.lists):
            return [], 0
        part = line.rows[: at + 1] if side == "up" else line.rows[at:]
        return [row.household_id for row in part if not row.is_pinned], draft.lists[other].of.cadre_id
    return [], 0


@contract(ASSIGN, methods=("POST",))
def allocation_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it so; where anything has changed since it was drawn, a new proposal is drawn instead."""
    allocation = allocation_asked(request, pk)
    try:
        changed = acts.apply(by=request.user, allocation=allocation, version=number_of(request.POST.get("version", "")))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    except acts.StaleProposal:
        return _drawn_again(request, allocation)
    else:
        said = ngettext("%(n)s household has changed hands.", "%(n)s households have changed hands.", changed)
        messages.success(request, said % {"n": changed})
    return redirect("allocation_detail", pk)


def _drawn_again(request: HttpRequest, allocation: Allocation) -> HttpResponse:
    allocation.refresh_from_db()
    if not allocation.is_open or acts.digest_of(villages_of(allocation.place)) == allocation.digest:
        messages.warning(request, _("The proposal was changed a moment ago; this is how it stands now."))
        return redirect("allocation_detail", allocation.pk)
    said = _(
        "Households, or who looks after them, have changed since it was drawn. Nothing was applied; this is a new one."
    )
    messages.warning(request, said)
    again = acts.begin(by=request.user, place=allocation.place, anew=allocation.anew)
    if again.village_id is not None:
        acts.fill(again)
    else:
        fill_allocation.enqueue(again.pk)
    return redirect("allocation_detail", again.pk)


@contract(ASSIGN, methods=("POST",))
def allocation_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an open proposal away."""
    allocation = allocation_asked(request, pk)
    if acts.discard(by=request.user, allocation=allocation):
        messages.success(request, _("The proposal was discarded; nothing has changed."))
    return redirect("allocation_list")


@contract(ASSIGN, methods=("POST",))
def allocation_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the households back to whom they were with before."""
    allocation = allocation_asked(request, pk)
    try:
        back, left = acts.take_back(by=request.user, allocation=allocation)
    except acts.StaleProposal:
        messages.info(request, _("It has been taken back already."))
        return redirect("allocation_detail", pk)
    said = ngettext("%(n)s household went back.", "%(n)s households went back.", back) % {"n": back}
    if left:
        stay = ngettext(
            "%(n)s stays: somebody has changed it since, or it had nobody.",
            "%(n)s stay: somebody has changed them since, or they had nobody.", left,
        )  # fmt: skip
        said = f"{said} {stay % {'n': left}}"
    messages.success(request, said)
    return redirect("allocation_detail", pk)
