"""企业: listed once in its village, chosen on its visits; and what a service measures."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ledger.models import Enterprise, Visit
from ledger.rules.days import local_today
from tests.views.test_visits import address, filled
from tests.world import World

SignIn = Callable[[str], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def companies(world: World) -> dict[str, Enterprise]:
    """One in each of three villages."""
    return {
        place: Enterprise.objects.create(village=world.villages[place], name=f"{place}加工厂")
        for place in ("城垵", "马銮", "前楼")
    }


def test_those_of_the_own_villages_with_the_last_visit(
    world: World, sign_in: SignIn, companies: dict[str, Enterprise]
) -> None:
    client = sign_in("village_cadre")
    form = client.get(f"/visits/new/?place=1&enterprise={companies['城垵'].pk}").context["form"]
    assert (form["kind"].value(), form["enterprise"].value()) == ("enterprise", companies["城垵"].pk)
    foreign = client.get(f"/visits/new/?place=1&enterprise={companies['马銮'].pk}").context["form"]
    assert foreign["enterprise"].value() is None
    sent = filled(kind="enterprise", village=world.villages["城垵"].pk, enterprise=companies["城垵"].pk)
    client.post("/visits/new/?place=1", sent)
    assert Visit.objects.get(kind="enterprise").enterprise == companies["城垵"]
    page = client.get("/enterprises/")
    assert [(each, each.last_on) for each in page.context["page"]] == [(companies["城垵"], local_today())]
    assert "马銮" not in text(page)
    assert list(client.get("/enterprises/", {"q": "马銮"}).context["page"]) == []


def test_a_new_one_lies_in_an_own_village(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    client.post("/enterprises/new/", {"village": world.villages["马銮"].pk, "name": "外村厂"})
    assert not Enterprise.objects.exists()
    client.post("/enterprises/new/", {"village": world.villages["城垵"].pk, "name": "张记豆腐坊"})
    made = Enterprise.objects.get()
    assert (made.village, made.pinyin[:5]) == (world.villages["城垵"], "zhang")


@pytest.mark.parametrize(
    ("key", "status"), [("village_cadre", 302), ("village_cadre@马銮", 404), ("inspector", 403), ("county_leader", 403)]
)
def test_who_may_change_one(
    world: World, sign_in: SignIn, companies: dict[str, Enterprise], key: str, status: int
) -> None:
    own, client = companies["城垵"], sign_in(key)
    version = sign_in("village_cadre").get(f"/enterprises/{own.pk}/").context["form"]["version"].value()
    answer = client.post(f"/enterprises/{own.pk}/", {"name": "新名字厂", "is_active": "on", "version": version})
    assert answer.status_code == status
    own.refresh_from_db()
    assert own.name == ("新名字厂" if status == 302 else "城垵加工厂")
    assert own.pinyin.startswith("xin" if status == 302 else "cheng")


@pytest.mark.parametrize(("kind", "kept"), [("service", (3, "亩")), ("errand", (3, "亩")), ("household", (None, ""))])
def test_only_a_service_measures(world: World, sign_in: SignIn, kind: str, kept: tuple[Any, str]) -> None:
    household = world.households["城垵"][1]
    sign_in("household_cadre").post(address(household), filled(kind=kind, quantity="3", unit="亩"))
    visit = household.visits.latest("pk")
    assert (visit.quantity, visit.unit) == kept
