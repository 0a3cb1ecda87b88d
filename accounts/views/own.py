"""The own password, and what a person sees of and sets for their account."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.adapter import CHOSEN_LANGUAGE
from accounts.contract import public, signed_in
from accounts.forms import OwnPasswordForm
from accounts.models import User
from accounts.sessions import current, live_sessions
from accounts.validators import rules_in_words


@signed_in(("GET", "POST"))
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    form = OwnPasswordForm(user=request.user, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        first = request.user.must_change_password
        form.save()
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your new password holds from now on. Other devices have been signed out."))
        return redirect(way_back(request, default=settings.LOGIN_REDIRECT_URL if first else "me"))
    context = {
        "form": form,
        "user": request.user,
        "rules": rules_in_words(),
        "next": way_back(request, default=""),
        "languages": User.Language.choices,
    }
    return render(request, "account/password_change.html", context)


@signed_in(("GET",))
def me(request: HttpRequest) -> HttpResponse:
    context = {
        "user": request.user,
        "languages": User.Language.choices,
        "sessions": live_sessions(request.user),
        "current": current(request),
        "renew_on": request.user.renew_password_on,
    }
    return render(request, "accounts/me.html", context)


@public(("POST",))
def language(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("language", "")
    if code not in User.Language.values:
        return HttpResponseBadRequest(_("This language is not offered."), content_type="text/plain; charset=utf-8")
    cookie: dict[str, Any] = {"secure": settings.SESSION_COOKIE_SECURE, "httponly": True, "samesite": "Lax"}
    response = redirect(way_back(request, default="me" if request.user.is_authenticated else "account_login"))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, **cookie)
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=code)
    else:  # a cookie of this visit, no session: what anybody may ask for must not fill a table
        response.set_cookie(CHOSEN_LANGUAGE, code, **cookie)
    return response


@signed_in(("POST",))
def large_type(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("large_type")
    on = not request.user.large_type if wanted is None else wanted == "on"
    User.objects.filter(pk=request.user.pk).update(large_type=on)
    return redirect(way_back(request, default="me"))


def way_back(request: HttpRequest, *, default: str) -> str:
    """Where ``next`` leads when it is an address on this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A bare word is no address of ours, and a redirect would take it for the name of a view.
    if wanted.startswith("/") and get_adapter().is_safe_url(wanted):
        return wanted
    return resolve_url(default) if default else ""
