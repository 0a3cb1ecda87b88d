"""设置: what somebody can set up, with counts, and what is still missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.models import County, Township
from ledger.queries.setup import counts
from ledger.rules.permissions import Permission as P
from ledger.views.contract import contract
from ledger.views.records import allowed


@contract(P.MANAGE_CADRES, P.MANAGE_DIVISIONS)
def setup(request: HttpRequest) -> HttpResponse:
    """The index of setting up. What is missing comes first, each with the page that mends it."""
    context = {
        "counts": counts(request.user),
        "counties": County.objects.visible_to(request.user, P.MANAGE_DIVISIONS),
        "townships": Township.objects.visible_to(request.user, P.MANAGE_CADRES)[:2],
        **allowed(
            request.user, divisions=P.MANAGE_DIVISIONS, defaults=P.MANAGE_DEFAULTS, imports=P.IMPORT_HOUSEHOLDS,
            audit=P.SEE_AUDIT,
        ),
    }  # fmt: skip
    return render(request, "ledger/setup/setup.html", context)
