"""Every route declares who may open it, and the closed-by-default middleware refuses one that doesn't."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, path

from accounts.contract import Contract
from config import urls as site
from ledger.rules.permissions import ROLES, Permission, Role
from tests.access.site import routes
from tests.world import World

PUBLIC = {
    "account_login", "mfa_authenticate", "language", "account_logout", "healthz", "readyz",
    "manifest", "service_worker", "offline_shell", "offline_state",
}  # fmt: skip


def undeclared_routes() -> list[str]:
    return [
        str(r.pattern)
        for r in routes()
        if not r.name or not isinstance(getattr(r.callback, "contract", None), Contract)
    ]


def test_every_route_has_a_name_and_a_contract() -> None:
    assert undeclared_routes() == [], "Put @contract(Permission.…, methods=…) on these views and name their routes"


def test_a_planted_view_without_a_contract_fails_the_suite(settings: Any) -> None:
    """The test above would be red with it."""
    settings.ROOT_URLCONF = __name__
    assert undeclared_routes() == ["planted"]


def test_the_public_routes_are_exactly_these() -> None:
    assert {str(r.name) for r in routes() if r.callback.contract.public} == PUBLIC


def test_permissions_named_by_contracts_exist() -> None:
    known = {str(p) for p in Permission}
    named = {p for r in routes() for p in (r.callback.contract.permission or "").split("|") if p}
    assert named <= known


def test_every_permission_is_given_by_some_role() -> None:
    given = {p for rule in ROLES.values() for p in rule.permissions}
    assert given == set(Permission)
    assert set(ROLES) == set(Role)


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("leak")


urlpatterns = [*site.urlpatterns, path("planted", undeclared, name="planted")]
handler500 = site.handler500


def test_a_view_without_a_contract_cannot_be_served(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    response = client.get("/planted")
    assert response.status_code == 500
    assert b"leak" not in response.content


@pytest.mark.django_db
def test_signed_out_visitors_are_sent_to_sign_in(client: Client) -> None:
    wrong = {}
    for route in routes():
        if route.callback.contract.public or "GET" not in route.callback.contract.methods:
            continue
        address = "/" + _address(route)
        response = client.get(address)
        if response.status_code != 302 or not response.headers["Location"].startswith("/account/login/"):
            wrong[address] = response.status_code
    assert wrong == {}


def _address(route: URLPattern) -> str:
    from django.urls import reverse

    names = route.pattern.converters
    values = {name: 1 if type(c).__name__ == "IntConverter" else "register" for name, c in names.items()}
    return reverse(str(route.name), kwargs=values).lstrip("/")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
def test_a_view_without_a_contract_serves_no_method_to_anybody(
    world: World, client: Client, settings: Any, method: str
) -> None:
    """Not signed in, and signed in as who may most."""
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    for key in ("", "county_admin"):
        if key:
            client.force_login(world.users[key])
        response = getattr(client, method)("/planted")
        assert response.status_code == 500
        assert b"leak" not in response.content
