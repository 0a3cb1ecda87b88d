"""One page for every step of an issue: asks what the step needs, takes it, and loses nothing of what was typed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, transition
from ledger.forms.issue_steps import SHOWN, StepForm
from ledger.forms.records import attempt
from ledger.models import Issue
from ledger.models.issue_scope import capacities_of_one
from ledger.models.scope import scope_of
from ledger.queries.closing_note import results_of
from ledger.queries.disputes import mediation_fault
from ledger.queries.issue_standing import standing_of, undecided
from ledger.queries.issue_timeline import line_of
from ledger.queries.issues import calendar_for, may_see_phone, phone_of
from ledger.rules.issue_steps import STEPS, Step, refusal, words_of
from ledger.rules.issues import IssueKind, Outcome
from ledger.rules.masking import mask_phone
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.issues import next_url, scoped

P = Permission


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("GET", "POST"))
def issue_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """GET asks, POST takes the step; stale 409, not theirs 403, and what was typed is on the page again."""
    issue = get_object_or_404(scoped(request.user), pk=pk)
    if step not in SHOWN:
        raise Http404
    if request.method != "POST" or "search" in request.POST:
        return _ask(request, issue, step)
    form = StepForm(request.POST, request.FILES, user=request.user, issue=issue, step=step)
    try:
        if form.is_valid():
            moved = attempt(form, lambda: _take(request, issue, step, form))
            if moved is not None:
                return _after(request, issue, step)
        elif form.opened_on != issue.version:
            raise StaleIssue.of(issue, form.opened_on)
        else:
            # A form may not fit because the step does not: then that is what is said.
            why_not = _why_not(request, issue, step)
            if why_not is not None:
                return _refused(request, issue, step, str(why_not), form.typed)
    except StaleIssue as stale:
        return _stale(request, stale, step, form)
    except StepRefused as refused:
        return _refused(request, issue, step, str(refused), form.typed)
    return _page(request, issue, step, form)


def _take(request: HttpRequest, issue: Issue, step: str, form: StepForm) -> Issue:
    return transition(
        by=request.user, issue=issue, step=step, version=form.cleaned_data["version"], data=form.said
    )  # fmt: skip


def _ask(request: HttpRequest, issue: Issue, step: str) -> HttpResponse:
    """The empty form, the rows of a search, or the sentence why not."""
    why_not = _why_not(request, issue, step)
    if why_not is not None:
        return _refused(request, issue, step, str(why_not), {})
    typed = request.POST if request.method == "POST" else request.GET
    form = StepForm(user=request.user, issue=issue, step=step, initial=StepForm.initial_from(typed))
    if request.htmx and form.searched:  # type: ignore[attr-defined]
        return render(request, "ledger/issues/_rows.html", {"field": form.picks})
    return _page(request, issue, step, form)


def _why_not(request: HttpRequest, issue: Issue, step: str) -> Any:
    """The sentence why the step is not theirs now; None when it is."""
    return refusal(step, standing_of(issue), capacities_of_one(request.user, issue))


def _page(request: HttpRequest, issue: Issue, step: str, form: StepForm, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {
        "issue": issue, "rule": STEPS[step], "form": form, "calendar": calendar_for(request.user),
        "next": next_url(request), "asked": undecided(issue) if issue.extension_level else None,
        **_call(request, issue, step), **_ground(issue, step), **more,
    }  # fmt: skip
    return render(request, "ledger/issues/issue_step.html", context, status=status)


def _call(request: HttpRequest, issue: Issue, step: str) -> dict[str, Any]:
    """Who calls back has the number at hand: masked, with the button that shows it."""
    phone = phone_of(issue) if step == Step.CALL_BACK else ""
    return {"phone": mask_phone(phone), "may_call": bool(phone) and may_see_phone(request.user, issue)}


def _ground(issue: Issue, step: str) -> dict[str, Any]:
    """What the step is judged by: the result that is asked about or opened again; what a mediation lacks as yet."""
    if step in {Step.CALL_BACK, Step.REOPEN}:
        done = [Outcome(each).label for each in issue.outcomes if each in Outcome.values]
        return {"done": done, "result": results_of(issue)[0]}
    lacks = mediation_fault(issue) if step == Step.RESOLVE and issue.kind == IssueKind.DISPUTE else None
    return {"agreement_lacks": lacks}


def _stale(request: HttpRequest, stale: StaleIssue, step: str, form: StepForm) -> HttpResponse:
    """409: what happened meanwhile and what was typed; sent twice by the same person it simply was done."""
    me, last = scope_of(request.user).cadre_id, stale.steps[-1] if stale.steps else None
    if last is not None and last.by_id == me and last.step == step and last.text == form.typed.get("text", ""):
        return _after(request, stale.issue, step)
    issue = get_object_or_404(scoped(request.user), pk=stale.issue.pk)
    happened = [line_of(row) for row in stale.steps]
    again = StepForm(user=request.user, issue=issue, step=step, initial=form.typed)
    possible = _why_not(request, issue, step) is None
    return _page(request, issue, step, again, happened=happened, possible=possible, typed=form.typed, status=409)


def _refused(request: HttpRequest, issue: Issue, step: str, why: str, typed: dict[str, Any]) -> HttpResponse:
    """403 with the sentence, and the typed text to copy."""
    context = {"issue": issue, "rule": STEPS[step], "why": why, "typed": typed}
    return render(request, "ledger/issues/issue_refused.html", context, status=403)


def _after(request: HttpRequest, issue: Issue, step: str) -> HttpResponse:
    # With the number: on the desk the row itself has gone.
    name, _help = words_of(step, issue.state)
    done = _("%(number)s: %(step)s, recorded.") % {"number": issue.printed_number, "step": name}
    messages.success(request, done)
    back = next_url(request)
    if back:
        return redirect(back)
    # A returned sensitive issue is no longer theirs to see.
    seen = Issue.objects.visible_to(request.user).filter(pk=issue.pk).exists()
    return redirect("issue_detail", issue.pk) if seen else redirect("issue_list")
