"""The pages of setting up: closed to others, narrow for a township, once for a form sent twice."""

import csv
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.models import (
    AuditRow,
    CalendarDay,
    Category,
    District,
    HouseholdType,
    Organisation,
    Posting,
    Village,
    VillageLink,
)
from ledger.models.scope import forget_scope
from ledger.rules.permissions import Role
from tests.world import World, post

SignIn = Callable[[str], Client]
LISTS = (
    "setup", "division_list", "district_list", "organisation_list", "organisation_create", "cadre_list", "cadre_create",
    "cadre_import", "account_batch", "audit_list",
)  # fmt: skip
COUNTY_ONLY = ("division_import", "category_list", "calendar_day_create")
OTHERS = ("township_leader", "inspector", "district_secretary", "household_cadre", "department_handler", "nobody")


def once(**fields: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), **fields}


@pytest.mark.parametrize("name", [*LISTS, *COUNTY_ONLY])
def test_the_county_admin_opens_every_page(world: World, sign_in: SignIn, name: str) -> None:
    assert sign_in("county_admin").get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_the_township_admin_opens_those_of_the_township(world: World, sign_in: SignIn, name: str) -> None:
    assert sign_in("township_admin").get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", COUNTY_ONLY)
def test_the_county_s_own_pages_are_closed_to_a_township(world: World, sign_in: SignIn, name: str) -> None:
    assert sign_in("township_admin").get(reverse(name)).status_code == 403


