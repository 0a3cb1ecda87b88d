"""Every success leaves its audit rows in its own transaction, every refusal none; over all routes that take a POST."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from zeal import zeal_ignore

from ledger.models import AuditRow, AuditWaiting
from ledger.rules import keyring
from ledger.rules.issue_steps import Step
from tests.accounts.test_second_factor import NOW
from tests.audit_acts import ACTS, WRITES_NOTHING, Act, Sent
from tests.audit_acts.issues import STEPS
from tests.drill import DRILLING
from tests.guards.test_contracts import routes
from tests.world import World

POSTS = sorted(str(r.name) for r in routes() if "POST" in r.callback.contract.methods)
NOT_THE_COUNTY_S = {"accounts_session", "accounts_signintries", "django_session", "django_cache"}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of one-time codes stands still, as in the recipes."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: NOW))


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    # Django reads a session once more to end it.
    settings.ZEAL_ALLOWLIST = [{"model": "sessions.Session", "field": "get()"}]


def send(client: Client, act: Act, sent: Sent) -> Any:
    """As a browser would; uploads are sent from their beginning, also the second time."""
    for value in sent.data.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, io.IOBase) or hasattr(each, "seek"):
                each.seek(0)
    with zeal_ignore():
        return getattr(client, act.method.lower())(sent.url, sent.data, headers=sent.headers)


def browser(world: World, key: str) -> Client:
    client = Client(raise_request_exception=False)
    if key:
        client.force_login(world.users[key])
    return client


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, but for sessions, counters and queues."""
    kept = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table not in NOT_THE_COUNTY_S:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  our own tables
                kept[table] = sorted(map(repr, cursor.fetchall()))
    return kept


def changed_since(before: dict[str, list[Any]]) -> set[str]:
    """The tables in which anything is different."""
    return {table for table, rows in everything().items() if rows != before[table]}


def rows_after(pk: int) -> list[AuditRow]:
    return list(AuditRow.objects.filter(pk__gt=pk).order_by("pk"))


def last() -> int:
    return AuditRow.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def test_every_route_with_a_post_is_acted_on() -> None:
    acted = {act.route for act in ACTS}
    assert set(POSTS) - acted - set(WRITES_NOTHING) == set(), "Say in tests/audit_acts/ how it succeeds"
    assert (acted | set(WRITES_NOTHING)) - {str(r.name) for r in routes()} == set()
    assert set(STEPS) | {Step.CLOSE, Step.MERGE, Step.REGISTER} == set(Step), (
        "Say in tests/audit_acts/ how the step is taken"
    )


WHOLE = ACTS if connection.vendor == "sqlite" or DRILLING else ACTS[::3]
"""PostgreSQL differs in nothing that this looks at: a third of them there, all in ``make drill``."""


@pytest.mark.drill
@pytest.mark.parametrize("act", WHOLE, ids=str)
def test_an_act_and_its_rows(world: World, act: Act) -> None:
    """One world for all three: what is refused and what is torn leave it as it was."""
    client = browser(world, act.who)
    sent = act.recipe(world, client)
    before = refused(world, act, sent) if act.who not in {"", "nobody"} else everything()
    if str(act) not in SPENT_BY_TRYING:
        torn(act, client, sent, before)
    done(world, act, client, sent)


def refused(world: World, act: Act, sent: Sent) -> dict[str, list[Any]]:
    """Neither who is not signed in nor who holds no posting leaves a row, or changes anything else: all stays so."""
    expected = {"": {302, 401}, "nobody": {302, 403, 404}}
    browsers = {who: browser(world, who) for who in expected}
    before = everything()
    for who, statuses in expected.items():
        assert send(browsers[who], act, sent).status_code in statuses, who
    assert changed_since(before) == set()
    return before


def torn(act: Act, client: Client, sent: Sent, before: dict[str, list[Any]]) -> None:
    """The row and the change are one transaction: a fault after the row takes both back, and nothing is shown."""
    plain = AuditRow.save

    def fail(row: AuditRow, *args: Any, **kwargs: Any) -> None:
        plain(row, *args, **kwargs)
        raise RuntimeError("torn")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AuditRow, "save", fail)
        patch.setattr("logging.Logger.handle", lambda *_: None)
        answer = send(client, act, sent)
    assert answer.status_code == 500
    assert changed_since(before) <= (THE_ROW if str(act) in NOTHING_BUT_THE_ROW else set())


def done(world: World, act: Act, client: Client, sent: Sent) -> None:
    """Exactly its rows, signed, in line for the seal; sent once more it changes nothing, so nothing is recorded."""
    before = last()
    assert send(client, act, sent).status_code in {200, 302, 409}
    made = rows_after(before)
    assert tuple(row.verb for row in made) == act.verbs
    for row in made:
        assert keyring.signature_holds(row.message(), row.signature)
        assert row.request_id
        assert row.user_id == (world.users[act.who].pk if act.who else row.user_id)
        assert (row.county_id, AuditWaiting.objects.filter(pk=row.pk).exists()) == (world.county.pk, True)
    if not act.again:
        send(client, act, sent)
        assert rows_after(before) == made


THE_ROW = {"ledger_auditrow", "ledger_auditwaiting"}
NOTHING_BUT_THE_ROW = {"account_login-failed", "issue_detail-a_sensitive_issue"}
"""Nothing is written beside the row: it is a transaction by itself."""
SPENT_BY_TRYING = {"mfa_authenticate"}
"""A code opens once: it is spent before it is known what comes of it."""
