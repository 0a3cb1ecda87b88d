"""The phone without network, as the server sees it: what it hands out, to whom, and how work comes in."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ledger.models import AuditRow, Household, Issue, Visit
from ledger.rules.days import local_today
from tests.world import World, make_issue

SignIn = Callable[[str], Client]


def visit(**more: Any) -> dict[str, Any]:
    said = {"kind": "household", "result": "met", "content": "离线谈的", "people_met": "1"}
    return {**said, "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), **more}


def send(client: Client, household: int | str, data: dict[str, Any]) -> Any:
    address = f"{reverse('visit_create')}?household={household}"
    return client.post(f"{reverse('outbox_send')}?to={quote(address)}", data)


def test_the_shell_and_the_worker_are_for_everybody_and_hold_nobody(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    for name in ("offline_shell", "service_worker", "manifest"):
        mine, anybody = client.get(reverse(name)), Client().get(reverse(name))
        assert mine.content == anybody.content, name
        assert world.cadre("household_cadre").name not in mine.content.decode()
    worker = Client().get("/sw.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    listed = json.loads(re.search(r"self.SHELL = (.*);", worker.content.decode())[1])  # type: ignore[index]
    assert listed["shells"] == {code: f"/offline/?language={code}" for code in ("zh-hans", "en")}
    assert {"/static/js/offline-form.js", "/static/css/base.css", "/static/icons/sprite.svg"} <= set(listed["files"])
    assert all(client.get(address).status_code == 200 for address in listed["shells"].values())


def test_the_shell_speaks_the_language_of_its_address(client: Client, db: None) -> None:
    chinese, english = (client.get(f"/offline/?language={code}").content.decode() for code in ("zh-hans", "en"))
    assert '<html lang="zh-hans">' in chinese
    assert '<html lang="en">' in english
    assert "<h1 data-shell-title>今日待办</h1>" in chinese


def test_state_says_who_is_signed_in_and_gives_the_seals_to_them_alone(world: World, sign_in: SignIn) -> None:
    mine = sign_in("household_cadre").get("/offline/state/").json()
    other = sign_in("village_cadre").get("/offline/state/").json()
    nobody = Client().get("/offline/state/").json()
    assert mine["user"] == world.users["household_cadre"].pk
    assert set(mine["seals"].values()).isdisjoint(other["seals"].values())
    assert (nobody["user"], nobody["holder"]) == (None, "")
    assert not {"seals", "token"} & set(nobody)
    again = sign_in("household_cadre").get("/offline/state/").json()
    assert {key: again[key] for key in ("user", "seals", "version")} == {
        key: mine[key] for key in ("user", "seals", "version")
    }


@pytest.mark.parametrize("end", ["closed", "password"])
def test_a_phone_hears_that_its_account_ended(world: World, sign_in: SignIn, end: str) -> None:
    token = sign_in("household_cadre").get("/offline/state/").json()["token"]
    user = world.users["household_cadre"]

    def holder(shown: str) -> str:
        return str(Client().get("/offline/state/", headers={"X-Offline-Holder": shown}).json()["holder"])

    assert holder(token) == "active"
    assert holder(token[:-1] + ("A" if token[-1] != "A" else "B")) == ""
    if end == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        user.set_password("another-2026-word")
        user.save()
    assert holder(token) == "ended"


def test_taken_along_are_the_own_households_masked_and_without_what_is_sensitive(world: World, sign_in: SignIn) -> None:
    own = set(Household.objects.filter(cadre=world.cadre("household_cadre")).values_list("pk", flat=True))
    home = world.households["城垵"][0]
    sign = make_issue(home, world.cadre("household_cadre"), 911, kind="early_sign", is_sensitive=True)
    Issue.objects.filter(pk=sign.pk).update(title="苗头不外带")
    before = AuditRow.objects.count()
    answer = sign_in("household_cadre").get("/offline/data/")
    taken = answer.json()
    assert own
    assert {one["id"] for one in taken["households"]} == own
    said = answer.content.decode()
    assert "苗头不外带" not in json.dumps(taken, ensure_ascii=False)
    assert not re.search(r"(?<!\d)(1\d{10}|\d{17}[\dX])(?!\d)", said)
    mine = next(one for one in taken["households"] if one["id"] == home.pk)
    assert "****" in mine["members"][0]["id_no"]
    numbers = Issue.objects.filter(household=home, is_sensitive=False)
    assert {one["number"] for one in mine["issues"]} <= {issue.printed_number for issue in numbers}
    assert AuditRow.objects.count() == before + 1
    assert AuditRow.objects.latest("pk").verb == "household.taken_along"
    assert "no-store" in answer.headers["Cache-Control"]


def test_taken_along_costs_the_same_for_one_and_for_many(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("household_cadre")
    Household.objects.filter(village=world.villages["城垵"]).update(cadre=world.cadre("household_cadre"))
    with django_assert_max_num_queries(23):
        assert len(client.get("/offline/data/").json()["households"]) > 1


def test_who_logs_no_visits_takes_nothing_along(world: World, sign_in: SignIn) -> None:
    assert sign_in("department_handler").get("/offline/data/").status_code == 403
    assert Client().get("/offline/data/").status_code == 302


def test_what_waited_is_one_visit_however_often_it_is_sent(world: World, sign_in: SignIn) -> None:
    client, home, data = sign_in("household_cadre"), world.households["城垵"][0], visit()
    data["device_at"] = "2020-01-01T00:00:00.000Z"
    answers = [send(client, home.pk, data) for _ in range(3)]
    made = Visit.objects.latest("pk")
    url = reverse("visit_detail", args=[made.pk])
    assert [each.json() for each in answers] == [{"state": "sent", "url": url}] * 3
    assert Visit.objects.filter(content="离线谈的").count() == 1
    assert (made.device_at.year, made.recorded_at.year) == (2020, local_today().year)  # type: ignore[union-attr]


@pytest.mark.parametrize("clock", ["nonsense", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_a_mangled_clock_is_none(world: World, sign_in: SignIn, clock: str) -> None:
    assert send(sign_in("household_cadre"), world.households["城垵"][0].pk, visit(device_at=clock)).status_code == 200
    assert Visit.objects.latest("pk").device_at is None


def test_what_is_refused_says_why_and_changes_nothing(world: World, sign_in: SignIn) -> None:
    client, before = sign_in("household_cadre"), Visit.objects.count()
    home = world.households["城垵"][0].pk
    wrong = send(client, home, visit(result=""))
    assert (wrong.status_code, wrong.json()["state"]) == (422, "refused")
    assert wrong.json()["sentences"]
    foreign = send(client, world.households["前楼"][0].pk, visit())
    missing = send(client, 10**9, visit())
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
    assert foreign.status_code == 404
    for address in ("", "/nowhere/", reverse("account_logout"), reverse("household_create"), "//evil.example/"):
        refused = client.post(f"{reverse('outbox_send')}?to={quote(address)}", visit())
        assert (refused.status_code, refused.json()["state"]) == (404, "refused")
    assert Visit.objects.count() == before


def test_the_same_id_with_other_words_is_a_conflict(world: World, sign_in: SignIn) -> None:
    client, home, data = sign_in("household_cadre"), world.households["城垵"][0].pk, visit()
    send(client, home, data)
    other = send(client, home, {**data, "content": "另外的话"})
    assert other.status_code == 409
    assert Visit.objects.filter(content="另外的话").count() == 0


def test_a_signed_out_phone_is_led_to_sign_in(world: World) -> None:
    before = Visit.objects.count()
    answer = send(Client(), world.households["城垵"][0].pk, visit())
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")
    assert Visit.objects.count() == before
