"""Pages of households: scope, masking, one number at a time, edits that lose nothing."""

import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions.reveals import MOST_AN_HOUR, MOST_CALLS_AN_HOUR
from ledger.models import Assignment, AuditRow, Correction, Household, Issue, Resident
from ledger.rules.days import local_today
from tests.world import World, make_household

SignIn = Callable[[str], Client]
FULL_NUMBER = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dX])(?!\d)")


def text(response: Any) -> str:
    return str(response.content.decode())


def page(client: Client, name: str, *args: Any, **query: str) -> Any:
    return client.get(reverse(name, args=args), query)


def residents_numbers() -> set[str]:
    return {n for r in Resident.objects.all() for n in (r.id_no, r.phone) if n}


@pytest.mark.parametrize(
    ("key", "own", "foreign"),
    [
        ("household_cadre", {"城垵户主1", "城垵户主2"}, {"城垵户主3", "马銮户主1", "东沈户主1", "前楼户主1"}),
        ("village_cadre", {"城垵户主1", "城垵户主3"}, {"马銮户主1", "前楼户主1"}),
        ("district_secretary", {"城垵户主1", "马銮户主1"}, {"东沈户主1", "前楼户主1", "六龙户主1"}),
        ("township_admin", {"城垵户主1", "东沈户主1"}, {"前楼户主1", "六龙户主1"}),
        ("inspector", {"东沈户主1"}, {"前楼户主1"}),
        ("county_leader", {"前楼户主1"}, {"六龙户主1"}),
    ],
)
def test_the_list_holds_the_own_scope_only(
    world: World, sign_in: SignIn, key: str, own: set[str], foreign: set[str]
) -> None:
    shown = text(page(sign_in(key), "household_list"))
    assert [name for name in own if name not in shown] == []
    assert [name for name in foreign if name in shown] == []


@pytest.mark.parametrize("search", ["前楼户主1", "前楼", "hz1", "3506261032010001"])
def test_a_search_does_not_reach_beyond_the_scope(world: World, sign_in: SignIn, search: str) -> None:
    shown = text(page(sign_in("township_admin"), "household_list", q=search))
    assert "前楼户主" not in shown.replace(f'value="{search}"', "")


