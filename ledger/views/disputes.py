"""矛盾纠纷: parties and agreement, follow-up visits, a party's phone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.disputes import finish_follow_up, note_settlement, plan_follow_up, reveal_party_phone
from ledger.actions.reveals import TooManyReveals
from ledger.forms.disputes import FollowUpDoneForm, FollowUpForm, SettlementForm, party_forms
from ledger.models import DisputeParty, FollowUp, Issue
from ledger.queries.disputes import due_follow_ups, may_follow_up, may_note, settlement_of
from ledger.rules.days import local_today
from ledger.rules.issues import IssueKind
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.issues import next_url

P = Permission
SEEN = (P.VIEW, P.HANDLE_ISSUE)


@contract(*SEEN, methods=("GET", "POST"))
def dispute_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is at odds, who mediates, what was agreed."""
    issue = _dispute(request, pk)
    if not may_note(request.user, issue):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = SettlementForm(sent, settlement=settlement_of(issue))
    parties = party_forms(sent, user=request.user, issue=issue)
    faults = [each.errors for each in (form, *parties)] if form.is_bound else []
    if form.is_bound and not any(faults):
        said = [party.said for party in parties if party.said is not None]
        version = form.cleaned_data["version"]
        noted = form.save_by(
            lambda: note_settlement(by=request.user, issue=issue, version=version, parties=said, **form.said)
        )
        if noted is not None:
            messages.success(request, _("Saved."))
            return redirect("issue_detail", issue.pk)
    context = {"issue": issue, "form": form, "parties": parties}
    return render(request, "ledger/disputes/dispute_edit.html", context, status=form.status)


@contract(*SEEN, methods=("GET", "POST"))
def follow_up_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a visit after a mediation."""
    issue = _dispute(request, pk)
    if not may_follow_up(request.user, issue):
        raise PermissionDenied
    form = FollowUpForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        day = form.cleaned_data["planned_on"]
        if form.save_by(lambda: plan_follow_up(by=request.user, issue=issue, planned_on=day)):
            messages.success(request, _("Planned. It is shown where you begin the day."))
            return redirect("issue_detail", issue.pk)
    return _form_page(request, issue, form, _("Plan a follow-up visit"), _("Plan"))


@contract(*SEEN, methods=("GET", "POST"))
def follow_up_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a planned visit was made."""
    mine = FollowUp.objects.visible_to(request.user).select_related("issue__township__county", "issue__village")
    follow_up = get_object_or_404(mine, pk=pk)
    if not may_follow_up(request.user, follow_up.issue) or follow_up.done_on is not None:
        raise PermissionDenied
    form = FollowUpDoneForm(request.POST if request.method == "POST" else None, initial={"done_on": local_today()})
    if form.is_bound and form.is_valid():
        said = form.cleaned_data

        def finish() -> bool:
            finish_follow_up(by=request.user, follow_up=follow_up, done_on=said["done_on"], text=said["text"])
            return True

        if form.save_by(finish):
            messages.success(request, _("Saved."))
            return redirect("issue_detail", follow_up.issue_id)
    return _form_page(request, follow_up.issue, form, _("Follow-up visit made"), _("Save"))


@contract(P.VIEW)
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """What is due in the next days, and what was missed."""
    rows = list(due_follow_ups(request.user))
    return render(request, "ledger/disputes/follow_up_list.html", {"follow_ups": rows, "today": local_today()})


@contract(*SEEN, methods=("POST",))
def party_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """A party's full number, for who needs to call; recorded."""
    mine = DisputeParty.objects.visible_to(request.user).select_related("issue__township__county", "issue__village")
    party = get_object_or_404(mine, pk=pk)
    context: dict[str, Any] = {"issue": party.issue, "next": next_url(request)}
    try:
        context["phone"] = reveal_party_phone(by=request.user, party=party)
    except TooManyReveals as refused:
        return render(request, "ledger/issues/issue_phone.html", context | {"too_many": refused.limit}, status=429)
    return render(request, "ledger/issues/issue_phone.html", context)


def _dispute(request: HttpRequest, pk: int) -> Issue:
    mine = Issue.objects.visible_to(request.user).select_related("township__county", "village__township", "household")
    issue: Issue = get_object_or_404(mine, pk=pk)
    if issue.kind != IssueKind.DISPUTE:
        raise PermissionDenied
    return issue


def _form_page(request: HttpRequest, issue: Issue, form: Any, title: str, button: str) -> HttpResponse:
    context = {"issue": issue, "form": form, "title": title, "button": button}
    return render(request, "ledger/disputes/follow_up_form.html", context, status=form.status)
