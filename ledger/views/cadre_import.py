"""A list of cadres: handed in, looked through, loaded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ledger.actions.cadres import CadrePlan, load_cadres, plan_cadres
from ledger.importing.cadres import COLUMNS, REQUIRED, read_cadres
from ledger.models import Township
from ledger.queries.postings import manageable_cadres
from ledger.rules.cadre_lists import CadreLine
from ledger.rules.permissions import Permission
from ledger.views import lists
from ledger.views.contract import contract

MANAGE = Permission.MANAGE_CADRES


@contract(MANAGE, methods=("GET", "POST"))
def cadre_import(request: HttpRequest) -> HttpResponse:
    """Hand in a list; look at who is new and what changes; nothing is written yet."""
    codes = list(Township.objects.visible_to(request.user, MANAGE).values_list("code", flat=True)[:2])
    only = codes[0] if len(codes) == 1 else ""
    return lists.look_through(
        request, kind="cadres", template="ledger/cadres/cadre_import.html", columns=COLUMNS, required=REQUIRED,
        read=lambda data: read_cadres(data, township_code=only),
        plan=lambda lines: plan_cadres(lines, **_reach(request)),
    )  # fmt: skip


@contract(MANAGE, methods=("POST",))
def cadre_apply(request: HttpRequest) -> HttpResponse:
    """Load the list that was looked at."""

    def write(rows: list[dict[str, Any]], name: str) -> CadrePlan:
        lines = [CadreLine(**row) for row in rows]
        return load_cadres(by=request.user, lines=lines, file_name=name, **_reach(request))

    plan = lists.load(request, kind="cadres", write=write)
    if plan is None:
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
