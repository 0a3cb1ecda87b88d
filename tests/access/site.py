"""Every route of the site, read from the URLconf, and a caller that asks it as a browser would."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.test.client import Client, ClientHandler, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from tests.access.reading import names_looked_at

WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', re.I)
MAY_BE_WRITTEN_BY_A_GET = frozenset({"ledger_auditrow", "accounts_session", "django_cache"})
"""design.md 10: reads and sessions may be recorded by a GET; nothing else may be written by one."""


def routes() -> list[URLPattern]:
    """All URL patterns of the site, flat, by name."""
    found: list[URLPattern] = []
    waiting: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    while waiting:
        item = waiting.pop()
        if isinstance(item, URLResolver):
            waiting += item.url_patterns
        else:
            found.append(item)
    return sorted(found, key=lambda p: str(p.name))


def methods(route: URLPattern) -> list[str]:
    """The methods that the view declares; HEAD is GET without its body and has a test of its own."""
    return sorted(route.callback.contract.methods - {"HEAD"})


@dataclass(frozen=True)
class Answer:
    """What came back, and what it took."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]
    queries: int
    written: frozenset[str] = field(default_factory=frozenset)
    read: frozenset[str] = field(default_factory=frozenset)
    """Names of the address and the form that were looked at; ``*`` where all of them were."""

    def looked_at(self, name: str) -> bool:
        """Whether the answer could have been another one had this name held something else."""
        return bool(self.read & {name, "*"})

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Asking:
    """One person's browser, without the test client's recording of templates: a tenth of a suite's time.

    ``keeps=False`` takes back whatever a request wrote before the next one is sent.
    """

    def __init__(self, user: User | None) -> None:
        self.factory = RequestFactory()
        self.handler = ClientHandler(enforce_csrf_checks=False)
        # Repeated queries are watched by the tests of the pages; here that would double the time.
        with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if not name.startswith("zeal")]):
            self.handler.load_middleware()
        if user is not None:
            browser = Client()
            browser.force_login(user)
            self.factory.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})

    def ask(self, method: str, url: str, data: Any = None, *, keeps: bool = False, **headers: str) -> Answer:
        make = getattr(self.factory, method.lower())
        parts = urlsplit(url)
        request = make(url if parts.query else parts.path, data or {}, **headers)
        point = transaction.savepoint()
        count, written = 0, set()

        def watch(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal count
            count += 1
            if found := WRITES.match(sql):
                written.add(found[1])
            return execute(sql, *rest)

        try:
            with quiet(), connection.execute_wrapper(watch), names_looked_at() as read:
                response = self.handler(request.environ)
                body = b"".join(response.streaming_content) if response.streaming else response.content
        finally:
            transaction.savepoint_commit(point) if keeps else transaction.savepoint_rollback(point)
            if not keeps:
                cache.clear()  # counters of reveals and lock-outs are taken back, too
        morsels = tuple(("Set-Cookie", m.OutputString()) for m in response.cookies.values())
        headers = (*response.headers.items(), *morsels)
        return Answer(response.status_code, body, headers, count, frozenset(written), frozenset(read))


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of refusals are expected: nobody reads their log lines."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
