"""Each form that posts carries its CSRF token: the test client doesn't ask for it, a browser would get a 403."""

import re

import pytest
from django.test import Client

from ledger.models.scope import scope_of
from ledger.rules.permissions import Permission
from tests.access.site import routes
from tests.access.targets import target_of
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
def test_every_posting_form_has_a_token(access_world: World, db: None, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(access_world.users[role])
    scope, bare, seen = scope_of(access_world.user(role)), [], 0
    for route in routes():
        contract = route.callback.contract
        held = not contract.permission or any(scope.has(Permission(p)) for p in contract.permission.split("|"))
        if "GET" not in contract.methods or not held:
            continue
        url = target_of(route).url(access_world)
        response = client.get(url)
        if response.status_code != 200 or "text/html" not in response.headers.get("Content-Type", ""):
            continue
        for form in FORM.findall(response.content.decode()):
            seen += 1
            if not TOKEN.search(form):
                bare.append(f"{url}: {form[:90]}")
    assert bare == []
    assert seen > 5
