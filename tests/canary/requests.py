"""What somebody may try: every page, every list with searches and filters, every form as its page offers it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.access.actors import COUNTY
from tests.access.site import routes
from tests.access.targets import target_of
from tests.access.world import KINDS, PLACES
from tests.world import World

SEARCHES = ("城垵", "前楼", "G0")
"""Beginnings of names here and elsewhere, and of every cadre's number: what a search can find is found."""
SEARCHED = "q="
"""How the query of a search begins; an address whose answer never looked at it needs not be asked for another word."""
HTMX = {"HTTP_HX_REQUEST": "true"}


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.url.partition("?")[0]

    @property
    def is_search(self) -> bool:
        """Whether it differs from the plain page by the word searched for alone."""
        return self.url.partition("?")[2].startswith(SEARCHED) and not self.headers


def gets(world: World, place: str = "own") -> Iterator[Request]:
    """Every page: rows of the own place, and of another township for what the refusal says."""
    for route in routes():
        if "GET" not in route.callback.contract.methods:
            continue
        target = target_of(route)
        yield Request("GET", target.url(world, place))
        if target.kind:
            yield Request("GET", target.url(world, "other township" if place in COUNTY - {"other township"} else "own"))


def searches(world: World) -> Iterator[Request]:
    """Lists with a search, with the filters that other pages link to, also with what lies elsewhere."""
    for route in routes():
        target = target_of(route)
        if "GET" not in route.callback.contract.methods or target.kind:
            continue
        url = target.url(world)
        for word in SEARCHES[:2]:
            yield Request("GET", f"{url}?{SEARCHED}{quote(word)}")
    for url in ("/households/", "/issues/", "/visits/", "/dashboard/", "/desk/"):
        for level, place in (("village", "own"), ("township", "other township"), ("village", "other county")):
            yield Request("GET", f"{url}?area={level}-{KINDS[level](world, PLACES[place]).pk}")
    for query in ("status=all", "order=need", "cadre=none", "covered=no", "counted=1"):
        yield Request("GET", f"/households/?{query}")
    for query in ("state=closed", "mine=raised", "mine=handled", "sensitive=no"):
        yield Request("GET", f"/issues/?{query}")


def posts(world: World) -> Iterator[Request]:
    """Every form sent empty, and as a search of people, units and households."""
    for route in routes():
        if "POST" not in route.callback.contract.methods:
            continue
        target = target_of(route)
        yield Request("POST", target.url(world), {"q": "户主"})
    typed = {"search": "1", "household_find": "户主", "about_find": "干部", "find": "干部", "q": "户主"}
    issue = world.issues[PLACES["own"]].pk
    for word in SEARCHES:
        found = typed | dict.fromkeys(("household_find", "about_find", "find"), word)
        yield Request("POST", "/issues/new/", found)
        yield Request("POST", f"/issues/{issue}/assign/", found)
        yield Request("GET", f"/issues/{issue}/assign/?find={quote(word)}", headers=HTMX)
        for rows in ("household_find", "about_find"):
            yield Request("GET", f"/issues/new/?rows={rows}&{rows}={quote(word)}", headers=HTMX)


def every(world: World) -> Iterator[Request]:
    yield from gets(world)
    yield from searches(world)
    yield from posts(world)
