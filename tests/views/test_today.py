"""今日待办: the home of a cadre."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.rules.days import local_today
from tests.world import World, make_household, make_issue

SignIn = Callable[[str], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_cadre_lands_on_the_own_households(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    assert client.get("/").url == reverse("today")
    shown = text(client.get(reverse("today")))
    assert f"{reverse('visit_create')}?household={world.households['城垵'][0].pk}" in shown
    assert "城垵户主1的问题" in shown
    for foreign in ("城垵户主3", "马銮", "东沈", "前楼", "六龙"):
        assert foreign not in shown


def test_who_has_no_household_is_told_so(world: World, sign_in: SignIn) -> None:
    shown = text(sign_in("visitor").get(reverse("today")))
    assert "还没有分配给您的联系户" in shown
    assert reverse("visit_create") in shown


@pytest.mark.parametrize("key", ["inspector", "county_leader", "township_admin", "department_handler", "nobody"])
def test_who_logs_no_visits_has_no_such_page(world: World, sign_in: SignIn, key: str) -> None:
    assert sign_in(key).get(reverse("today")).status_code == 403


@pytest.mark.parametrize("count", [3, 30])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int) -> None:
    cadre = world.cadre("household_cadre")
    for n in range(10, 10 + count):
        make_issue(make_household(world.villages["城垵"], n, cadre), cadre, 1000 + n)
    client = sign_in("household_cadre")
    with django_assert_num_queries(18):
        assert client.get(reverse("today")).status_code == 200


def test_a_matter_that_is_due_brings_its_household_forward(world: World, sign_in: SignIn) -> None:
    cadre = world.cadre("household_cadre")
    for n in range(10, 18):
        make_household(world.villages["城垵"], n, cadre)
    late = make_household(world.villages["城垵"], 20, cadre, last_met_on=local_today(), last_visit_on=local_today())
    far = make_household(world.villages["城垵"], 21, cadre, last_met_on=local_today(), last_visit_on=local_today())
    foreign = make_household(world.villages["城垵"], 22, last_met_on=local_today())
    for n, home in enumerate((late, far, foreign)):
        days = 1 if home != far else 30
        due = local_today() + datetime.timedelta(days=days)
        make_issue(home, cadre, 3000 + n, state="assigned", handler=cadre, due_on=due, first_due_on=due)
    groups = sign_in("household_cadre").get(reverse("today")).context["today"].groups
    shown = {home for _place, homes in groups for home in homes}
    assert late in shown
    assert not {far, foreign} & shown
    assert len(shown) == 6
    assert [place for place, _homes in groups] == list(dict.fromkeys(place for place, _homes in groups))
