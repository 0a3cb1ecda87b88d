"""干部: the list, one person's page, adding and changing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.lockout import locked_until
from accounts.sessions import live_sessions
from ledger.actions import cadres
from ledger.filters.cadres import CadreFilter
from ledger.forms.accounts import ResetForm
from ledger.forms.cadres import CadreForm
from ledger.models import Cadre, VillageLink
from ledger.models.scope import may
from ledger.queries.postings import grantable_postings, manageable_cadres
from ledger.queries.setup import posting_history, with_postings
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import allowed, sent

PAGE = 50
MANAGE = Permission.MANAGE_CADRES


@contract(MANAGE)
def cadre_list(request: HttpRequest) -> HttpResponse:
    """Cadres of the own territory with unit, roles, households and account."""
    rows = with_postings(Cadre.objects.visible_to(request.user, MANAGE))
    chosen = CadreFilter(
        request.GET, queryset=rows.order_by("township__sort_order", "sort_order", "pk"), user=request.user
    )
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/cadres/cadre_list.html", {"page": page, "filter": chosen, "today": local_today()})


@contract(MANAGE)
def cadre_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One cadre: who, which postings, which villages, the account."""
    cadre = get_object_or_404(with_postings(Cadre.objects.visible_to(request.user)), pk=pk)
    require(request.user, MANAGE, cadre)
    mine = set(cadre.postings.filter(grantable_postings(request.user)).values_list("pk", flat=True))
    context: dict[str, Any] = {
        "cadre": cadre,
        "postings": [(posting, posting.pk in mine) for posting in posting_history(cadre)],
        "links": VillageLink.objects.filter(cadre=cadre).open_on(local_today()).select_related("village"),
        "manageable": manageable_cadres(request.user).filter(pk=cadre.pk).exists(),
        "is_self": cadre.user_id == request.user.pk,
        "locked_until": locked_until(cadre.user) if cadre.user else None,
        "devices": len(live_sessions(cadre.user)) if cadre.user else 0,
        "client_id": ResetForm().fresh_id(),
        "today": local_today(),
        **allowed(request.user, posts=Permission.MANAGE_POSTINGS, accounts=Permission.MANAGE_ACCOUNTS),
        "sees_trail": may(request.user, Permission.SEE_AUDIT, cadre),
    }
    return render(request, "ledger/cadres/cadre_detail.html", context)


@contract(MANAGE, methods=("GET", "POST"))
def cadre_create(request: HttpRequest) -> HttpResponse:
    form = CadreForm(sent(request), user=request.user)
    if form.is_bound and form.is_valid():
        made = form.attempt(
            lambda: cadres.create(
                by=request.user, cadre=form.instance, client_id=form.cleaned_data["client_id"], body=form.body
            )
        )
        if made:
            messages.success(
                request, _("“%(name)s” has been added. Now give a posting and an account.") % {"name": made.name}
            )
            return redirect("cadre_detail", pk=made.pk)
    context = {"form": form, "title": _("Add a cadre")}
    return render(request, "ledger/cadres/cadre_edit.html", context, status=form.status)


@contract(MANAGE, methods=("GET", "POST"))
def cadre_edit(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(Cadre.objects.visible_to(request.user), pk=pk)
    if not manageable_cadres(request.user, MANAGE).filter(pk=cadre.pk).exists():
        raise PermissionDenied
    form = CadreForm(sent(request), instance=cadre, user=request.user)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: cadres.edit(by=request.user, cadre=cadre, values=form.values, seen=form.cleaned_data["version"])
        )
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect("cadre_detail", pk=cadre.pk)
    context = {"form": form, "cadre": cadre, "title": _("Change %(name)s") % {"name": str(Cadre.objects.get(pk=pk))}}
    return render(request, "ledger/cadres/cadre_edit.html", context, status=form.status)
