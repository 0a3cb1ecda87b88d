"""Every creating form, sent by many at once and again and again, is one record; with other words both are kept."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client

from ledger.models import AuditRow, KeptEntry
from tests.drill import times
from tests.durability.acts import CREATES, SHOWN_ONCE, Form, browser, of, post, prepared, taken_back
from tests.guards.test_contracts import routes
from tests.world import World, build

AT_ONCE = 20
UNCOUNTED = frozenset({"sessions.session", "accounts.session", "ledger.auditseal", "ledger.auditwaiting"})


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def counts() -> Counter[str]:
    """How many rows each table has."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.label_lower not in UNCOUNTED]
    return Counter({model._meta.label_lower: model._base_manager.count() for model in models})


def added(since: Counter[str]) -> dict[str, int]:
    now = counts()
    return {table: now[table] - since[table] for table in now if now[table] != since[table]}


def crowd(form: Form, world: World, body: bytes) -> list[tuple[int, str]]:
    """What everybody was answered who sent it, all at one moment."""
    cookies = browser(world, form.act).cookies
    gate, answers, faults = threading.Barrier(AT_ONCE), [], []

    def one() -> None:
        client = Client()
        client.cookies.load({name: morsel.value for name, morsel in cookies.items()})
        try:
            gate.wait()
            for _again in range(times(ci=1, drill=50)):
                answer = post(client, form, body)
                answers.append((answer.status_code, answer.headers.get("Location", "")))
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return answers


def wrong_with(form: Form, world: World) -> list[str]:
    """What is doubled, lost or said wrongly of one form."""
    body, client, route = form.bytes_of(), browser(world, form.act), form.act.route
    before, last = counts(), AuditRow.objects.latest("pk").pk if AuditRow.objects.exists() else 0
    with taken_back():
        alone = post(client, form, body).status_code
        once = added(before)
    answers = Counter(crowd(form, world, body))
    verbs = tuple(AuditRow.objects.filter(pk__gt=last).order_by("pk").values_list("verb", flat=True))
    faults = []
    page = client.get(form.sent.url)
    if page.status_code == 200 and b'name="client_id"' not in page.content:
        faults.append(f"{route}: the page gives no id along")
    if added(before) != once or once.get("ledger.submission") != 1:
        faults.append(f"{route}: alone it adds {once}, by many {added(before)}")
    if verbs != form.act.verbs:
        faults.append(f"{route}: recorded {verbs}")
    if route in SHOWN_ONCE:
        right = alone == 200 and sorted(count for count in answers.values())[0] == 1 and len(answers) == 2
    else:
        right = alone == 302 and len(answers) == 1 and next(iter(answers))[0] == 302
    if not right:
        faults.append(f"{route}: answered {answers}, alone {alone}")
    return faults


def wrong_with_other_words(form: Form, world: World) -> list[str]:
    """The same id with other words: 409, kept once however often, and the first one stands."""
    other, client, route = form.other(), browser(world, form.act), form.act.route
    if not other:
        return []
    before = counts()
    answers = [post(client, form, form.bytes_of(**other)) for _ in range(2)]
    added_now, entry = added(before), KeptEntry.objects.order_by("pk").last()
    faults = []
    if [answer.status_code for answer in answers] != [409, 409]:
        faults.append(f"{route} with other words: {[answer.status_code for answer in answers]}")
    if added_now != {"ledger.keptentry": 1, "ledger.auditrow": 1}:
        faults.append(f"{route} with other words adds {added_now}")
    typed = [value for value in other.values() if isinstance(value, str)]
    if any(value not in answers[1].content.decode() for value in typed):
        faults.append(f"{route} with other words: what was typed is not on the page")
    if entry is None or str(entry.next_id) not in answers[1].content.decode():
        faults.append(f"{route} with other words: saving again would not be a second entry")
    if post(client, form, form.bytes_of()).status_code != 302:
        faults.append(f"{route}: the first one is not known any more")
    return faults


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_sent_by_many_at_once_and_again_it_is_one_record() -> None:
    world = build()
    faults: list[str] = []
    for act in of(CREATES):
        form = prepared(act, world)
        faults += wrong_with(form, world) + wrong_with_other_words(form, world)
    assert faults == [], "\n".join(faults)


def test_every_route_that_takes_a_post_is_sorted() -> None:
    from tests.durability.acts import EDITS, NEITHER

    posts = {str(route.name) for route in routes() if "POST" in route.callback.contract.methods}
    assert posts == CREATES | EDITS | NEITHER.keys(), "say in tests/durability/acts.py whether it creates or edits"
    assert len(posts) == len(CREATES) + len(EDITS) + len(NEITHER)
    assert {act.route for act in of(CREATES)} == CREATES
