"""The matrix: every route × declared method × actor × place, and what each must answer.

Outside the scope a row is missing: its answer equals that to an id nobody has, in status, body, headers, the number of
queries and in writing nothing. Only tokens, request ids and the id itself may differ.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection

from tests.access.actors import ACTORS, Actor
from tests.access.site import MAY_BE_WRITTEN_BY_A_GET, Answer, Asking, methods, routes
from tests.access.targets import VILLAGE_LIFE, Target, target_of
from tests.access.world import MISSING
from tests.drill import DRILLING
from tests.world import World

LETS_IN, REFUSES = "in", "refused"
SHARE = 6
"""On PostgreSQL each actor is asked one pair in so many in CI, each pair by a sixth of the actors."""
TOKENS = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")\w+|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
    rb'|(?<="csrf": ")\w+|(?<="token": ")[^"]+|(?<="now": )[0-9.]+|(?<="made": )[0-9.]+|(?<="until": )[0-9.]+'
)
"""Tokens and clocks, in pages and in what a phone is told."""
MOMENTARY = frozenset({"X-Request-ID", "Expires", "Content-Length"})
MISSING_IN_SCOPE = {
    ("account_create_one", "POST"), ("account_reset", "POST"),  # without a client id the form is none of ours
}  # fmt: skip


@dataclass
class Column:
    """What one actor met: (route, method) → place → answer; ``wrong`` says what was not as it must be."""

    actor: Actor
    met: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    asked: int = 0


def _unpacked(body: bytes) -> bytes:
    """A workbook as what it says: its members without the clock, which stands in their dates and in one of them."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return b"".join(name.encode() + book.read(name) for name in book.namelist() if name != "docProps/core.xml")


def without_tokens(answer: Answer, pk: int) -> tuple[object, ...]:
    """What of an answer must be the same for a missing and for a foreign row."""
    number = re.compile(rb"(?<!\d)%d(?!\d)" % pk)
    body = number.sub(b"#", TOKENS.sub(b"", _unpacked(answer.body)))
    plain = []
    for name, value in answer.headers:
        if name == "Set-Cookie":
            value = re.sub(r"=[^;]*", "=", value)
        if name not in MOMENTARY:
            plain.append((name, re.sub(rf"(?<!\d){pk}(?!\d)", "#", value)))
    return answer.status, body, sorted(plain)


class Matrix:
    """Fills one column: everything that one actor may be answered."""

    def __init__(self, world: World, actor: Actor, *, with_heads: bool = False) -> None:
        self.world, self.column, self.with_heads = world, Column(actor), with_heads
        self.asking = Asking(world.users[actor.key] if actor.key else None)

    @cached_property
    def pairs(self) -> list[tuple[Target, str]]:
        """All of them; a share on PostgreSQL, where the drill has all and the rules are the same."""
        every = [(target_of(route), method) for route in routes() for method in methods(route)]
        if connection.vendor == "sqlite" or DRILLING:
            return every
        return every[ACTORS.index(self.column.actor) % SHARE :: SHARE]

    def fill(self) -> Column:
        for target, method in self.pairs:
            self._row(target, method) if target.kind else self._page(target, method)
        return self.column

    def _ask(self, method: str, url: str) -> Answer:
        self.column.asked += 1
        return self.asking.ask(method, url)

    def _page(self, target: Target, method: str) -> None:
        """A page without an id: let in by permission alone."""
        answer = self._ask(method, target.address(MISSING))
        self._judge(target, method, "own", answer, in_scope=True)
        self._head(target, method, "own", MISSING, answer)

    def _row(self, target: Target, method: str) -> None:
        actor = self.column.actor
        missing = self._ask(method, target.address(MISSING))
        self._judge(target, method, "missing", missing, in_scope=False)
        plain = None
        for place in actor.places:
            pk = self._id(target, place)
            answer = self._ask(method, target.address(pk))
            in_scope = actor.reaches(target.kind, place, life=VILLAGE_LIFE)
            self._judge(target, method, place, answer, in_scope=in_scope)
            if place in {"own", "other township"}:
                self._head(target, method, place, pk, answer)
            may_know = in_scope and actor.holds(target.route.callback.contract.permission) and actor.signed_in
            if may_know:
                continue
            plain = plain or without_tokens(missing, MISSING)
            if without_tokens(answer, pk) != plain or answer.queries != missing.queries:
                self._say(target, method, place, f"differs from a missing one: {_difference(answer, missing, pk)}")

    def _head(self, target: Target, method: str, place: str, pk: int, got: Answer) -> None:
        """A HEAD is the GET without its body."""
        if not self.with_heads or method != "GET":
            return
        head = self._ask("HEAD", target.address(pk))
        written = head.written - MAY_BE_WRITTEN_BY_A_GET
        if head.status != got.status or head.body or written:
            self._say(target, "HEAD", place, f"{head.status}, not {got.status}, {len(head.body)} bytes, {written}")

    def _id(self, target: Target, place: str) -> int:
        """Looked up once for all people: no test of the matrix leaves a row behind."""
        key = (target.kind, place)
        if key not in self.world.ids:
            self.world.ids[key] = target.at(self.world, place)
        return self.world.ids[key]

    def _judge(self, target: Target, method: str, place: str, answer: Answer, *, in_scope: bool) -> None:
        contract, actor, status = target.route.callback.contract, self.column.actor, answer.status
        written = answer.written - MAY_BE_WRITTEN_BY_A_GET
        if contract.public:
            expected = status < 500
        elif not actor.signed_in:
            expected = status == 302 and answer.header("Location").startswith("/account/login/")
        elif not actor.holds(contract.permission):
            expected = status == 403
        elif not in_scope:
            expected = status == 404
        else:
            expected = status < 500 and (status != 404 or not target.kind or (target.name, method) in MISSING_IN_SCOPE)
        if not expected:
            self._say(target, method, place, f"{status}")
        if written and (method == "GET" or status in {403, 404, 405}):
            self._say(target, method, place, f"{status} and wrote {sorted(written)}")
        met = self.column.met.setdefault((target.name, method), {})
        if place != "missing":
            for_cause = status == 403 and in_scope and actor.holds(contract.permission)
            # Without an id a 404 speaks of what the form left out.
            inside = status not in {403, 404} or (status == 404 and not target.kind)
            met[place] = LETS_IN if inside else REFUSES if for_cause else ""

    def _say(self, target: Target, method: str, place: str, what: str) -> None:
        self.column.wrong.append(f"{method} {target.name} of {place}: {what}")


def _difference(answer: Answer, missing: Answer, pk: int) -> str:
    if answer.queries != missing.queries:
        return f"{answer.queries} queries, not {missing.queries}"
    one, other = without_tokens(answer, pk), without_tokens(missing, MISSING)
    return (
        f"{one[0]}, not {other[0]}" if one[0] != other[0] else f"body {one[1] != other[1]}, headers {one[2]} {other[2]}"
    )
