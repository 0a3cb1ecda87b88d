"""民情日记: one's own visits, led or joined; a leader reads those of the own scope; late and corrected are said."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ledger.models import Visit, VisitCorrection
from ledger.rules.days import local_today
from tests.world import World, make_issue, make_visit

SignIn = Callable[[str], Client]
DAY = datetime.timedelta(days=1)


def text(response: Any) -> str:
    return str(response.content.decode())


def entries(response: Any) -> list[Visit]:
    return [visit for _day, visits in response.context["days"] for visit in visits]


@pytest.fixture
def visits(world: World) -> dict[str, Visit]:
    """One led, one joined, one of a month ago, and ones of others beside them."""
    mine, colleague, home = world.cadre("household_cadre"), world.cadre("village_cadre"), world.households["城垵"]
    Visit.objects.filter(lead=mine).delete()
    today = local_today()
    joined = make_visit(home[2], colleague, occurred_on=today)
    joined.companions.add(mine)
    made = {
        "led": make_visit(home[0], mine, occurred_on=today), "joined": joined,
        "old": make_visit(home[1], mine, occurred_on=today.replace(day=1) - DAY),
        "foreign": make_visit(home[0], colleague, occurred_on=today),
    }  # fmt: skip
    Visit.objects.filter(pk=made["led"].pk).update(content="聊了水渠")
    Visit.objects.filter(pk=made["old"].pk).update(content="看了水渠的源头")
    return made


def test_a_month_of_ones_own(world: World, sign_in: SignIn, visits: dict[str, Visit]) -> None:
    client = sign_in("household_cadre")
    page = client.get("/diary/")
    assert set(entries(page)) == {visits["led"], visits["joined"]}
    earlier = client.get(page.context["earlier"])
    assert entries(earlier) == [visits["old"]]
    assert client.get(earlier.context["later"]).context["month"] == local_today().replace(day=1)
    found = client.get("/diary/", {"q": "水渠"})
    assert entries(found) == [visits["led"], visits["old"]]
    assert "补记" in text(found)
    assert entries(client.get("/diary/", {"month": "坏的"})) == entries(page)


def test_a_correction_is_said(world: World, sign_in: SignIn, visits: dict[str, Visit]) -> None:
    by = world.cadre("household_cadre")
    VisitCorrection.objects.create(visit=visits["led"], old={"content": "旧话"}, reason="记错", by=by)
    marked = {visit for visit in entries(sign_in("household_cadre").get("/diary/")) if visit.is_corrected}
    assert marked == {visits["led"]}


def test_the_book_has_a_cover_and_no_void_entry(world: World, sign_in: SignIn, visits: dict[str, Visit]) -> None:
    client = sign_in("household_cadre")
    user = world.users["household_cadre"]
    Visit.objects.filter(pk=visits["joined"].pk).update(
        voided_at="2026-01-01T00:00Z", voided_by=user, void_reason="误登"
    )
    paper = text(client.get(client.get("/diary/").context["paper"]))
    assert world.cadre("household_cadre").name in paper
    assert "聊了水渠" in paper
    assert world.households["城垵"][2].head_name not in paper


def test_leaders_read_within_their_scope(world: World, sign_in: SignIn, visits: dict[str, Visit]) -> None:
    cadre, far = world.cadre("household_cadre"), world.cadre("household_cadre@前楼")
    page = sign_in("township_leader").get("/diary/", {"cadre": cadre.pk})
    assert set(entries(page)) == {visits["led"], visits["joined"]}
    assert sign_in("township_leader").get("/diary/", {"cadre": far.pk}).status_code == 404
    assert sign_in("township_leader").get("/diary/", {"cadre": "9" * 30}).status_code == 404
    # A colleague's diary shows only what may be read anyway.
    seen = sign_in("household_cadre").get("/diary/", {"cadre": world.cadre("village_cadre").pk})
    own = {visits["foreign"], visits["joined"]}
    assert seen.status_code == 404 or set(entries(seen)) <= own


def test_a_secret_matter_of_a_visit_is_not_in_it(world: World, sign_in: SignIn, visits: dict[str, Visit]) -> None:
    colleague = world.cadre("village_cadre")
    secret = make_issue(
        world.households["城垵"][2], colleague, 931, kind="early_sign", is_sensitive=True, visit=visits["joined"]
    )
    shown = text(sign_in("household_cadre").get("/diary/"))
    assert secret.printed_number not in shown


@pytest.mark.parametrize("count", [2, 12])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int) -> None:
    cadre = world.cadre("household_cadre")
    for _n in range(count):
        make_visit(world.households["城垵"][0], cadre)
    client = sign_in("household_cadre")
    with django_assert_num_queries(9):
        assert client.get("/diary/").status_code == 200
