"""批量补记: tick the households just walked, say once what holds for all."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.reads import number_searched
from ledger.actions.visits_together import Logged, SomebodyWasThere, log_together
from ledger.forms.together_points import AT_ONE
from ledger.forms.visits_together import ON_ROWS, VisitsTogetherForm
from ledger.models import Visit
from ledger.queries.household_search import number_token, search_q
from ledger.queries.visits_together import offered, same_day
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent


@contract(Permission.LOG_VISIT, methods=("GET", "POST"))
def visits_together(request: HttpRequest) -> HttpResponse:
    """Several visits from one form; ``search`` only looks for more households and keeps what was typed."""
    if "search" in request.POST:
        form = VisitsTogetherForm(user=request.user, typed=request.POST)
        return _show(request, form, search=request.POST.get("q", ""))
    form = VisitsTogetherForm(sent(request), user=request.user)
    there: list[Visit] = []
    if form.is_bound and form.is_valid():
        try:
            logged = form.save_by(lambda: _save(request, form))
        except SomebodyWasThere as found:
            there, logged = found.visits, None
        if logged:
            return _say(request, logged)
    return _show(request, form, there=there)


def _save(request: HttpRequest, form: VisitsTogetherForm) -> Logged:
    return log_together(
        by=request.user, data=form.values(), walked=form.cleaned_data["walked"],
        doubles=request.POST.get("doubles", ""), client_id=form.cleaned_data["client_id"],
    )  # fmt: skip


def _say(request: HttpRequest, logged: Logged) -> HttpResponse:
    if logged.is_new:
        said = ngettext("%(n)s visit has been saved.", "%(n)s visits have been saved.", logged.count)
        messages.success(request, said % {"n": logged.count})
    else:
        messages.success(request, _("These visits were saved before; each is one entry."))
    if logged.left_out:
        said = ngettext(
            "%(n)s household was left out: somebody was there that day.",
            "%(n)s households were left out: somebody was there that day.",
            logged.left_out,
        )
        messages.info(request, said % {"n": logged.left_out})
    return redirect(f"{reverse('visit_list')}?whose=mine")


def _show(
    request: HttpRequest, form: VisitsTogetherForm, *, search: str = "", there: list[Visit] | None = None
) -> HttpResponse:
    form.offer_choices()
    found: Q | None = search_q(search) if search.strip() else None
    households = offered(request.user, found, form.ticked)
    if number_token(search):
        number_searched(by=request.user, found=households)
    today = local_today()
    known = there or same_day([one.pk for one in households], today)
    rows = form.rows(households, known)
    context: dict[str, Any] = {
        "form": form, "groups": [(str(head), list(part)) for head, part in groupby(rows, key=_head)],
        "there": there, "results": ON_ROWS, "answers": AT_ONE, "day": today, "typed": search,
        "searched": found is not None,
    }  # fmt: skip
    piece = "_together_rows.html" if request.htmx else "visits_together.html"  # type: ignore[attr-defined]
    return render(request, f"ledger/visits/{piece}", context, status=form.status)


def _head(row: Any) -> str:
    group = f" {row.household.group}" if row.household.group else ""
    return f"{row.household.village}{group}"
