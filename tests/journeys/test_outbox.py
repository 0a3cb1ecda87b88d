"""The outbox in a real browser: what the server takes no more, and what goes out while no page is open."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from ledger.actions.kept_entries import discard
from ledger.models import KeptEntry
from tests.journeys.faulty import Faulty
from tests.journeys.offline_phone import on_server, until, write
from tests.world import World


def test_what_is_refused_for_good_is_handed_in_with_its_photos(
    page: Page, faulty: Faulty, world: World, photo: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    faulty.fault = "403"
    write(page, world.households["城垵"][0], "单1", photo)
    expect(page.get_by_text("需处理", exact=True)).to_be_visible()
    faulty.fault = ""
    page.locator("summary", has_text="交给所在地核对").click()
    page.get_by_role("button", name="确认提交").click()
    until(page, "async () => (await self.ledgerStore.entries()).every(e => e.state === 'kept' && !e.files.length)")
    page.reload()
    expect(page.get_by_text("已提交，由所在地经办人核对处理。")).to_be_visible()
    page.get_by_role("link", name="查看").click()
    expect(page.get_by_text("单1")).to_be_visible()
    expect(page.locator(".prints img")).to_have_count(1)
    entry = KeptEntry.objects.get()
    assert (on_server(), entry.evidence.count()) == ({}, 1)
    page.goto("/outbox/")
    discard(by=world.users["district_secretary"], entry=entry, answer="已电话核实。")
    page.reload()
    expect(page.get_by_text("已有结果", exact=True)).to_be_visible()
    expect(page.get_by_text("已电话核实。")).to_be_visible()


def test_the_worker_sends_when_the_browser_says_that_the_network_is_back(
    page: Page, mobile: BrowserContext, faulty: Faulty, world: World
) -> None:
    """Background sync, as the browser dispatches it: no page of ours is open."""
    other = mobile.new_page()
    browser = mobile.new_cdp_session(other)
    known: list[dict[str, Any]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda said: known.extend(said["registrations"]))
    browser.send("ServiceWorker.enable")
    faulty.stop()
    write(page, world.households["城垵"][0], "单1")
    expect(page.get_by_text("等待发送")).to_be_visible()
    page.close()
    faulty.start()
    ours = next(one for one in known if one["scopeURL"].startswith(faulty.origin))
    event = {"registrationId": ours["registrationId"], "tag": "ledger-outbox", "lastChance": False}
    for tries in range(400):  # the browser tries again, too, when the page that was closed was still sending
        if on_server():
            break
        if tries % 40 == 0:
            browser.send("ServiceWorker.dispatchSyncEvent", {"origin": faulty.origin, **event})
        other.wait_for_timeout(50)
    assert on_server() == {"单1": 1}
