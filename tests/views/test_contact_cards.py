"""联系服务卡 and 工作牌: who prints which, what waits after a change, what stands on a card and what never does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.exporting.contact_cards import NothingChanged, print_changed_cards
from ledger.models import AuditRow, Badge, Cadre, ContactCard, County, Household, HouseholdType, PrintRun, Township
from ledger.queries.contact_cards import card_households, standings, waiting_cards
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.world import World, make_cadre, make_household, post

SignIn = Callable[[str], Client]
LIST = "contact_card_list"


def heads(page: Any) -> list[str]:
    return [card.household.head_name for card, _why in page.context["waiting"]]


def printed(client: Client, **data: Any) -> Any:
    return client.post(reverse("contact_card_print"), {"which": "changed", **data})


def own(world: World) -> set[int]:
    """The households of 城垵 that the cadre under test looks after."""
    return set(Household.objects.filter(cadre=world.cadre("household_cadre")).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("key", "villages"),
    [("household_cadre", {"城垵村"}), ("village_cadre", {"城垵村"}), ("district_secretary", {"城垵村", "马銮村"}),
     ("township_desk", {"城垵村", "马銮村", "东沈村"}), ("township_admin", {"城垵村", "马銮村", "东沈村"}),
     ("county_admin", {"城垵村", "马銮村", "东沈村", "前楼村"})],
)  # fmt: skip
def test_whose_cards_somebody_prints(world: World, key: str, villages: set[str]) -> None:
    found = standings(card_households(world.users[key]), local_today())
    assert {each.village.name for each in found} == villages
    assert sum(each.waiting for each in found) == card_households(world.users[key]).filter(cadre__isnull=False).count()


@pytest.mark.parametrize("key", ["inspector", "county_leader", "village_official", "department_handler"])
def test_who_only_reads_prints_none(world: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    assert {client.get(reverse(LIST)).status_code, printed(client).status_code} == {403}
    assert (ContactCard.objects.count(), PrintRun.objects.count()) == (0, 0)


def test_printing_is_noted_and_not_offered_again(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    answer = printed(client)
    run = PrintRun.objects.get()
    assert answer.url == reverse("contact_card_sheet", args=[run.pk])
    assert set(ContactCard.objects.values_list("household", flat=True)) == own(world)
    row = AuditRow.objects.get(verb="contact_card.printed")
    assert row.detail == {"households": len(own(world)), "villages": ["城垵村"]}
    assert row.township_id == world.township.pk
    assert printed(client).url.startswith(reverse(LIST))
    assert PrintRun.objects.count() == 1
    with pytest.raises(NothingChanged):
        print_changed_cards(by=world.users["household_cadre"], households=Household.objects.filter(pk__in=own(world)))


def test_only_what_changed_waits_and_says_why(world: World, sign_in: SignIn) -> None:
    client, mine = sign_in("village_cadre"), own(world)
    printed(client)
    tokens = dict(ContactCard.objects.values_list("household", "token"))
    Cadre.objects.filter(pk=world.cadre("household_cadre").pk).update(phone="13700009999")
    page = client.get(reverse(LIST))
    assert {card.household.pk for card, _why in page.context["waiting"]} == mine
    assert {why for _card, why in page.context["waiting"]} == {"变动：挂户干部手机"}
    printed(client)
    one = world.households["城垵"][0]
    Household.objects.filter(pk=one.pk).update(head_name="城垵新户主")
    page = client.get(reverse(LIST))
    assert [(card.household.pk, why) for card, why in page.context["waiting"]] == [(one.pk, "变动：户主")]
    assert dict(ContactCard.objects.values_list("household", "token")) == tokens
    Township.objects.filter(pk=world.township.pk).update(duty_phone="0596-7654321")
    table = standings(card_households(world.users["village_cadre"]), local_today())
    assert [(each.never, each.changed, each.current) for each in table] == [(0, len(tokens), 0)]


def test_the_count_by_village_is_that_of_the_cards(world: World) -> None:
    user, day = world.users["township_admin"], local_today()
    rows = card_households(user)
    print_changed_cards(by=user, households=rows.filter(village=world.villages["城垵"]))
    Household.objects.filter(pk=world.households["城垵"][1].pk).update(head_name="改名")
    for each in standings(rows, day):
        there = rows.filter(village=each.village, cadre__isnull=False)
        assert each.waiting == len(waiting_cards(there, day))
    assert {each.village.name: (each.never, each.changed) for each in standings(rows, day)}["城垵村"] == (0, 1)


def test_a_card_says_who_to_call_and_never_the_type(world: World, sign_in: SignIn) -> None:
    home = world.households["城垵"][0]
    home.types.add(HouseholdType.objects.get(county=world.county, name="低保户"))
    secretary = make_cadre(world.township, "城垵支书", world.county, title="村支书")
    post(secretary, Role.VILLAGE_OFFICIAL, village=world.villages["城垵"])
    Township.objects.filter(pk=world.township.pk).update(
        duty_phone="0596-1112222", supervision_phone="0596-3334444", card_phones="派出所 0596-5556666"
    )
    client = sign_in("household_cadre")
    page = client.get(printed(client).url).content.decode()
    cadre = world.cadre("household_cadre")
    for text in (home.head_name, cadre.name, cadre.phone, "城垵支书", secretary.phone, "0596-1112222", "0596-3334444",
                 "0596-5556666", "96110"):  # fmt: skip
        assert text in page
    assert "低保" not in page
    assert "<svg" not in page
    assert "马銮" not in page
    fronts = page.count('<article class="contact-card"')
    assert fronts == page.count('<article class="contact-card back"') == len(own(world))


def test_the_code_is_printed_only_with_an_address(world: World, sign_in: SignIn) -> None:
    County.objects.filter(pk=world.county.pk).update(card_address="https://example.invalid/k/")
    client = sign_in("household_cadre")
    page = client.get(printed(client).url).content.decode()
    assert page.count("<svg") == len(own(world))
    assert not any(token in page for token in ContactCard.objects.values_list("token", flat=True))


def test_ticked_ones_and_those_of_somebody_else(world: World, sign_in: SignIn) -> None:
    client, foreign = sign_in("village_cadre"), world.households["马銮"][0].pk
    mine = sorted(own(world))[:2]
    answer = printed(client, which="ticked", household=[*mine, foreign])
    assert (answer.url, ContactCard.objects.count()) == (reverse(LIST), 0)
    printed(client, which="changed", village=world.villages["马銮"].pk)
    assert ContactCard.objects.count() == 0
    printed(client, which="ticked", household=mine)
    assert sorted(ContactCard.objects.values_list("household", flat=True)) == mine
    sheet = reverse("contact_card_sheet", args=[PrintRun.objects.get().pk])
    assert sign_in("township_admin").get(sheet).status_code == 404


def test_who_lost_the_village_opens_empty_sheets(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    sheet = printed(client).url
    other = make_cadre(world.township, "接手人", world.county)
    Household.objects.filter(village=world.villages["城垵"]).update(cadre=other)
    world.cadre("village_cadre").postings.update(village=world.villages["马銮"])
    page = client.get(sheet)
    assert page.context["sheets"] == []
    assert "城垵户主" not in page.content.decode()


def test_the_queries_do_not_grow_with_the_households(
    world: World, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    client = sign_in("village_cadre")
    url = reverse(LIST)
    client.get(url)
    with django_assert_num_queries(17):
        client.get(url)
    for order in range(10, 20):
        make_household(world.villages["城垵"], order, world.cadre("household_cadre"))
    with django_assert_num_queries(17):
        client.get(url)


def test_badges_of_the_own_people(world: World, sign_in: SignIn) -> None:
    client, cadre = sign_in("township_admin"), world.cadre("household_cadre")
    assert cadre in [each for each, _standing in client.get(reverse("badge_list")).context["people"]]
    answer = client.post(reverse("badge_print"), {"cadre": [cadre.pk]})
    page = client.get(answer.url).content.decode()
    assert cadre.name in page
    assert re.search(r"编号 " + cadre.cadre_no, page)
    assert {each.pk: how for each, how in client.get(reverse("badge_list")).context["people"]}[cadre.pk] == "current"
    Cadre.objects.filter(pk=cadre.pk).update(title="科员")
    assert {each.pk: how for each, how in client.get(reverse("badge_list")).context["people"]}[cadre.pk] == "changed"
    far = world.cadre("household_cadre@前楼")
    assert client.post(reverse("badge_print"), {"cadre": [far.pk]}).url == reverse("badge_list")
    assert list(Badge.objects.values_list("cadre", flat=True)) == [cadre.pk]
    own_only = sign_in("household_cadre").get(reverse("badge_list")).context["people"]
    assert [each.pk for each, _standing in own_only] == [cadre.pk]


def test_the_phones_are_set_by_the_township_with_a_sentence(world: World, sign_in: SignIn) -> None:
    client, url = sign_in("township_admin"), reverse("township_edit", args=[world.township.pk])
    form = client.get(url).context["form"]
    data = {bound.html_name: bound.value() or "" for bound in form}
    broken = client.post(url, {**data, "card_phones": "派出所 110\n卫生院"})
    assert "卫生院" in broken.content.decode()
    assert Township.objects.get(pk=world.township.pk).card_phones == ""
    client.post(url, {**data, "card_phones": "派出所：0596-1234567\n\n"})
    assert Township.objects.get(pk=world.township.pk).card_phones == "派出所 0596-1234567"