def test_a_full_number_leaves_the_address_and_finds_within_scope_only(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    for place, finds in (("城垵", True), ("前楼", False)):
        head = world.households[place][0].residents.get()
        for number in (head.id_no, head.phone, f" {head.id_no.lower()} "):
            for response in (
                client.post(reverse("household_list"), {"q": number}), page(client, "household_list", q=number),
            ):  # fmt: skip
                assert response.status_code == 302
                assert number.strip() not in response.url
                found = client.get(response.url)
                assert (head.name in text(found)) is finds
                assert number.strip() not in text(found)


def test_a_posted_search_leads_to_an_address_with_its_filters(world: World, sign_in: SignIn) -> None:
    """Empty choices and the token stay out; a new name takes the place of an earlier number."""
    client, address = sign_in("township_admin"), reverse("household_list")
    village = world.villages["城垵"].pk
    said = {"q": " 城垵户主1 ", "village": village, "band": "", "number": "f" * 64, "csrfmiddlewaretoken": "x" * 64}
    response = client.post(address, said)
    assert parse_qs(urlsplit(response.url).query) == {"q": ["城垵户主1"], "village": [str(village)]}
    assert "城垵户主1" in text(client.get(response.url))
    assert client.post(address, {"q": "", "village": ""}).url == address
    kept = client.post(address, {"q": "", "village": village, "number": "f" * 64}).url
    assert parse_qs(urlsplit(kept).query) == {"village": [str(village)], "number": ["f" * 64]}


@pytest.mark.parametrize(
    ("name", "key"), [("household_list", "township_admin"), ("visit_create", "household_cadre")]
)  # fmt: skip
def test_the_boxes_that_take_a_number_are_posted(world: World, sign_in: SignIn, name: str, key: str) -> None:
    """Without JavaScript by the form's method, with it by htmx's: neither puts the number into an address."""
    shown = text(page(sign_in(key), name))
    form = next(each for each in re.findall(r"<form.*?</form>", shown, re.DOTALL) if 'name="q"' in each)
    assert 'method="post"' in form
    assert 'name="csrfmiddlewaretoken"' in form
    assert "hx-get" not in form


def test_no_page_shows_a_full_number(world: World, sign_in: SignIn) -> None:
    household = world.households["城垵"][0]
    resident = household.residents.get()
    Correction.objects.create(
        household=household, resident=resident, proposed='{"phone": "13700009999"}',
        proposed_by=world.cadre("household_cadre"),
    )  # fmt: skip
    pages = {
        "household_cadre": ["today", ("household_list",), ("household_detail", household.pk),
                            ("correction_create", household.pk), "visit_list", "visit_create"],
        "township_admin": ["household_list", ("household_detail", household.pk), ("household_edit", household.pk),
                           ("resident_edit", resident.pk), ("resident_create", household.pk),
                           ("household_assign", household.pk), "correction_list",
                           ("correction_decide", Correction.objects.get().pk), "visit_list"],
        "district_secretary": [("household_detail", household.pk), ("visit_detail", world.visits["城垵"].pk)],
    }  # fmt: skip
    numbers = residents_numbers() | {"13700009999"}
    for key, names in pages.items():
        client = sign_in(key)
        for name in names:
            args = name if isinstance(name, tuple) else (name,)
            response = page(client, *args)
            assert response.status_code == 200, name
            shown = text(response)
            assert [number for number in numbers if number in shown] == [], name
    assert not AuditRow.objects.exists()


def test_a_call_shows_one_number_and_leaves_one_row(world: World, sign_in: SignIn) -> None:
    household = world.households["城垵"][0]
    head = household.residents.get()
    response = sign_in("household_cadre").post(reverse("household_call", args=[household.pk]))
    assert set(FULL_NUMBER.findall(text(response))) == {head.phone}
    assert head.id_no not in text(response)
    row = AuditRow.objects.get()
    assert (row.verb, row.object_id, row.household_id) == ("resident.called", head.pk, household.pk)
    assert row.user_id == world.users["household_cadre"].pk
    assert head.phone not in str(row.detail) + row.label


@pytest.mark.parametrize("key", ["village_cadre", "district_secretary"])
def test_who_does_not_look_after_it_does_not_call_by_one_tap(world: World, sign_in: SignIn, key: str) -> None:
    household = world.households["城垵"][0]
    response = sign_in(key).post(reverse("household_call", args=[household.pk]))
    assert response.status_code == 403
    assert household.residents.get().phone not in text(response)
    assert not AuditRow.objects.exists()


def test_calling_for_a_member_of_another_household_gives_nothing(world: World, sign_in: SignIn) -> None:
    other = world.households["城垵"][1].residents.get()
    response = sign_in("household_cadre").post(
        reverse("household_call", args=[world.households["城垵"][0].pk]), {"member": other.pk}
    )
    assert other.phone not in text(response)
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize(("field", "key"), [("phone", "township_admin"), ("id_no", "village_cadre")])
def test_a_reveal_with_a_reason_leaves_exactly_one_row(world: World, sign_in: SignIn, field: str, key: str) -> None:
    resident = world.households["城垵"][0].residents.get()
    address = reverse("resident_reveal", args=[resident.pk])
    response = sign_in(key).post(address, {"field": field, "reason": "核对低保材料"})
    assert getattr(resident, field) in text(response)
    assert "no-store" in response.headers["Cache-Control"]
    row = AuditRow.objects.get()
    assert (row.verb, row.detail) == ("resident.revealed", {"field": field, "reason": "核对低保材料"})


@pytest.mark.parametrize(
    ("key", "data", "status"),
    [
        ("township_admin", {"field": "phone", "reason": ""}, 400),
        ("township_admin", {"field": "name", "reason": "想看看"}, 400),
        ("household_cadre", {"field": "phone", "reason": "想看看"}, 403),
        ("inspector", {"field": "phone", "reason": "想看看"}, 403),
        ("county_leader", {"field": "phone", "reason": "想看看"}, 403),
        ("township_admin@前楼", {"field": "phone", "reason": "想看看"}, 404),
    ],
)
def test_a_refused_reveal_shows_and_records_nothing(
    world: World, sign_in: SignIn, key: str, data: dict[str, str], status: int
) -> None:
    resident = world.households["城垵"][0].residents.get()
    response = sign_in(key).post(reverse("resident_reveal", args=[resident.pk]), data)
    assert response.status_code == status
    assert resident.phone not in text(response)
    assert not AuditRow.objects.exists()


def test_more_reveals_than_work_needs_are_refused(world: World, sign_in: SignIn) -> None:
    resident, client = world.households["城垵"][0].residents.get(), sign_in("township_admin")
    address, data = reverse("resident_reveal", args=[resident.pk]), {"field": "phone", "reason": "逐户核对"}
    statuses = [client.post(address, data).status_code for _n in range(MOST_AN_HOUR + 1)]
    assert statuses == [200] * MOST_AN_HOUR + [429]
    assert AuditRow.objects.count() == MOST_AN_HOUR


def test_more_calls_than_work_needs_are_refused_wherever_they_start(world: World, sign_in: SignIn) -> None:
    """Calls from a household and from an issue are one count; the refused one shows and records nothing."""
    household, issue = world.households["城垵"][0], world.issues["城垵"]
    Issue.objects.filter(pk=issue.pk).update(raised_by_phone="13812345678")
    client = sign_in("household_cadre")
    call, phone = reverse("household_call", args=[household.pk]), reverse("issue_phone", args=[issue.pk])
    statuses = [client.post((call, phone)[n % 2]).status_code for n in range(MOST_CALLS_AN_HOUR)]
    assert statuses == [200] * MOST_CALLS_AN_HOUR
    for address in (call, phone):
        refused = client.post(address)
        assert refused.status_code == 429
        assert FULL_NUMBER.findall(text(refused)) == []
        assert "一小时内查看已超过 60 个号码，请稍后再试。" in text(refused)
    assert AuditRow.objects.count() == MOST_CALLS_AN_HOUR
    assert sign_in("village_cadre").post(phone).status_code == 200


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_asks_the_same_number_of_queries(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any, count: int
) -> None:
    for n in range(10, 10 + count):
        make_household(world.villages["城垵"], n, world.cadre("household_cadre"))
    client = sign_in("township_admin")
    with django_assert_max_num_queries(14):
        assert page(client, "household_list").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"cadre": "none"}, {"城垵户主3", "马銮户主3", "东沈户主3"}),
        ({"band": "never", "q": "城垵"}, {"城垵户主1", "城垵户主2", "城垵户主3"}),
        ({"q": "马銮户主2"}, {"马銮户主2"}),
        ({"status": "moved"}, {"东沈户主2"}),
    ],
)
def test_filters(world: World, sign_in: SignIn, query: dict[str, str], found: set[str]) -> None:
    Household.objects.filter(pk=world.households["东沈"][1].pk).update(status="moved")
    response = page(sign_in("township_admin"), "household_list", **query)
    assert {h.head_name for h in response.context["page"]} == found


