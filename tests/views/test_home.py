"""首页: every role is sent straight to its first page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World

FIRST = {
    "household_cadre": "/today/",
    "visitor": "/today/",
    "village_cadre": "/desk/",
    "township_leader": "/dashboard/",
    "inspector": "/dashboard/",
    "township_admin": "/setup/",
    "department_handler": "/issues/?mine=handled&state=unfinished",
}


@pytest.mark.parametrize(("key", "page"), FIRST.items(), ids=FIRST)
def test_each_role_reaches_its_first_page_at_once(
    world: World, sign_in: Callable[[str], Client], key: str, page: str
) -> None:
    client = sign_in(key)
    assert client.get(reverse("home"))["Location"] == page
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(("more", "names"), [("", []), ("&kind=wish", ["kind"]), ("&due=overdue", ["due"])])
def test_what_one_handles_opens_with_its_choices_to_take_away(
    world: World, sign_in: Callable[[str], Client], more: str, names: list[str]
) -> None:
    page = sign_in("department_handler").get(FIRST["department_handler"] + more)
    assert sorted(choice.name for choice in page.context["chosen"]) == sorted(["state", *names])
    assert 'id="filter-toggle" checked' not in page.content.decode()
