"""A production server asked for every page and made to fail in every way: its headers, its fault pages, its log."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.drill import DRILLING
from tests.elsewhere import Elsewhere
from tests.guards.test_headers import missing_from
from tests.serving.server import Answer, Caller, Server, json_of, serving
from tests.serving.urls import FAULTS

CANARY = "金丝雀canary35062619700101001X"
"""Stands in whatever a caller can write: addresses, queries, fields, headers, cookies, names of files."""
LINE = {"time", "level", "logger", "request_id", "message"}
MORE = {"at", "method", "route", "user", "status", "ms", "faults"}
VALUES: dict[str, Any] = {"pk": 1, "township": 1, "step": "progress", "kind": "topic"}


def addresses() -> dict[str, str]:
    """Every route of the site by its name, with ids that mostly exist."""
    found, waiting = {}, list(get_resolver().url_patterns)
    while waiting:
        item: URLPattern | URLResolver = waiting.pop()
        if isinstance(item, URLResolver):
            waiting += item.url_patterns
        else:
            values = {key: VALUES.get(key, "x") for key in item.pattern.converters}
            found[str(item.name)] = reverse(str(item.name), kwargs=values)
    return dict(sorted(found.items()))


WHOLE = connection.vendor == "sqlite" or DRILLING
"""PostgreSQL's own are the faults, whose messages quote whole rows; its pages are left to ``make drill``."""
BROKEN = {
    "sqlite": "UNIQUE constraint failed: index 'user_number_unique'",
    "postgresql": "accounts_user accounts_user_username_key",
}


@pytest.mark.drill
def test_a_production_server(elsewhere: Elsewhere) -> None:
    """One run, one server: it is the start that takes the time."""
    with serving(elsewhere) as server:
        callers = {"nobody": Caller(server), "secretary": Caller(server).sign_in("district_secretary"),
                   "administrator": Caller(server).sign_in("county_admin")}  # fmt: skip
        if WHOLE:
            every_page(callers)
        odd_requests(callers["nobody"])
        every_fault(callers["secretary"])
        fault_in_each_language(callers["secretary"])
    answers = [answer for caller in callers.values() for answer in caller.answers]
    headers_are_all_there(answers)
    the_log_says_enough_and_no_more(server, callers, answers)


def every_page(callers: dict[str, Caller]) -> None:
    for name, address in addresses().items():
        for caller in callers.values():
            if name != "account_logout":
                caller.ask("GET", f"{address}?q={CANARY}&next=/{CANARY}", **{"User-Agent": quote(CANARY)})
        fields = dict.fromkeys(("title", "text", "content", "name", "login", "password", "reason", "file"), CANARY)
        if name not in {"account_logout", "account_change_password"}:
            callers["secretary"].ask("POST", address, fields)


def odd_requests(caller: Caller) -> None:
    """What never reaches a view: no such page, a method nobody has, no token, a wrong host, too much, wrong words."""
    caller.cookies["sessionid"] = "canary" + "s" * 26
    wrong_token = {"csrfmiddlewaretoken": "canary" * 5, "login": CANARY}
    asked = [
        (caller.ask("GET", f"/{CANARY}/{CANARY}"), 404),
        (caller.ask("GET", "/static/" + CANARY), 404),
        (caller.ask("DELETE", "/today/"), 403),
        (caller.ask("POST", "/account/login/", wrong_token), 403),
        (caller.ask("GET", "/account/login/", Host=quote(CANARY)[:60]), 400),
    ]
    assert [answer.asked for answer, wanted in asked if answer.status != wanted] == []
    caller.wire.putrequest("POST", "/account/login/", skip_host=True)
    for name, value in {"Host": "127.0.0.1", "X-Forwarded-Proto": "https", "Content-Length": str(1 << 30)}.items():
        caller.wire.putheader(name, value)
    caller.wire.endheaders()
    response = caller.wire.getresponse()
    caller.answers.append(Answer(response.status, dict(response.getheaders()), [], response.read(), "POST a gigabyte"))
    caller.wire.close()
    assert response.status in {403, 413}
    plain = caller.ask("GET", "/account/login/", **{"X-Forwarded-Proto": "http"})
    assert (plain.status, plain.headers["Location"]) == (301, "https://127.0.0.1/account/login/")
    caller.answers.remove(plain)  # HSTS does not exist without TLS
    fresh = caller.ask("GET", "/static/css/base.css")
    again = caller.ask("GET", "/static/css/base.css", **{"If-Modified-Since": fresh.headers["Last-Modified"]})
    assert (fresh.status, again.status) == (200, 304)


