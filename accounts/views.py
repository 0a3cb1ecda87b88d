"""Sign-in, sign-out, the own password, and what a person sets for themselves."""

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.logout import logout
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.adapter import CHOSEN_LANGUAGE
from accounts.contract import public, signed_in
from accounts.forms import OwnPasswordForm, SignInForm
from accounts.models import User


class SignInView(allauth_views.LoginView):  # type: ignore[misc]
    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = 429
        return response


sign_in = public(("GET", "POST"))(SignInView.as_view(extra_context={"languages": User.Language.choices}))


@public(("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request, show_message=False)
    return redirect(settings.ACCOUNT_LOGOUT_REDIRECT_URL)


@signed_in(("GET", "POST"))
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    form = OwnPasswordForm(user=request.user, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        first = request.user.must_change_password
        form.save()
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your new password holds from now on. Other devices have been signed out."))
        return redirect(_way_back(request, default=settings.LOGIN_REDIRECT_URL if first else "me"))
    context = {
        "form": form,
        "user": request.user,
        "minimum": _minimum_length(),
        "next": _way_back(request, default=""),
        "languages": User.Language.choices,
    }
    return render(request, "account/password_change.html", context)


@signed_in(("GET",))
def me(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/me.html", {"user": request.user, "languages": User.Language.choices})


@public(("POST",))
def language(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("language", "")
    if code not in User.Language.values:
        return HttpResponseBadRequest(_("This language is not offered."), content_type="text/plain; charset=utf-8")
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=code)
    else:
        request.session[CHOSEN_LANGUAGE] = code
    response = redirect(_way_back(request, default="me" if request.user.is_authenticated else "account_login"))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@signed_in(("POST",))
def large_type(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("large_type")
    on = not request.user.large_type if wanted is None else wanted == "on"
    User.objects.filter(pk=request.user.pk).update(large_type=on)
    return redirect(_way_back(request, default="me"))


def _way_back(request: HttpRequest, *, default: str) -> str:
    """Where ``next`` leads when it is an address on this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A bare word is no address of ours, and a redirect would take it for the name of a view.
    if wanted.startswith("/") and get_adapter().is_safe_url(wanted):
        return wanted
    return resolve_url(default) if default else ""


def _minimum_length() -> int:
    validators = get_default_password_validators()
    return next((v.min_length for v in validators if isinstance(v, MinimumLengthValidator)), 1)
