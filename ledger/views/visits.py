"""走访: log, list, read, correct, void."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import visits
from ledger.actions.reads import number_searched
from ledger.filters.figures import figure_words
from ledger.filters.visits import VisitFilter
from ledger.forms.picks import number_of
from ledger.forms.visit_corrections import VisitEditForm, VisitVoidForm
from ledger.forms.visit_issues import VisitIssues
from ledger.forms.visit_points import VisitPoints
from ledger.forms.visits import HouseholdVisitForm, PlaceVisitForm, VisitForm
from ledger.models import Household, Visit
from ledger.models.scope import may, scope_of
from ledger.queries.brief import brief_of
from ledger.queries.campaigns import points_said
from ledger.queries.household_search import number_token, search_q, search_terms, token_q
from ledger.queries.households import by_need, count_up_to, household_rows, own_q
from ledger.queries.issues import calendar_for
from ledger.queries.keyset import keyset_page
from ledger.queries.visit_words import phrases_at_hand
from ledger.queries.visits import (
    DIARY_ORDER,
    earlier_words,
    may_correct,
    note_of,
    present_at,
    questions_of,
    visit_rows,
)
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent

P = Permission
FOUND = 12
"""Households offered by a search; who finds none types more letters."""
SAVED_WITH = ("head_name", "group_id", "village__township__county_id")
"""What saving reads of a household: the sixty columns around it cost as much as the visit's own insert."""


@contract(P.LOG_VISIT, methods=("GET", "POST"))
def visit_create(request: HttpRequest) -> HttpResponse:
    """Log a visit of a household (``?household=ID``) or in a village (``?place=1``); without either, find one."""
    if request.GET.get("place"):
        chosen = number_of(request.GET.get("enterprise", ""))
        return _log(request, PlaceVisitForm(sent(request), _files(request), user=request.user, enterprise=chosen), None)
    asked = request.GET.get("household") or request.POST.get("household", "")
    if not asked and request.method != "POST":
        return _find(request)
    household = _to_visit(request, asked)
    return _log(request, HouseholdVisitForm(sent(request), _files(request), user=request.user), household)


def _to_visit(request: HttpRequest, asked: str) -> Household:
    """The household of the address; 404 outside scope, 403 where one may only look."""
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    rows = Household.objects.select_related("village__township__county", "group")
    if request.method == "POST":
        rows = Household.objects.select_related("village__township").only(*SAVED_WITH)
    try:
        household: Household = rows.visible_to(request.user, P.LOG_VISIT).get(pk=pk)
    except Household.DoesNotExist:
        get_object_or_404(rows.visible_to(request.user), pk=pk)
        raise PermissionDenied from None
    return household


def _files(request: HttpRequest) -> Any:
    return request.FILES if request.method == "POST" else None


@contract(P.LOG_VISIT, methods=("POST",))
def visit_find(request: HttpRequest) -> HttpResponse:
    """What the search box sends: posted, so that a full number never stands in an address. Changes nothing."""
    typed = request.POST.get("q", "")
    if request.htmx:  # type: ignore[attr-defined]
        return _found(request, typed, search_q(typed) if typed.strip() else None, by_number=bool(number_token(typed)))
    terms = search_terms(typed)
    return redirect(f"{reverse('visit_create')}{'?' if terms else ''}{urlencode(terms)}")


def _find(request: HttpRequest) -> HttpResponse:
    """The page of the search, with what the address asks for."""
    typed, number = request.GET.get("q", ""), request.GET.get("number", "")
    terms = search_terms(typed)
    if "number" in terms:
        return redirect(f"{reverse('visit_create')}?{urlencode(terms)}")
    if number:
        return _found(request, "", token_q(number), by_number=True)
    return _found(request, typed, search_q(typed) if terms else None)


def _found(request: HttpRequest, typed: str, condition: Q | None, *, by_number: bool = False) -> HttpResponse:
    """What is found among the households one may visit; without a search the own ones by need.

    A search by a full number is recorded.
    """
    rows = household_rows(request.user, P.LOG_VISIT)
    found = rows.filter(own_q(scope_of(request.user).cadre_id) if condition is None else condition)
    shown = by_need(found)[: FOUND + 1]
    context: dict[str, Any] = {
        "households": list(shown)[:FOUND], "more": len(shown) > FOUND, "typed": typed, "day": local_today(),
        "searched": condition is not None,
    }  # fmt: skip
    if by_number:
        number_searched(by=request.user, found=context["households"])
    piece = "_found.html" if request.htmx else "visit_find.html"
    return render(request, f"ledger/visits/{piece}", context)


def _log(request: HttpRequest, form: VisitForm, household: Household | None) -> HttpResponse:
    issues = VisitIssues(request.POST if form.is_bound else None, user=request.user)
    points = VisitPoints(request.POST if form.is_bound else None, user=request.user, household=household)
    if form.is_bound and form.is_valid() & issues.is_valid() & points.is_valid(form.cleaned_data.get("occurred_on")):
        logged = _save(request, form, issues, points, household)
        if logged:
            return _say(request, *logged)
    form.offer_choices()
    context = {
        "form": form, "issues": issues, "points": points, "household": household, "day": local_today(),
        "phrases": phrases_at_hand(request.user), "table": issues.table(),
        "brief": brief_of(household, request.user) if household else None,
        "can_call": household is not None and may(request.user, P.CALL_OWN, household),
    }  # fmt: skip
    return render(request, "ledger/visits/visit_create.html", context, status=form.status)


