"""The language of a request, the forced own password, and the remembered device."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

from accounts.adapter import RENEWED_ON
from accounts.models import User

Handler = Callable[[HttpRequest], HttpResponse]

OPEN_BEFORE_OWN_PASSWORD = frozenset(
    {"account_change_password", "account_logout", "language", "large_type", "healthz", "readyz"}
)


def language(get_response: Handler) -> Handler:
    """Speak the account's language, else the cookie's, else Chinese. Accept-Language does not count."""

    def middleware(request: HttpRequest) -> HttpResponse:
        code = _language_of(request)
        request.LANGUAGE_CODE = code  # type: ignore[attr-defined]
        with translation.override(code):
            response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response

    return middleware


def _language_of(request: HttpRequest) -> str:
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    try:
        wanted = request.user.language if request.user.is_authenticated else cookie
    except DatabaseError:  # the page that says so still needs a language
        wanted = cookie
    return wanted if wanted in User.Language.values else settings.LANGUAGE_CODE


def must_change_password(get_response: Handler) -> Handler:
    """Lead an account with a one-time password to choosing its own before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.url_name in OPEN_BEFORE_OWN_PASSWORD:
            return None
        if not (request.user.is_authenticated and request.user.must_change_password):
            return None
        here = "?" + urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(reverse("account_change_password") + here)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def remembered_device(get_response: Handler) -> Handler:
    """Prolong a session once a day while it is used, so that nobody is signed out in the middle of a form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.resolver_match and request.resolver_match.url_name in OPEN_BEFORE_OWN_PASSWORD:
            return  # whether the site is alive is asked without the database
        today = timezone.localdate().isoformat()
        if request.user.is_authenticated and request.session.get(RENEWED_ON, today) != today:
            request.session[RENEWED_ON] = today

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
