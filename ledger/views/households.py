"""农户: the list, the page of one, and the forms of the township admin."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import assignments, households
from ledger.actions.reads import number_searched
from ledger.actions.submissions import once
from ledger.filters.figures import figure_words
from ledger.filters.households import HouseholdFilter
from ledger.forms.benefits import Benefits
from ledger.forms.households import AssignForm, HouseholdCreateForm, HouseholdEditForm, StatusForm
from ledger.forms.picks import number_of
from ledger.models import Household, Village
from ledger.models.scope import may
from ledger.queries.benefits import benefits_of
from ledger.queries.brief import colleague_there, latest_visits
from ledger.queries.campaigns import running_at
from ledger.queries.corrections import shown_on_page
from ledger.queries.household_events import events_of
from ledger.queries.household_search import number_token, search_terms
from ledger.queries.households import NEED_ORDER, PLACE_ORDER, by_need, count_up_to, household_rows
from ledger.queries.issues import calendar_for
from ledger.queries.keyset import keyset_page
from ledger.queries.residents import members_of
from ledger.queries.timeline import household_timeline
from ledger.rules.days import local_today
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import allowed, sent

P = Permission


@contract(P.VIEW, P.LOG_VISIT, methods=("GET", "POST"))
def household_list(request: HttpRequest) -> HttpResponse:
    """Households in scope; search and filters in the URL, pages by cursor.

    The search box posts and is sent on to an address in which a full number never stands; one that was typed into
    the address by hand leaves it at once.
    """
    if request.method == "POST":
        return redirect(_address(request.POST))
    if number_token(request.GET.get("q", "")):
        return redirect(_address(request.GET))
    chosen = HouseholdFilter(request.GET, queryset=household_rows(request.user), request=request)
    by_place = request.GET.get("order") != "need"
    rows = chosen.qs if by_place else by_need(chosen.qs)
    order = PLACE_ORDER if by_place else NEED_ORDER
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    count, is_more = count_up_to(chosen.qs)
    context: dict[str, Any] = {
        "page": keyset_page(rows, order=order, after=after, before=before), "filter": chosen, "count": count,
        "is_more": is_more, "day": local_today(), "filtered": any(v for k, v in request.GET.items() if k != "order"),
        "counted": figure_words(request.GET),
        **allowed(request.user, can_create=P.EDIT_HOUSEHOLD, can_import=P.IMPORT_HOUSEHOLDS, can_visit=P.LOG_VISIT),
    }  # fmt: skip
    if request.GET.get("number"):
        number_searched(by=request.user, found=context["page"].rows)
    piece = "_rows.html" if request.htmx and request.htmx.target == "rows" else "household_list.html"
    return render(request, f"ledger/households/{piece}", context)


def _address(asked: QueryDict) -> str:
    """Where the list with these filters is; a new search takes the place of an earlier number."""
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name not in {"q", "csrfmiddlewaretoken"} and any(values):
            kept.setlist(name, values)
    terms = search_terms(asked.get("q", ""))
    if terms:
        kept.pop("number", None)
        kept.update(terms)
    return f"{reverse('household_list')}{'?' if kept else ''}{kept.urlencode()}"


@contract(P.VIEW, P.LOG_VISIT)
def household_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who lives there, what is open, what was promised, what happened."""
    rows = household_rows(request.user).select_related("village__township__county")
    household = get_object_or_404(rows, pk=pk)
    user = request.user
    visits = latest_visits(household, user)
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    events, older = household_timeline(household, user, number)
    open_issues = household.issues.visible_to(user).filter(state__in=UNFINISHED_STATES)
    context = {
        "household": household, "members": members_of(household), "events": events, "page": number, "older": older,
        "issues": open_issues.select_related("village", "group", "handler", "lead_organisation").order_by(
            "-is_supervised", "due_on"
        ),
        "calendar": calendar_for(user), "last": visits[0] if visits else None,
        "colleague": colleague_there(household, visits, user), "day": local_today(),
        "corrections": shown_on_page(household), "happened": events_of(household),
        "exclusion": household.exclusions.open().first(), "benefits": benefits_of(household),
        "campaigns": running_at(household, local_today(), user),
        "can": {name: may(user, permission, household) for name, permission in ON_PAGE.items()},
    }  # fmt: skip
    return render(request, "ledger/households/household_detail.html", context)


