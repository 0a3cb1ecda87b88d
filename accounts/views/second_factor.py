"""The own second factor: turning it on, new recovery codes, turning it off.

Recovery codes are in the answer to the request that made them and nowhere else: these answers are pages, not
redirects, and are kept by nobody (``no-store``).
"""

from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor as factor
from accounts.contract import signed_in
from accounts.events import Event, report
from accounts.forms import TurnOnForm
from accounts.models import User
from accounts.sessions import current, end_sessions
from accounts.views.confirming import unconfirmed
from accounts.views.own import way_back


@signed_in(("GET", "POST"))
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    """How it stands; or, where there is none, the picture to scan and the first code."""
    if request.user.second_factor_at:
        context = {"state": factor.state_of(request.user), "required": factor.is_required(request.user)}
        return render(request, "accounts/second_factor.html", context)
    secret = factor.pending_secret(request)
    form = TurnOnForm(_sent(request), request=request, secret=secret)
    if form.is_valid():
        with transaction.atomic():
            codes = factor.turn_on(request.user, secret, form.counter)
            end_sessions(request.user, but=current(request))
            _tell(request, Event.SECOND_FACTOR_ON)
        del request.session[factor.PENDING]
        return _codes(request, codes)
    address = factor.address_of(request.user, secret)
    context = {
        "form": form,
        "picture": factor.picture_of(address),
        "address": address,
        "secret": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        "required": factor.is_required(request.user),
        "next": way_back(request, default=""),
        "languages": User.Language.choices,
    }
    return render(request, "accounts/second_factor_on.html", context)


@signed_in(("GET", "POST"))
@sensitive_post_parameters()
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes instead of those there are."""
    if not request.user.second_factor_at:
        return redirect("second_factor")
    page = unconfirmed(
        request, title=_("New recovery codes"), button=_("Make new codes"), back="second_factor",
        what=_("You get ten new codes; those you have now open nothing any more."),
    )  # fmt: skip
    if page is not None:
        return page
    with transaction.atomic():
        codes = factor.renew_codes(request.user)
        _tell(request, Event.RECOVERY_CODES_RENEWED)
    return _codes(request, codes)


@signed_in(("GET", "POST"))
@sensitive_post_parameters()
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Without a second factor again, where the roles leave the choice."""
    if not request.user.second_factor_at:
        return redirect("second_factor")
    if factor.is_required(request.user):
        messages.error(request, _("Your role must have a second factor, so it cannot be turned off."))
        return redirect("second_factor")
    page = unconfirmed(
        request, title=_("Turn the second factor off"), button=_("Turn it off"), back="second_factor",
        what=_("From then on your password alone opens the account. Your recovery codes open nothing any more."),
    )  # fmt: skip
    if page is not None:
        return page
    with transaction.atomic():
        factor.turn_off(request.user)
        end_sessions(request.user, but=current(request))
        _tell(request, Event.SECOND_FACTOR_OFF)
    messages.success(request, _("From now on your password alone opens the account."))
    return redirect("me")


def _sent(request: HttpRequest) -> object:
    return request.POST if request.method == "POST" else None


def _tell(request: HttpRequest, event: Event) -> None:
    report(event, user=request.user, username=request.user.username, request=request)


def _codes(request: HttpRequest, codes: Sequence[str]) -> HttpResponse:
    context = {"codes": codes, "user": request.user, "next": way_back(request, default="me")}
    return render(request, "accounts/recovery_codes.html", context)