def every_fault(caller: Caller) -> None:
    for kind, (_act, status) in FAULTS.items():
        answer = caller.ask("POST", f"/fault/{kind}/?typed={CANARY}", {"typed": CANARY})
        assert answer.status == status, (kind, answer.status)
        if status >= 500:
            text = answer.body.decode()
            assert answer.headers["X-Request-ID"] in text
            rest = text.replace(answer.headers["X-Request-ID"], "")
            assert not re.search("canary|金丝雀|Traceback|Error|[0-9]{6}", rest)


def fault_in_each_language(caller: Caller) -> None:
    assert "系统出了差错" in caller.ask("GET", "/fault/value/").body.decode()
    assert caller.ask("POST", "/account/language/", {"language": "en"}).status == 302
    assert "The system made a mistake" in caller.ask("GET", "/fault/value/").body.decode()
    assert caller.ask("POST", "/account/language/", {"language": "zh-hans"}).status == 302


def headers_are_all_there(answers: list[Answer]) -> None:
    seen = {answer.status for answer in answers}
    assert {200, 302, 304, 400, 403, 404, 500, 503} | ({405} if WHOLE else set()) <= seen
    wrong = {}
    for answer in answers:
        lacking = missing_from(answer.headers, of_a_file="/static/" in answer.asked and answer.status < 400)
        if answer.headers.get("Strict-Transport-Security") != "max-age=31536000; includeSubDomains; preload":
            lacking.add("Strict-Transport-Security")
        for cookie in answer.cookies:
            if "Max-Age=0" not in cookie:  # one that is taken away has nothing to hide
                lacking |= {word for word in ("Secure", "SameSite=Lax") if word not in cookie}
        if lacking:
            wrong[f"{answer.asked}: {answer.status}"] = lacking
    assert wrong == {}


def the_log_says_enough_and_no_more(server: Server, callers: dict[str, Caller], answers: list[Answer]) -> None:
    raw = server.said()
    lines = json_of(raw)
    assert all(LINE <= line.keys() <= LINE | MORE for line in lines)
    answered = {line["request_id"]: line for line in lines if line["logger"] == "ledger.request"}
    for answer in answers:
        if "/static/" not in answer.asked:
            line = answered[answer.headers["X-Request-ID"]]
            assert (line["status"], line["method"]) == (answer.status, answer.asked.partition(" ")[0])
            assert line["ms"] >= 0
    routes = {line["route"] for line in answered.values()}
    assert set(addresses()) - {"account_logout", None} <= routes or not WHOLE
    assert {type(line["user"]) for line in answered.values()} == {int, type(None)}
    faults_are_found_by_their_id(lines, callers["secretary"])
    said = "\n".join(str(line) for line in lines) + "\n".join(raw)
    tokens = set().union(*(caller.tokens for caller in callers.values()))
    forbidden = {"canary", "金丝雀", quote("金丝雀"), "350626197001", "sessionid", "csrfmiddlewaretoken", "?q="}
    assert sorted(word for word in forbidden | server.secrets | tokens if word in said) == []


def faults_are_found_by_their_id(lines: list[dict[str, Any]], caller: Caller) -> None:
    """Each 500 that a person saw has its line, which says where it happened."""
    told = {line["request_id"]: line for line in lines if "faults" in line and line["logger"] == "django.request"}
    for answer in caller.answers:
        if answer.status == 500:
            (first, *_rest) = told[answer.headers["X-Request-ID"]]["faults"]
            assert any(place.startswith("tests/serving/urls.py:") for place in first["at"]), answer.asked
    broken = {fault.get("broken") for line in told.values() for fault in line["faults"]}
    assert BROKEN[connection.vendor] in broken
