"""The pages of procedure guides."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import GivenGuide, Guide, Issue
from ledger.rules.issues import State
from tests.issue_chain import category_of
from tests.world import START, World

SignIn = Callable[[str], Client]


def make(world: World, title: str = "办证", **fields: Any) -> Guide:
    given = {"county": world.county, "steps": "申请\n领证", "materials": "户口簿", "updated_on": START, **fields}
    guide: Guide = Guide.objects.create(title=title, **given)
    return guide


def once(**fields: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), "title": "新证", "steps": "申请\n领证", "sort_order": 1, **fields}


@pytest.mark.parametrize("key", ["household_cadre", "department_handler", "village_official", "county_leader"])
def test_everybody_of_the_county_reads_and_prints(world: World, sign_in: SignIn, key: str) -> None:
    client, guide = sign_in(key), make(world)
    far = make(world, "外县证", county=world.other_county)
    closed = make(world, "停用证", is_active=False)
    page = client.get(reverse("guide_list"))
    assert [each.title for each in page.context["page"]] == ["办证"]
    for name in ("guide_detail", "guide_print"):
        assert "领证" in client.get(reverse(name, args=[guide.pk])).content.decode()
        assert {client.get(reverse(name, args=[each.pk])).status_code for each in (far, closed)} == {404}
    assert client.get(reverse("guide_edit", args=[guide.pk])).status_code == 403
    assert client.post(reverse("guide_create"), once()).status_code == 403
    assert Guide.objects.count() == 3


def test_a_township_writes_its_own_and_none_of_the_county_s(world: World, sign_in: SignIn) -> None:
    client, county_s = sign_in("township_admin"), make(world)
    made = client.post(reverse("guide_create"), once())
    guide = Guide.objects.get(title="新证")
    assert (made.status_code, guide.township, guide.county) == (302, world.township, world.county)
    assert client.post(reverse("guide_edit", args=[county_s.pk]), once()).status_code == 403
    far = make(world, "别镇", township=world.other_township)
    assert client.post(reverse("guide_edit", args=[far.pk]), once()).status_code == 403
    county_s.refresh_from_db()
    assert county_s.edition == 1


def test_the_county_edits_and_the_stale_form_is_told(world: World, sign_in: SignIn) -> None:
    client, guide = sign_in("county_admin"), make(world)
    url = reverse("guide_edit", args=[guide.pk])
    form = client.get(url).context["form"]
    sent = {
        "version": form["version"].value(), "title": "办证", "steps": "1. 申请\n2. 审核", "sort_order": 1,
        "is_active": "on", "categories": [category_of(world).pk],
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    guide.refresh_from_db()
    assert (guide.steps, guide.edition, [each.name for each in guide.categories.all()]) == (
        "申请\n审核", 2, ["村道破损"],
    )  # fmt: skip
    assert client.post(url, {**sent, "steps": "晚到的"}).status_code == 409
    guide.refresh_from_db()
    assert guide.steps == "申请\n审核"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"steps": ""}, {"steps": " \n "}, {"steps": "\n".join("一二三四五六七八九十甲乙丙")},
        {"steps": "长" * 121}, {"materials": "\x00"}, {"categories": ["99999999999999999999"]}, {"title": "长" * 61},
    ],
)  # fmt: skip
def test_rubbish_is_told(world: World, sign_in: SignIn, wrong: dict[str, Any]) -> None:
    page = sign_in("county_admin").post(reverse("guide_create"), once(**wrong))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Guide.objects.exists()


def test_the_handler_gives_guides_with_the_result(world: World, sign_in: SignIn) -> None:
    guide = make(world)
    foreign = make(world, "外县证", county=world.other_county)
    issue = world.issues["城垵"]
    Issue.objects.filter(pk=issue.pk).update(
        state=State.IN_PROGRESS, lead_organisation=world.organisations["村镇建设办"],
        handler=world.cadre("department_handler"),
    )  # fmt: skip
    client, url = sign_in("department_handler"), reverse("issue_step", args=[issue.pk, "resolve"])
    version = client.get(url).context["form"]["version"].value()
    sent = {
        "version": version,
        "outcomes": ["explained"],
        "text": "已告知",
        "explained": "当面解释",
        "policy": "办证规定",
    }
    assert client.post(url, {**sent, "guides": [foreign.pk]}).status_code == 200
    assert not GivenGuide.objects.exists()
    assert client.post(url, {**sent, "guides": [guide.pk]}).status_code == 302
    kept = GivenGuide.objects.get()
    Guide.objects.filter(pk=guide.pk).update(steps="全改了")
    printed = client.get(reverse("given_guide", args=[kept.pk])).content.decode()
    assert "领证" in printed
    assert "全改了" not in printed
    assert sign_in("village_cadre@马銮").get(reverse("given_guide", args=[kept.pk])).status_code == 404


def test_the_paper_of_an_unchecked_example_says_so(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    papers = [
        client.get(reverse("guide_print", args=[make(world, title, is_example=example).pk])).content.decode()
        for title, example in (("示例", True), ("核对过", False))
    ]
    assert ["尚未核对" in paper for paper in papers] == [True, False]


def test_the_category_brings_its_help_and_guides_to_the_form(world: World, sign_in: SignIn) -> None:
    category, guide = category_of(world), make(world)
    category.hint = "哪一段，破损多长"
    category.save()
    guide.categories.add(category.parent)
    page = sign_in("household_cadre").get(reverse("issue_create"))
    helps = {help.pk: (help.hint, help.guides) for help in page.context["form"].category_helps}
    assert helps == {category.pk: ("哪一段，破损多长", [guide]), category.parent_id: ("", [guide])}
    assert f'data-shown-when="category={category.pk}"' in page.content.decode()
