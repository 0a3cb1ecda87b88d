"""Production's log lines: JSON, with the names of things and without anybody's values."""

import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from ledger.rules.logs import LEFT_OUT, JsonFormatter
from ledger.rules.request import current_request, current_request_id

CANARY = "张三EVIL"


def line(name: str, message: str, *args: Any, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    fault = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(name, logging.ERROR, "/x/site-packages/lib/a.py", 7, message, args, fault)
    record.__dict__.update(extra)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    found: dict[str, Any] = json.loads(written)
    assert CANARY not in str(found)
    return found


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


@pytest.mark.parametrize(
    ("name", "message", "args", "said"),
    [
        ("ledger.importing", "The plan of import %s failed.", (7,), "The plan of import 7 failed."),
        ("ledger", "call 13812345678", (), "call 138****5678"),
        ("django.request", "%s: %s", ("Not Found", CANARY), f"{LEFT_OUT}: {LEFT_OUT}"),
        ("django.request", "%s with %d", (CANARY, 3), f"{LEFT_OUT} with 3"),
        ("django.request", "%d", (CANARY,), "%d"),
        ("django.request", "%(a)s", ({"a": CANARY},), LEFT_OUT),
        ("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {CANARY}", (), LEFT_OUT),
        ("gunicorn.error", f"Invalid request from {CANARY}", (), LEFT_OUT),
        ("some.library", "%s", (CANARY,), LEFT_OUT),
        ("py.warnings", "%s", (CANARY,), LEFT_OUT),
        ("ledgerish", "%s", (CANARY,), LEFT_OUT),
    ],
)
def test_messages_of_others_come_without_their_values(name: str, message: str, args: Any, said: str) -> None:
    assert line(name, message, *args)["message"] == said


def test_what_stands_beside_a_message_stays_there() -> None:
    assert line("some.library", "x", typed=CANARY, sql=CANARY, params=[CANARY], stack_info=CANARY).keys() == {
        "time", "level", "logger", "request_id", "message", "at",
    }  # fmt: skip


def test_a_line_knows_its_request_but_not_its_address() -> None:
    user = SimpleNamespace(pk=42, name=CANARY, username=CANARY)
    match = SimpleNamespace(view_name="issue_detail", kwargs={"pk": CANARY})
    request = SimpleNamespace(method="POST", path=f"/{CANARY}", resolver_match=match, _cached_user=user)
    number, seen = current_request_id.set("0f1e"), current_request.set(request)
    try:
        found = line("ledger.request", "answered", status=200, ms=12.5)
    finally:
        current_request.reset(seen)
        current_request_id.reset(number)
    found.pop("time")
    assert found == {
        "level": "ERROR", "logger": "ledger.request", "request_id": "0f1e", "message": "answered", "method": "POST",
        "route": "issue_detail", "user": 42, "status": 200, "ms": 12.5,
    }  # fmt: skip


def test_a_made_up_method_is_a_value_too() -> None:
    seen = current_request.set(SimpleNamespace(method=CANARY, resolver_match=None))
    try:
        found = line("ledger.request", "answered")
    finally:
        current_request.reset(seen)
    assert (found["method"], found["route"], found["user"]) == (None, None, None)


def test_a_chain_of_faults_tells_classes_and_places() -> None:
    inner, outer = raised(ValueError(CANARY)), RuntimeError(CANARY)
    outer.__cause__ = inner
    faults = line("ledger", "fault", error=raised(outer))["faults"]
    assert [fault["type"] for fault in faults] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert all(fault["at"][-1].startswith("tests/rules/test_logs.py:") for fault in faults)
    assert all(fault.keys() == {"type", "at"} for fault in faults)


def test_a_ring_of_faults_ends() -> None:
    one, other = raised(ValueError(CANARY)), raised(KeyError(CANARY))
    one.__context__, other.__context__ = other, one
    assert len(line("ledger", "fault", error=one)["faults"]) == 2


def test_names_of_the_code_are_told() -> None:
    for name, told in (("nothing_of_the_kind", {"broken": "nothing_of_the_kind"}), (CANARY, {})):
        with pytest.raises(AttributeError) as caught:
            getattr(sys, name)
        (fault,) = line("ledger", "fault", error=caught.value)["faults"]
        assert {key: fault[key] for key in fault.keys() - {"type", "at"}} == told


@pytest.mark.django_db
def test_a_broken_constraint_has_its_name_and_not_the_row() -> None:
    """PostgreSQL quotes the row (DETAIL: Key (…)=(…) already exists.), SQLite the columns."""
    User.objects.create_user("G1", "x", name=CANARY)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create_user("G1", "x", name=CANARY)
    found = line("django.request", "%s", "x", error=caught.value)["faults"]
    broken = " ".join(fault.get("broken", "") for fault in found)
    # PostgreSQL names the column's own constraint, SQLite the one of both spellings, whichever it meets first.
    assert "user_number_unique" in broken or "accounts_user_username_key" in broken
    assert "G1" not in str(found)


@pytest.mark.django_db
def test_the_parameters_of_a_statement_are_left_out() -> None:
    with pytest.raises(Exception, match="nowhere") as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s FROM nowhere", [CANARY])
    line("django.db.backends", "(%.3f) %s; args=%s", 0.1, f"SELECT '{CANARY}'", [CANARY], error=caught.value)
