"""The protecting headers on every route in every outcome, static files and redirects included."""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse

from tests.guards.test_contracts import routes
from tests.world import World

YEAR = 31_536_000
"""Seconds. That production says so is seen in tests/serving."""
EVERYWHERE = {
    "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip


def missing_from(headers: Mapping[str, str], *, of_a_file: bool = False) -> set[str]:
    """What an answer lacks; a static file alone may be kept."""
    policy, permissions = headers.get("Content-Security-Policy", ""), headers.get("Permissions-Policy", "")
    right = {name: headers.get(name) == value for name, value in EVERYWHERE.items()} | {
        "X-Request-ID": len(headers.get("X-Request-ID", "")) == 32,
        "Content-Security-Policy": "default-src 'none'" in policy and "unsafe" not in policy,
        "Permissions-Policy": {"camera=()", "geolocation=()", "microphone=()"} <= set(permissions.split(", ")),
        "Cache-Control": of_a_file or "no-store" in headers.get("Cache-Control", ""),
    }
    return {name for name, is_right in right.items() if not is_right}


def missing(response: Any) -> set[str]:
    return missing_from(response.headers, of_a_file=response.streaming)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere", "/account/login/", "/healthz", "/static/css/base.css", "/"])
def test_before_sign_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert missing(response) == set(), response.status_code


@pytest.mark.django_db
def test_refusals(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    strict = Client(enforce_csrf_checks=True)
    assert missing(strict.post("/account/logout/")) == set()
    assert missing(client.get("/account/logout/")) == set()
    settings.ALLOWED_HOSTS = ["ledger.example.cn"]
    refused = client.get("/account/login/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert missing(refused) == set()
    settings.SECURE_SSL_REDIRECT = True
    fresh = Client()
    refused = fresh.get("/account/login/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert missing(refused) == set()
    moved = fresh.get("/account/login/", headers={"host": "ledger.example.cn"})
    assert moved.status_code == 301
    assert missing(moved) == set()


OUTCOMES: dict[int, Callable[[], HttpResponse]] = {}
"""What a view can come to; the statuses that no exception makes are answers of its own."""


def _raise(error: BaseException) -> HttpResponse:
    raise error


OUTCOMES |= {status: partial(HttpResponse, status=status) for status in (200, 304, 405, 409, 413, 429)}
OUTCOMES[302] = partial(HttpResponseRedirect, "/")
OUTCOMES |= {
    status: partial(_raise, error)
    for status, error in {
        400: BadRequest(), 403: PermissionDenied(), 404: Http404(), 500: ValueError(), 503: OperationalError(),
    }.items()
}  # fmt: skip


class Browser:
    """Asks without the test client's recording of templates, which would take most of the time."""

    def __init__(self, world: World | None, *, checks_token: bool = False) -> None:
        self.factory = RequestFactory()
        self.handler = ClientHandler(enforce_csrf_checks=checks_token)
        self.handler.load_middleware()
        if world is not None:
            client = Client()
            client.force_login(world.users["township_desk"])
            self.factory.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})

    def open(self, route: Any, method: str = "get", **request: Any) -> Any:
        values = dict.fromkeys(route.pattern.converters, 1) | {"step": "progress", "kind": "topic"}
        address = reverse(str(route.name), kwargs={name: values[name] for name in route.pattern.converters})
        return self.handler.get_response(getattr(self.factory, method)(address, secure=True, **request))


def wrong_headers(response: Any, status: int | None = None) -> set[str]:
    wrong = missing_from(response.headers)
    if response.headers.get("Strict-Transport-Security") != f"max-age={YEAR}":
        wrong.add("Strict-Transport-Security")
    return wrong if status in {None, response.status_code} else wrong | {f"status {response.status_code}"}


@pytest.fixture
def as_in_production(settings: Any) -> Iterator[None]:
    """As far as headers go, without the watch over repeated queries and the keeping of logs: most of the time."""
    logging.disable(logging.CRITICAL)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("zeal")]
    settings.SECURE_HSTS_SECONDS = YEAR
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("as_in_production")
def test_every_route_in_every_outcome(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, wrong = Browser(world), {}
    for route in routes():
        for status, outcome in OUTCOMES.items():
            view = wraps(route.callback)(lambda request, outcome=outcome, **kwargs: outcome())
            monkeypatch.setattr(route, "callback", view)
            response = browser.open(route)
            if found := wrong_headers(response, status):
                wrong[f"{route.name} {status}"] = found
        monkeypatch.undo()
    assert wrong == {}


@pytest.mark.usefixtures("as_in_production")
def test_every_route_as_it_is(world: World, settings: Any) -> None:
    """The page itself, before sign-in, a method it does not have, without the form's token, far too large."""
    settings.REQUEST_MAX_BYTES = 100
    desk, stranger, strict = Browser(world), Browser(None), Browser(None, checks_token=True)
    large = {"data": "x" * 101, "content_type": "text/plain"}
    seen, wrong = set(), {}
    for route in routes():
        answers = {
            "page": desk.open(route), "signed out": stranger.open(route), "method": desk.open(route, "put"),
            "no token": strict.open(route, "post"), "large": desk.open(route, "post", **large),
        }  # fmt: skip
        for what, response in answers.items():
            seen.add(response.status_code)
            if found := wrong_headers(response):
                wrong[f"{route.name}, {what}: {response.status_code}"] = found
    assert wrong == {}
    assert seen >= {200, 302, 403, 404, 405, 413}


@pytest.mark.django_db
def test_a_static_file_that_has_not_changed(client: Client) -> None:
    fresh = client.get("/static/css/base.css")
    same = client.get("/static/css/base.css", headers={"if-modified-since": fresh.headers["Last-Modified"]})
    assert (fresh.status_code, same.status_code) == (200, 304)
    assert missing_from(same.headers, of_a_file=True) == set()


def test_the_policy_is_strict(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for source in ("script-src", "style-src", "connect-src", "form-action"):
        assert f"{source} 'self'" in policy
        assert f"{source} 'self' " not in policy


def test_a_body_beyond_the_limit_is_refused_unread(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REQUEST_MAX_BYTES = 100
    response = client.post("/account/login/", data="x" * 101, content_type="text/plain")
    assert response.status_code == 413
    assert missing(response) == set()
