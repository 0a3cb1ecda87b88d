"""The second factor: on, asked for at sign-in, each code once, lost, taken away, forced."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from accounts import second_factor
from accounts.actions import reset_password, set_active
from accounts.models import Session, User
from tests.accounts.conftest import PASSWORD
from tests.actions.test_races import at_once

ME, LOGIN, CODE, FACTOR = "/account/me/", "/account/login/", "/account/login/code/", "/account/second-factor/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_795_000_000


def code(secret: str = SECRET, steps: int = 0) -> str:
    """What the app shows now, or showed so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, NOW // 30 + steps))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The codes' clock stands still: a slow test must not meet the next code."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: NOW))


def password_step(number: str = "LS001", **more: Any) -> tuple[Client, Any]:
    client = Client()
    return client, client.post(LOGIN, {"login": number, "password": PASSWORD, **more})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def codes(cadre: User) -> list[str]:
    """The recovery codes of the cadre, whose app has SECRET; no code of it has been used."""
    return second_factor.turn_on(cadre, SECRET, counter=0)


def shown_secret(page: str) -> str:
    return "".join(re.findall(r"<code>([A-Z2-7]{1,4})</code>", page))


def test_setting_up(cadre: User, heard: list[tuple[str, str, str]]) -> None:
    (phone, _), (office, _) = password_step(), password_step()
    page = phone.get(FACTOR).content.decode()
    secret = shown_secret(page)
    assert len(secret) == 32
    assert f"secret={secret}&amp;issuer=" in page
    assert "<svg" in page
    assert "style=" not in page
    assert "data:image" not in page
    assert shown_secret(phone.get(FACTOR).content.decode()) == secret  # a reload spoils no scan
    assert secret not in str(list(Session.objects.values()))
    wrong = phone.post(FACTOR, {"code": "000000"})
    assert "验证码不对" in wrong.content.decode()
    assert not Authenticator.objects.exists()
    done = phone.post(FACTOR, {"code": code(secret)})
    shown = re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4})</code>", done.content.decode())
    assert len(set(shown)) == 10
    assert "no-store" in done["Cache-Control"]
    stored = str(list(Authenticator.objects.values())) + str(list(Session.objects.values()))
    assert not any(text in stored for text in (secret, *shown))
    cadre.refresh_from_db()
    assert cadre.second_factor_at is not None
    assert phone.get(ME).status_code == 200
    assert office.get(ME).status_code == 302  # was signed in by the password alone
    assert [event for event, *_rest in heard] == ["signed_in", "signed_in", "second_factor_on"]
    assert "恢复码" in phone.get(FACTOR).content.decode()


def test_a_code_besides_the_password(cadre: User, codes: list[str], heard: list[tuple[str, str, str]]) -> None:
    client, answer = password_step(next=FACTOR, remember="on")
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert not signed_in(client)
    assert client.get(ME)["Location"].startswith(LOGIN)
    assert "no-store" in client.get(CODE)["Cache-Control"]
    assert client.post(CODE, {"code": "123456"}).status_code == 200
    assert not signed_in(client)
    done = client.post(CODE, {"code": f" {code()[:3]} {code()[3:]} "})
    assert done["Location"] == FACTOR
    assert signed_in(client)
    assert cadre.sessions.get().remembered is True
    assert [event for event, *_rest in heard] == ["sign_in_failed", "signed_in"]


def test_each_code_opens_once(codes: list[str]) -> None:
    now = code()
    for used in (now, codes[0]):
        client, _ = password_step()
        client.post(CODE, {"code": used})
        assert signed_in(client)
        again, _ = password_step()
        again.post(CODE, {"code": used})
        assert not signed_in(again)
    earlier, _ = password_step()
    earlier.post(CODE, {"code": code(steps=-1)})
    assert not signed_in(earlier)  # nor one from before the one that was used


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(codes: list[str], steps: int, opens: bool) -> None:
    client, _ = password_step()
    client.post(CODE, {"code": code(steps=steps)})
    assert signed_in(client) is opens


def test_recovery_codes_as_people_type_them(cadre: User, codes: list[str]) -> None:
    for typed in (codes[0].upper(), codes[1].replace("-", " "), f"  {codes[2]} "):
        client, _ = password_step()
        client.post(CODE, {"code": typed})
        assert signed_in(client)
    state = second_factor.state_of(cadre)
    assert state is not None
    assert state.codes_left == 7


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_sent_by_ten_at_once_opens_once(kind: str, settings: Any) -> None:
    settings.ACCOUNT_EVENTS = ""
    user = User.objects.create_user("LS001", PASSWORD, name="林志和")
    recovery = second_factor.turn_on(user, SECRET, counter=0)
    typed = code() if kind == "app" else recovery[0]
    assert sorted(at_once(10, lambda n: second_factor.accepts(user, typed))) == [False] * 9 + [True]


def test_guessing_codes_locks_the_account_s_second_step(cadre: User, codes: list[str]) -> None:
    for turn in range(5):
        client, _ = password_step()
        assert client.post(CODE, {"code": f"00000{turn}"}).status_code == 200
    client, _ = password_step()
    refused = client.post(CODE, {"code": code()})
    assert refused.status_code == 429
    assert "5 分钟后" in refused.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("path", [CODE, FACTOR, f"{FACTOR}codes/", f"{FACTOR}off/"])
