"""The protecting headers on every route and every status, static files and redirects included."""

import pytest
from django.test import Client

from tests.guards.test_contracts import _address, routes
from tests.world import World

EVERYWHERE = {
    "Content-Security-Policy", "Permissions-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy",
    "X-Request-ID",
}  # fmt: skip


def missing(response) -> set[str]:  # type: ignore[no-untyped-def]
    return EVERYWHERE - set(response.headers)


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


def test_every_route_after_sign_in(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users["township_desk"])
    wrong = {}
    for route in routes():
        response = client.get("/" + _address(route))
        kept = response.headers.get("Cache-Control", "")
        unread = route.callback.contract.public or response.status_code in {302, 405}
        if missing(response) or not (unread or "no-store" in kept):
            wrong[str(route.name)] = (response.status_code, missing(response), kept)
    assert wrong == {}


def test_the_policy_is_strict(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for source in ("script-src", "style-src", "connect-src", "form-action"):
        assert f"{source} 'self'" in policy
        assert f"{source} 'self' " not in policy


def test_strict_transport_in_production(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    assert "max-age=31536000" in Client().get("/healthz", secure=True).headers["Strict-Transport-Security"]


def test_a_body_beyond_the_limit_is_refused_unread(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REQUEST_MAX_BYTES = 100
    response = client.post("/account/login/", data="x" * 101, content_type="text/plain")
    assert response.status_code == 413
    assert missing(response) == set()