@pytest.mark.parametrize(
    "query", [{"village": "x"}, {"band": "?"}, {"cadre": "9" * 30}, {"after": "@@"}, {"order": "x"}]
)
def test_nonsense_in_the_address_does_no_harm(world: World, sign_in: SignIn, query: dict[str, str]) -> None:
    assert page(sign_in("township_admin"), "household_list", **query).status_code == 200


def test_a_stale_edit_shows_both_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][0], sign_in("township_admin")
    address = reverse("household_edit", args=[household.pk])
    data = {"address": "先存的地址", "population": 3, "code": household.code, "version": 1}
    assert client.post(address, data).status_code == 302
    response = client.post(address, data | {"address": "后填的地址"})
    assert response.status_code == 409
    assert "先存的地址" in text(response)
    assert 'value="后填的地址"' in text(response)
    assert Household.objects.get(pk=household.pk).address == "先存的地址"

    again = response.context["form"]["version"].value()
    assert client.post(address, data | {"address": "后填的地址", "version": again}).status_code == 302
    assert Household.objects.get(pk=household.pk).address == "后填的地址"


def test_a_household_is_made_once_and_then_given_a_cadre(world: World, sign_in: SignIn) -> None:
    client, village = sign_in("township_admin"), world.villages["东沈"]
    address = f"{reverse('household_create')}?village={village.pk}"
    data = {"name": "新户主", "phone": "13812345678", "client_id": str(uuid.uuid4())}
    first, again = client.post(address, data), client.post(address, data)
    made = Household.objects.get(head_name="新户主")
    assert first.url == again.url == reverse("household_assign", args=[made.pk])
    conflict = client.post(address, data | {"name": "别的户主"})
    assert conflict.status_code == 409
    assert "别的户主" in text(conflict)

    cadre = world.cadre("village_cadre@东沈")
    client.post(first.url, {"cadre": cadre.pk, "on": local_today().isoformat(), "version": 0})
    assert Assignment.objects.open().get(household=made).cadre == cadre


