"""Pages that say what went wrong, what is kept and what to do. None of them asks the database."""

import logging
import sys

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext

from ledger.rules.request import current_request_id


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    # Without the request: context processors would look up the user, and the database may be what failed.
    context = {"request_id": current_request_id.get()}
    with translation.override(_language(request)):
        response = HttpResponse(loader.render_to_string(template, context), status=status)
        response.headers["Content-Language"] = translation.get_language()
    response.headers["Cache-Control"] = "no-store"
    # A refused host never gets as far as the middleware that sets these.
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
    return response


def _language(request: HttpRequest) -> str:
    """The person's, also where the fault came before the middleware that sets it: then the cookie has it."""
    known = getattr(request, "LANGUAGE_CODE", None) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return known if known in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself makes no sense (cut off, forged, too large)."""
    return _page(request, "400.html", 400)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: the form with its files is larger than the system takes."""
    return _page(request, "400.html", 413)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may see this, but not do that. The exception's text is for the log, not the page."""
    return _page(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or it lies outside the person's scope; both read the same."""
    return _page(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, with the number by which the log has it; 503 where a middleware found the database away."""
    if is_away(sys.exc_info()[1]):
        return database_away(request)
    try:
        return _page(request, "500.html", 500)
    except Exception:  # the fault may lie in the templates or static files themselves
        logging.getLogger("ledger").exception("the page of the fault could not be drawn either")
        with translation.override(_language(request)):
            text = gettext("The system made a mistake") + "\n" + current_request_id.get()
        return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or old (signed in elsewhere, cookies off, open for days)."""
    return _page(request, "403_csrf.html", 403)


def is_away(fault: BaseException | None) -> bool:
    """Whether the database is what failed: away, locked, or (the bare class, from SQLite) no database any more."""
    return isinstance(fault, (OperationalError, InterfaceError)) or type(fault) is DatabaseError


def database_away(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer; the browser is told to come back in 30 seconds."""
    response = _page(request, "503.html", 503)
    response.headers["Retry-After"] = "30"
    return response
