"""批量补记: what is ticked becomes visits, all or none, once; who was there that day is said first."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import AuditRow, Household, Visit
from ledger.rules.days import local_today
from tests.world import World, make_household, make_visit

SignIn = Callable[[str], Client]
URL = "/visits/together/"
DAY = datetime.timedelta(days=1)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def homes(world: World) -> list[Household]:
    """Eight households of the household cadre that nobody visited today, and two of nobody's beside them."""
    cadre = world.cadre("household_cadre")
    for n in (50, 51):
        make_household(world.villages["城垵"], n)
    return [make_household(world.villages["城垵"], n, cadre) for n in range(10, 18)]


def filled(homes: list[Household], **more: Any) -> dict[str, Any]:
    return {
        "kind": "household", "content": "无新情况。", "occurred_on": local_today().isoformat(),
        "client_id": str(uuid.uuid4()), "households": [home.pk for home in homes], **more,
    }  # fmt: skip


def said(homes: list[Household]) -> list[tuple[str, str, int]]:
    rows = Visit.objects.filter(household__in=homes).order_by("household_id", "pk")
    return list(rows.values_list("content", "result", "people_met"))


def test_each_ticked_household_is_a_visit_of_its_own(world: World, sign_in: SignIn, homes: list[Household]) -> None:
    companion, topic = world.cadre("village_official"), world.county.topics.get()
    lines = {f"line-{homes[1].pk}": "想学剪枝", f"result-{homes[2].pk}": "absent", f"line-{homes[7].pk}": "没有勾选"}
    sent = filled(homes[:7], companion_names=companion.name, topics=[topic.pk], part_of_day="morning", **lines)
    response = sign_in("household_cadre").post(URL, sent)
    assert response.url == f"{reverse('visit_list')}?whose=mine"
    plain = ("无新情况。", "met", 1)
    assert said(homes) == [plain, ("想学剪枝", "met", 1), ("", "absent", 0), *[plain] * 4]
    visits = Visit.objects.filter(household__in=homes)
    assert {visit.lead for visit in visits} == {world.cadre("household_cadre")}
    assert {(*visit.companions.all(), *visit.topics.all()) for visit in visits.prefetch_related("companions", "topics")}
    assert all(
        list(visit.companions.all()) == [companion] and list(visit.topics.all()) == [topic]
        for visit in visits.prefetch_related("companions", "topics")
    )
    today = local_today()
    dates = Household.objects.filter(pk__in=[home.pk for home in homes]).order_by("pk")
    assert list(dates.values_list("last_met_on", "last_visit_on")) == [
        *[(today, today)] * 2, (None, today), *[(today, today)] * 4, (None, None),
    ]  # fmt: skip
    trail = AuditRow.objects.filter(verb="visit.logged").values_list("household_id", flat=True)
    assert sorted(trail) == sorted(home.pk for home in homes[:7])


def test_sent_twice_is_each_once(world: World, sign_in: SignIn, homes: list[Household]) -> None:
    client, sent = sign_in("household_cadre"), filled(homes)
    assert client.post(URL, sent).url == client.post(URL, sent).url
    assert len(said(homes)) == 8
    other = client.post(URL, {**sent, "households": [homes[0].pk]})
    assert other.status_code == 409
    assert len(said(homes)) == 8


def test_who_was_there_that_day_is_said_before_anything_is_saved(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    colleague = world.cadre("village_cadre")
    make_visit(homes[0], colleague, occurred_on=local_today())
    make_visit(homes[1], colleague, occurred_on=local_today() - DAY)
    make_visit(homes[2], colleague, occurred_on=local_today(), voided_at="2026-01-01T00:00Z",
               voided_by=colleague.user, void_reason="误登")  # fmt: skip
    make_visit(world.households["马銮"][0], colleague, occurred_on=local_today())
    before, client = Visit.objects.count(), sign_in("household_cadre")
    sent = filled(homes[:3], **{f"line-{homes[1].pk}": "另一句"})
    first = client.post(URL, sent)
    assert [visit.household for visit in first.context["there"]] == [homes[0]]
    assert "另一句" in text(first)
    assert Visit.objects.count() == before

    client.post(URL, {**sent, "doubles": "leave"})
    assert Visit.objects.count() == before + 2
    assert said(homes[:1]) != []
    assert homes[0].visits.filter(lead=world.cadre("household_cadre")).count() == 0
    again = {**filled(homes[:1]), "doubles": "leave"}
    assert client.post(URL, again).status_code == 200
    assert Visit.objects.count() == before + 2
    client.post(URL, {**again, "doubles": "all"})
    assert homes[0].visits.filter(lead=world.cadre("household_cadre")).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"households": []},
        {"occurred_on": "2999-01-01"},
        {"kind": "meeting"},
        {"households": ["x"]},
        {"content": "坏\x00"},
    ],
)
def test_a_fault_writes_nothing(world: World, sign_in: SignIn, homes: list[Household], wrong: dict[str, Any]) -> None:
    before = Visit.objects.count()
    response = sign_in("household_cadre").post(URL, filled(homes) | wrong)
    assert response.status_code == 200
    assert Visit.objects.count() == before


def test_a_line_or_a_result_that_cant_be_kept_is_shown_at_its_row(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    more = {f"line-{homes[0].pk}": "太长" * 300, f"result-{homes[1].pk}": "flown"}
    response = sign_in("household_cadre").post(URL, filled(homes[:3], **more))
    faults = {row.household: bool(row.fault) for _head, rows in response.context["groups"] for row in rows}
    assert {home for home, fault in faults.items() if fault} == set(homes[:2])
    assert said(homes) == []


def test_none_is_saved_where_one_is_not_ones_own(world: World, sign_in: SignIn, homes: list[Household]) -> None:
    foreign = world.households["城垵"][2]  # in the village, another's
    response = sign_in("household_cadre").post(URL, filled([*homes[:2], foreign]))
    assert response.status_code == 200
    assert said([*homes, foreign]) == []
    assert foreign.head_name not in text(response)


def test_own_households_by_group_and_others_by_search(world: World, sign_in: SignIn, homes: list[Household]) -> None:
    page = sign_in("household_cadre").get(URL)
    own = {row.household for _head, rows in page.context["groups"] for row in rows}
    assert own == set(Household.objects.filter(cadre=world.cadre("household_cadre")))
    assert [head for head, _rows in page.context["groups"]] == ["城垵村 1 组", "城垵村 2 组"]

    client, found = sign_in("village_cadre"), world.households["城垵"][2]
    ask = {"search": "1", "q": found.head_name, "households": [homes[0].pk], "content": "写好的话"}
    shown = client.post(URL, ask)
    rows = {row.household: row.ticked for _head, rows in shown.context["groups"] for row in rows}
    assert (rows[found], rows[homes[0]]) == (False, True)
    assert "写好的话" in text(shown)
    piece = client.post(URL, ask, HTTP_HX_REQUEST="true")
    assert found.head_name in text(piece)
    assert "<html" not in text(piece)
    nothing = client.post(URL, {"search": "1", "q": "马銮户主1"})
    assert "马銮" not in text(nothing).replace('value="马銮户主1"', "")


@pytest.mark.parametrize("count", [2, 20])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int) -> None:
    cadre = world.cadre("household_cadre")
    for n in range(10, 10 + count):
        make_household(world.villages["城垵"], n, cadre)
    client = sign_in("household_cadre")
    with django_assert_num_queries(10):
        assert client.get(URL).status_code == 200