@pytest.mark.parametrize("key", OTHERS)
def test_nobody_else_opens_any(world: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    assert {client.get(reverse(name)).status_code for name in (*LISTS, *COUNTY_ONLY)} == {403}


def far_pages(world: World) -> list[str]:
    cadre, village = world.cadre("village_cadre@前楼"), world.villages["前楼"]
    posting = cadre.postings.get()
    unit = world.organisations["村镇建设办@前楼"]
    return [
        reverse("cadre_detail", args=[cadre.pk]), reverse("cadre_edit", args=[cadre.pk]),
        reverse("posting_end", args=[posting.pk]), f"{reverse('posting_create')}?cadre={cadre.pk}",
        reverse("village_detail", args=[village.pk]), reverse("township_edit", args=[world.other_township.pk]),
        reverse("district_create", args=[world.other_township.pk]), reverse("organisation_edit", args=[unit.pk]),
        reverse("village_link_create", args=[village.pk, "village_cadre"]),
    ]  # fmt: skip


def test_another_township_does_not_exist(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    answers = {address: client.get(address).status_code for address in far_pages(world)}
    assert set(answers.values()) == {404}, answers
    for address in far_pages(world):
        assert sign_in("county_admin").get(address).status_code == 200, address


def test_lists_of_a_township_hold_nothing_of_the_next(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    for name in ("division_list", "district_list", "organisation_list", "cadre_list", "cadre_create", "account_batch"):
        body = client.get(reverse(name)).content.decode()
        assert "前楼" not in body, name
        assert "六龙" not in body, name


def test_seeing_somebody_is_not_managing_them(world: World, sign_in: SignIn) -> None:
    """A township admin who also works in the next township sees its people, and changes none of them."""
    post(world.cadre("township_admin"), Role.VILLAGE_OFFICIAL, village=world.villages["前楼"])
    client = sign_in("township_admin")
    cadre = world.cadre("village_cadre@前楼")
    assert client.get(reverse("cadre_detail", args=[cadre.pk])).status_code == 403
    assert client.post(reverse("account_reset", args=[cadre.pk]), once()).status_code == 403
    assert client.get(reverse("village_detail", args=[world.villages["前楼"].pk])).status_code == 403


@pytest.mark.parametrize("name", ["account_reset", "account_active", "account_create_one"])
def test_accounts_above_or_outside_are_refused(world: World, sign_in: SignIn, name: str) -> None:
    client = sign_in("township_admin")
    codes = {
        key: client.post(reverse(name, args=[world.cadre(key).pk]), once()).status_code
        for key in ("inspector", "county_admin", "village_cadre@前楼", "village_cadre@六龙")
    }
    assert codes == {"inspector": 403, "county_admin": 404, "village_cadre@前楼": 404, "village_cadre@六龙": 404}
    assert not AuditRow.objects.exists()


def test_a_district_is_made_of_ticked_villages_once(world: World, sign_in: SignIn) -> None:
    client, address = sign_in("township_admin"), reverse("district_create", args=[world.township.pk])
    sent = once(name="新管区", sort_order=5, villages=[world.villages["城垵"].pk, world.villages["东沈"].pk])
    for _attempt in range(2):
        assert client.post(address, sent).status_code == 302
    made = District.objects.get(name="新管区")
    assert set(made.villages.values_list("name", flat=True)) == {"城垵村", "东沈村"}
    assert set(world.east.villages.values_list("name", flat=True)) == {"马銮村"}
    assert AuditRow.objects.filter(verb="district.created").count() == 1
    assert client.post(address, {**sent, "name": "别的名字"}).status_code == 409


def test_a_district_takes_no_village_of_another_township(world: World, sign_in: SignIn) -> None:
    client, address = sign_in("township_admin"), reverse("district_create", args=[world.township.pk])
    for foreign in (world.villages["前楼"].pk, 999_999):
        response = client.post(address, once(name="新管区", sort_order=5, villages=[foreign]))
        assert response.status_code == 200
        assert str(foreign) in response.content.decode()
    assert not District.objects.filter(name="新管区").exists()


def test_a_taken_name_and_a_stale_edit_keep_what_was_typed(world: World, sign_in: SignIn) -> None:
    client, address = sign_in("township_admin"), reverse("district_edit", args=[world.east.pk])
    page = client.get(address)
    version = page.context["form"]["version"].value()
    taken = client.post(address, {"version": version, "name": "西管区", "sort_order": 1})
    assert taken.status_code == 200
    District.objects.filter(pk=world.east.pk).update(name="别人改的")
    stale = client.post(address, {"version": version, "name": "我改的", "sort_order": 1})
    assert stale.status_code == 409
    assert "别人改的" in stale.content.decode()
    assert "我改的" in stale.content.decode()
    again = client.post(
        address, {"version": stale.context["form"]["version"].value(), "name": "我改的", "sort_order": 1}
    )
    assert again.status_code == 302
    world.east.refresh_from_db()
    assert world.east.name == "我改的"


def test_a_posting_form_offers_only_what_may_be_given(world: World, sign_in: SignIn) -> None:
    client, cadre = sign_in("township_admin"), world.cadre("nobody")
    base = f"{reverse('posting_create')}?cadre={cadre.pk}"
    offered = {key for key, _label, _sentence in client.get(base).context["roles"]}
    assert offered.isdisjoint({"county_admin", "county_desk", "county_leader", "inspector", "township_leader"})
    form = client.get(f"{base}&role=village_cadre").context["form"]
    assert set(form.fields["village"].queryset.values_list("name", flat=True)) == {"城垵村", "马銮村", "东沈村"}
    # A role that is not offered is no form at all, and a village of elsewhere no choice.
    assert "roles" in client.post(f"{base}&role=county_admin", once(county=world.county.pk)).context
    sent = once(village=[world.villages["前楼"].pk], start_on="2026-01-01")
    assert client.post(f"{base}&role=village_cadre", sent).status_code == 200
    assert not cadre.postings.exists()


def test_an_administrator_is_not_offered_a_posting_for_themselves(world: World, sign_in: SignIn) -> None:
    client, cadre = sign_in("township_admin"), world.cadre("township_admin")
    before = set(cadre.postings.values_list("pk", flat=True))
    address = f"{reverse('posting_create')}?cadre={cadre.pk}"
    assert address not in client.get(reverse("cadre_detail", args=[cadre.pk])).content.decode()
    sent = once(township=world.township.pk, start_on="2026-01-01")
    for response in (client.get(address), client.post(f"{address}&role=township_desk", sent)):
        assert response.status_code == 302
    assert "不能给自己添加任职" in client.get(reverse("cadre_detail", args=[cadre.pk])).content.decode()
    assert set(cadre.postings.values_list("pk", flat=True)) == before


def test_a_posting_over_two_villages_sent_twice(world: World, sign_in: SignIn) -> None:
    client, cadre = sign_in("township_admin"), world.cadre("nobody")
    address = f"{reverse('posting_create')}?cadre={cadre.pk}&role=village_cadre"
    sent = once(village=[world.villages["城垵"].pk, world.villages["马銮"].pk], start_on="2026-01-01")
    assert [client.post(address, sent).status_code for _n in range(2)] == [302, 302]
    assert cadre.postings.count() == 2


def test_ending_a_posting_says_what_to_do_first(world: World, sign_in: SignIn) -> None:
    posting = world.cadre("household_cadre@城垵").postings.get()
    client, address = sign_in("township_admin"), reverse("posting_end", args=[posting.pk])
    response = client.post(address, {"end_on": "2026-02-01"})
    assert response.status_code == 200
    said = response.content.decode()
    assert "2 户" in said
    # The way to the households that stand in its way, those of this village and no others.
    asked = {"status": "all", "cadre": posting.cadre_id, "village": posting.village_id}
    shown = client.get(reverse("household_list"), asked)
    assert f"?status=all&amp;cadre={posting.cadre_id}&amp;village={posting.village_id}" in said
    assert shown.context["count"] == 2
    assert Posting.objects.get(pk=posting.pk).end_on is None


def test_one_account_is_shown_once_and_kept_by_nobody(world: World, sign_in: SignIn) -> None:
    client, cadre = sign_in("township_admin"), world.cadre("nobody")
    sent = once()
    shown = client.post(reverse("account_reset", args=[cadre.pk]), sent)
    assert "no-store" in shown.headers["Cache-Control"]
    password = shown.context["slips"][0].password
    assert password in shown.content.decode()
    again = client.post(reverse("account_reset", args=[cadre.pk]), sent)
    assert again.status_code == 302
    user = world.users["nobody"]
    user.refresh_from_db()
    assert user.check_password(password), "pressing twice leaves the printed password good"


def test_a_whole_township_at_once(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    people = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\n" + "".join(
        f"x,T{n:03d},新人{n},党建办,,350626102\n" for n in range(3)
    )
    page = client.post(reverse("cadre_import"), {"file": SimpleUploadedFile("干部.csv", people.encode())})
    assert client.post(reverse("cadre_apply"), {"sealed": page.context["sealed"]}).status_code == 302
    row = client.get(reverse("account_batch")).context["rows"][0]
    assert row["missing"] == 3
    sent = once(act="open", home=row["home"].key)
    sheet = client.post(reverse("account_sheet"), sent)
    assert [slip.username for slip in sheet.context["slips"]] == ["T000", "T001", "T002"]
    assert client.post(reverse("account_sheet"), sent).status_code == 302
    assert client.get(reverse("account_batch")).context["rows"][0]["missing"] == 0
    other = f"township-{world.other_township.pk}"
    assert client.post(reverse("account_sheet"), once(act="open", home=other)).status_code == 404


def test_looking_at_a_list_writes_nothing_and_a_foreign_seal_is_worth_nothing(world: World, sign_in: SignIn) -> None:
    text = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\nx,T001,新人,党建办,,350626102\n"
    page = sign_in("township_admin").post(
        reverse("cadre_import"), {"file": SimpleUploadedFile("干部.csv", text.encode())}
    )
    assert len(page.context["plan"].new) == 1
    assert not world.township.cadres.filter(cadre_no="T001").exists()
    for key, seal in (("county_admin", page.context["sealed"]), ("township_admin", page.context["sealed"] + "x")):
        assert sign_in(key).post(reverse("cadre_apply"), {"sealed": seal}).status_code == 302
    assert not world.township.cadres.filter(cadre_no="T001").exists()


def test_divisions_by_page(world: World, sign_in: SignIn) -> None:
    kept = io.StringIO()
    rows = csv.writer(kept)
    rows.writerow(["county_code", "county", "township_code", "township", "village_code", "name"])
    rows.writerow(["350626", "东山县", "350626102", "康美镇", "350626102299", "新村"])
    upload = SimpleUploadedFile("区划.csv", kept.getvalue().encode())
    client = sign_in("county_admin")
    page = client.post(reverse("division_import"), {"file": upload})
    assert [entry.name for entry in page.context["plan"].new] == ["新村"]
    assert not Village.objects.filter(name="新村").exists()
    client.post(reverse("division_apply"), {"sealed": page.context["sealed"]})
    assert Village.objects.get(name="新村").township == world.township
    foreign = SimpleUploadedFile("x.csv", kept.getvalue().replace("350626", "320206").encode())
    assert client.post(reverse("division_import"), {"file": foreign}).context["faults"]
    assert sign_in("township_admin").post(reverse("division_apply"), {"sealed": "x"}).status_code == 403


def test_links_of_the_county_are_the_county_s_to_write(world: World, sign_in: SignIn) -> None:
    village, cadre = world.villages["城垵"], world.cadre("village_cadre@城垵")
    client = sign_in("township_admin")
    assert client.get(reverse("village_link_create", args=[village.pk, "county_leader"])).status_code == 404
    address = reverse("village_link_create", args=[village.pk, "village_cadre"])
    sent = once(who=cadre.pk, start_on="2026-01-01")
    assert [client.post(address, sent).status_code for _n in range(2)] == [302, 302]
    link = VillageLink.objects.get()
    foreign = once(who=world.cadre("village_cadre@前楼").pk, start_on="2026-01-01")
    assert client.post(address, foreign).status_code == 200
    assert sign_in("township_admin@前楼").post(reverse("village_link_end", args=[link.pk])).status_code == 404
    assert client.post(reverse("village_link_end", args=[link.pk])).status_code == 302
    link.refresh_from_db()
    assert link.end_on is not None


def test_the_county_edits_its_own_lists(world: World, sign_in: SignIn) -> None:
    client, category = sign_in("county_admin"), Category.objects.filter(county=world.county).first()
    assert category is not None
    address = reverse("word_edit", args=["category", category.pk])
    version = client.get(address).context["form"]["version"].value()
    sent = {"version": version, "name": category.name, "name_en": "X", "days": 9, "unit_name": "", "sort_order": 1}
    assert client.post(address, sent).status_code == 302
    category.refresh_from_db()
    assert (category.days, category.is_active) == (9, False), "an unticked box means that it is no longer offered"
    foreign = Category.objects.filter(county=world.other_county).first()
    assert foreign is not None
    assert client.get(reverse("word_edit", args=["category", foreign.pk])).status_code == 404
    new = reverse("word_create", args=["household_type"])
    made = once(name="新类型", name_en="New", sort_order=1)
    assert [client.post(new, made).status_code for _n in range(2)] == [302, 302]
    assert HouseholdType.objects.filter(name="新类型").count() == 1
    assert client.get(reverse("word_create", args=["nothing"])).status_code == 404


def test_a_calendar_day_is_noted_and_cleared(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    client.post(reverse("calendar_day_create"), once(day="2026-05-09", is_working="1", note="补班"))
    day = CalendarDay.objects.get(county=world.county)
    assert (day.day.isoformat(), day.is_working) == ("2026-05-09", True)
    assert sign_in("county_admin").post(reverse("calendar_day_clear", args=[day.pk])).status_code == 302
    assert not CalendarDay.objects.exists()


def test_an_organisation_is_added_at_home_only(world: World, sign_in: SignIn) -> None:
    client, address = sign_in("township_admin"), reverse("organisation_create")
    sent = once(township=world.township.pk, name="新办公室", kind="internal", sort_order=1)
    assert client.post(address, sent).status_code == 302
    made = Organisation.objects.get(name="新办公室")
    assert (made.township, made.county) == (world.township, world.county)
    for change in ({"township": world.other_township.pk}, {"kind": "county"}, {"kind": "village"}, {"township": ""}):
        wrong = once(**{"township": world.township.pk, "name": "别的", "kind": "internal", "sort_order": 1, **change})
        assert client.post(address, wrong).status_code == 200, change
    assert not Organisation.objects.filter(name="别的").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 90, b"cadre_no,cadre_name\nK1,\x00\n", b"a" * 5_300_000, b"\xff\xfe"]
)
def test_no_upload_is_an_error_of_ours(world: World, sign_in: SignIn, content: bytes) -> None:
    client, before = sign_in("county_admin"), world.county.cadres.count()
    for name in ("cadre_import", "division_import"):
        response = client.post(reverse(name), {"file": SimpleUploadedFile("x.csv", content)})
        assert response.status_code == 200
        assert "plan" not in response.context
    assert client.get(reverse("category_list"), {"county": "\x00"}).status_code == 200
    assert world.county.cadres.count() == before


@pytest.mark.parametrize("search", ["康美无", "gb", "?" * 200, "\x00", "%", "ｋ"])
def test_any_search_is_answered(world: World, sign_in: SignIn, search: str) -> None:
    forget_scope(world.users["township_admin"])
    client = sign_in("township_admin")
    for name in ("cadre_list", "organisation_list", "audit_list"):
        assert client.get(reverse(name), {"q": search, "page": "9x", "state": "no", "township": "x"}).status_code == 200