def _save(
    request: HttpRequest, form: VisitForm, issues: VisitIssues, points: VisitPoints, household: Household | None
) -> tuple[int, bool] | None:
    data = form.values() | ({"household": household} if household is not None else {})
    if said := points.values():
        data["points"] = said
    client_id, photos = form.cleaned_data["client_id"], form.cleaned_data["photos"]
    try:
        logged: tuple[int, bool] | None = form.save_by(
            lambda: visits.log_visit(
                by=request.user, data=data, client_id=client_id, issues=issues.values(), photos=photos
            )
        )
    except visits.IssueFault as fault:
        issues.refuse(fault.index, fault.error)
        return None
    return logged


def _say(request: HttpRequest, pk: int, is_new: bool) -> HttpResponse:
    said = _("The visit has been saved.") if is_new else _("This visit was saved before; it is one entry.")
    messages.success(request, said)
    return redirect("visit_detail", pk=pk)


@contract(P.VIEW, P.LOG_VISIT)
def visit_list(request: HttpRequest) -> HttpResponse:
    """民情日记: visits in scope, the latest day first; void ones stay in sight, struck through."""
    chosen = VisitFilter(request.GET, queryset=visit_rows(request.user), request=request)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    count, is_more = count_up_to(chosen.qs)
    context = {
        "page": keyset_page(chosen.qs, order=DIARY_ORDER, after=after, before=before), "filter": chosen,
        "count": count, "is_more": is_more, "can_visit": may(request.user, P.LOG_VISIT), "day": local_today(),
        "counted": figure_words(request.GET, None if is_more else chosen.qs),
    }  # fmt: skip
    return render(request, "ledger/visits/visit_list.html", context)


@contract(P.VIEW, P.LOG_VISIT)
def visit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said, what came of it, and what the entry said before a correction."""
    rows = visit_rows(request.user).select_related("household__group", "household__village", "enterprise", "voided_by")
    visit = get_object_or_404(rows.prefetch_related("companions", "topics", "evidence"), pk=pk)
    raised = visit.issues.visible_to(request.user)
    corrects = visit.voided_at is None and may_correct(request.user, visit)
    context = {
        "visit": visit, "day": local_today(), "calendar": calendar_for(request.user), "may_correct": corrects,
        "issues": raised.select_related("village", "group", "handler", "lead_organisation").order_by("pk"),
        "corrections": earlier_words(visit, request.user), "questions": questions_of(visit, request.user),
        "present": present_at(visit, request.user), "note": note_of(visit, request.user),
        "points": list(points_said(visit, request.user)),
        "sees_household": bool(visit.household_id) and may(request.user, P.VIEW, visit.household),
        "can_visit": may(request.user, P.LOG_VISIT),
        "void_form": VisitVoidForm(initial={"version": visit.version}) if corrects else None,
    }  # fmt: skip
    return render(request, "ledger/visits/visit_detail.html", context)


@contract(P.LOG_VISIT, P.DESK, methods=("GET", "POST"))
def visit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a visit; the words until now are kept with the reason."""
    visit = _to_correct(request, pk)
    form = VisitEditForm(sent(request), visit=visit, user=request.user)
    points = VisitPoints(sent(request), user=request.user, household=visit.household, visit=visit)
    if form.is_bound and form.is_valid() & points.is_valid(form.cleaned_data.get("occurred_on")):
        data = form.values() | ({"points": points.shown()} if points.offered else {})
        version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
        saved = form.save_by(
            lambda: visits.correct_visit(by=request.user, visit=visit, version=version, data=data, reason=reason)
        )
        if saved:
            messages.success(request, _("The visit has been corrected; what it said before is kept."))
            return redirect("visit_detail", pk=pk)
    return render(
        request,
        "ledger/visits/visit_edit.html",
        {"form": form, "points": points, "visit": visit, "day": local_today()},
        status=form.status,
    )


@contract(P.LOG_VISIT, P.DESK, methods=("POST",))
def visit_void(request: HttpRequest, pk: int) -> HttpResponse:
    """A wrong entry counts nowhere from now on, and stays on record with the reason."""
    visit = _to_correct(request, pk)
    form = VisitVoidForm(request.POST)
    if form.is_valid():
        version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
        done = form.save_by(
            lambda: visits.void_visit(by=request.user, visit=visit, version=version, reason=reason) or True
        )
        if done:
            messages.success(request, _("The entry is void and counts no more."))
            return redirect("visit_detail", pk=pk)
    context = {"form": form, "visit": visit, "back": reverse("visit_detail", args=[pk])}
    return render(request, "ledger/visits/visit_void.html", context, status=form.status)


def _to_correct(request: HttpRequest, pk: int) -> Visit:
    """A visit in scope that is this person's to correct; 403 for a colleague's."""
    visit: Visit = get_object_or_404(visit_rows(request.user), pk=pk)
    if not may_correct(request.user, visit):
        raise PermissionDenied
    return visit
