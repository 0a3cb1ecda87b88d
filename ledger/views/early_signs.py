"""苗头隐患: the signs of one's circle, the same cause in several places, looking at one again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.early_signs import review_sign
from ledger.filters.waiting_lists import SignFilter
from ledger.forms.early_signs import SignForm
from ledger.models import Issue
from ledger.queries.early_signs import causes, due_reviews, may_review, named_causes, sign_of, signs
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission
PAGE = 25


@contract(P.SEE_SENSITIVE)
def sign_list(request: HttpRequest) -> HttpResponse:
    """What one may see of the open signs, and their causes; nobody else learns that there are any."""
    rows = signs(request.user)
    groups = [group for group in causes(rows) if group.is_spread]
    chosen = SignFilter(request.GET, rows)
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "groups": groups, "cause": chosen.form.cleaned_data.get("cause", ""), "page": page,
        "issues": list(page.object_list), "today": local_today(),
        "due": due_reviews(request.user).count(),
    }  # fmt: skip
    return render(request, "ledger/signs/sign_list.html", context)


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("GET", "POST"))
def sign_review(request: HttpRequest, pk: int) -> HttpResponse:
    """How it stands now."""
    mine = Issue.objects.visible_to(request.user).select_related("township__county", "village__township")
    issue = get_object_or_404(mine, pk=pk)
    if not may_review(request.user, issue):
        raise PermissionDenied
    form = SignForm(request.POST if request.method == "POST" else None, sign=sign_of(issue), issue=issue)
    said = form.said if form.is_bound and form.is_valid() else None
    if said is not None and form.save_by(lambda: review_sign(by=request.user, issue=issue, **said)):
        messages.success(request, _("Saved."))
        return redirect("issue_detail", issue.pk)
    context = {"issue": issue, "form": form, "causes": named_causes(request.user)}
    return render(request, "ledger/signs/sign_review.html", context, status=form.status)