def test_no_page_of_it_opens_without_the_step_before(cadre: User, path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path, {"code": code()} if method == "post" else {})
        assert answer.status_code == 302
        assert answer["Location"].startswith(LOGIN)


@pytest.mark.parametrize("change", ["password", "closed"])
def test_a_change_between_the_steps_ends_the_sign_in(cadre: User, codes: list[str], change: str) -> None:
    client, _ = password_step()
    if change == "password":
        reset_password(user=cadre, by=None)
    else:
        set_active(user=cadre, active=False, by=None)
    assert client.post(CODE, {"code": code()})["Location"] == LOGIN
    assert not signed_in(client)


def test_turning_it_off(cadre: User, codes: list[str], heard: list[tuple[str, str, str]]) -> None:
    client, _ = password_step()
    client.post(CODE, {"code": code()})
    assert client.get(f"{FACTOR}off/").status_code == 200
    assert Authenticator.objects.count() == 2
    assert client.post(f"{FACTOR}off/")["Location"] == ME
    assert not Authenticator.objects.exists()
    fresh, answer = password_step()
    assert answer["Location"] == reverse("home")
    assert signed_in(fresh)
    assert [event for event, *_rest in heard] == ["signed_in", "second_factor_off", "signed_in"]


@pytest.mark.parametrize("act", ["codes", "off"])
def test_an_old_session_asks_for_the_password_again(
    cadre: User, codes: list[str], act: str, heard: list[tuple[str, str, str]], grown_old: Callable[[], None]
) -> None:
    client = Client()
    client.force_login(cadre)
    grown_old()
    url = f"{FACTOR}{act}/"
    for sent in ({}, {"password": "wrong"}):
        assert client.post(url, sent).status_code == 200
    state = second_factor.state_of(cadre)
    assert state is not None
    assert state.codes_left == 10
    assert heard == []
    client.post(url, {"password": PASSWORD})
    assert [event for event, *_rest in heard] == [{"codes": "recovery_codes_renewed", "off": "second_factor_off"}[act]]


@pytest.fixture
def grown_old() -> Callable[[], None]:
    """Makes every session an hour old."""
    from datetime import timedelta

    from django.utils import timezone

    return lambda: Session.objects.update(started_at=timezone.now() - timedelta(hours=1)) and None


def test_new_codes_replace_the_old(cadre: User, codes: list[str]) -> None:
    client = Client()
    client.force_login(cadre)
    page = client.post(f"{FACTOR}codes/").content.decode()
    fresh = re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4})</code>", page)
    assert len(fresh) == 10
    assert not second_factor.accepts(cadre, codes[0])
    assert second_factor.accepts(cadre, fresh[0])


class TestForced:
    @pytest.fixture(autouse=True)
    def _forced(self, settings: Any) -> None:
        settings.MFA_FORCED_FOR = frozenset({"all"})

    def test_nothing_opens_before_it_is_set_up(self, cadre: User) -> None:
        client, _ = password_step()
        for name in ("home", "me", "household_list"):
            sent = client.get(reverse(name))
            assert sent["Location"].startswith(f"{FACTOR}?next=")
        assert client.post(reverse("session_end_others"))["Location"] == FACTOR
        page = client.get(f"{FACTOR}?next={ME}").content.decode()
        assert "您的角色必须使用两步验证" in page
        done = client.post(FACTOR, {"code": code(shown_secret(page)), "next": ME}).content.decode()
        assert f'href="{ME}"' in done
        assert client.get(ME).status_code == 200

    def test_it_cannot_be_turned_off(self, cadre: User, codes: list[str]) -> None:
        client = Client()
        client.force_login(cadre)
        assert client.post(f"{FACTOR}off/")["Location"] == FACTOR
        assert Authenticator.objects.count() == 2
        assert "不能关闭" in client.get(FACTOR).content.decode()

    def test_the_own_password_comes_first(self, newcomer: User) -> None:
        client, _ = password_step("LS002")
        assert client.get(ME)["Location"].startswith("/account/password/")
        assert client.get(FACTOR)["Location"].startswith("/account/password/")


def test_secrets_are_sealed_again_with_a_new_key(cadre: User, codes: list[str]) -> None:
    before = Authenticator.objects.get(type="totp").data["secret"]
    assert second_factor.reseal("v1.1.") == (0, 0)  # the key in use
    assert second_factor.reseal("v1.2.") == (1, 0)
    assert Authenticator.objects.get(type="totp").data["secret"] != before
    assert second_factor.accepts(cadre, code())


def test_a_secret_on_offer_outlives_no_key(cadre: User) -> None:
    """Begun before a rotation, gone on with after it: a new secret instead of a fault."""
    client = Client()
    client.force_login(cadre)
    client.get(FACTOR)
    session = client.session
    session[second_factor.PENDING] = "v1.0." + "x" * 60
    session.save()
    assert len(shown_secret(client.get(FACTOR).content.decode())) == 32


@pytest.mark.parametrize("typed", ["", "x" * 5000, "a\x00b", "𝟙𝟚𝟛𝟜𝟝𝟞", "１２３４５６", "-1", "٣٣٣٣٣٣"])
def test_no_input_breaks_the_page(codes: list[str], typed: str) -> None:
    client, _ = password_step()
    assert client.post(CODE, {"code": typed}).status_code == 200
    assert not signed_in(client)
