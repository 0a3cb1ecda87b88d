"""账号: opening one or a township's, new one-time passwords, closing and opening again.

A one-time password is in the answer to the request that made it and nowhere else: these answers are pages, not
redirects, and are kept by nobody (``no-store``).
"""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions import accounts
from ledger.actions.accounts import ShownBefore, Slip
from ledger.forms.accounts import OPEN, RENEW, ResetForm, SheetForm
from ledger.models import Cadre
from ledger.models.scope import may
from ledger.queries.accounts import Home, homes, never_signed_in, without_account
from ledger.queries.handovers import holding
from ledger.queries.postings import manageable_cadres
from ledger.rules.days import local_today
from ledger.rules.handovers import After
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

MANAGE = Permission.MANAGE_ACCOUNTS
SHEET_SIZE = 100
"""Accounts on one sheet: their passwords are hashed while the browser waits, a fifth of a second each."""


def _cadre(request: HttpRequest, pk: int) -> Cadre:
    """The cadre whose account is meant; 403 for one whose roles lie beyond the user's own."""
    cadre: Cadre = get_object_or_404(Cadre.objects.visible_to(request.user), pk=pk)
    if not manageable_cadres(request.user).filter(pk=cadre.pk).exists():
        raise PermissionDenied
    return cadre


@contract(MANAGE, methods=("POST",))
def account_create_one(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    return _one(request, cadre, accounts.open_account)


@contract(MANAGE, methods=("POST",))
def account_reset(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    return _one(request, cadre, accounts.reset_password)


@contract(MANAGE, methods=("POST",))
def account_active(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    active = request.POST.get("active") == "1"
    if not active and may(request.user, Permission.MANAGE_POSTINGS, cadre) and holding(request.user, cadre):
        said = _("%(name)s is still responsible for what is below: hand it over, and the account is closed with it.")
        messages.warning(request, said % {"name": cadre.name})
        return redirect(f"{reverse('cadre_handover', args=[cadre.pk])}?then={After.ACCOUNT}")
    try:
        accounts.set_active(by=request.user, cadre=cadre, active=active)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("The account of %(name)s is open again.") if active else _("The account of %(name)s is closed.")
        messages.success(request, said % {"name": cadre.name})
    return redirect("cadre_detail", pk=cadre.pk)


@contract(MANAGE, methods=("POST",))
def account_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    said = _("%(name)s can sign in again at once.") % {"name": cadre.name}
    return _done(request, cadre, accounts.lift_lock, said)


@contract(MANAGE, methods=("POST",))
def account_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    said = _("%(name)s has been signed out everywhere.") % {"name": cadre.name}
    return _done(request, cadre, accounts.end_sessions, said)


@contract(MANAGE, methods=("POST",))
def account_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    cadre = _cadre(request, pk)
    said = _("%(name)s signs in by the password alone, and can set the second factor up anew.") % {"name": cadre.name}
    return _done(request, cadre, accounts.reset_second_factor, said)


def _done(request: HttpRequest, cadre: Cadre, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(by=request.user, cadre=cadre)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("cadre_detail", pk=cadre.pk)


@contract(MANAGE)
def account_batch(request: HttpRequest) -> HttpResponse:
    """How many accounts are missing in each township, and how many were never used."""
    rows = []
    for home in homes(request.user):
        cadres = home.cadres(request.user)
        missing, unused = without_account(cadres).count(), never_signed_in(cadres, request.user.pk).count()
        forms = {act: SheetForm(initial={"act": act, "home": home.key}) for act in (OPEN, RENEW)}
        rows.append(
            {"home": home, "cadres": cadres.count(), "missing": missing, "unused": unused, "forms": forms,
             "next": min(missing, SHEET_SIZE), "renew": min(unused, SHEET_SIZE)}
        )  # fmt: skip
    return render(request, "ledger/accounts/account_batch.html", {"rows": rows, "sheet_size": SHEET_SIZE})


@contract(MANAGE, methods=("POST",))
def account_sheet(request: HttpRequest) -> HttpResponse:
    """Open accounts (or give new passwords) and show the sheet with the one-time passwords, this once."""
    form = SheetForm(request.POST)
    if not form.is_valid():
        raise Http404
    home = next((h for h in homes(request.user) if h.key == form.cleaned_data["home"]), None)
    if home is None:
        raise Http404
    cadres, client_id = home.cadres(request.user), form.cleaned_data["client_id"]
    try:
        if form.cleaned_data["act"] == OPEN:
            chosen = without_account(cadres)[:SHEET_SIZE]
            slips = accounts.open_accounts(by=request.user, cadres=chosen, client_id=client_id)
        else:
            chosen = never_signed_in(cadres, request.user.pk)[:SHEET_SIZE]
            slips = accounts.reset_passwords(by=request.user, cadres=chosen, client_id=client_id)
    except ShownBefore:
        _say_shown(request)
        return redirect("account_batch")
    return _sheet(request, slips, home, reverse("account_batch"))


def _one(request: HttpRequest, cadre: Cadre, act: Callable[..., Slip]) -> HttpResponse:
    form = ResetForm(request.POST)
    if not form.is_valid():
        raise Http404
    back = redirect("cadre_detail", pk=cadre.pk)
    try:
        slip = act(by=request.user, cadre=cadre, client_id=form.cleaned_data["client_id"])
    except ShownBefore:
        _say_shown(request)
        return back
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back
    return _sheet(request, [slip], None, back.url)


def _say_shown(request: HttpRequest) -> None:
    messages.warning(
        request, _("This form was sent before; its passwords were shown then. If the sheet is lost, make new ones.")
    )


def _sheet(request: HttpRequest, slips: Sequence[Slip], home: Home | None, back: str) -> HttpResponse:
    good = [slip for slip in slips if slip.password]
    context = {
        "slips": good,
        "refused": [slip for slip in slips if slip.fault],
        "home": home,
        "back": back,
        "today": local_today(),
        "sign_in": request.build_absolute_uri(reverse("account_login")),
        "count": ngettext("%(count)s account", "%(count)s accounts", len(good)) % {"count": len(good)},
    }
    return render(request, "ledger/accounts/account_sheet.html", context)
