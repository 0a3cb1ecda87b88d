"""No input gives a 5xx: every route × method × role that may use it, every field of every form, every parameter.

Forms are found in the pages themselves and in the form classes, parameters also in the sources of the views, so that
a new one is fed, too. Seeded in CI; ``make drill`` feeds everybody everything, with a seed of its own that it prints
(``RUBBISH_SEED`` repeats it). What an answer must be stands in tests/rubbish/sending.py.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pytest
from django.db import connection

from tests.access.actors import Actor
from tests.drill import DRILLING, times
from tests.rubbish.pages import Form, forms_of
from tests.rubbish.places import ACTORS, Place, places, route_of, user_of
from tests.rubbish.sending import Answer, Sender
from tests.rubbish.values import DECK, HUGE, NASTIEST, RAW, on_the_wire, uploads
from tests.world import World

SEED = int(os.environ.get("RUBBISH_SEED") or (random.randrange(10**6) if DRILLING else 20261122))
POSTGRESQL = connection.vendor == "postgresql"
VALUES = NASTIEST if POSTGRESQL and not DRILLING else DECK
A_FIELD = times(ci=1, drill=2)
"""Values that each field of a form is sent on its own."""
TOGETHER = times(ci=1, drill=3)
"""Requests with rubbish in all fields."""
FEEDERS = times(ci=1, drill=99)
"""People who feed one page."""
EVERYWHERE = frozenset({"account_logout", "language", "large_type"})
"""Forms in the frame of each page: their own routes feed them."""


@dataclass
class Feeder:
    """One role on its round through the pages."""

    actor: Actor
    sender: Sender
    deck: Iterator[str] = field(init=False)
    fed: set[tuple[str, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{SEED} {self.actor.name}")
        self.deck = self._deal()

    def _deal(self) -> Iterator[str]:
        """The whole deck, shuffled, again and again: over a round all of it is used."""
        while True:
            yield from self.random.sample(VALUES, len(VALUES))

    def page(self, place: Place) -> None:
        if "GET" in place.methods:
            answer = self.sender.get("plain", place.url)
            found = forms_of(answer.body) if answer.status == 200 and answer.is_html else []
            self._query(place, {n for form in found if form.method == "get" for n in form.names}, answer)
            for form in found:
                if form.method == "post":
                    self._form(form, place)
        if "POST" in place.methods:
            self._unseen(place)

    def _query(self, place: Place, shown: set[str], plain: Answer) -> None:
        """One name after the other, then all at once, each twice; then bytes that are no text.

        A name that the plain page never looked at makes no other page, whatever it holds.
        """
        names = sorted(shown | set(place.names))
        for name in names if DRILLING else self.random.sample(names, min(6, len(names))):
            for value in [next(self.deck) for _ in range(A_FIELD)]:
                if not plain.looked_at(name):
                    continue
                self.sender.get(f"{name}={value!r:.60}", place.url, name.encode() + b"=" + on_the_wire(value)[:8000])
        pairs = [(name.encode(), on_the_wire(next(self.deck))[:1500]) for name in names * 2]
        if any(map(plain.looked_at, names)):
            self.sender.get("all", place.url, b"&".join(n + b"=" + v for n, v in pairs))
        raw = self.random.choice(RAW)
        self.sender.get(f"raw {raw!r}", place.url, b"&".join(n.encode() + b"=" + raw for n in names))
        self.sender.get("htmx", place.url, b"q=%00&" + raw, HTTP_HX_REQUEST="true", HTTP_HX_TARGET=next(self.deck)[:9])

    def _form(self, form: Form, place: Place) -> None:
        key = (route_of(form.action, place.url), *sorted(form.fields))
        if key[0] in EVERYWHERE - {place.target.name} or not key[0] or key in self.fed:
            return
        self.fed.add(key)
        target, sent = form.action or place.url, form.filled()
        self.sender.post("as filled in", target, sent)
        self.sender.post("nothing", target, {})
        for name in form.names:
            for value in [next(self.deck) for _ in range(A_FIELD)]:
                self.sender.post(f"{name}={value!r:.60}", target, {**sent, name: value})
        for _ in range(TOGETHER):
            mixed = {name: next(self.deck) if self.random.random() < 0.4 else sent.get(name, []) for name in form.names}
            self.sender.post(f"mixed {mixed!r:.300}", target, mixed)
        twice = {name: [*sent.get(name, []), next(self.deck)] for name in form.names}
        self.sender.post("twice", target, twice)
        self._odd_kinds(form, target, sent)

    def _odd_kinds(self, form: Form, target: str, sent: dict[str, Any]) -> None:
        """Names that are left out or take another shape, files for text and text for files, a megabyte."""
        names = form.names
        if not names:
            return
        one = self.random.choice(names)
        self.sender.post(f"without {one}", target, {n: v for n, v in sent.items() if n != one})
        self.sender.post("as lists", target, {f"{n}[]": v for n, v in sent.items()} | {f"{one}.0": "1"})
        self.sender.post(f"file for {one}", target, {**sent, one: next(uploads())})
        big = self.random.choice(form.typed or names)
        self.sender.post(f"1 MB for {big}", target, {**sent, big: HUGE})
        for name in form.files:
            self.sender.post(f"text for {name}", target, {**sent, name: "text"})
            hostile = list(uploads())
            for upload in hostile if DRILLING else self.random.sample(hostile, 3):
                self.sender.post(f"{name}: {upload.name!r:.30}", target, {**sent, name: [upload, upload]})

    def _unseen(self, place: Place) -> None:
        """What the view asks for, whether or not a form of a page has it."""
        for _ in range(TOGETHER):
            rubbish = {name: next(self.deck) for name in place.names}
            self.sender.post(f"unseen {rubbish!r:.300}", place.url, rubbish)


def feeders(place: Place) -> list[Actor]:
    """Who feeds a page: in CI some of those who may use it, others for each page."""
    able = [actor for actor in ACTORS if place.is_for(actor)]
    return sorted(able, key=lambda actor: crc32(f"{place.name} {actor.name}".encode()))[:FEEDERS]


@pytest.fixture(scope="module")
def fields(access_world: World) -> list[Place]:
    return places(access_world)


@pytest.mark.drill
@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: actor.name.replace(" ", "_"))
def test_no_rubbish_makes_a_fault(access_world: World, db: None, fields: list[Place], actor: Actor) -> None:
    print(f"RUBBISH_SEED={SEED}")  # noqa: T201 - shown where the test fails
    feeder = Feeder(actor, Sender(user_of(access_world, actor)))
    for place in fields:
        if actor in feeders(place):
            feeder.page(place)
    print(f"{actor.name}: {dict(feeder.sender.sent)}, accepted: {len(feeder.sender.accepted)}")  # noqa: T201
    assert feeder.sender.faults == []


def test_every_page_has_somebody_who_feeds_it(fields: list[Place]) -> None:
    assert [place.name for place in fields if not feeders(place)] == []
