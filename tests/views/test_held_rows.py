"""待核定的行 in the browser: listed for who imports there, compared without full numbers, decided once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.importing.questions import question
from ledger.models import HeldRow, ImportBatch
from ledger.rules.held_rows import HeldState
from tests.importing.test_deciding import moved_away, new_head, one_held
from tests.importing.test_plan import existing, row
from tests.importing.test_undo import applied, ledger
from tests.importing.workbooks import roster
from tests.views.test_imports import upload
from tests.world import World

SignIn = Callable[[str], Client]


def held_in(world: World, data: bytes) -> HeldRow:
    return one_held(applied(world, data))


def sent(held: HeldRow, answer: str, **more: Any) -> dict[str, Any]:
    return {"answer": answer, "seen": question(held).seen(), "client_id": "22222222-2222-4222-8222-222222222222"} | more


def address(held: HeldRow) -> str:
    return reverse("held_row_decide", args=[held.pk])


def test_from_the_plan_to_the_decision(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    upload(client, world, moved_away(world))
    batch = ImportBatch.objects.get()
    page = client.get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert "去核定" in page  # nothing to write, and yet something to do
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    held, home = one_held(batch), world.households["城垵"][0]
    page = client.get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert f"{reverse('held_row_list')}?import={batch.pk}" in page
    assert address(held) in client.get(reverse("held_row_list")).content.decode()
    page = client.get(address(held)).content.decode()
    person = home.residents.get()
    assert person.id_no not in page
    assert person.phone not in page
    assert page.count(f"{person.id_no[:6]}********{person.id_no[-4:]}") == 2
    response = client.post(address(held), sent(held, f"moved-{home.pk}"))
    assert response["Location"] == f"{reverse('held_row_list')}?import={batch.pk}"
    home.refresh_from_db()
    assert home.village == world.villages["马銮"]
    page = client.get(reverse("held_row_list"), {"state": "decided"}).content.decode()
    assert address(held) in page
    assert address(held) not in client.get(reverse("held_row_list")).content.decode()
    assert "是同一户" not in client.get(address(held)).content.decode()


def test_the_same_form_twice_is_one_decision(world: World, sign_in: SignIn) -> None:
    client, held = sign_in("township_admin"), held_in(world, new_head(world))
    body = sent(held, "two")
    first = client.post(address(held), body)
    before = ledger()
    second = client.post(address(held), body, follow=True)
    assert (first.status_code, ledger()) == (302, before)
    assert world.users["township_admin"].name in second.content.decode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"answer": "two", "seen": "0" * 64}, 409),
        ({"answer": ""}, 400),
        ({"answer": "same-1"}, 400),
        ({"answer": "二"}, 400),
    ],
)
def test_what_does_not_fit_changes_nothing(world: World, sign_in: SignIn, changes: dict[str, str], status: int) -> None:
    held = held_in(world, moved_away(world))
    before = ledger()
    response = sign_in("township_admin").post(address(held), sent(held, "two") | changes)
    held.refresh_from_db()
    assert (response.status_code, held.state, ledger()) == (status, HeldState.OPEN, before)


@pytest.mark.parametrize(
    ("who", "status"),
    [("township_admin@前楼", 404), ("township_desk", 403), ("household_cadre@城垵", 403), ("county_admin", 200)],
)
def test_who_may_look_and_decide(world: World, sign_in: SignIn, who: str, status: int) -> None:
    held = held_in(world, moved_away(world))
    before, client = ledger(), sign_in(who)
    assert client.get(address(held)).status_code == status
    if status != 200:
        assert client.post(address(held), sent(held, "two")).status_code == status
    assert ledger() == before
    listed = client.get(reverse("held_row_list"))
    assert (listed.status_code == 200 and "城垵户主1" in listed.content.decode()) == (status == 200)


def test_a_question_of_another_township_is_not_on_the_list(world: World, sign_in: SignIn) -> None:
    """The same person in two townships: each sees its own roster, and of the other nothing."""
    held_in(world, moved_away(world))
    page = sign_in("township_admin@前楼").get(reverse("held_row_list")).content.decode()
    assert "城垵" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    cells = [row(**existing(world, n) | {"户主姓名": f"新{n}", "身份证号": ""}) for n in range(1, count + 1)]
    applied(world, roster(*cells))
    client = sign_in("township_admin")
    client.get(reverse("held_row_list"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("held_row_list"))


LIST_QUERIES = 7
