"""A list of cadres: handed in, looked through, loaded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ledger.actions.cadres import CadrePlan, load_cadres, plan_cadres
from ledger.forms.cadres import ListUploadForm
from ledger.forms.uploads import seal, unseal
from ledger.importing.cadres import COLUMNS, REQUIRED, read_cadres
from ledger.importing.lists import MAX_BYTES
from ledger.models import Township
from ledger.queries.postings import manageable_cadres
from ledger.rules.cadre_lists import CadreLine
from ledger.rules.lists import ListRefused
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent

MANAGE = Permission.MANAGE_CADRES


@contract(MANAGE, methods=("GET", "POST"))
def cadre_import(request: HttpRequest) -> HttpResponse:
    """Hand in a list; look at who is new and what changes; nothing is written yet."""
    form = ListUploadForm(sent(request), request.FILES or None)
    townships = list(Township.objects.visible_to(request.user, MANAGE).order_by("sort_order", "code"))
    context: dict[str, Any] = {
        "form": form, "columns": [(name, words[0]) for name, words in COLUMNS.items()], "required": REQUIRED,
        "townships": townships,
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            only = townships[0].code if len(townships) == 1 else ""
            lines = read_cadres(upload.read(MAX_BYTES + 1), township_code=only)
            context["plan"] = plan_cadres(lines, **_reach(request))
            context["sealed"] = seal(request.user, "cadres", lines, upload.name)
            context["file_name"] = upload.name
        except ListRefused as refusal:
            context["faults"] = refusal.sentences()
    return render(request, "ledger/cadres/cadre_import.html", context)


@contract(MANAGE, methods=("POST",))
def cadre_apply(request: HttpRequest) -> HttpResponse:
    """Load the list that was looked at."""
    kept = unseal(request.user, "cadres", request.POST.get("sealed", ""))
    if kept is None:
        messages.error(request, _("The list has to be handed in again: it was looked at too long ago."))
        return redirect("cadre_import")
    name, rows = kept
    try:
        plan = load_cadres(by=request.user, lines=[CadreLine(**row) for row in rows], file_name=name, **_reach(request))
    except ListRefused as refusal:
        messages.error(request, " ".join([_("Nothing was loaded."), *refusal.sentences()]))
        return redirect("cadre_import")
    messages.success(request, _said(plan))
    return redirect("cadre_list")


def _said(plan: CadrePlan) -> str:
    said = _("Cadres: %(new)s new, %(changed)s changed, %(unchanged)s unchanged; organisations: %(units)s new.")
    return said % {
        "new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged,
        "units": len(plan.organisations),
    }  # fmt: skip


def _reach(request: HttpRequest) -> dict[str, Any]:
    """The townships whose cadres one may load, and the cadres whom one may change."""
    townships = Township.objects.visible_to(request.user, MANAGE)
    return {
        "townships": list(townships.values_list("pk", flat=True)),
        "cadres": list(manageable_cadres(request.user, MANAGE).values_list("pk", flat=True)),
    }
