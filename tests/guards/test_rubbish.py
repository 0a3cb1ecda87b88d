"""No input gives a 5xx: every route and every form, fed what no browser sends.

Forms are found in the pages themselves, so a new form is fed too. Each answer may be a page, a redirect or a refusal,
never a fault. Seeded: a failure is repeated by running the test again.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ledger.rules.issues import Step
from tests.guards.test_access_matrix import address, finder
from tests.guards.test_contracts import routes
from tests.world import World

SEED = int(os.environ.get("RUBBISH_SEED", "20261122"))
A_TIME = int(os.environ.get("RUBBISH_FIELDS", "2"))
"""Fields of one form that are fed one by one; more for a thorough run by hand."""
RUBBISH: tuple[str, ...] = (
    "", " ", "0", "-1", "+1", "1.5", "1e9", "9" * 19, "9" * 40, "9" * 5000, "-" + "9" * 25, "٣", "²", "一", "½", "NaN",
    "Infinity", "null", "\x00", "a\x00b", "\x1b[0m", "\u202e\u2066", "\ufffe", "😀" * 50, "字" * 4000, "x" * 10_000,
    "'\"><script>", "%s%(x)s{0}",
    "../../etc/passwd", "0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "0001-01-01", "2026-11-22T25:61",
    "00000000-0000-0000-0000-000000000000", "not-a-uuid", "[]", '{"a": 1}', "township-", "township-9" + "9" * 30,
    "village-x", "none", "\r\nX-Evil: 1", "//evil.example", "http://[bad", "%ff%00", "\\", "*", "_%", "1,2,3", "1;2",
)  # fmt: skip
RAW = ("%00", "%ff%fe", "%ed%a0%80", "%C0%80", "a%00b", "%", "%zz", "&&&==&", "=&=")
"""Query values as bytes: NUL, not UTF-8, a lone surrogate, an overlong NUL, broken escapes."""
GUESSED = (
    "q", "page", "after", "before", "next", "sort", "area", "village", "household", "cadre", "parent", "county", "rows",
)  # fmt: skip
BODIES = (
    ("application/json", b'{"a": [1, 2'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="\x00"\r\n\r\n'),
    ("application/x-www-form-urlencoded; charset=nonsense", b"a=%ff"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"a=1"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1200))),
    ("text/plain", b"\x00\xff"),
    ("", b""),
)  # fmt: skip
PEOPLE = (
    "county_admin", "township_admin", "township_desk", "township_leader", "district_secretary", "village_cadre",
    "household_cadre", "department_handler", "inspector",
)  # fmt: skip


@dataclass
class Form:
    """A form of a page: where it goes and what it holds."""

    method: str
    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return sorted({name for name, _ in self.values} - {"csrfmiddlewaretoken"})


class Forms(HTMLParser):
    """The forms of a page with their fields as a browser would send them, first choices made."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.found.append(Form(at.get("method", "get").lower(), at.get("action", "")))
        elif self.found and tag in {"input", "textarea", "button", "select"} and at.get("name"):
            self._field(tag, at)
        elif tag == "option" and self._select and at.get("value"):
            self.found[-1].values.append((self._select, at["value"]))
            self._select = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self.found[-1].values.append((self._select, ""))
            self._select = ""

    def _field(self, tag: str, at: dict[str, str]) -> None:
        form = self.found[-1]
        if at.get("type") == "file":
            form.files.append(at["name"])
        elif tag == "select":
            self._select = at["name"]
        else:
            form.values.append((at["name"], at.get("value", "")))


def forms_of(content: bytes) -> list[Form]:
    parser = Forms()
    parser.feed(content.decode())
    return parser.found


