"""Every route with an id × every role × own, sibling, other township, other county.

Generated from the URLconf: a new route without a row in ``OBJECTS`` fails. What is asserted:
out of scope answers exactly as an id that does not exist (same status, same page), in scope never 404,
and a role without the permission gets 403 for both. Posts change nothing where they are refused.
"""

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.models import (
    CalendarDay,
    Correction,
    District,
    Evidence,
    ImportBatch,
    LinkKind,
    Organisation,
    Topic,
    VillageLink,
)
from ledger.models.scope import scope_of
from ledger.rules.issues import Step
from ledger.rules.permissions import Permission
from tests.guards.test_contracts import routes
from tests.models.test_scope import TERRITORY
from tests.world import START, World

MISSING = 987654321
PLACES = {"own": "城垵", "sibling": "马銮", "other township": "前楼", "other county": "六龙"}
ROLES = sorted({*TERRITORY, "household_cadre"} - {"township_leader@前楼"})
TOKENS = re.compile(
    rb'(csrfmiddlewaretoken" value="[^"]+"|name="client_id" value="[^"]+"|value="[0-9a-f-]{36}"|[0-9a-f]{32}|/\d+/?)'
)

Find = Callable[[World, str], Any]


def household(world: World, place: str) -> Any:
    return world.households[place][0]


def cadre(world: World, place: str) -> Any:
    return world.cadre(f"household_cadre@{place}")


def correction(world: World, place: str) -> Any:
    return Correction.objects.create(
        household=world.households[place][0], proposed='{"remark": "改"}', proposed_by=cadre(world, place)
    )


def evidence(world: World, place: str) -> Any:
    return Evidence.objects.create(
        issue=world.issues[place], kind="pdf", stored_as=f"x-{place}.pdf", name=f"{place}.pdf", size=1, digest="0",
        added_by=world.users["county_admin"],
    )  # fmt: skip


def batch(world: World, place: str) -> Any:
    made = ImportBatch.objects.create(file_name=f"{place}.xlsx", uploaded_by=world.users["county_admin"])
    made.townships.add(world.villages[place].township)
    return made


def district(world: World, place: str) -> Any:
    return District.objects.get_or_create(township=world.villages[place].township, name=f"{place}试管区")[0]


def link(world: World, place: str) -> Any:
    return VillageLink.objects.create(
        village=world.villages[place], kind=LinkKind.VILLAGE_CADRE, cadre=cadre(world, place), start_on=START
    )


def organisation(world: World, place: str) -> Any:
    township = world.villages[place].township
    return Organisation.objects.get_or_create(county=township.county, township=township, name=f"{place}试办")[0]


def calendar_day(world: World, place: str) -> Any:
    county = world.villages[place].township.county
    return CalendarDay.objects.get_or_create(county=county, day=START, is_working=False)[0]


OBJECTS: dict[str, Find] = {
    "household_": household,
    "resident_create": household,
    "resident_": lambda world, place: household(world, place).residents.get(),
    "correction_create": household,
    "correction_": correction,
    "visit_": lambda world, place: world.visits[place],
    "issue_": lambda world, place: world.issues[place],
    "evidence_": evidence,
    "import_": batch,
    "cadre_": cadre,
    "account_": cadre,
    "posting_": lambda world, place: cadre(world, place).postings.get(),
    "village_link_end": link,
    "village_": lambda world, place: world.villages[place],
    "district_create": lambda world, place: world.villages[place].township,
    "district_": district,
    "township_": lambda world, place: world.villages[place].township,
    "county_": lambda world, place: world.villages[place].township.county,
    "organisation_": organisation,
    "calendar_day_": calendar_day,
    "word_": lambda world, place: Topic.objects.get(county=world.villages[place].township.county),
}
TERRITORIAL = ("household_", "resident_", "visit_", "issue_", "evidence_", "correction_")
"""Routes whose rows follow the village, so that TERRITORY says who has them in scope."""
OTHER_ARGUMENTS = {"step": str(Step.PROGRESS), "kind": "topic"}


def id_routes() -> list[Any]:
    return [r for r in routes() if {"pk", "township"} & set(r.pattern.converters)]


def finder(name: str) -> Find | None:
    best = max((p for p in OBJECTS if name.startswith(p)), key=len, default=None)
    return OBJECTS[best] if best else None


def address(route: Any, pk: int) -> str:
    names = set(route.pattern.converters)
    values: dict[str, Any] = dict.fromkeys(names & {"pk", "township"}, pk)
    for extra in names - set(values):
        values[extra] = "county_leader" if route.name == "village_link_create" else OTHER_ARGUMENTS[extra]
    return reverse(str(route.name), kwargs=values)


