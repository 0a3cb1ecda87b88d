"""How many times a thumb has to touch the glass: everything counted, typing left out."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from ledger.models import Category, Keyword, Phrase, Visit
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
    coloured = "all => all.map(each => getComputedStyle(each).backgroundColor !== 'rgba(0, 0, 0, 0)')"
    ticked = "all => all.map(each => each.querySelector('[type=checkbox]').checked)"
    rows = phone.locator(".walked-row")
    assert rows.evaluate_all(coloured) == rows.evaluate_all(ticked)
    expect(phone.locator(".savebar")).to_contain_text("保存 8 户走访")
    thumb.on(".savebar button")
    expect(phone.locator("main")).to_contain_text("已保存 8 条走访")
    assert thumb.taps <= 6
    logged = Visit.objects.filter(occurred_on=local_today(), content="无新情况。")
    assert {visit.household for visit in logged} == set(homes[1:9])


def test_a_visit_with_an_issue_in_eight_taps(world: World, phone: Page, tmp_path: Path) -> None:
    category = Category.objects.get(county=world.county, name="村道破损")
    Category.objects.filter(pk=category.pk).update(hint="哪条路、哪一段")
    Keyword.objects.create(county=world.county, name="坑洼", kind="suggestion", category=category)
    Phrase.objects.create(county=world.county, name="宣传了医保政策。")
    home = world.households["城垵"][1]
    picture = tmp_path / "院子.png"
    Image.effect_noise((3000, 2000), 90).convert("RGB").save(picture)
    sign_in(phone, world, "household_cadre")
    phone.goto("/today/")
    thumb = Thumb(phone)
    thumb.on(f'a[href$="?household={home.pk}"].btn')
    thumb.on("label.chip:has([name=result][value=met])")
    thumb.on("[data-insert]")
    expect(phone.locator("[name=content]")).to_have_value("宣传了医保政策。")
    thumb.on(".issue-block summary")
    phone.locator("[name=issue-0-title]").fill("村口坑洼，建议修补")
    expect(phone.locator("[name=issue-0-category]")).to_have_value(str(category.pk))
    expect(phone.locator("[name=issue-0-kind][value=suggestion]")).to_be_checked()
    expect(phone.locator("[data-guessed]").first).to_be_visible()
    expect(phone.locator("[data-category-help]").first).to_have_text("哪条路、哪一段")
    phone.locator("[name=photos]").set_input_files(picture)
    expect(phone.locator("[name=photos][data-shrunk]")).to_have_count(1)
    thumb.on(".savebar button")
    expect(phone).to_have_url(re.compile(r"/visits/\d+/$"))
    assert thumb.taps <= 8
    visit = home.visits.latest("pk")
    assert list(visit.issues.values_list("kind", "category")) == [("suggestion", category.pk)]
    kept = visit.evidence.get()
    assert kept.size < 1_500_000 < picture.stat().st_size


def test_what_somebody_chose_is_not_guessed_away(world: World, phone: Page) -> None:
    roads, road = (Category.objects.get(county=world.county, name=name) for name in ("道路交通", "村道破损"))
    Keyword.objects.create(county=world.county, name="坑洼", kind="suggestion", category=road)
    sign_in(phone, world, "household_cadre")
    phone.goto(f"/visits/new/?household={world.households['城垵'][1].pk}")
    phone.locator(".issue-block summary").first.click()
    phone.locator("[name=issue-0-category]").select_option(str(roads.pk))
    phone.locator("label.chip:has([name=issue-0-kind][value=enquiry])").click()
    phone.locator("[name=issue-0-title]").fill("坑洼")
    expect(phone.locator("[name=issue-0-category]")).to_have_value(str(roads.pk))
    expect(phone.locator("[name=issue-0-kind][value=enquiry]")).to_be_checked()
