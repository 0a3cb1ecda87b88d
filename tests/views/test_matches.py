"""跨乡镇重复: what two townships both have, shown to the county's administrator and to nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import Household, Resident
from ledger.models.fields import id_index
from tests.importing.workbooks import GOOD_ID, OTHER_ID
from tests.world import World

SignIn = Callable[[str], Client]


def both(world: World, number: str, *places: str, order: int = 1) -> list[Resident]:
    """The heads of these villages with one ID number."""
    people = [world.households[place][order - 1].residents.get() for place in places]
    for person in people:
        Resident.objects.filter(pk=person.pk).update(id_no=number, id_index=id_index(number))
    return people


def page_of(sign_in: SignIn, who: str = "county_admin") -> str:
    return str(sign_in(who).get(reverse("match_list")).content.decode())


def test_a_number_of_two_townships_is_shown_masked(world: World, sign_in: SignIn) -> None:
    both(world, GOOD_ID, "城垵", "前楼")
    page = page_of(sign_in)
    assert GOOD_ID not in page
    assert f"{GOOD_ID[:6]}********{GOOD_ID[-4:]}" in page
    assert all(f"{place}户主1" in page for place in ("城垵", "前楼"))
    assert "城垵户主2" not in page


def test_what_lies_in_another_county_is_not_compared(world: World, sign_in: SignIn) -> None:
    both(world, GOOD_ID, "城垵", "六龙")
    assert "户主1" not in page_of(sign_in)


@pytest.mark.parametrize("how", ["left", "moved"])
def test_what_is_put_right_is_gone(world: World, sign_in: SignIn, how: str) -> None:
    here, _there = both(world, GOOD_ID, "城垵", "前楼")
    if how == "left":
        Resident.objects.filter(pk=here.pk).update(left_on=timezone.localdate())
    else:
        Household.objects.filter(pk=here.household_id).update(status="moved")
    assert "户主1" not in page_of(sign_in)


@pytest.mark.parametrize("who", ["township_admin", "township_admin@前楼", "county_desk", "county_leader"])
def test_nobody_else_sees_it(world: World, sign_in: SignIn, who: str) -> None:
    both(world, GOOD_ID, "城垵", "前楼")
    client = sign_in(who)
    response = client.get(reverse("match_list"))
    assert response.status_code == 403
    assert "户主1" not in response.content.decode()
    assert reverse("match_list") not in client.get(reverse("home"), follow=True).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_long(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    numbers = [GOOD_ID, OTHER_ID, "320206195501309011"]
    for n in range(count):
        both(world, numbers[n], "城垵", "前楼", order=n + 1)
    client = sign_in("county_admin")
    client.get(reverse("match_list"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("match_list"))


QUERIES = 10
