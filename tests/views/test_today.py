"""今日待办: the home of a cadre."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

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
    with django_assert_num_queries(16):
        assert client.get(reverse("today")).status_code == 200
