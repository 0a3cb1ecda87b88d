"""One village: its place in the divisions, its other names, and who is tied to it (包村)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import records, village_links
from ledger.actions.submissions import once
from ledger.forms.places import VillageForm
from ledger.forms.village_links import VillageLinkForm, kinds_for
from ledger.models import LinkKind, Village, VillageLink
from ledger.queries.postings import current
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

MANAGE = Permission.MANAGE_DISTRICTS


def _village(request: HttpRequest, pk: int) -> Village:
    rows = Village.objects.visible_to(request.user).select_related("township__county", "district")
    village: Village = get_object_or_404(rows, pk=pk)
    require(request.user, MANAGE, village)
    return village


@contract(MANAGE, methods=("GET", "POST"))
def village_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The village with its links and the postings held over it; its other names may be changed here."""
    village = _village(request, pk)
    form = VillageForm(sent(request), instance=village)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: records.change(
                by=request.user, row=village, values=form.values, seen=form.cleaned_data["version"],
                verb="village.changed",
            )
        )  # fmt: skip
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": village.name})
            return redirect("village_detail", pk=pk)
    kinds = kinds_for(request.user)
    writable = {kind for kind, _label in kinds}
    links = VillageLink.objects.open().filter(village=village).select_related("cadre", "organisation", "village")
    context: dict[str, Any] = {
        "village": village, "form": form, "kinds": kinds,
        "links": [(link, link.kind in writable) for link in links],
        "postings": current().filter(village=village).with_names().order_by("role", "cadre__sort_order"),
        "households": village.households.count(),
    }  # fmt: skip
    return render(request, "ledger/divisions/village_detail.html", context, status=form.status)


@contract(MANAGE, methods=("GET", "POST"))
def village_link_create(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Tie a leader, a unit or a cadre to the village."""
    village = _village(request, pk)
    if kind not in dict(kinds_for(request.user)):
        raise Http404
    form = VillageLinkForm(sent(request), user=request.user, village=village, kind=kind)
    if form.is_bound and form.is_valid() and form.attempt(lambda: _link(request, form, village, kind)):
        messages.success(request, _("“%(name)s” has been saved.") % {"name": village.name})
        return redirect("village_detail", pk=pk)
    context = {"form": form, "village": village, "kind": LinkKind(kind).label}
    return render(request, "ledger/divisions/village_link_create.html", context, status=form.status)


def _link(request: HttpRequest, form: VillageLinkForm, village: Village, kind: str) -> int:
    data = form.cleaned_data
    return once(
        user=request.user, form="new-village-link", client_id=data["client_id"],
        body=form.body | {"village": village, "kind": kind},
        write=lambda: village_links.link(
            by=request.user, village=village, kind=kind, who=data["who"], start_on=data["start_on"]
        ).pk,
    )  # fmt: skip


@contract(MANAGE, methods=("POST",))
def village_link_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a tie today."""
    rows = VillageLink.objects.visible_to(request.user).select_related("village__township", "cadre", "organisation")
    link = get_object_or_404(rows, pk=pk)
    require(request.user, MANAGE, link.village)
    if link.kind not in dict(kinds_for(request.user)):
        raise Http404
    village_links.unlink(by=request.user, link=link, end_on=local_today())
    messages.success(request, _("“%(name)s” has been saved.") % {"name": link.village.name})
    return redirect("village_detail", pk=link.village_id)
