"""Nothing of elsewhere on any page: each text of the test world carries the tag of its village.

Every GET route is opened as each role, with objects of their own village; what comes back is swept for people,
addresses and words of villages outside their territory, for sensitive issues outside their circle, and for full
numbers. Names of villages themselves are public (design.md 3).
"""

import re

import pytest
from django.test import Client

from ledger.actions.audit import record
from ledger.models import Issue, Resident
from tests.guards.test_access_matrix import address, finder
from tests.guards.test_contracts import routes
from tests.models.test_scope import SENSITIVE, TERRITORY
from tests.world import World

ROLES = sorted({*TERRITORY, "household_cadre"})
SECRET = "绝密"
CIRCLE = {**SENSITIVE, "township_leader@前楼": {"前楼"}}
"""Whose sensitive issues a role may know of."""


def tags(world: World, place: str) -> re.Pattern[str]:
    """People, addresses and words of one village."""
    return re.compile(f"{place}(?:户主|下里)")


def prepare(world: World) -> None:
    """Every sensitive issue says so in title and number, and an act on it is on the trail."""
    for place in world.villages:
        issue = world.issues[f"{place}-sensitive"]
        Issue.objects.filter(pk=issue.pk).update(title=f"{SECRET}{place}苗头", number=f"{SECRET}-{place}")
        issue.refresh_from_db()
        record(verb="issue.register", by="system", obj=issue, label=issue.number)


def pages(world: World, client: Client) -> list[tuple[str, str]]:
    """Address and text of every page that GET opens."""
    found = []
    for route in routes():
        name, named = str(route.name), set(route.pattern.converters)
        if "GET" not in route.callback.contract.methods or named - {"pk", "step"}:
            continue
        find = finder(name) if "pk" in named else None
        if "pk" in named and find is None:
            continue
        url = address(route, find(world, "城垵").pk if find else 0) if named else "/" + str(route.pattern)
        for query in ("",) if named else ("", "?q=户主", "?state=closed"):
            response = client.get(url + query)
            if response.status_code == 200 and not response.streaming:
                found.append((url + query, response.content.decode()))
    return found


@pytest.mark.parametrize("role", ROLES)
def test_pages_hold_nothing_of_elsewhere(world: World, role: str) -> None:
    prepare(world)
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    own = TERRITORY.get(role, {"城垵"})
    foreign = [tags(world, place) for place in set(world.villages) - own]
    outside = set(world.villages) - CIRCLE.get(role, set())
    secret = [f"{SECRET}{dash}{place}" for place in outside for dash in ("", "-")]
    if role == "household_cadre":  # the sensitive issue of an own household that they raised themselves
        secret = [word for word in secret if not word.endswith("城垵")]
    numbers = {n for row in Resident.objects.all() for n in (row.id_no, row.phone) if n}
    wrong = []
    opened = pages(world, client)
    assert len(opened) > (2 if role == "nobody" else 3), opened
    for url, text in opened:
        wrong += [f"{url}: {found[0]}" for pattern in foreign if (found := pattern.search(text))]
        wrong += [f"{url}: {word}" for word in secret if word in text]
        wrong += [f"{url}: a full number" for number in numbers if number in text]
    assert wrong == []
