"""The phone without network, in a real browser with a real service worker and a server that fails.

After every story what was confirmed is on the server exactly once, in the outbox, or in "needs attention".
"""

import random
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as BrowserError

from accounts.models import User
from ledger.models import Evidence, Household, Issue, Visit
from ledger.rules.days import local_today
from ledger.views import service_worker
from tests.drill import times
from tests.journeys.faulty import Faulty
from tests.journeys.offline_phone import SEND, entries, on_server, settle, until, write
from tests.journeys.test_main_story import sign_in
from tests.world import World


def test_three_visits_with_issues_and_photos_without_a_server(
    page: Page, mobile: BrowserContext, faulty: Faulty, world: World, photo: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    homes = world.households["城垵"]
    faulty.stop()
    page.goto("/today/")
    page.reload()
    expect(page.locator("[data-rows=need] .item")).to_have_count(
        Household.objects.filter(cadre=world.cadre("household_cadre")).count()
    )
    page.get_by_role("link", name=homes[0].head_name).click()
    expect(page.locator("[data-part=members]")).to_contain_text("****")
    for n in range(3):
        write(page, homes[n % len(homes)], f"单{n}", photo, issue=f"路坏了{n}")
        expect(page).to_have_url(re.compile("/outbox/$"))
    expect(page.get_by_text("等待发送")).to_have_count(3)
    page.close()  # the tab is killed; the phone still has them
    page = mobile.new_page()
    page.goto("/outbox/")
    assert entries(page) == {"单0": "waiting", "单1": "waiting", "单2": "waiting"}
    faulty.start()
    page.evaluate(SEND)
    assert entries(page) == {"单0": "sent", "单1": "sent", "单2": "sent"}
    assert on_server() == {"单0": 1, "单1": 1, "单2": 1}
    assert sorted(Issue.objects.filter(title__startswith="路坏了").values_list("title", flat=True)) == [
        "路坏了0",
        "路坏了1",
        "路坏了2",
    ]
    assert Evidence.objects.filter(visit__content__startswith="单").count() == 3
    page.goto("/outbox/")
    page.get_by_role("link", name="查看").first.click()
    expect(page.locator(".said")).to_have_text(re.compile("单"))


def test_every_answer_but_the_right_one(page: Page, faulty: Faulty, world: World, photo: Path) -> None:
    home = world.households["城垵"][0]
    for n, fault in enumerate(("500", "503", "500 after", "lost", "portal")):
        faulty.fault = fault
        write(page, home, f"单{n}")
        expect(page).to_have_url(re.compile("/outbox/$"))
        expect(page.locator("[data-outbox-rows] section")).to_have_count(n + 1)
    assert set(entries(page).values()) == {"waiting"}
    assert on_server() == {"单2": 1, "单3": 1}  # done, and the phone does not know it
    faulty.fault = "403"
    page.evaluate(SEND)
    assert set(entries(page).values()) == {"attention"}
    page.reload()
    expect(page.get_by_text("403").first).to_be_visible()
    faulty.fault = ""
    while refused := list(entries(page).values()).count("attention"):
        page.get_by_role("button", name="重试").first.click()
        until(
            page,
            "async () => { const all = (await self.ledgerStore.entries()).map(e => e.state);"
            f" return all.filter(e => e === 'attention').length < {refused}"
            " && !all.some(e => ['waiting', 'sending'].includes(e)); }",
        )
        page.reload()
    assert entries(page) == {f"单{n}": "sent" for n in range(5)}
    assert on_server() == {f"单{n}": 1 for n in range(5)}


def test_what_is_refused_is_mended_in_its_form_and_deleted_only_when_asked_twice(
    page: Page, faulty: Faulty, world: World, photo: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    home = world.households["城垵"][0]
    faulty.stop()
    write(page, home, "单1", photo)
    expect(page.get_by_text("等待发送")).to_be_visible()
    page.evaluate(
        """async () => {
          const [e] = await self.ledgerStore.entries();
          const fields = e.fields.map(([name, value]) => [name, name === "people_met" ? "many" : value]);
          await self.ledgerStore.writeEntry({...e, fields});
        }"""
    )
    faulty.start()
    page.evaluate(SEND)
    page.goto("/outbox/")
    expect(page.get_by_text("需处理", exact=True)).to_be_visible()
    assert on_server() == {}
    page.get_by_role("button", name="修改").click()
    expect(page.locator("[name=content]")).to_have_value("单1")
    expect(page.get_by_text("本机存有 1 张照片")).to_be_visible()
    page.locator("[name=people_met]").fill("2")
    page.get_by_role("button", name="保存走访").click()
    expect(page).to_have_url(re.compile(r"/visits/\d+/$"))
    assert on_server() == {"单1": 1}
    assert Evidence.objects.filter(visit__content="单1").count() == 1
    faulty.fault = "403"
    write(page, home, "单2")
    expect(page.get_by_text("需处理", exact=True)).to_be_visible()
    page.locator("section", has_text="需处理").locator("summary", has_text="删除").click()
    assert entries(page)["单2"] == "attention"
    page.get_by_role("button", name="确认删除").click()
    expect(page.get_by_text("需处理", exact=True)).to_have_count(0)
    assert on_server() == {"单1": 1}


def test_another_person_on_the_same_phone(page: Page, mobile: BrowserContext, faulty: Faulty, world: World) -> None:
    home = world.households["城垵"][0]
    faulty.fault = "503"
    write(page, home, "单1")
    expect(page.get_by_text("等待发送")).to_be_visible()
    Session.objects.all().delete()
    mobile.clear_cookies()
    faulty.fault = ""
    page.evaluate(SEND)
    assert entries(page) == {"单1": "waiting"}
    sign_in(page, world, "village_cadre")
    settle(page)
    page.goto("/outbox/")
    expect(page.get_by_text("本机还存有他人未发送的记录")).to_be_visible()
    expect(page.get_by_text("单1")).to_have_count(0)
    assert page.evaluate("async () => (await self.ledgerStore.entries()).length") == 0
    page.evaluate(SEND)
    assert on_server() == {}
    page.goto("/account/me/")
    page.get_by_role("button", name="退出登录").last.click()
    expect(page).to_have_url(re.compile("/account/login/"))
    faulty.stop()
    page.goto("/today/")
    expect(page.get_by_text("本机也没有存下您的资料")).to_be_visible()
    faulty.start()
    sign_in(page, world, "household_cadre")
    settle(page)
    page.evaluate(SEND)
    assert on_server() == {"单1": 1}
    assert Visit.objects.get(content="单1").lead == world.cadre("household_cadre")
    User.objects.filter(pk=world.users["household_cadre"].pk).update(is_active=False)
    page.evaluate("self.ledgerState()")
    assert (
        page.evaluate("async () => [await self.ledgerStore.me(), await self.ledgerStore.copy()].filter(Boolean)") == []
    )


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_a_day_off_moves_no_visit(page: Page, faulty: Faulty, world: World, days: int) -> None:
    page.context.add_init_script(
        f"""(() => {{ const Real = Date, off = {days * 86_400_000};
        self.Date = class extends Real {{ constructor(...a) {{ a.length ? super(...a) : super(Real.now() + off); }}
        static now() {{ return Real.now() + off; }} }}; }})()"""
    )
    page.goto("/today/")
    faulty.stop()
    write(page, world.households["城垵"][0], "单1")
    expect(page).to_have_url(re.compile("/outbox/$"))
    faulty.start()
    page.evaluate(SEND)
    made = Visit.objects.get(content="单1")
    assert made.occurred_on == local_today()
    assert made.device_at is not None
    assert abs((made.device_at - made.recorded_at).total_seconds() - days * 86_400) < 300


def test_an_update_in_between_loses_nothing(
    page: Page, faulty: Faulty, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = world.households["城垵"][0]
    page.goto(f"/visits/new/?household={home.pk}")
    page.locator("[name=content]").fill("单1")
    page.locator("label.chip", has_text="见面").first.click()
    update(page, monkeypatch, "f" * 16)
    faulty.stop()  # an old page, a new worker
    page.get_by_role("button", name="保存走访").click()
    expect(page.get_by_text("等待发送")).to_be_visible()
    monkeypatch.setattr(service_worker, "shell_version", lambda: "e" * 16)
    faulty.start()
    page.goto("/outbox/")  # a new page, the old worker until it has noticed
    page.evaluate(SEND)
    assert on_server() == {"单1": 1}


def update(page: Page, patch: pytest.MonkeyPatch, version: str) -> None:
    patch.setattr(service_worker, "shell_version", lambda: version)
    page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update()).then(() => true)")
    until(page, f"async () => (await caches.keys()).includes('ledger-shell-{version}')")


TROUBLES = ("", "stop", "500", "503", "403", "500 after", "lost", "portal", "expired", "update")


@pytest.mark.drill
def test_random_sequences_of_faults(
    page: Page, mobile: BrowserContext, faulty: Faulty, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = world.households["城垵"]
    confirmed: list[str] = []
    for number in range(times(ci=20, drill=100)):
        dice = random.Random(number)
        for step in range(dice.randint(1, 2)):
            opened(page, mobile, world, dice.choice(homes))
            afflict(dice.choice(TROUBLES), faulty, monkeypatch, f"{number:08d}{step:08d}")
            confirmed.append(f"单{number}-{step}")
            confirm(page, confirmed[-1])
            if dice.random() < 0.3:  # the tab is killed while it is being sent
                killed(page)
                page = mobile.new_page()
            else:
                page.wait_for_url(re.compile(r"/outbox/|/visits/\d+/"))
            faulty.fault = ""
            faulty.start()
        if page.url == "about:blank" or "/account/" in page.url:
            opened(page, mobile, world, homes[0])
        page.evaluate(SEND)
        there, kept = on_server(), entries(page)
        assert set(there.values()) <= {1}, f"sequence {number}"
        assert [one for one in confirmed if there.get(one) != 1 and kept.get(one) != "attention"] == [], number
    assert len(confirmed) == len(set(confirmed)) >= len(there) > 0


def killed(page: Page) -> None:
    """The tab goes; it is waited for a moment only, since one that is being sent may keep a close waiting."""
    target = page.context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]["targetId"]
    assert page.context.browser is not None
    with suppress(BrowserError), page.expect_event("close", timeout=5_000):
        page.context.browser.new_browser_cdp_session().send("Target.closeTarget", {"targetId": target})


def opened(page: Page, mobile: BrowserContext, world: World, home: Household) -> None:
    """The form of a household, by whoever has to sign in again for it."""
    page.goto(f"/visits/new/?household={home.pk}")
    if "/account/" in page.url:
        client = Client()
        client.force_login(world.users["household_cadre"])
        cookies = [{"name": name, "value": each.value, "url": page.url} for name, each in client.cookies.items()]
        mobile.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto(f"/visits/new/?household={home.pk}")


def afflict(trouble: str, faulty: Faulty, patch: pytest.MonkeyPatch, version: str) -> None:
    if trouble == "stop":
        faulty.stop()
    elif trouble == "expired":
        Session.objects.all().delete()
    elif trouble == "update":
        patch.setattr(service_worker, "shell_version", lambda: version)
    else:
        faulty.fault = trouble


CONFIRM = """async (said) => {
  await self.ledgerStore.me();
  await new Promise(go => setTimeout(go));
  const form = document.querySelector("form[data-outbox]");
  form.querySelector("[name=content]").value = said;
  form.querySelector("[name=result][value=met]").checked = true;
  form.querySelector("button[type=submit]").click();
  const kept = async () => (await self.ledgerStore.entries()).some(e => e.lines.some(l => l[1] === said));
  const end = Date.now() + 30000;
  while (!(await kept())) {
    if (Date.now() > end) throw new Error("the phone has not taken it");
    await new Promise(go => setTimeout(go, 5));
  }
}"""


def confirm(page: Page, said: str) -> None:
    """Confirmed is what the phone has taken; it may be sent, and on its next page, before it could say so."""
    with suppress(BrowserError):
        page.evaluate(CONFIRM, said)