def same(client: Client, method: str, url: str) -> tuple[int, bytes, list[str]]:
    """Status, page without tokens and ids, and what was written (sessions and audit apart)."""
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, url)
    content = b"" if response.streaming else response.content
    return response.status_code, TOKENS.sub(b"", content), written(queries)


def written(queries: CaptureQueriesContext) -> list[str]:
    """The tables that statements wrote to, but for the audit trail, sessions and the cache."""
    tables = [re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', q["sql"], re.I) for q in queries]
    return sorted({t[1] for t in tables if t} - {"ledger_auditrow", "accounts_session", "django_cache"})


def test_every_route_with_an_id_is_in_the_matrix() -> None:
    assert [str(r.name) for r in id_routes() if finder(str(r.name)) is None] == []


@pytest.mark.parametrize("role", ROLES)
def test_out_of_scope_is_exactly_missing(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    scope = scope_of(world.user(role))
    inside = TERRITORY.get(role, {"城垵"})
    wrong: list[str] = []
    for route in _whole_or_sample(id_routes(), role):
        contract, name = route.callback.contract, str(route.name)
        held = not contract.permission or any(scope.has(Permission(p)) for p in contract.permission.split("|"))
        for method in sorted(contract.methods - {"HEAD"}):
            missing = same(client, method, address(route, MISSING))
            if missing[0] != (404 if held else 403) or missing[2]:
                wrong.append(f"{method} {name} with a missing id: {missing[0]} {missing[2]}")
            for where, place in PLACES.items():
                if name.startswith(TERRITORIAL) and place in inside:
                    continue
                target = finder(name)(world, place)  # type: ignore[misc]
                if not name.startswith(TERRITORIAL) and _set_up_scope(scope, world, place, contract):
                    continue
                got = same(client, method, address(route, target.pk))
                if got != missing:
                    wrong.append(f"{method} {name} of {where}: {got[0]} {got[2]}, differs from a missing one")
    assert wrong == []


def _whole_or_sample(all_routes: list[Any], role: str) -> list[Any]:
    """All routes on SQLite; a third of them, another third for each role, on PostgreSQL."""
    if connection.vendor == "sqlite":
        return all_routes
    return random.Random(role).sample(all_routes, len(all_routes) // 3)


def _set_up_scope(scope: Any, world: World, place: str, contract: Any) -> bool:
    """Whether a setting-up permission of the contract covers the township of that place."""
    township = world.villages[place].township
    for name in (contract.permission or "").split("|"):
        for territory in scope.giving(Permission(name)) if name else ():
            if territory.county == township.county_id or territory.township == township.pk:
                return True
            if territory.level in {"district", "village"} and township == world.township:
                return True
    return False


@pytest.mark.parametrize("role", ROLES)
def test_in_scope_is_never_missing(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    wrong = []
    for place in TERRITORY.get(role, {"城垵"}):
        for route in id_routes():
            name = str(route.name)
            if name not in {"household_detail", "visit_detail", "issue_detail"}:
                continue
            status = client.get(address(route, finder(name)(world, place).pk)).status_code  # type: ignore[misc]
            if status != 200:
                wrong.append(f"{name} of {place}: {status}")
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_get_writes_nothing_but_audit_and_session(world: World, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    objects = {str(r.name): finder(str(r.name))(world, "城垵") for r in id_routes()}  # type: ignore[misc]
    wrong: list[str] = []
    for route in routes():
        if "GET" not in route.callback.contract.methods:
            continue
        target = objects.get(str(route.name))
        url = address(route, target.pk if target else 0)
        status, _, tables = same(client, "GET", url)
        if tables:
            wrong.append(f"{url}: {tables}")
        if status >= 500:
            wrong.append(f"{url}: {status}")
    assert wrong == []


@pytest.mark.parametrize("role", ["county_admin", "township_leader", "village_cadre"])
def test_the_matrix_reaches_real_pages(world: World, role: str) -> None:
    """Each page with an id opens for somebody who holds its permission over its place: no refusal above is empty."""
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    scope, closed = scope_of(world.user(role)), []
    for route in id_routes():
        contract, name = route.callback.contract, str(route.name)
        held = any(scope.has(Permission(p)) for p in (contract.permission or "view").split("|"))
        if held and "GET" in contract.methods and name not in REFUSED_FOR_CAUSE:
            status = client.get(address(route, finder(name)(world, "城垵").pk)).status_code  # type: ignore[misc]
            if status != 200:
                closed.append(f"{name}: {status}")
    assert closed == []


REFUSED_FOR_CAUSE = {
    "issue_step",  # progress is for the handler
    "issue_evidence",  # files are added by those who act on the issue
    "evidence_file",  # the row of the test has no file
    "visit_edit",  # somebody else's visit
}
