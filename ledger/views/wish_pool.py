"""微心愿: the pool of a township: what stands in it, claiming from it, publishing into it and withdrawing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused
from ledger.actions.versions import StaleEdit
from ledger.actions.wish_pool import publish, withdraw
from ledger.actions.wishes import claim_published
from ledger.forms.wishes import PoolClaimForm, PublishForm
from ledger.models import PublishedWish
from ledger.models.wishes import TAKE_ON
from ledger.queries.wishes import may_publish, pool, served
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.wishes import PAGE, tab_lanes, wish_in_reach

P = Permission


@contract(*TAKE_ON)
def wish_pool(request: HttpRequest) -> HttpResponse:
    """What the desks of one's townships have published: wording, village, category, date."""
    rows = pool(request.user)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lanes": tab_lanes(request.user, "pool"), "townships": served(request.user)}
    return render(request, "ledger/wishes/wish_pool.html", context)


@contract(*TAKE_ON, methods=("GET", "POST"))
def wish_pool_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim a published wish; whose it is, is told to who has claimed it."""
    rows = PublishedWish.objects.visible_to(request.user)
    published = get_object_or_404(rows.select_related("issue__village__township", "issue__category__parent"), pk=pk)
    form = PoolClaimForm(request.POST if request.method == "POST" else None, user=request.user, published=published)
    status = 200
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            claim_published(by=request.user, published=published, unit=said.get("unit"), donor=said["donor"])
        except (StepRefused, StaleIssue):
            status = 409
        else:
            messages.success(request, _("Claimed. It is on your list until it is fulfilled or given back."))
            return redirect("issue_detail", published.issue_id)
    waits = pool(request.user).filter(pk=published.pk).exists()
    context = {"published": published, "form": form, "waits": waits}
    return render(request, "ledger/wishes/wish_pool_claim.html", context, status=status)


@contract(P.DESK, methods=("GET", "POST"))
def wish_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Into the pool of the township, in words of the desk's own."""
    issue = wish_in_reach(request, pk)
    if not may_publish(request.user, issue):
        raise PermissionDenied
    form = PublishForm(request.POST if request.method == "POST" else None, issue=issue)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data

        def put_in() -> PublishedWish:
            try:
                return publish(by=request.user, issue=issue, version=said["version"], text=said["text"])
            except StaleIssue as stale:
                raise StaleEdit(stale.issue) from stale

        try:
            published = form.save_by(put_in)
        except StepRefused as refused:
            form.add_error(None, str(refused))
            form.status, published = 409, None
        if published is not None:
            messages.success(request, _("It is in the pool: all of the township who take matters on can claim it."))
            return redirect("issue_detail", issue.pk)
    context = {"issue": issue, "form": form, "in_pool": True, "title": _("Publish the wish"),
               "button": _("Into the pool")}  # fmt: skip
    return render(request, "ledger/wishes/wish_form.html", context, status=form.status)


@contract(P.DESK, methods=("POST",))
def wish_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the pool; the wish itself stays where it is."""
    issue = wish_in_reach(request, pk)
    try:
        withdrawn = withdraw(by=request.user, issue=issue)
    except StepRefused as refused:
        raise PermissionDenied(str(refused)) from refused
    if withdrawn:
        messages.success(request, _("It is out of the pool. It still waits on your desk."))
    else:
        messages.info(request, _("This wish is not in the pool any more."))
    return redirect("issue_detail", issue.pk)
