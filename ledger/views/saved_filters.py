"""常用筛选: keeping a filter under a name, and the page on which they are renamed, put first or removed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions.saved_filters import remove, rename, save_filter, show_first
from ledger.filters.chosen import query_of
from ledger.filters.exports import LISTS
from ledger.forms.saved_filters import SavedFilterForm
from ledger.models import SavedFilter
from ledger.queries.saved_filters import saved_filters
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission
PAGES = {"issues": "issue_list"}
"""List → its route."""


@contract(P.VIEW, P.HANDLE_ISSUE)
def saved_filter_list(request: HttpRequest, page: str) -> HttpResponse:
    """All of one list."""
    context = {"saved": saved_filters(request.user, page), "back": _list_url(page), "list": page}
    return render(request, "ledger/saved_filters/saved_filter_list.html", context)


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("POST",))
def saved_filter_create(request: HttpRequest, page: str) -> HttpResponse:
    """Keep the filter of the address under the name that was typed."""
    back = _list_url(page)
    chosen = LISTS[page].filter_for(request.user, request.GET)
    form, query = SavedFilterForm(request.POST), query_of(chosen)
    try:
        if not form.is_valid():
            messages.error(request, _("A filter needs a name of at most 20 characters."))
        elif not query or chosen.form.errors:
            messages.error(request, _("Nothing is chosen that could be kept."))
        else:
            save_filter(by=request.user, page=page, name=form.cleaned_data["name"], query=query)
            messages.success(request, _("Kept as “%(name)s”.") % {"name": form.cleaned_data["name"]})
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect(f"{back}?{query}" if query else f"{back}?mine=")


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("POST",))
def saved_filter_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name."""
    saved = _own(request, pk)
    form = SavedFilterForm(request.POST)
    try:
        if form.is_valid():
            rename(by=request.user, saved=saved, name=form.cleaned_data["name"])
        else:
            messages.error(request, _("A filter needs a name of at most 20 characters."))
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect("saved_filter_list", saved.page)


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("POST",))
def saved_filter_start(request: HttpRequest, pk: int) -> HttpResponse:
    """What the list begins with, or no longer."""
    saved = _own(request, pk)
    show_first(by=request.user, saved=saved)
    return redirect("saved_filter_list", saved.page)


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("POST",))
def saved_filter_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Taken away; the list itself stays as it is."""
    saved = _own(request, pk)
    remove(by=request.user, saved=saved)
    return redirect("saved_filter_list", saved.page)


def _own(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(SavedFilter.objects.visible_to(request.user).filter(user=request.user), pk=pk)


def _list_url(page: str) -> str:
    if page not in PAGES:
        raise Http404
    return reverse(PAGES[page])
