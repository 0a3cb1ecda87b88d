"""Nobody ownerless, day by day: the list of gaps is worked off until it is empty; who is on leave is stood in for."""

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from ledger.models import Household, LinkKind, Substitution, VillageLink
from ledger.rules.days import local_today
from tests.journeys.test_main_story import sign_in
from tests.world import START, World, make_household


def test_the_list_of_gaps_is_worked_off_until_it_is_empty(world: World, desktop: Page) -> None:
    for place in ("城垵", "马銮", "东沈"):
        owner = world.cadre(f"household_cadre@{place}")
        Household.objects.filter(village=world.villages[place]).update(cadre=owner)
        if place != "东沈":
            VillageLink.objects.create(
                village=world.villages[place], kind=LinkKind.TOWNSHIP_LEADER, cadre=world.cadre("township_leader"),
                start_on=START,
            )  # fmt: skip
    bare = make_household(world.villages["城垵"], 700)
    make_household(world.villages["前楼"], 701)  # another township's gap
    sign_in(desktop, world, "township_admin")
    desktop.goto("/gaps/")
    expect(desktop.get_by_text("2 项待处理")).to_be_visible()
    households = desktop.locator("section[aria-labelledby='gap-households']")
    expect(households.get_by_role("link", name="城垵户主700")).to_be_visible()
    households.get_by_role("link", name="指定干部").click()
    desktop.get_by_label(re.compile("包户干部")).select_option(str(world.cadre("household_cadre").pk))
    desktop.get_by_role("button", name="保存").click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("城垵户主700")
    bare.refresh_from_db()
    assert bare.cadre == world.cadre("household_cadre")
    desktop.goto("/gaps/")
    expect(desktop.get_by_text("每户都有包户干部")).to_be_visible()
    expect(desktop.get_by_text("1 项待处理")).to_be_visible()
    VillageLink.objects.create(
        village=world.villages["东沈"], kind=LinkKind.TOWNSHIP_LEADER, cadre=world.cadre("township_leader"),
        start_on=START,
    )  # fmt: skip
    desktop.reload()
    expect(desktop.get_by_text("没有漏项")).to_be_visible()
    expect(desktop.locator(".gaps .items")).to_have_count(0)


def test_who_is_on_leave_is_stood_in_for_and_comes_back(world: World, phone: Page) -> None:
    absent = world.cadre("household_cadre")
    home = Household.objects.filter(cadre=absent, status="active").order_by("pk")[0]
    substitute = world.cadre("village_official@马銮")
    sign_in(phone, world, "household_cadre")
    phone.goto("/substitutes/")
    phone.get_by_role("link", name="我要请假").click()
    phone.get_by_label("代管人").select_option(str(substitute.pk))
    phone.get_by_label("原因").fill("年休假")
    phone.get_by_role("button", name="指定", exact=True).click()
    expect(phone.get_by_text(f"{substitute.name}代{absent.name}")).to_be_visible()
    sign_in(phone, world, "village_official@马銮")
    phone.goto("/households/")
    expect(phone.get_by_text(re.compile(f"您正在代{absent.name}"))).to_be_visible()
    phone.get_by_role("link", name=home.head_name).click()
    expect(phone).to_have_url(re.compile(reverse("household_detail", args=[home.pk])))
    sign_in(phone, world, "household_cadre")
    phone.goto("/substitutes/")
    phone.get_by_role("button", name="提前结束").click()
    expect(phone.get_by_text("目前没有代管")).to_be_visible()
    assert Substitution.objects.get().end_on == local_today()
    sign_in(phone, world, "village_official@马銮")
    phone.goto("/households/")
    expect(phone.get_by_text(re.compile(f"您正在代{absent.name}"))).to_have_count(0)
    expect(phone.get_by_role("link", name=home.head_name)).to_have_count(0)
