"""Every route × declared method × actor × place (tests/access/matrix.py), whole on SQLite and in the drill.

docs/permissions.md says the same in words; ``scripts/permissions.py`` prints it anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from config import urls as site
from ledger.models import Household
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from tests.access.actors import ACTORS, INSIDE, MOVED, OUTSIDE, Actor
from tests.access.matrix import Column, Matrix
from tests.access.page import cells, read_back
from tests.access.purposes import PURPOSES
from tests.access.site import Asking, methods, routes
from tests.access.targets import IDS, Unreachable, target_of
from tests.access.world import MISSING
from tests.guards.sources import ROOT
from tests.world import World

WITH_ID = frozenset(str(route.name) for route in routes() if IDS & set(route.pattern.converters))
ASK_FOR_HEADS = {"township_admin", "township_desk", "household_cadre"}
PAGE = ROOT / "docs" / "permissions.md"
PRINT = "run .venv/bin/python scripts/permissions.py and look at what changed"


@pytest.mark.drill
@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: actor.name)
def test_out_of_scope_is_exactly_missing(access_world: World, db: None, actor: Actor) -> None:
    column = Matrix(access_world, actor, with_heads=actor.name in ASK_FOR_HEADS).fill()
    assert column.wrong == [], "\n".join(map(str, column.wrong))
    assert column.asked >= len(routes()) // 6
    if actor in INSIDE:
        _compare(column)


def _compare(column: Column) -> None:
    """What the page says of this role is what it met; or it is written down for the page."""
    role = column.actor.name
    met = cells(role, column.met, WITH_ID)
    if folder := os.environ.get("PERMISSIONS_TO"):
        rows = [(*pair, cell) for pair, cell in met.items()]
        (Path(folder) / f"{role}.json").write_text(json.dumps(rows), encoding="utf-8")
        return
    said = read_back(PAGE.read_text(encoding="utf-8"))[role]
    wrong = {pair: (cell, said.get(pair)) for pair, cell in met.items() if said.get(pair) != cell}
    assert wrong == {}, f"met, said by docs/permissions.md: {PRINT}"


def test_the_page_names_every_route() -> None:
    every = {(str(route.name), method) for route in routes() for method in methods(route)}
    purposes = {name for rows in PURPOSES.values() for name in rows}
    assert {name for name, _method in every} == purposes, "say in tests/access/purposes.py what the page is for"
    assert set(read_back(PAGE.read_text(encoding="utf-8"))["county_admin"]) == every, PRINT


def test_every_route_can_be_built() -> None:
    """A new route is taken by itself, or the message says what to add."""
    unknown = []
    for route in routes():
        try:
            target_of(route).address(MISSING)
        except Unreachable as message:
            unknown.append(str(message))
    assert unknown == []


def test_every_role_is_asked_inside_and_outside_its_territory() -> None:
    assert {actor.name for actor in INSIDE} == set(OUTSIDE)
    assert {actor.key for actor in ACTORS} >= {"", "disabled", "moved", "nobody", *OUTSIDE, *OUTSIDE.values()}


def test_other_methods_are_refused_and_do_nothing(access_world: World, db: None) -> None:
    asking, wrong = Asking(access_world.users["county_admin"]), []
    for route in routes():
        target = target_of(route)
        for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - route.callback.contract.methods):
            answer = asking.ask(method, target.url(access_world))
            if answer.status != 405 or answer.written or answer.body:
                wrong.append(f"{method} {target.name}: {answer.status} {answer.written}")
    assert wrong == []


# What the matrix would miss it must catch when it is planted.


@contract(Permission.VIEW)
def without_scope(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(get_object_or_404(Household, pk=pk).code)


@contract(Permission.VIEW)
def says_there_is_one(request: HttpRequest, pk: int) -> HttpResponse:
    if Household.objects.visible_to(request.user).filter(pk=pk).exists():
        return HttpResponse("yours")
    exists = Household.objects.filter(pk=pk).exists()
    return HttpResponse("not yours" if exists else "nothing", status=404)


@contract(Permission.VIEW)
def asks_once_more(request: HttpRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(Household, pk=pk)
    return HttpResponse(get_object_or_404(Household.objects.visible_to(request.user), pk=household.pk).code)


@contract(Permission.VIEW)
def writes_when_read(request: HttpRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    Household.objects.filter(pk=pk).update(remark="seen")
    return HttpResponse(household.code)


PLANTED = {
    without_scope: "GET household_planted of other township: 200",
    says_there_is_one: "GET household_planted of other township: differs from a missing one: body True",
    asks_once_more: "GET household_planted of other township: differs from a missing one: 4 queries, not 3",
    writes_when_read: "GET household_planted of own: 200 and wrote ['ledger_household']",
}
urlpatterns = [*site.urlpatterns]
handler404, handler403, handler500 = site.handler404, site.handler403, site.handler500


@pytest.mark.parametrize("view", PLANTED, ids=lambda view: view.__name__)
def test_a_planted_leak_is_caught(
    access_world: World, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, view: Any
) -> None:
    planted = path("planted/<int:pk>/", view, name="household_planted")
    monkeypatch.setattr("tests.guards.test_access_matrix.urlpatterns", [*site.urlpatterns, planted])
    settings.ROOT_URLCONF = __name__
    actor = next(actor for actor in INSIDE if actor.name == "township_leader")
    matrix = Matrix(access_world, actor)
    matrix.pairs = [(target_of(planted), "GET")]  # type: ignore[misc]
    wrong = matrix.fill().wrong
    assert any(line.startswith(PLANTED[view]) for line in wrong), wrong


def test_a_route_nobody_explained_says_what_to_add() -> None:
    for pattern, said in (("x/<int:pk>/", "say in OBJECTS"), ("x/<slug:colour>/", "takes ['colour']")):
        with pytest.raises(Unreachable, match=said.replace("[", r"\[").replace("]", r"\]")):
            target_of(path(pattern, without_scope, name="unheard_of"))


def test_moved_people_have_both_roles_only_in_the_new_township(access_world: World, db: None) -> None:
    assert MOVED.life == {"other township"}
    asking = Asking(access_world.users["moved"])
    seen = {place: asking.ask("GET", f"/households/?q={place}").body.decode() for place in ("城垵", "前楼")}
    assert ("城垵户主1" in seen["城垵"], "前楼户主1" in seen["前楼"]) == (False, True)
