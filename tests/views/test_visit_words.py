"""Phrases, words that propose, and the brief before a visit: the county's own, and only what one may read."""

import datetime
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Category, HouseholdType, Issue, Keyword, Phrase, Resident
from ledger.rules.days import local_today
from tests.views.test_visits import address, filled, issue
from tests.world import World, make_issue, make_visit

SignIn = Callable[[str], Client]
DAY = datetime.timedelta(days=1)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def words(world: World) -> Category:
    """A phrase and a word here, and ones of the other county beside them."""
    category = Category.objects.get(county=world.county, name="村道破损")
    Category.objects.filter(pk=category.pk).update(hint="哪条路、哪一段")
    Keyword.objects.create(county=world.county, name="坑洼", category=category)
    Keyword.objects.create(county=world.county, name="举报", kind="complaint")
    Keyword.objects.create(county=world.county, name="停用词", category=category, is_active=False)
    Keyword.objects.create(county=world.other_county, name="外县词", kind="wish")
    Phrase.objects.create(county=world.county, name="宣传了医保政策。")
    Phrase.objects.create(county=world.county, name="停用语", is_active=False)
    Phrase.objects.create(county=world.other_county, name="外县常用语")
    return category


def test_the_form_carries_the_countys_words(world: World, sign_in: SignIn, words: Category) -> None:
    shown = text(sign_in("household_cadre").get(address(world.households["城垵"][0])))
    table = json.loads(re.search(r'id="word-table" type="application/json">(.*?)</script>', shown)[1])  # type: ignore[index]
    assert table["words"] == [["坑洼", "", words.pk]]
    assert table["helps"] == {str(words.pk): {"hint": "哪条路、哪一段", "guides": []}}
    assert 'data-insert="宣传了医保政策。"' in shown
    for foreign in ("停用", "外县"):
        assert foreign not in shown


def test_without_a_script_the_proposal_comes_back_to_be_looked_at(
    world: World, sign_in: SignIn, words: Category
) -> None:
    client, home, count = sign_in("household_cadre"), address(world.households["城垵"][0]), Issue.objects.count()
    response = client.post(home, filled(**issue(world, category="")))
    assert response.status_code == 200
    assert Issue.objects.count() == count
    block = response.context["issues"].forms[0]
    assert (block["category"].value(), bool(block.errors)) == (str(words.pk), True)
    client.post(home, filled(**issue(world, category=block["category"].value())))
    assert Issue.objects.count() == count + 1


def test_a_word_must_propose_something_of_the_own_county(world: World, sign_in: SignIn) -> None:
    client, url = sign_in("county_admin"), reverse("word_create", args=["keyword"])
    foreign = Category.objects.get(county=world.other_county, name="村道破损")
    for wrong in ({}, {"category": foreign.pk}, {"kind": "complaint"}):
        assert client.post(url, {"name": "路灯", "sort_order": "1", **wrong}).status_code == 200
    assert not Keyword.objects.exists()
    own = Category.objects.get(county=world.county, name="村道破损")
    client.post(url, {"name": "路灯", "sort_order": "1", "category": own.pk})
    assert Keyword.objects.get().category == own
    assert "路灯" in text(client.get(reverse("category_list")))


def test_the_brief_says_what_one_should_know_at_the_door(world: World, sign_in: SignIn) -> None:
    household, colleague = world.households["城垵"][0], world.cadre("village_cadre")
    kind = HouseholdType.objects.get(county=world.county, name="低保户")
    HouseholdType.objects.filter(pk=kind.pk).update(ask="低保金按时到账吗")
    household.types.add(kind)
    today = local_today()
    for n in range(1, 6):
        make_visit(household, colleague, occurred_on=today - n * DAY, promise=f"答应{n}" if n in {2, 5} else "")
    make_visit(world.households["城垵"][1], colleague, promise="别家的承诺")
    secret = make_issue(household, colleague, 901, kind="early_sign", is_sensitive=True)
    brief = sign_in("household_cadre").get(address(household)).context["brief"]
    assert [visit.occurred_on for visit in brief.visits] == [today, today - DAY, today - 2 * DAY]
    assert [visit.promise for visit in brief.promises] == ["答应2", "答应5"]
    assert brief.to_ask == [kind]
    assert secret not in brief.issues
    assert [found.household_id for found in brief.issues] == [household.pk] * len(brief.issues)
    assert brief.colleague.lead == colleague
    shown = text(sign_in("household_cadre").get(address(household)))
    head = Resident.objects.get(household=household)
    assert head.phone not in shown
    assert head.id_no not in shown
    for what in ("低保金按时到账吗", colleague.name):
        assert what in shown
    assert "低保金按时到账吗" in text(sign_in("household_cadre").get(reverse("household_detail", args=[household.pk])))


@pytest.mark.parametrize(("days", "said"), [(0, False), (3, False), (4, True)])
def test_the_county_says_how_long_a_colleagues_visit_is_news(
    world: World, sign_in: SignIn, days: int, said: bool
) -> None:
    household = world.households["城垵"][1]
    make_visit(household, world.cadre("village_cadre"), occurred_on=local_today() - 4 * DAY)
    make_visit(household, world.cadre("household_cadre"), occurred_on=local_today())
    type(world.county).objects.filter(pk=world.county.pk).update(visited_days=days)
    brief = sign_in("household_cadre").get(address(household)).context["brief"]
    assert (brief.colleague is not None) is said
