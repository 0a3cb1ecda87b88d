"""跨乡镇重复: the same ID number in two townships; shown to the county's administrator alone."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.queries.matches import matched_numbers, matches
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

ON_PAGE = 20


@contract(Permission.MANAGE_DIVISIONS)
def match_list(request: HttpRequest) -> HttpResponse:
    """Each number once, with everybody who has it; one that is put right is no longer here."""
    page = Paginator(matched_numbers(request.user), ON_PAGE).get_page(request.GET.get("page"))
    found = matches(request.user, page.object_list)
    return render(request, "ledger/imports/match_list.html", {"page": page, "matches": found})
