"""Corrections: a cadre proposes, the township admin decides."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import corrections
from ledger.actions.submissions import once
from ledger.forms.corrections import DecisionForm, HouseholdCorrectionForm, MemberCorrectionForm
from ledger.forms.records import attempt
from ledger.models import Correction, CorrectionState, Household, Resident
from ledger.queries.corrections import lines
from ledger.queries.households import household_rows
from ledger.queries.residents import members_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

P = Permission
PAGE = 20
NAMES = ("household__village", "household__group", "resident", "proposed_by", "decided_by")


@contract(P.EDIT_HOUSEHOLD)
def correction_list(request: HttpRequest) -> HttpResponse:
    """What cadres propose in one's townships; those waiting first, the oldest on top."""
    decided = request.GET.get("state") == "decided"
    rows = Correction.objects.visible_to(request.user, P.EDIT_HOUSEHOLD).select_related(*NAMES)
    waiting = rows.filter(state=CorrectionState.PENDING)
    shown = rows.exclude(state=CorrectionState.PENDING) if decided else waiting.order_by("proposed_at", "pk")
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    lanes = [
        {"url": "?", "label": _("Waiting for a decision"), "count": waiting.count(), "active": not decided},
        {"url": "?state=decided", "label": _("Decided"), "count": rows.count() - waiting.count(), "active": decided},
    ]
    context = {"page": page, "lanes": lanes, "decided": decided}
    return render(request, "ledger/corrections/correction_list.html", context)


@contract(P.PROPOSE_CORRECTION, methods=("GET", "POST"))
def correction_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a change: of the household, of a member (``?member=ID``), or a new member (``?member=new``)."""
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, P.PROPOSE_CORRECTION, household)
    about = request.GET.get("member", "")
    resident = _member(household, about)
    form: Any = (
        MemberCorrectionForm(sent(request), resident=resident)
        if about
        else HouseholdCorrectionForm(sent(request), household=household)
    )
    if form.is_bound and form.is_valid():
        made = form.save_by(lambda: _propose(request.user, household, resident, form))
        if made:
            messages.success(request, _("Sent to the township's administrator. You see the answer on this page."))
            return redirect("household_detail", pk=pk)
    context = {
        "form": form, "household": household, "resident": resident, "about": about, "members": members_of(household),
    }  # fmt: skip
    return render(request, "ledger/corrections/correction_form.html", context, status=form.status)


def _member(household: Household, about: str) -> Resident | None:
    if about in {"", "new"}:
        return None
    current = household.residents.filter(left_on__isnull=True)
    return get_object_or_404(current, pk=about if about.isascii() and about.isdigit() and len(about) < 19 else 0)


def _propose(user: Any, household: Household, resident: Resident | None, form: Any) -> int:
    data, reason = form.differences(), form.cleaned_data["reason"]
    return once(
        user=user, form="correction", client_id=form.cleaned_data["client_id"],
        body={"household": household.pk, "resident": resident, "reason": reason, **data},
        write=lambda: corrections.propose(by=user, household=household, resident=resident, data=data, reason=reason).pk,
    )  # fmt: skip


@contract(P.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def correction_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the proposal, or refuse it with an answer."""
    rows = Correction.objects.visible_to(request.user).select_related(*NAMES, "household__village__township")
    correction = get_object_or_404(rows, pk=pk)
    require(request.user, P.EDIT_HOUSEHOLD, correction)
    refuses = request.POST.get("act") == "refuse"
    form = DecisionForm(sent(request), refuses=refuses)
    status = 200
    if form.is_bound and form.is_valid():
        act = corrections.refuse if refuses else corrections.accept
        answer = form.cleaned_data["answer"]
        try:
            if attempt(form, lambda: act(by=request.user, correction=correction, answer=answer) or True):
                messages.success(request, _("Refused.") if refuses else _("Accepted and recorded."))
                return redirect("correction_list")
        except corrections.AlreadyDecided:
            status = 409
            messages.error(request, _("Somebody else has decided this a moment ago."))
            correction.refresh_from_db()
    context = {"correction": correction, "lines": lines(correction), "form": form}
    return render(request, "ledger/corrections/correction_decide.html", context, status=status)
