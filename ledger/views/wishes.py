"""微心愿: the pool, claiming a wish and giving it back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused
from ledger.actions.versions import StaleEdit
from ledger.actions.wishes import claim, give_back
from ledger.forms.wishes import ClaimForm, GiveBackForm
from ledger.models import Issue
from ledger.models.scope import may
from ledger.models.wishes import TAKE_ON
from ledger.queries.wishes import (
    TABS,
    may_claim,
    may_claim_for_units,
    may_give_back,
    may_publish,
    pool,
    tab_counts,
    wishes,
)
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission
PAGE = 25


@contract(P.VIEW, P.HANDLE_ISSUE)
def wish_list(request: HttpRequest) -> HttpResponse:
    """The wishes of one's area by what became of them; counted apart from other matters."""
    tab = request.GET.get("state", "") if request.GET.get("state", "") in TABS else "open"
    rows = wishes(request.user)
    page = Paginator(rows.filter(TABS[tab][1]).order_by(*TABS[tab][2]), PAGE).get_page(request.GET.get("page"))
    shown, lanes = list(page.object_list), tab_lanes(request.user, tab)
    context = {
        "tab": tab, "page": page, "wishes": shown,
        "publishes": {issue.pk for issue in shown if tab == "open" and may_publish(request.user, issue)},
        "claims": may(request.user, P.RAISE_ISSUE) or may(request.user, P.LEAD),
        "may_raise": may(request.user, P.RAISE_ISSUE),
        "lanes": lanes, "pooled": any(lane["url"] == reverse("wish_pool") and lane["count"] for lane in lanes),
    }  # fmt: skip
    return render(request, "ledger/wishes/wish_list.html", context)


@contract(P.RAISE_ISSUE, P.LEAD, methods=("GET", "POST"))
def wish_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Who claims it, and who gives."""
    issue = wish_in_reach(request, pk)
    if not (may_claim(request.user, issue) or may_claim_for_units(request.user, issue)):
        raise PermissionDenied
    form = ClaimForm(request.POST if request.method == "POST" else None, user=request.user, issue=issue)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        claimed = _tried(
            form,
            lambda: claim(
                by=request.user, issue=issue, version=said["version"], unit=said.get("unit"), donor=said["donor"]
            ),
        )
        if claimed is not None:
            messages.success(request, _("Claimed. It is on your list until it is fulfilled or given back."))
            return redirect("issue_detail", issue.pk)
    context = {"issue": issue, "form": form, "in_pool": issue.state == State.REGISTERED, "title": _("Claim the wish"),
               "button": _("Claim")}  # fmt: skip
    return render(request, "ledger/wishes/wish_form.html", context, status=form.status)


@contract(P.RAISE_ISSUE, P.HANDLE_ISSUE, P.LEAD, methods=("GET", "POST"))
def wish_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Back into the pool, with the reason."""
    issue = wish_in_reach(request, pk)
    if not may_give_back(request.user, issue):
        raise PermissionDenied
    form = GiveBackForm(request.POST if request.method == "POST" else None, issue=issue)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        back = _tried(
            form, lambda: give_back(by=request.user, issue=issue, version=said["version"], reason=said["text"])
        )
        if back is not None:
            messages.success(request, _("Given back. It waits until somebody claims it."))
            return redirect("wish_list")
    context = {"issue": issue, "form": form, "in_pool": True, "title": _("Give the wish back"),
               "button": _("Give back")}  # fmt: skip
    return render(request, "ledger/wishes/wish_form.html", context, status=form.status)


def tab_lanes(user: Any, tab: str) -> list[dict[str, Any]]:
    """The wishes of one's area by what became of them, and beside them the pool of the township."""
    counts = tab_counts(wishes(user))
    lanes: list[dict[str, Any]] = [
        {"url": f"{reverse('wish_list')}?state={key}", "label": label, "count": counts[key], "active": key == tab,
         "state": ""}
        for key, (label, _q, _order) in TABS.items()
    ]  # fmt: skip
    if any(may(user, permission) for permission in TAKE_ON):
        label, count = _("Pool of the township"), pool(user).order_by().count()
        lanes.insert(1, {"url": reverse("wish_pool"), "label": label, "count": count, "active": tab == "pool",
                         "state": ""})  # fmt: skip
    return lanes


def wish_in_reach(request: HttpRequest, pk: int) -> Issue:
    """The wish as who asks may see it (404); 403 for another kind, and for one that is no matter of the pool."""
    mine = Issue.objects.visible_to(request.user).select_related("township__county", "village__township", "household")
    issue: Issue = get_object_or_404(mine, pk=pk)
    if issue.kind != IssueKind.WISH or issue.is_sensitive:
        raise PermissionDenied
    return issue


def _tried(form: Any, act: Callable[[], Any]) -> Any:
    """What ``act`` returns; None when somebody was faster, and then the form says so."""

    def refused_in_words() -> Any:
        try:
            return act()
        except StepRefused as refused:
            raise PermissionDenied(str(refused)) from refused
        except StaleIssue as stale:
            raise StaleEdit(stale.issue) from stale

    return form.save_by(refused_in_words)
