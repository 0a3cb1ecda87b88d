"""三级挂钩: who is tied to what in an area, and the plans by which units go from group to group."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import rotations
from ledger.actions.submissions import once
from ledger.filters.area import find_area
from ledger.forms.rotations import RotationForm
from ledger.models import Rotation, Village
from ledger.queries.rotations import leaders, members, progress, units
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.dashboard import own_areas
from ledger.views.records import allowed, sent

MANAGE = Permission.MANAGE_ORGANISATIONS


@contract(Permission.SEE_DASHBOARD)
def rotation_list(request: HttpRequest) -> HttpResponse:
    """The three tiers of an area: leaders and villages, units and groups, members and households."""
    mine = own_areas(request.user)
    asked = request.GET.get("area")
    area = find_area(request.user, asked, Permission.SEE_DASHBOARD) if asked else (mine[0] if mine else None)
    if area is None:
        raise Http404
    villages = area.villages().filter(pk__in=Village.objects.visible_to(request.user, Permission.SEE_DASHBOARD))
    running = Rotation.objects.filter(stops__group__village__in=villages, stopped_on__isnull=True).distinct()
    context = {
        "area": area, "areas": mine, "leaders": leaders(villages), "units": units(villages),
        "plans": progress(running, villages), "members": members(villages), **allowed(request.user, plans_more=MANAGE),
    }  # fmt: skip
    return render(request, "ledger/rotations/rotation_list.html", context)


@contract(MANAGE, methods=("GET", "POST"))
def rotation_create(request: HttpRequest) -> HttpResponse:
    """A plan for one unit."""
    form = RotationForm(sent(request), user=request.user)
    if form.is_bound and form.is_valid() and form.attempt(lambda: _plan(request, form)):
        messages.success(request, _("Planned. It moves on by itself."))
        return redirect("rotation_list")
    return render(request, "ledger/rotations/rotation_create.html", {"form": form}, status=form.status)


def _plan(request: HttpRequest, form: RotationForm) -> int:
    said = form.cleaned_data
    return once(
        user=request.user, form="new-rotation", client_id=said["client_id"],
        body=form.body | {"villages": list(said["villages"])},
        write=lambda: int(
            rotations.plan(
                by=request.user, organisation=said["organisation"], villages=list(said["villages"]),
                months=said["months"], start_on=said["start_on"],
            ).pk
        ),
    )  # fmt: skip


@contract(MANAGE, methods=("POST",))
def rotation_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan ends today."""
    rows = Rotation.objects.visible_to(request.user).select_related("organisation__township")
    rotation = get_object_or_404(rows, pk=pk)
    require(request.user, MANAGE, rotation.organisation)
    if rotations.stop(by=request.user, rotation=rotation):
        messages.success(request, _("Stopped. What has been made stays on record."))
    return redirect("rotation_list")
