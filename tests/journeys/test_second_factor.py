"""A cadre sets the second factor up on a phone, signs in with it, and loses nothing when a session ends."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from accounts.models import Session
from ledger.models import Visit
from tests.journeys.test_main_story import sign_in
from tests.world import PASSWORD, World


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def sign_out(page: Page) -> None:
    """The phone forgets its copy first; only then is the session over."""
    page.get_by_role("button", name="退出登录").last.click()
    expect(page.locator("input[name=login]")).to_be_visible()


def password_step(page: Page, world: World, key: str) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(world.users[key].username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_set_up_and_sign_in_on_a_phone(world: World, phone: Page) -> None:
    sign_in(phone, world, "household_cadre")
    phone.goto("/account/me/")
    phone.get_by_role("link", name="两步验证").click()
    expect(phone.locator(".account-qr svg")).to_be_visible()
    fits(phone)
    phone.get_by_text("手工输入密钥").click()
    secret = "".join(phone.locator(".account-key code").all_inner_texts())
    assert (
        phone.get_by_role("link", name="打开验证器").get_attribute("href", timeout=1000).startswith("otpauth://totp/")
    )
    phone.get_by_label("六位数字").fill("000000")
    phone.get_by_role("button", name="开启").click()
    expect(phone.get_by_text("验证码不对")).to_be_visible()
    phone.get_by_label("六位数字").fill(code(secret))
    phone.get_by_role("button", name="开启").click()
    expect(phone.get_by_role("heading", name="两步验证已开启")).to_be_visible()
    fits(phone)
    recovery = phone.locator(".account-codes code").all_inner_texts()
    assert len(recovery) == 10
    phone.get_by_role("link", name="已经记好").click()
    expect(phone.get_by_text("已开启")).to_be_visible()

    sign_out(phone)
    password_step(phone, world, "household_cadre")
    expect(phone.get_by_role("heading", name="还需要一个验证码")).to_be_visible()
    fits(phone)
    phone.locator("input[name=code]").fill(code(secret, steps=1))  # the one of the set-up is used up
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone).to_have_url(re.compile("/today/$"))

    phone.goto("/account/me/")
    sign_out(phone)
    password_step(phone, world, "household_cadre")
    phone.locator("input[name=code]").fill(recovery[3])
    phone.get_by_role("button", name="登录", exact=True).click()
    phone.goto("/account/second-factor/")
    expect(phone.locator("dd").last).to_have_text("9")


def test_what_was_typed_outlives_the_session(world: World, phone: Page) -> None:
    """The session ends in the middle of a form: signing in again leads back to it, with all that was typed."""
    sign_in(phone, world, "household_cadre")
    before = Visit.objects.count()
    phone.goto(f"/visits/new/?household={world.households['城垵'][0].pk}")
    phone.get_by_label("见面").check(force=True)
    phone.locator("textarea[name=content]").fill("屋顶漏雨，等天晴再看")
    Session.objects.all().delete()  # the idle limit, or ended from another device
    phone.locator("main button[type=submit]").last.click()
    expect(phone).to_have_url(re.compile("/account/login/"))
    assert Visit.objects.count() == before
    phone.locator("input[name=login]").fill(world.users["household_cadre"].username)
    phone.locator("input[name=password]").fill(PASSWORD)
    phone.get_by_role("button", name="登录").click()
    expect(phone.locator("textarea[name=content]")).to_have_value("屋顶漏雨，等天晴再看")
    phone.locator("main button[type=submit]").last.click()
    expect(phone).not_to_have_url(re.compile("/visits/new/"))
    assert Visit.objects.filter(content="屋顶漏雨，等天晴再看").count() == 1
