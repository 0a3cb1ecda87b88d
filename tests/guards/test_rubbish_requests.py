"""No envelope gives a 5xx either: bodies of every kind, headers, cookies, methods and addresses that make no sense.

What the forms and parameters inside are fed stands in test_rubbish.py.
"""

import gzip
import re

import pytest

from ledger.models import Household
from tests.access.site import routes
from tests.access.targets import target_of
from tests.drill import DRILLING
from tests.rubbish.sending import Answer, Sender
from tests.rubbish.values import HUGE, TEXTS, on_the_wire
from tests.world import World

PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n1\r\n--x--\r\n'
MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
BODIES: tuple[tuple[str, bytes], ...] = (
    ("", b""), ("application/json", b'{"a": [1, 2'), ("application/json", b"[" * 5000), ("text/plain", b"\x00\xff"),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    (MULTIPART, b"no boundary"), (f"{MULTIPART}; boundary=", PART % (b"a", b"")),
    (f"{MULTIPART}; boundary={'x' * 300}", b"a"), (f"{MULTIPART}; boundary=\xff", b"a"),
    (f"{MULTIPART}; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a'),
    (f"{MULTIPART}; boundary=x", PART % (b"f", b'; filename="\x00"')),
    (f"{MULTIPART}; boundary=x", PART % (b"f", b"; filename*=nonsense''x")),
    (f"{MULTIPART}; boundary=x", PART % (b"\xff\xfe\x00", b"")),
    (f"{MULTIPART}; boundary=x", PART % (b"a", b"\r\nContent-Transfer-Encoding: base64")),
    (f"{MULTIPART}; boundary=x", b"".join(PART[:-9] % (b"f%d" % n, b"") for n in range(1200)) + b"--x--\r\n"),
    (f"{MULTIPART}; boundary=x", gzip.compress(PART % (b"a", b""))),
    *((f"{MULTIPART}; boundary=x; charset={name}", PART % (b"a", b"")) for name in
      ("base64", "rot13", "undefined", "idna", "utf-7", "utf-16", "unicode_escape", "hex", "no-such", "x" * 3000)),
    (f"{MULTIPART}; boundary*=nonsense''x", PART % (b"a", b"")), ("text/plain; charset=nul\x00l", b"a=1"),
    (f"{URLENCODED}; charset=base64", b"a=1"), (f"{URLENCODED}; charset=utf-16", b"a=1"),
    (f"{URLENCODED}; charset*=nonsense''utf-8", b"a=1"), (f"{URLENCODED}; charset=\"", b"a=1"),
    (URLENCODED, b"&".join(b"f%d=1" % n for n in range(1200))), (URLENCODED, b"\x00=\xff&=&&=\xed\xa0\x80;a=b"),
    (URLENCODED, b"a=" + HUGE.encode()), (URLENCODED, gzip.compress(b"a=1")), (";" * 9000, b"a"), ("\xff/\x00", b"a"),
)  # fmt: skip
HEADERS = (
    "HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_REFERER", "HTTP_ORIGIN",
    "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_CONTENT_ENCODING", "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_HX_REQUEST", "HTTP_HX_CURRENT_URL", "HTTP_HX_TARGET", "HTTP_HX_BOOSTED",
    "HTTP_TRIGGERING_EVENT", "HTTP_X_REQUEST_ID", "HTTP_USER_AGENT", "HTTP_AUTHORIZATION", "HTTP_X_CSRFTOKEN",
    "REMOTE_ADDR", "CONTENT_LENGTH", "CONTENT_TYPE", "SERVER_PORT", "HTTP_X_HTTP_METHOD_OVERRIDE",
    "HTTP_X_ORIGINAL_URL",
)  # fmt: skip
HEADER_VALUES = (
    "", " ", "\x00", "\xff\xfe", "é" * 4000, "%00", "http://[bad", "{", '{"a"', "bytes=9-1", "-5", "²", "9" * 5000, "*",
    "true", "DELETE", "a, b;q=nan", "evil.example", "W/\"\x00\"", "Basic \xff", "; charset*=x''y", "uri-encoded=%ff",
)  # fmt: skip
COOKIES = (
    "sessionid", "csrftoken", "django_language", "messages", "large_type", "__Host-x", "sessionid; sessionid", "=",
)  # fmt: skip
COOKIE_VALUES = (
    '"abcdefghijk\\000"', '"\\000"', '"\\377\\355\\240\\200"', "x" * 5000, "", '"', "a:b:c", "\xff\xfe\x80", "\x00",
    "%00%ff", "W1tdXQ:1x:y", "9" * 32, "{}", '"\\"\\\\',
)  # fmt: skip
METHODS = ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD", "PROPFIND", "CONNECT", "G\x00T", "", "X" * 5000)
IDS = (
    "0", "-1", "9" * 18, "9" * 19, "9" * 40, "9" * 5000, "%D9%A3", "%EF%BC%91", "%00", "1%00",
    "1.0", "1e1", "%2e%2e", "%",
    "%ff", "%ed%a0%80", "1/../2", "1;x", "1%0d%0aX-Evil:1", "%E2%80%AE1", "NaN", "__proto__", "%F0%9F%98%80",
)  # fmt: skip
LISTS = (
    "/households/", "/visits/", "/issues/", "/desk/", "/audit/", "/setup/cadres/", "/setup/organisations/",
)  # fmt: skip
WAYS_IN = ("/account/login/", "/households/", "/visits/new/", "/account/language/", "/healthz", "/nowhere/")


@pytest.fixture
def sender(access_world: World, db: None) -> Sender:
    return Sender(access_world.users["township_admin"])


@pytest.fixture
def stranger(access_world: World, db: None) -> Sender:
    return Sender(None)


def test_no_body_makes_a_fault(access_world: World, sender: Sender, stranger: Sender) -> None:
    """Each kind at the sign-in and at a few forms; and each form is sent some."""
    posts = [target_of(route) for route in routes() if "POST" in route.callback.contract.methods]
    for number, target in enumerate(posts):
        for kind, body in BODIES[number % 3 :: 3] if number % 4 == 0 else BODIES[number % 9 :: 9]:
            sender.post(f"{kind:.60} {body[:40]!r}", target.url(access_world), body, kind)
    for kind, body in BODIES:
        stranger.post(f"{kind:.60} {body[:40]!r}", "/account/login/", body, kind)
        sender.get(f"GET with {kind:.60}", "/households/", b"q=%D9%A3", CONTENT_TYPE=kind)
    assert sender.faults + stranger.faults == []


def test_what_is_not_utf_8_is_refused_and_nothing_is_stored(access_world: World, sender: Sender) -> None:
    village = access_world.villages["城垵"].pk
    before = Household.objects.count()
    body = (PART % (b"name", b"")).replace(b"1\r\n", b"+2AA-\r\n")
    answer = sender.post(
        "utf-7", f"/households/new/?village={village}", body, f"{MULTIPART}; boundary=x; charset=utf-7"
    )
    assert (answer.status, answer.is_html, Household.objects.count()) == (400, True, before)
    for spelling in ("utf-8", "UTF-8", '"utf8"', "ascii"):
        said = sender.post(spelling, "/account/language/", PART % (b"language", b""), _multipart(spelling))
        assert said.status != 500, spelling
    plain = sender.post("plain", "/account/large-type/", PART % (b"large_type", b""), _multipart("UTF-8"))
    assert plain.status == 302


def _multipart(charset: str) -> str:
    return f"{MULTIPART}; boundary=x; charset={charset}"


def test_no_header_makes_a_fault(sender: Sender, stranger: Sender) -> None:
    for number, name in enumerate(HEADERS):
        for turn, value in enumerate(HEADER_VALUES):
            if not DRILLING and (number + turn) % 2 and name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
                continue
            way = WAYS_IN[(number + turn) % len(WAYS_IN)]
            for who in (sender, stranger):
                if way == "/account/language/":
                    who.post(f"{name}={value!r:.30}", way, b"language=en", URLENCODED, **{name: value})
                else:
                    who.get(f"{name}={value!r:.30}", way, **{name: value})
    assert sender.faults + stranger.faults == []


def test_no_cookie_makes_a_fault(sender: Sender, stranger: Sender) -> None:
    for name in COOKIES:
        for value in COOKIE_VALUES:
            for who in (sender, stranger):
                who.get(f"{name}={value!r:.30}", "/households/", HTTP_COOKIE=f"{who.cookies}; {name}={value}")
                who.post(f"{name}={value!r:.30}", "/account/login/", {}, HTTP_COOKIE=f"{name}={value}; {who.cookies}")
    assert sender.faults + stranger.faults == []


def test_no_method_makes_a_fault(access_world: World, sender: Sender) -> None:
    for number, route in enumerate(routes()):
        url = target_of(route).url(access_world)
        for method in METHODS[number % 3 :: 3]:
            answer = send_as(sender, method, url)
            allowed = {"HEAD"} if "GET" in route.callback.contract.methods else set()
            assert answer.status == 405 or method in allowed, f"{method} {url}: {answer.status}"
    assert sender.faults == []


def send_as(sender: Sender, method: str, url: str, **meta: str) -> Answer:
    return sender.send(method[:20], method or "-", url, lambda: sender._environ(method, url, b"", "", "", meta))


def test_a_method_in_a_header_or_field_changes_nothing(access_world: World, sender: Sender) -> None:
    url = f"/households/{access_world.households['城垵'][0].pk}/"
    for what in ({"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}, {"HTTP_X_METHOD_OVERRIDE": "POST"}):
        assert sender.get(str(what), url, **what).status == 200
        assert sender.post(str(what), url, {"_method": "GET"}, **what).status == 405
    assert sender.faults == []


def test_no_address_makes_a_fault(access_world: World, sender: Sender) -> None:
    """Every id of every route, and addresses that no route has."""
    urls = [
        "/\x00",
        "/%00",
        "/%ff",
        "/" + "a" * 9000,
        "//evil.example/",
        "/\\evil.example",
        "/%2e%2e/%2e%2e/etc/passwd",
    ]
    for number, route in enumerate(routes()):
        plain = target_of(route).url(access_world)
        if re.search(r"\d+", plain):
            urls += [re.sub(r"\d+", lambda _m, rubbish=one: rubbish, plain) for one in IDS[number % 4 :: 4]]
        elif route.pattern.converters:
            urls += [f"{plain.rstrip('/').rpartition('/')[0]}/{one}/" for one in IDS[number % 4 :: 4]]
    wrong = []
    for url in urls:
        for answer in (sender.get("address", url), sender.post("address", url, {})):
            if answer.status not in {200, 302, 301, 400, 403, 404, 405}:
                wrong.append(f"{url[:80]}: {answer.status}")
    assert wrong + sender.faults == []


def test_any_text_may_be_searched_for(sender: Sender) -> None:
    """The search of each list, with and without htmx; in CI each text in two of the lists."""
    for number, text in enumerate(TEXTS):
        for url in LISTS if DRILLING else (LISTS[number % 7], LISTS[(number + 3) % 7]):
            meta = {"HTTP_HX_REQUEST": "true"} if number % 2 else {}
            sender.get(f"q={text!r:.40}", url, b"q=" + on_the_wire(text)[:6000], **meta)
    assert sender.faults == []
