"""Nobody ownerless, told by the township's administrator: a village allocated by keyboard, who leaves hands over, the
gaps of the village are gone."""

import re

from django.urls import reverse
from docx import Document
from playwright.sync_api import Page, expect

from ledger.models import Allocation, CadreShare, ContactCard, HandOver, Household
from tests.journeys.test_main_story import sign_in
from tests.world import World, make_cadre, make_household


def test_a_village_is_allocated_and_a_leaving_cadre_hands_over(world: World, desktop: Page) -> None:
    village = world.villages["城垵"]
    for order in range(600, 606):
        make_household(village, order)
    for name in ("苏加一", "苏加二"):
        CadreShare.objects.create(cadre=make_cadre(world.township, name, world.county), village=village)
    sign_in(desktop, world, "township_admin")
    desktop.goto("/gaps/")
    expect(desktop.get_by_role("link", name="城垵户主600")).to_be_visible()
    allocate_by_keyboard(desktop, world)
    assert not Household.objects.filter(village=village, cadre=None).exists()
    desktop.goto("/gaps/")
    expect(desktop.get_by_role("link", name="城垵户主600")).to_have_count(0)
    hand_over_and_print(desktop, world)


def allocate_by_keyboard(page: Page, world: World) -> None:
    """Propose, open a list, move a border with Alt and an arrow, apply: without the mouse."""
    page.goto("/allocations/")
    press(page, page.get_by_role("button", name="生成方案 城垵村"))
    expect(page.get_by_role("heading", level=1)).to_have_text("城垵村")
    page.wait_for_load_state()  # a key that comes before the scripts moves nothing
    lists = page.locator("details[data-cadre]")
    first = lists.filter(has=page.locator("li")).first
    press(page, first.locator("summary"))
    row = first.locator("li[data-household]").last
    moved, taker = row.get_attribute("data-household"), lists.nth(1).get_attribute("data-cadre")
    row.get_by_role("checkbox").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(f"details[data-cadre='{taker}'] li[data-household='{moved}']")).to_be_visible()
    allocation = Allocation.objects.get()
    assert allocation.rows.get(household=moved).after_id == int(taker or 0)
    press(page, page.get_by_role("button", name=re.compile("确认生效")))
    expect(page.get_by_text("已生效，改动").first).to_be_visible()
    assert Household.objects.get(pk=moved).cadre_id == int(taker or 0)


def press(page: Page, what: object) -> None:
    what.focus()  # type: ignore[attr-defined]
    page.keyboard.press("Enter")


def hand_over_and_print(page: Page, world: World) -> None:
    """Everything of who leaves goes to others in one act; the list to sign and the cards of these households."""
    leaving = world.cadre("household_cadre")
    mine = set(Household.objects.filter(cadre=leaving).values_list("pk", flat=True))
    page.goto(reverse("cadre_detail", args=[leaving.pk]))
    page.get_by_role("link", name="工作交接").first.click()
    expect(page.get_by_text("建议理由").first).to_be_visible()
    page.get_by_label("原因").fill("调县里工作")
    page.get_by_label(re.compile("离岗")).check()
    page.get_by_role("button", name="确认交接").click()
    expect(page.get_by_text("交接完成").first).to_be_visible()
    assert mine
    assert not Household.objects.filter(cadre=leaving).exists()
    with page.expect_download() as download:
        page.get_by_role("button", name="打印交接清单").click()
    said = "\n".join(each.text for each in Document(str(download.value.path())).paragraphs)
    assert leaving.name in said
    page.get_by_role("button", name=re.compile("的联系卡")).click()
    expect(page.get_by_text("联系服务卡").first).to_be_visible()
    assert set(ContactCard.objects.values_list("household", flat=True)) == mine
    assert HandOver.objects.get().after == "leaves"