def test_only_cadres_of_the_township_are_offered_and_taken(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][0], sign_in("township_admin")
    foreign = world.cadre("village_cadre@前楼")
    address = reverse("household_assign", args=[household.pk])
    assert foreign.name not in text(client.get(address))
    response = client.post(address, {"cadre": foreign.pk, "on": local_today().isoformat()})
    assert response.status_code == 200
    assert Assignment.objects.open().get(household=household).cadre == world.cadre("household_cadre")


def test_a_recorded_number_stays_when_its_field_is_left_empty(world: World, sign_in: SignIn) -> None:
    resident = world.households["城垵"][0].residents.get()
    data = {"name": "改名了", "relation": "head", "version": 1}
    sign_in("township_admin").post(reverse("resident_edit", args=[resident.pk]), data)
    after = Resident.objects.get(pk=resident.pk)
    assert (after.name, after.id_no, after.phone) == ("改名了", resident.id_no, resident.phone)


def test_a_bad_number_is_said_and_everything_typed_stays(world: World, sign_in: SignIn) -> None:
    address = reverse("resident_create", args=[world.households["城垵"][0].pk])
    response = sign_in("township_admin").post(address, {"name": "林小宝", "relation": "child", "id_no": "350626"})
    assert response.status_code == 200
    assert 'value="林小宝"' in text(response)
    assert response.context["form"].errors["id_no"]
    assert not Resident.objects.filter(name="林小宝").exists()


def test_a_correction_from_the_door_to_the_decision(world: World, sign_in: SignIn) -> None:
    household, cadre, admin = world.households["城垵"][0], sign_in("household_cadre"), sign_in("township_admin")
    address = reverse("correction_create", args=[household.pk])
    data = {
        "address": "上里2号",
        "population": 3,
        "status": "active",
        "group": household.group_id,
        "reason": "上门核实",
    }
    cadre.post(address, data)
    correction = Correction.objects.get()
    assert "上里2号" in text(page(cadre, "household_detail", household.pk))
    assert cadre.get(reverse("correction_decide", args=[correction.pk])).status_code == 403

    refused = admin.post(reverse("correction_decide", args=[correction.pk]), {"act": "refuse", "answer": ""})
    assert refused.status_code == 200
    admin.post(reverse("correction_decide", args=[correction.pk]), {"act": "accept", "answer": "已核对户口本"})
    assert "已核对户口本" in text(page(cadre, "household_detail", household.pk))
    assert Household.objects.get(pk=household.pk).address == "上里2号"
    late = admin.post(reverse("correction_decide", args=[correction.pk]), {"act": "refuse", "answer": "不符"})
    assert late.status_code == 409
    assert Correction.objects.get().state == "accepted"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"counted": "1", "covered": "yes"}, {"东沈户主1"}),
        ({"counted": "1", "covered": "no"}, {"东沈户主2"}),
        ({"counted": "1", "band": "over_90"}, {"东沈户主2"}),
        ({"counted": "1"}, {"东沈户主1", "东沈户主2"}),
    ],
)
def test_a_figure_of_the_dashboard_opens_its_rows(
    world: World, sign_in: SignIn, query: dict[str, str], found: set[str]
) -> None:
    today = local_today()
    first, second, third = (world.households["东沈"][n].pk for n in range(3))
    Household.objects.filter(pk=first).update(last_met_on=today - datetime.timedelta(days=90))
    Household.objects.filter(pk=second).update(last_met_on=today - datetime.timedelta(days=91))
    Household.objects.filter(pk=third).update(status="vacant")
    area = f"village-{world.villages['东沈'].pk}"
    response = page(sign_in("township_leader"), "household_list", area=area, **query)
    assert {h.head_name for h in response.context["page"]} == found
    elsewhere = page(sign_in("township_leader@前楼"), "household_list", area=area, **query)
    assert list(elsewhere.context["page"]) == []