class Feeder:
    """Sends rubbish as one person; whatever it wrote is taken back before the next."""

    def __init__(self, world: World, who: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(world.users[who])
        self.cookies = {k: m.value for k, m in self.client.cookies.items()}
        self.random = random.Random(f"{SEED} {who}")
        self.faults: list[str] = []

    def some(self, things: Sequence[Any]) -> list[Any]:
        return self.random.sample(things, min(len(things), A_TIME))

    def send(self, what: str, method: str, url: str, **request: Any) -> Any:
        self.client.cookies.clear()
        for name, value in self.cookies.items():
            self.client.cookies[name] = value
        point = transaction.savepoint()
        try:
            first = ("POST", url) if method == "generic" else (url,)
            response = getattr(self.client, method)(*first, **request)
            if response.status_code >= 500:
                self.faults.append(f"{method} {url[:150]} {what}: {response.status_code} {_cause(response)}")
            return response
        finally:
            transaction.savepoint_rollback(point)

    def query(self, url: str, names: list[str]) -> None:
        """One name after the other with rubbish; then all at once, each twice; then bytes that are no text."""
        mark = "&" if "?" in url else "?"
        for name in self.some(names):
            value = self.random.choice(RUBBISH)
            self.send(repr(value)[:40], "get", f"{url}{mark}{quote(name)}={quote(value)}")
        pairs = [(n, self.random.choice(RUBBISH)[:1500]) for n in names * 2]
        self.send("all", "get", f"{url}{mark}" + "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs))
        raw = self.random.choice(RAW)
        self.send("raw", "get", f"{url}{mark}" + "&".join(f"{quote(n)}={raw}" for n in names))

    def form(self, form: Form, url: str) -> None:
        target = form.action or url
        sent = dict(form.values)
        self.send("empty", "post", target, data={})
        for name in self.some(form.names):
            value = self.random.choice(RUBBISH)
            self.send(f"{name}={value!r:.40}", "post", target, data={**sent, name: value})
        everything = {n: self.random.choice(RUBBISH) for n in form.names}
        self.send(f"all {everything!r:.80}", "post", target, data=everything)
        self.send("twice", "post", target, data={n: [v, self.random.choice(RUBBISH)] for n, v in sent.items()})
        self.send("text for files", "post", target, data={**sent, **dict.fromkeys(form.files, "text")})
        for name in form.files:
            for upload in self.some(list(uploads())):
                self.send(f"{name}: {upload.name}", "post", target, data={**sent, name: upload})

    def bodies(self, url: str) -> None:
        for kind, body in self.some(BODIES):
            self.send(f"{kind} {body[:30]!r}", "generic", url, data=body, content_type=kind)


def _cause(response: Any) -> str:
    info = getattr(response, "exc_info", None)
    if not info:
        return ""
    trace = info[2]
    while trace.tb_next:
        trace = trace.tb_next
    return f"{info[0].__name__}: {str(info[1])[:200]} ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"


def uploads() -> Iterator[SimpleUploadedFile]:
    """Files that are not what they say."""
    for name, content in (
        ("empty.jpg", b""),
        ("cut.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("list.xlsx", b"PK\x03\x04 broken"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600),
        ("list.csv", b"\xff\xfe\x00" * 50),
        ("paper.pdf", b"MZ\x90 %PDF-1.7"),
        ("../../x\r\n\u202egpj.php.jpg", b"GIF89a/*<?php ?>*/"),
    ):
        yield SimpleUploadedFile(name, content, "image/jpeg")


def pages(world: World) -> dict[str, tuple[str, frozenset[str]]]:
    found = {}
    for route in routes():
        find = finder(str(route.name))
        pk = find(world, "城垵").pk if find and set(route.pattern.converters) & {"pk", "township"} else 0
        found[str(route.name)] = (address(route, pk), route.callback.contract.methods)
        if route.name == "issue_step":
            for step in Step:
                found[f"issue_step {step}"] = (reverse("issue_step", args=[pk, step]), route.callback.contract.methods)
    for name in ("visit_create", "issue_create"):
        url, methods = found[name]
        found[f"{name} for a household"] = (f"{url}?household={world.households['城垵'][0].pk}", methods)
    return found


def test_no_rubbish_makes_a_fault(access_world: World, db: None, settings: Any) -> None:
    """Each page is fed by the first of the people who can open it; the others only look."""
    # Repeated queries are not the matter here.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("zeal")]
    fed: set[tuple[str, ...]] = set()
    world = access_world
    faults, places = [], pages(world)
    for who in PEOPLE:
        feeder = Feeder(world, who)
        for name, (url, methods) in places.items():
            _feed(feeder, fed, name, url, methods)
        faults += [f"{who}: {fault}" for fault in feeder.faults]
    assert not faults, "\n".join(faults)


def _feed(feeder: Feeder, fed: set[tuple[str, ...]], name: str, url: str, methods: frozenset[str]) -> None:
    page = feeder.send("plain", "get", url) if "GET" in methods else None
    opened = page is not None and page.status_code == 200
    found = forms_of(page.content) if opened and not page.streaming else []
    if opened and ("get", name) not in fed:
        fed.add(("get", name))
        filters = {n for f in found if f.method == "get" for n in f.names}
        feeder.query(url, sorted(filters) or list(GUESSED))
    for form in found:
        key = (form.action or name, *form.names)
        if form.method == "post" and "logout" not in form.action and key not in fed:
            fed.add(key)
            feeder.form(form, url)
    if "POST" in methods and (opened or page is None) and ("post", name) not in fed:
        fed.add(("post", name))
        feeder.bodies(url)


@pytest.mark.parametrize(
    "url",
    ["/\x00", "/%00", "/%ff", "/issues/%ed%a0%80/", f"/issues/{'9' * 30}/", f"/issues/{'9' * 5000}/", "/" + "a" * 9000],
)
def test_no_address_makes_a_fault(world: World, url: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.users["county_admin"])
    assert client.get(url).status_code in {400, 404, 414}
