"""The pages of a cadre under a thumb, with large letters, by keyboard, and how much they weigh."""

import gzip
import re

from playwright.sync_api import Page, Response, expect

from tests.journeys.sight import narrow_faults, small_targets
from tests.journeys.test_main_story import sign_in
from tests.world import World

MOST_BYTES = 100 * 1024


def test_everything_a_thumb_has_to_hit_is_large_enough(world: World, phone: Page) -> None:
    home, visit, issue = world.households["城垵"][0].pk, world.visits["城垵"].pk, world.issues["城垵"].pk
    sign_in(phone, world, "household_cadre")
    pages = [
        "/today/", "/households/?cadre=mine", f"/households/{home}/", "/visits/new/", f"/visits/new/?household={home}",
        "/visits/new/?place=1", "/visits/together/", "/visits/", f"/visits/{visit}/", "/issues/", f"/issues/{issue}/",
        "/outbox/", "/account/me/", "/offline/",
    ]  # fmt: skip
    found = {}
    for url in pages:
        phone.goto(url)
        found[url] = small_targets(phone)
        expect(
            phone.locator(".tabs a" if "new" not in url and "together" not in url else "main").first
        ).to_be_attached()
    phone.locator("body").press("Tab")
    expect(phone.locator(":focus")).to_have_class("skip")
    assert [f"{url}: {each}" for url, small in found.items() for each in small] == []


def test_large_type_is_a_choice_of_the_account_and_fits(world: World, phone: Page) -> None:
    sign_in(phone, world, "household_cadre")
    phone.goto("/today/")
    phone.get_by_role("button", name="大字").first.click()
    expect(phone.locator("html")).to_have_class(re.compile("large-type"))
    phone.wait_for_load_state("load")  # the class is there before the sheet of styles
    assert phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    home = world.households["城垵"][0].pk
    for url in ("/today/", f"/visits/new/?household={home}", "/outbox/"):
        phone.goto(url)
        assert narrow_faults(phone) == []


def test_the_first_page_of_a_phone_is_light(world: World, phone: Page) -> None:
    """What comes over the air, styles and scripts, as a server sends them: compressed."""
    loaded: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        if re.search(r"\.(css|js)(\?|$)", answer.url):
            loaded[answer.url] = len(gzip.compress(answer.body()))

    phone.on("response", weigh)
    home = world.households["城垵"][0].pk
    sign_in(phone, world, "household_cadre")
    for url in ("/today/", f"/visits/new/?household={home}"):
        loaded.clear()
        phone.goto(url, wait_until="load")
        assert sum(loaded.values()) <= MOST_BYTES, loaded
