"""民情事项: registering, the page of one issue, the phone of who raised it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.issue_phones import reveal_phone
from ledger.actions.issues import StepRefused, register
from ledger.actions.reads import number_searched
from ledger.actions.reveals import TooManyReveals
from ledger.exporting.issue_papers import may_print_phone, papers_of
from ledger.forms.issues import MOST_HITS, SEARCHES, IssueForm
from ledger.forms.picks import number_of
from ledger.models import Household, Issue
from ledger.models.scope import may
from ledger.queries.closing_note import closing_note, results_of
from ledger.queries.early_signs import named_causes
from ledger.queries.guides import fitting, given
from ledger.queries.household_search import number_token, search_q
from ledger.queries.issue_clock import clock_of
from ledger.queries.issue_kinds import kind_block
from ledger.queries.issue_standing import standing_of
from ledger.queries.issue_timeline import line_of, steps_of
from ledger.queries.issues import (
    LISTED,
    calendar_for,
    may_add_evidence,
    may_see_phone,
    phone_of,
    step_offers,
    waited_days,
)
from ledger.rules.issues import Outcome
from ledger.rules.masking import mask_phone
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.issue_parts import company, step_parts

P = Permission
MOST_GUIDES = 5


def scoped(user: Any) -> Any:
    """What a page of one issue may show, with all that it prints."""
    return Issue.objects.visible_to(user).select_related(
        *LISTED, "township__county", "village__township", "visit", "about_cadre", "resolved_by", "called_back_by",
        "closed_by", "registered_by__organisation", "supervised_by",
    )  # fmt: skip


@contract(P.RAISE_ISSUE, methods=("GET", "POST"))
def issue_create(request: HttpRequest) -> HttpResponse:
    """Register an issue of a household (``?household=``) or of a village; perhaps settled on the spot."""
    household = _household(request)
    typed = request.POST if request.method == "POST" else request.GET
    if request.method != "POST" or "search" in request.POST:
        # A search without JavaScript comes here with everything typed: shown again, not checked yet.
        form = IssueForm(user=request.user, household=household, initial=_typed(typed))
        searched = SEARCHES.get(typed.get("rows", "")) if request.htmx else None  # type: ignore[attr-defined]
        if searched in form.fields:
            _note_number_search(request, form)
            return render(request, "ledger/issues/_rows.html", {"field": form[searched]})
        return _create_page(request, form)
    form = IssueForm(request.POST, request.FILES, user=request.user, household=household)
    if form.is_valid():
        issue = form.save_by(lambda: _register(request, form))
        if issue is not None:
            messages.success(request, _("Registered as %(number)s.") % {"number": issue.printed_number})
            return redirect("issue_detail", issue.pk)
    return _create_page(request, form, status=form.status)


@contract(P.VIEW, P.HANDLE_ISSUE)
def issue_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is, where it stands, what can be done now, what happened."""
    issue = get_object_or_404(scoped(request.user), pk=pk)
    if issue.is_sensitive:
        record(verb="issue.read", by=request.user, obj=issue, label=issue.number)
    return render(request, "ledger/issues/issue_detail.html", _detail(request, issue))


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("POST",))
def issue_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The full phone of who raised it, for who needs to call; recorded."""
    issue = get_object_or_404(scoped(request.user), pk=pk)
    context: dict[str, Any] = {"issue": issue, "next": next_url(request)}
    try:
        context["phone"] = reveal_phone(by=request.user, issue=issue)
    except TooManyReveals as refused:
        return render(request, "ledger/issues/issue_phone.html", context | {"too_many": refused.limit}, status=429)
    return render(request, "ledger/issues/issue_phone.html", context)


def next_url(request: HttpRequest) -> str:
    """Where the form came from, when that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if safe and asked.startswith(reverse("home")) else ""


def _household(request: HttpRequest) -> Household | None:
    """The household the link named; one out of scope or a senseless one answers 404 alike."""
    named = request.GET.get("household")
    if named is None:
        return None
    mine = Household.objects.visible_to(request.user, P.RAISE_ISSUE)
    household: Household = get_object_or_404(
        mine.select_related("village__township__county", "group"), pk=number_of(named)
    )
    return household


def _typed(data: Any) -> dict[str, Any]:
    """What was typed, to be shown again unchecked."""
    many = {"outcomes"}
    return {name: data.getlist(name) if name in many else data[name] for name in data if name != "client_id"}


def _register(request: HttpRequest, form: IssueForm) -> Issue:
    try:
        return register(by=request.user, data=form.said, client_id=form.cleaned_data["client_id"])
    except StepRefused as refused:
        raise PermissionDenied(str(refused)) from refused


def _note_number_search(request: HttpRequest, form: IssueForm) -> None:
    """A household that was looked for by a full number is on record, wherever the search box stands."""
    typed = str((form.data if form.is_bound else form.initial).get("household_find") or "")
    if "household" in form.fields and number_token(typed):
        number_searched(by=request.user, found=list(form.households.filter(search_q(typed))[:MOST_HITS]))


def _create_page(request: HttpRequest, form: IssueForm, status: int = 200) -> HttpResponse:
    _note_number_search(request, form)
    context = {"form": form, "household": form.fixed, "causes": named_causes(request.user)}
    return render(request, "ledger/issues/issue_create.html", context, status=status)


def _detail(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    offers = step_offers(request.user, issue, standing_of(issue))
    phone = phone_of(issue)
    household = issue.household
    steps = list(steps_of(issue))
    result, earlier_results = results_of(issue)
    return {
        "issue": issue,
        "calendar": calendar_for(request.user),
        "clock": clock_of(issue, steps, waited=waited_days(issue)),
        **step_parts(offers, issue),
        **company(request.user, issue, steps),
        "timeline": [line_of(step) for step in steps],
        "note": closing_note(issue, steps) if issue.resolved_at is not None else [],
        "of_kind": kind_block(request.user, issue),
        "result": result,
        "earlier_results": earlier_results,
        "given_guides": given(issue),
        "fitting_guides": list(fitting(issue)[:MOST_GUIDES]),
        "category_then": _category_then(issue, steps),
        "evidence": list(issue.evidence.select_related("step", "added_by")),
        "supporting": list(issue.supporting.all()),
        "outcomes": [Outcome(each).label for each in issue.outcomes if each in Outcome.values],
        "phone": mask_phone(phone),
        "may_call": bool(phone) and may_see_phone(request.user, issue),
        "may_add_evidence": may_add_evidence(request.user, issue),
        "papers": papers_of(request.user, issue),
        "may_print_phone": may_print_phone(request.user, issue),
        "sees_household": household is not None and may(request.user, P.VIEW, household),
        "sees_visit": issue.visit is not None and may(request.user, P.VIEW, issue.visit),
    }


def _category_then(issue: Issue, steps: list[Any]) -> str:
    """What its category was called when it was registered, where that is not what it is called now."""
    said = str(steps[0].data.get("category") or "") if steps else ""
    names = set()
    for code, _name in settings.LANGUAGES:  # it was noted in the language of who registered it
        with translation.override(code):
            names.add(issue.category.full_name)
    return "" if said in names else said
