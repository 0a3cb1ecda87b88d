"""What the guards leave out since nobody looked at it (tests/access/reading.py) is nothing that anybody looked at."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import Context, Template
from django.urls import path

from config import urls as site
from ledger.models import Household
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from tests.access.reading import names_looked_at
from tests.access.site import Asking
from tests.world import World


class Searching(Form):
    q = CharField(required=False)


ONE: dict[str, Callable[[QueryDict], Any]] = {
    "an index": lambda sent: sent["q"],
    "get": lambda sent: sent.get("q", ""),
    "getlist": lambda sent: sent.getlist("q"),
    "in": lambda sent: "q" in sent,
    "a template": lambda sent: Template("{{ sent.q }}").render(Context({"sent": sent})),
}
ALL: dict[str, Callable[[QueryDict], Any]] = {
    "truth": bool,
    "a form": lambda sent: Searching(sent or None).is_valid(),
    "a length": len,
    "a loop": list,
    "a dict": dict,
    "stars": lambda sent: {**sent},
    "a union": lambda sent: {} | sent,
    "a comparison": lambda sent: sent == QueryDict("q=2"),
    "a difference": lambda sent: sent != QueryDict("q=2"),
    "words": str,
    "JSON": json.dumps,
    "an address": lambda sent: sent.urlencode(),
    "pairs": lambda sent: list(sent.items()),
    "values": lambda sent: list(sent.values()),
    "lists": lambda sent: list(sent.lists()),
    "names": lambda sent: list(sent.keys()),
    "a copy": lambda sent: sent.copy(),
    "another copy": copy.copy,
    "plain": lambda sent: sent.dict(),
}


@pytest.mark.parametrize("how", ONE)
def test_one_name_is_heard(how: str) -> None:
    sent = QueryDict("q=1&q=2&a=3")
    with names_looked_at() as read:
        ONE[how](sent)
    assert read == {"q"}


@pytest.mark.parametrize("how", ALL)
def test_all_of_them_are_heard(how: str) -> None:
    sent = QueryDict("q=1&q=2&a=3")
    with names_looked_at() as read:
        ALL[how](sent)
    assert "*" in read


def test_what_is_only_sent_is_not_heard() -> None:
    with names_looked_at() as read:
        sent = QueryDict("q=1&q=2", mutable=True)
        sent.appendlist("a", "3")
    assert read == set()
    assert sent.urlencode() == "q=1&q=2&a=3"


@contract(Permission.VIEW)
def finds_what_lies_elsewhere(request: HttpRequest) -> HttpResponse:
    """A leak that the plain page does not have."""
    found = Household.objects.filter(head_name__startswith=request.GET.get("q") or "nobody")
    return HttpResponse(" ".join(one.head_name for one in found))


@contract(Permission.VIEW, methods=("GET", "POST"))
def looks_at_nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.get_full_path())


urlpatterns = [
    *site.urlpatterns,
    path("finds/", finds_what_lies_elsewhere, name="finds"),
    path("looks/", looks_at_nothing, name="looks"),
]
handler404, handler403, handler500 = site.handler404, site.handler403, site.handler500


def test_a_page_says_what_it_looked_at(world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    asking = Asking(world.users["township_leader"])
    assert asking.ask("GET", "/finds/").looked_at("q")
    assert not asking.ask("GET", "/finds/").looked_at("area")
    assert "前楼户主1" in asking.ask("GET", "/finds/?q=前楼").body.decode()
    assert not asking.ask("GET", "/looks/").looked_at("q")
    assert not asking.ask("GET", "/looks/?q=1").looked_at("q")
    assert not asking.ask("POST", "/looks/", {"q": "1"}).looked_at("q")
    assert asking.ask("GET", "/households/?q=1").looked_at("q")
