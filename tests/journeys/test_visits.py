"""How many times a thumb has to touch the glass: everything counted, typing left out."""

import re

from playwright.sync_api import Page, expect

from ledger.models import Visit
from ledger.rules.days import local_today
from tests.journeys.test_main_story import sign_in
from tests.world import World, make_household


class Thumb:
    """Counts what it touches."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def on(self, selector: str, which: int = 0) -> None:
        self.page.locator(selector).nth(which).click()
        self.taps += 1


def test_eight_houses_in_six_taps(world: World, phone: Page) -> None:
    cadre = world.cadre("household_cadre")
    homes = [make_household(world.villages["城垵"], n * 2, cadre) for n in range(10, 20)]
    sign_in(phone, world, "household_cadre")
    phone.goto("/today/")
    thumb = Thumb(phone)
    thumb.on('main a[href="/visits/together/"]')
    group = phone.locator("fieldset", has_text="1 组")
    group.locator("[data-tick-range]").click()
    group.get_by_label(re.compile(homes[1].head_name + "\\D")).first.check()
    group.get_by_label(re.compile(homes[8].head_name + "\\D")).first.check()
    thumb.taps += 3
    expect(phone.locator(".savebar")).to_contain_text("保存 8 户走访")
    thumb.on(".savebar button")
    expect(phone.locator("main")).to_contain_text("已保存 8 条走访")
    assert thumb.taps <= 6
    logged = Visit.objects.filter(occurred_on=local_today(), content="无新情况。")
    assert {visit.household for visit in logged} == set(homes[1:9])