ON_PAGE = {
    "visit": P.LOG_VISIT, "call": P.CALL_OWN, "reveal": P.REVEAL, "edit": P.EDIT_HOUSEHOLD,
    "assign": P.ASSIGN_HOUSEHOLDS, "propose": P.PROPOSE_CORRECTION, "raise_issue": P.RAISE_ISSUE,
    "audit": P.SEE_AUDIT, "exclude": P.APPROVE_EXCLUSION,
}  # fmt: skip


@contract(P.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def household_create(request: HttpRequest) -> HttpResponse:
    """A new household by hand, in a village chosen first."""
    villages = Village.objects.visible_to(request.user, P.EDIT_HOUSEHOLD).select_related("township")
    chosen = request.GET.get("village", "")
    if not chosen:
        return render(request, "ledger/households/choose_village.html", {"villages": villages})
    village = get_object_or_404(villages, pk=number_of(chosen))
    form = HouseholdCreateForm(sent(request), village=village)
    if form.is_bound and form.is_valid():
        made = form.save_by(lambda: _create(request.user, village, form))
        if made:
            messages.success(request, _("The household has been recorded. Choose who looks after it."))
            return redirect("household_assign", pk=made)
    context = {"form": form, "village": village, "title": _("Add a household"), "back": reverse("household_list")}
    return render(request, "ledger/households/household_form.html", context, status=form.status)


def _create(user: Any, village: Village, form: HouseholdCreateForm) -> int:
    values, head = form.values(), form.head()
    return once(
        user=user, form="household", client_id=form.cleaned_data["client_id"],
        body={"village": village, **values, "head": head},
        write=lambda: households.create_household(by=user, village=village, data=values, head=head).pk,
    )  # fmt: skip


@contract(P.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def household_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is recorded of a household; the status has its own form beside it."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, household)
    form, benefits = HouseholdEditForm(sent(request), household=household), Benefits(sent(request), household=household)
    if form.is_bound and form.is_valid() & benefits.is_valid():
        version, data = form.cleaned_data["version"], form.values() | benefits.values()
        saved = form.save_by(
            lambda: households.edit_household(by=request.user, household=household, version=version, data=data)
        )
        if saved:
            messages.success(request, _("The household has been saved."))
            return redirect("household_detail", pk=pk)
    return _edit_page(request, household, form, StatusForm(initial=_status_now(household)), benefits)


@contract(P.EDIT_HOUSEHOLD, methods=("POST",))
def household_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The household is away, has moved, is back… from a day on, with the reason."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, household)
    form = StatusForm(request.POST, initial=_status_now(household))
    if form.is_valid():
        data = form.cleaned_data
        saved = form.save_by(lambda: households.change_status(by=request.user, household=household, **data))
        if saved:
            messages.success(request, _("The status has been saved."))
            return redirect("household_detail", pk=pk)
    return _edit_page(request, household, HouseholdEditForm(household=household), form)


def _status_now(household: Household) -> dict[str, Any]:
    return {"status": household.status, "version": household.version}


def _edit_page(
    request: HttpRequest, household: Household, form: Any, status_form: StatusForm, benefits: Benefits | None = None
) -> HttpResponse:
    context = {
        "form": form, "benefits": benefits or Benefits(None, household=household),
        "status_form": status_form, "household": household, "title": household.head_name,
        "members": members_of(household), "back": reverse("household_detail", args=[household.pk]),
    }  # fmt: skip
    status = max(form.status, status_form.status)
    return render(request, "ledger/households/household_edit.html", context, status=status)


@contract(P.ASSIGN_HOUSEHOLDS, methods=("GET", "POST"))
def household_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looks after the household from now on."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.ASSIGN_HOUSEHOLDS, household)
    form = AssignForm(sent(request), user=request.user, household=household)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        made = form.save_by(lambda: assignments.assign(by=request.user, household=household, **data))
        if made:
            said = _("%(cadre)s looks after the household of %(head)s from %(day)s.")
            values = {"cadre": made.cadre.name, "head": household.head_name, "day": made.start_on.isoformat()}
            messages.success(request, said % values)
            return redirect("household_detail", pk=pk)
    past = household.assignments.select_related("cadre__organisation").order_by("-start_on", "-pk")[:10]
    context = {"form": form, "household": household, "past": past}
    return render(request, "ledger/households/household_assign.html", context, status=form.status)
