"""Closed by default, kept by nobody, a request id on every log line, and a 503 when the database is away."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from accounts.contract import Contract
from ledger.rules.request import current_request, current_request_id

_requests = logging.getLogger("ledger.request")
GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: GetResponse) -> GetResponse:
    """A fresh id for each request, on the response and in its log line: what the 500 page shows is what the log has."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        token, seen = current_request_id.set(uuid.uuid4().hex), current_request.set(request)
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = current_request_id.get()
            if response.status_code >= 400 or not request.path.startswith(settings.STATIC_URL):
                took = round((time.perf_counter() - began) * 1000, 1)
                _requests.info("answered", extra={"status": response.status_code, "ms": took})
            return response
        finally:
            current_request.reset(seen)
            current_request_id.reset(token)

    return middleware


def kept_by_nobody(get_response: GetResponse) -> GetResponse:
    """``no-store`` on every answer that does not say itself how long it keeps; of ours only static files do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def largest_request(get_response: GetResponse) -> GetResponse:
    """413 for a body beyond ``REQUEST_MAX_BYTES``, before anything reads it: the form parser would fill the disk."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length[:20]) > settings.REQUEST_MAX_BYTES:
            from ledger.views.errors import too_large

            return too_large(request)
        return get_response(request)

    return middleware


class database_away:
    """A clear 503 instead of a 500 when the database can't be reached or stays locked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        from ledger.views.errors import database_away as page
        from ledger.views.errors import is_away

        if not is_away(exception):
            return None
        logging.getLogger("ledger").error("database away: %s", type(exception).__name__)
        return page(request)


class closed_by_default:
    """No view without a contract; no signed-out visitor past the public ones."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        contract = getattr(view, "contract", None)
        if not isinstance(contract, Contract):
            raise UndeclaredView(f"{view.__module__}.{view.__name__} declares no contract, so it can't be served.")
        if contract.public or request.user.is_authenticated:
            return None
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response.headers["HX-Redirect"] = redirect_to_login(_way_back(request, contract)).url  # type: ignore[attr-defined]
            return response
        return redirect_to_login(_way_back(request, contract))


def _way_back(request: HttpRequest, contract: Contract) -> str:
    """Where signing in leads: the page asked for. A form that was sent opens again, and finds its draft."""
    return request.get_full_path() if request.method == "GET" or "GET" in contract.methods else "/"


class UndeclaredView(Exception):
    """A view was added to the URLconf without saying who may open it."""
