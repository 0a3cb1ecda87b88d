"""Sends anything as one person through the server's own handler, and judges what comes back.

An answer may be a page, a redirect or a refusal, never a fault; a refusal has changed nothing, and nothing is stored
that is longer than its column or that PostgreSQL would not keep. What a request wrote is taken back.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client, RequestFactory, override_settings

from accounts.models import User
from config.handler import Handler
from tests.access.reading import names_looked_at
from tests.access.site import MAY_BE_WRITTEN_BY_A_GET, quiet
from tests.rubbish.pages import unbalanced
from tests.rubbish.tables import contents, unkeepable
from tests.rubbish.values import MARK

WRITES = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "(\w+)"', re.I)
KEPT_OF_A_REFUSAL = MAY_BE_WRITTEN_BY_A_GET | {"ledger_auditseal", "accounts_signintries"}
"""A refusal may be recorded, counted and end a session."""
MOST_QUERIES = 150
"""Of one request whatever it holds: more would be work that grows with what was typed."""
BY_THE_PERSON = "/setup/accounts/sheet/"
"""Makes accounts, up to a hundred at once, each with a password and rows of its own."""
REFUSED = re.compile(rb'is-invalid|invalid-feedback|errorlist|alert-danger|role="alert"')


class Environs(RequestFactory):
    """Makes what a server hands over; reading it is left to the handler, since that may fail, too."""

    def request(self, **request: Any) -> Any:
        return self._base_environ(**request)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    location: str
    written: frozenset[str]
    queries: int
    read: frozenset[str] = frozenset()
    """Names of the address and the form that were looked at; ``*`` where all of them were."""

    def looked_at(self, name: str) -> bool:
        """Whether the answer could have been another one had this name held something else."""
        return bool(self.read & {name, "*"})

    @property
    def is_html(self) -> bool:
        return self.body[:15].lstrip().lower().startswith(b"<!doctype html")

    @property
    def is_accepted(self) -> bool:
        return self.status in {302, 303} and bool(self.written - KEPT_OF_A_REFUSAL)


@dataclass
class Sender:
    """One person; ``faults`` collects what should not have happened."""

    user: User | None
    faults: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    looked_at: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.environs, self.cause = Environs(), ""
        # Repeated queries are watched by the tests of the pages.
        with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if not name.startswith("zeal")]):
            self.handler = Handler()
        self.cookies = ""
        if self.user is not None:
            browser = Client()
            browser.force_login(self.user)
            self.cookies = "; ".join(f"{name}={m.value}" for name, m in browser.cookies.items())
        got_request_exception.connect(self._caught)

    def _caught(self, **about: Any) -> None:
        import sys

        kind, fault, trace = sys.exc_info()
        while trace is not None and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        self.cause = f"{kind.__name__ if kind else ''}: {str(fault)[:200]} ({where})"

    def get(self, what: str, url: str, query: bytes = b"", **meta: str) -> Answer:
        path, _mark, own = url.partition("?")
        whole = "&".join(part for part in (own, query.decode("latin-1")) if part)
        return self.send(what, "GET", path, lambda: self._environ("GET", path, b"", "", whole, meta))

    def post(
        self, what: str, url: str, data: dict[str, Any] | bytes, kind: str = "", *, keeps: bool = False, **meta: str
    ) -> Answer:
        """``data`` as a multipart form (text, lists, files), or as bytes of that ``kind``."""
        path, _mark, own = url.partition("?")

        def make() -> dict[str, Any]:
            if isinstance(data, bytes):
                return self._environ("POST", path, data, kind, own, meta)
            for values in data.values():
                for one in values if isinstance(values, list) else [values]:
                    if hasattr(one, "seek"):
                        one.seek(0)
            wired = {name: _wired(value) for name, value in data.items()}
            environ: dict[str, Any] = self.environs.post(path, wired, QUERY_STRING=own, **self._meta(meta))
            return environ

        return self.send(what, "POST", url, make, keeps=keeps)

    def _meta(self, meta: dict[str, str]) -> dict[str, str]:
        return {"HTTP_COOKIE": self.cookies} | meta

    def _environ(self, method: str, path: str, body: bytes, kind: str, query: str, meta: dict[str, str]) -> Any:
        extra = ({"CONTENT_TYPE": kind} if kind else {}) | self._meta(meta)
        return self.environs.generic(
            method, path, body, kind or "application/octet-stream", QUERY_STRING=query, **extra
        )

    def send(
        self, what: str, method: str, url: str, make: Callable[[], dict[str, Any]], *, keeps: bool = False
    ) -> Answer:
        self.sent[method] += 1
        with nullcontext() if keeps else self._taken_back():
            answer = self._ask(make())
            place = f"{method} {url[:120]} {what}"
            self._judge(place, answer)
            if answer.is_accepted:
                self.accepted.add(url)
                self._say(place, unkeepable(answer.written))
        tables = answer.written - KEPT_OF_A_REFUSAL
        if tables and (answer.status >= 400 or REFUSED.search(answer.body)):
            self._say(place, self._what_a_refusal_changed(make, tables))
        return answer

    def _judge(self, place: str, answer: Answer) -> None:
        if answer.status >= 500:
            self._say(place, f"{answer.status} {self.cause}")
        if b"Traceback (most recent" in answer.body or f"<{MARK}".encode() in answer.body:
            self._say(place, "a traceback, or what was typed, stands unescaped in the page")
        if answer.queries > MOST_QUERIES and BY_THE_PERSON not in place:
            self._say(place, f"{answer.queries} queries")
        key = (re.sub(r"\d+|\?.*", "", place.split(" ")[1]), answer.status)
        if answer.is_html and key not in self.looked_at:
            self.looked_at.add(key)
            self._say(place, unbalanced(answer.body))

    def _say(self, place: str, wrong: str) -> None:
        if wrong:
            self.faults.append(f"{place!r}: {wrong}")

    def _what_a_refusal_changed(self, make: Callable[[], dict[str, Any]], tables: frozenset[str]) -> str:
        """Sent once more, between two looks at the tables that it wrote to: writing and taking back is no change."""
        with self._taken_back():
            before = contents(tables)
            self._ask(make())
            after = contents(tables)
        changed = [table for table in sorted(tables) if before[table] != after[table]]
        return f"refused, but changed {changed}" if changed else ""

    @contextmanager
    def _taken_back(self) -> Iterator[None]:
        point = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(point)
            cache.clear()

    def _ask(self, environ: dict[str, Any]) -> Answer:
        count, written = 0, set()

        def watch(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal count
            count += 1
            if found := WRITES.match(sql):
                written.add(found[1])
            return execute(sql, *rest)

        self.cause = ""
        with quiet(), connection.execute_wrapper(watch), names_looked_at() as read:
            try:
                request = self.handler.request_class(environ)
                request._dont_enforce_csrf_checks = True
                response = self.handler.get_response(request)
                body = b"".join(response.streaming_content) if response.streaming else response.content
            except Exception as fault:
                self._caught()
                return Answer(599, repr(fault).encode(), "", frozenset(written), count)
        for close in response._resource_closers:
            close()
        location = response.headers.get("Location", "")
        return Answer(response.status_code, body, location, frozenset(written), count, frozenset(read))


def _wired(value: Any) -> Any:
    """Text as bytes in a list: the test client can't spell surrogates itself."""
    if isinstance(value, str):
        return [value.encode("utf-8", "surrogatepass")]
    if isinstance(value, list):
        return [one.encode("utf-8", "surrogatepass") if isinstance(one, str) else one for one in value]
    return value
