"""Each form that posts carries its CSRF token: the test client doesn't ask for it, a browser would get a 403."""

import re

import pytest
from django.test import Client

from ledger.models.scope import scope_of
from ledger.rules.permissions import Permission
from tests.guards.test_access_matrix import address, finder
from tests.guards.test_contracts import routes
from tests.world import World

FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>.*?</form>", re.S | re.I)
TOKEN = re.compile(r'name="csrfmiddlewaretoken"[^>]*value="\w{30,}"')


@pytest.mark.parametrize(
    "role",
    [
        "county_admin",
        "township_admin",
        "township_leader",
        "district_secretary",
        "household_cadre",
        "department_handler",
    ],
)
def test_every_posting_form_has_a_token(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    scope, bare, seen = scope_of(world.user(role)), [], 0
    for route in routes():
        contract = route.callback.contract
        held = not contract.permission or any(scope.has(Permission(p)) for p in contract.permission.split("|"))
        if "GET" not in contract.methods or not held:
            continue
        find = finder(str(route.name))
        url = address(route, find(world, "城垵").pk if find else 0)
        response = client.get(url)
        if response.status_code != 200 or "text/html" not in response.headers.get("Content-Type", ""):
            continue
        for form in FORM.findall(response.content.decode()):
            seen += 1
            if not TOKEN.search(form):
                bare.append(f"{url}: {form[:90]}")
    assert bare == []
    assert seen > 5
