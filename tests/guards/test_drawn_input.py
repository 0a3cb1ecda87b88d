"""No input that hypothesis can draw gives a 5xx, in any form or filter: text with NUL, lone surrogates, right-to-left
marks and characters beyond the BMP, a megabyte, huge and negative numbers, keys that come twice or not at all.

What test_rubbish.py deals from a deck is drawn here, and what fails is made as small as it can be.
"""

from dataclasses import dataclass
from operator import methodcaller
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.access.actors import Actor
from tests.access.site import routes
from tests.drill import times
from tests.rubbish.pages import Field, Form, forms_of
from tests.rubbish.places import ACTORS, Place, places, route_of, user_of
from tests.rubbish.sending import Sender
from tests.rubbish.values import DECK, HUGE, on_the_wire
from tests.world import World

EXAMPLES = times(ci=4, drill=30)
"""Draws for each form; the first of them is always the smallest there is."""
SIGNS_OUT = "account_logout"
LOOKERS = times(ci=2, drill=99)
"""People who open one page to see its forms."""
ODD_TEXT = st.text(st.characters(), max_size=60)
VALUES = st.one_of(
    ODD_TEXT, st.integers().map(str), st.floats().map(str), st.datetimes().map(str), st.uuids().map(str),
    st.sampled_from(DECK), st.binary(max_size=9).map(methodcaller("decode", "latin-1")),
)  # fmt: skip
LARGE = st.sampled_from((*["x"] * 39, HUGE))
"""Rarely a megabyte: each costs a tenth of a second."""


@dataclass(frozen=True)
class Entrance:
    """One form or filter, and somebody who may send it."""

    actor: Actor
    place: Place
    form: Form

    @property
    def target(self) -> str:
        return self.form.action or self.place.url


def entrances(world: World, senders: dict[str, Sender]) -> list[Entrance]:
    """Every form of every page once, for one of those who are shown it; then what is posted to without a form."""
    found: dict[tuple[str, ...], Entrance] = {}
    for place in places(world):
        able = sorted((a for a in ACTORS if place.is_for(a)), key=lambda a: crc32(f"{place.name} {a.name}".encode()))
        for actor in able[:LOOKERS] if "GET" in place.methods else []:
            page = senders.setdefault(actor.name, Sender(user_of(world, actor))).get("plain", place.url)
            for form in forms_of(page.body) if page.status == 200 and page.is_html else []:
                key = (route_of(form.action, place.url), form.method, *sorted(form.fields))
                if form.names and key[0] not in {"", SIGNS_OUT}:
                    found.setdefault(key, Entrance(actor, place, form))
        if able and "POST" in place.methods and (place.target.name, "post") not in {key[:2] for key in found}:
            senders.setdefault(able[0].name, Sender(user_of(world, able[0])))
            unseen = Form("post", place.url, {name: Field(name, "hidden") for name in place.names})
            found[place.target.name, "post", place.url] = Entrance(able[0], place, unseen)
    return list(found.values())


def drawn(form: Form) -> st.SearchStrategy[dict[str, list[str]]]:
    """Some fields with odd values, each up to three times; the others as a person would fill them in, or left out."""
    odd = st.dictionaries(st.sampled_from(form.names), st.lists(VALUES, max_size=3), min_size=1)
    left_out = st.sets(st.sampled_from(form.names), max_size=2)

    # By name: hypothesis parses the whole file again for each lambda that it is given.
    def filled_in(odd: dict[str, list[str]], out: set[str], large: str, big: str) -> dict[str, list[str]]:
        sent = {n: v for n, v in (form.filled() | odd).items() if n not in out}
        return sent | ({large: [big]} if big == HUGE else {})

    made: st.SearchStrategy[dict[str, list[str]]] = st.builds(
        filled_in, odd, left_out, st.sampled_from(form.names), LARGE
    )
    return made


def send(sender: Sender, entrance: Entrance, sent: dict[str, list[str]]) -> None:
    what = f"{sent!r:.300}"
    if entrance.form.method == "get":
        pairs = [name.encode() + b"=" + on_the_wire(one)[:8000] for name, values in sent.items() for one in values]
        sender.get(what, entrance.target, b"&".join(pairs))
    else:
        sender.post(what, entrance.target, dict[str, Any](sent))


def feed(sender: Sender, entrance: Entrance) -> None:
    """Send what is drawn; the test fails with the smallest form that does harm."""

    @seed(crc32(f"{entrance.target} {sorted(entrance.form.names)}".encode()))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(drawn(entrance.form))
    def fed(sent: dict[str, list[str]]) -> None:
        sender.faults.clear()
        send(sender, entrance, sent)
        assert sender.faults == []

    fed()


@pytest.mark.drill(sqlite_in_ci=True)
def test_nothing_that_is_drawn_makes_a_fault(access_world: World, db: None) -> None:
    senders: dict[str, Sender] = {}
    met = entrances(access_world, senders)
    for entrance in met:
        feed(senders[entrance.actor.name], entrance)
    posts = {str(route.name) for route in routes() if "POST" in route.callback.contract.methods}
    assert posts - {route_of(one.target, "") for one in met if one.form.method == "post"} == {SIGNS_OUT}
