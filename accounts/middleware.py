"""Sessions that know where they come from, the language of a request, and what an account owes before it goes on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from accounts import second_factor
from accounts.backends import brought
from accounts.models import User

Handler = Callable[[HttpRequest], HttpResponse]

ALWAYS_OPEN = frozenset({
    "account_logout", "language", "large_type", "healthz", "readyz", "manifest", "service_worker", "offline_shell",
    "offline_state",
})  # fmt: skip


class sessions(SessionMiddleware):
    """Django's, telling a new session of which request it comes, and noting now and then that one is in use."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.request = request  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        answer: HttpResponse = super().process_response(request, response)
        if answer.status_code < 500:
            request.session.touch(timezone.now())  # type: ignore[attr-defined]
        request.session.request = None  # type: ignore[attr-defined]  # nothing keeps the request alive in a circle
        return answer


class people(AuthenticationMiddleware):
    """Django's, taking the account from the session's own row, where it was read."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    kept = getattr(request, "_cached_user", None)
    if kept is None:
        request.session.get(auth.SESSION_KEY)  # reads the row
        row = request.session.row  # type: ignore[attr-defined]
        token = brought.set(row.user if row is not None else None)
        try:
            kept = request._cached_user = auth.get_user(request)  # type: ignore[attr-defined]
        finally:
            brought.reset(token)
    return kept


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


def what_is_owed(get_response: Handler) -> Handler:
    """Lead an account to what it must have before anything else: an own password, then a second factor."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.url_name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        owed = _owed(request.user)
        if owed is None or match.url_name == owed:
            return None
        here = "?" + urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(reverse(owed) + here)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _owed(user: User) -> str | None:
    """The page that comes first; None when nothing is owed. Asks the database only where a factor is forced."""
    if user.password_is_due:
        return "account_change_password"
    if user.second_factor_at is None and second_factor.is_required(user):
        return "second_factor"
    return None
