"""享受政策: recorded with the household by who edits it, under its version; read before a visit."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions.defaults import load_defaults
from ledger.models import AuditRow, BenefitKind, Household, HouseholdBenefit
from ledger.rules.days import local_today
from tests.world import World

SignIn = Callable[[str], Client]
TODAY = local_today()
YEAR = datetime.timedelta(days=365)


@pytest.fixture
def kinds(world: World) -> dict[str, BenefitKind]:
    """Two of the county and one of the neighbour."""
    made = {name: BenefitKind.objects.create(county=world.county, name=name) for name in ("低保金", "高龄津贴")}
    return made | {"邻县": BenefitKind.objects.create(county=world.other_county, name="邻县补助")}


def sent(home: Household, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = {
        f"benefit-{n}-{name}": value for n, row in enumerate(rows) for name, value in ({"kind": ""} | row).items()
    }
    return {"version": home.version, "address": home.address, "code": home.code, **fields, **more}


def recorded(home: Household) -> list[tuple[str, str, Any, Any]]:
    rows = HouseholdBenefit.objects.filter(household=home).order_by("kind__name", "start_on")
    return list(rows.values_list("kind__name", "amount", "start_on", "end_on"))


def test_what_a_household_receives_is_shown_before_a_visit(
    world: World, sign_in: SignIn, kinds: dict[str, BenefitKind]
) -> None:
    home = world.households["城垵"][0]
    neighbour = world.households["城垵"][1]
    HouseholdBenefit.objects.create(household=neighbour, kind=kinds["高龄津贴"], amount="邻居的")
    admin, edit = sign_in("township_admin"), reverse("household_edit", args=[home.pk])
    assert f'<option value="{kinds["邻县"].pk}">' not in admin.get(edit).content.decode()
    since = (TODAY - YEAR).isoformat()
    now = {"kind": kinds["低保金"].pk, "amount": "每月520元", "start_on": since, "source": "民政名册"}
    past = {"kind": kinds["高龄津贴"].pk, "start_on": since, "end_on": TODAY.isoformat(), "amount": "停发的"}
    assert admin.post(edit, sent(home, now, past, {})).status_code == 302
    assert recorded(home) == [
        ("低保金", "每月520元", TODAY - YEAR, None), ("高龄津贴", "停发的", TODAY - YEAR, TODAY),
    ]  # fmt: skip
    row = AuditRow.objects.get(verb="household.changed")
    assert ("低保金" in str(row.detail), "520" in str(row.detail)) == (True, False)
    cadre = sign_in("household_cadre")
    page = cadre.get(reverse("household_detail", args=[home.pk])).content.decode()
    assert [text in page for text in ("每月520元", "停发的", "民政名册", "邻居的")] == [True, True, True, False]
    brief = cadre.get(f"{reverse('visit_create')}?household={home.pk}").content.decode()
    assert [text in brief for text in ("每月520元", "停发的", "邻居的")] == [True, False, False]
    copy = {one["id"]: one["benefits"] for one in cadre.get(reverse("offline_data")).json()["households"]}
    assert [one["amount"] for one in copy[home.pk]] == ["每月520元"]
    home.refresh_from_db()
    assert admin.post(edit, sent(home, {"kind": kinds["低保金"].pk})).status_code == 302
    assert recorded(home) == [("低保金", "", None, None)]
    assert recorded(neighbour) == [("高龄津贴", "邻居的", None, None)]


def test_a_form_without_them_says_nothing_of_them_and_one_emptied_takes_them_away(
    world: World, sign_in: SignIn, kinds: dict[str, BenefitKind]
) -> None:
    home = world.households["城垵"][0]
    HouseholdBenefit.objects.create(household=home, kind=kinds["低保金"])
    admin, edit = sign_in("township_admin"), reverse("household_edit", args=[home.pk])
    admin.post(edit, sent(home, address="上里9号"))
    home.refresh_from_db()
    assert (home.address, recorded(home)) == ("上里9号", [("低保金", "", None, None)])
    late = sent(home, {"kind": kinds["高龄津贴"].pk})
    admin.post(edit, sent(home, {}))
    assert recorded(home) == []
    stale = admin.post(edit, late)
    assert (stale.status_code, recorded(home)) == (409, [])


@pytest.mark.parametrize("wrong", [
    {"kind": "邻县"}, {"kind": "无", "amount": "每月1元"}, {"kind": "低保金", "amount": "长" * 31},
    {"kind": "低保金", "start_on": TODAY.isoformat(), "end_on": (TODAY - YEAR).isoformat()},
])  # fmt: skip
def test_what_can_not_be_kept_is_said_at_its_field_and_nothing_is_written(
    world: World, sign_in: SignIn, kinds: dict[str, BenefitKind], wrong: dict[str, str]
) -> None:
    home = world.households["城垵"][0]
    row = wrong | {"kind": kinds[wrong["kind"]].pk if wrong["kind"] in kinds else ""}
    answer = sign_in("township_admin").post(
        reverse("household_edit", args=[home.pk]), sent(home, row, address="不该存")
    )
    home.refresh_from_db()
    assert (answer.status_code, recorded(home), home.address == "不该存") == (200, [], False)
    assert "invalid-feedback" in answer.content.decode()


@pytest.mark.parametrize("who", ["household_cadre", "township_admin@前楼", "inspector", "nobody"])
def test_nobody_else_writes_them(world: World, sign_in: SignIn, kinds: dict[str, BenefitKind], who: str) -> None:
    home = world.households["城垵"][0]
    answer = sign_in(who).post(reverse("household_edit", args=[home.pk]), sent(home, {"kind": kinds["低保金"].pk}))
    assert (answer.status_code in {403, 404}, recorded(home)) == (True, [])


def test_the_county_keeps_its_list(world: World, sign_in: SignIn) -> None:
    load_defaults(by=world.users["county_admin"], county=world.county)
    assert BenefitKind.objects.filter(county=world.county, name="高龄津贴").exists()
    admin = sign_in("county_admin")
    assert "高龄津贴" in admin.get(reverse("category_list")).content.decode()
    url = reverse("word_create", args=["benefit_kind"])
    admin.post(url, {"name": "惠民保", "sort_order": 5, "client_id": "9d3c6f0e-6a0c-4b9e-9a56-0d8f3a1c2b7e"})
    assert BenefitKind.objects.get(name="惠民保").county == world.county
    assert BenefitKind.objects.filter(county=world.other_county).count() == 0
