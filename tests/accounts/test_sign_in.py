"""Who gets in, who doesn't, and what each of them is told."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from accounts.addresses import client_ip
from accounts.models import User
from tests.accounts.conftest import PASSWORD

WRONG = "工号（手机号）或密码不对"
LOCKED = "登录失败次数太多，请 5 分钟后"


def sign_in(client: Client, number: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("account_login"), {"login": number, "password": password} | more)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "typed",
    [
        "LS001",
        "ls001",
        " ls001 ",
        "ＬＳ００１",
        "L S 001",
        "13800001234",
        "138 0000 1234",
        "+86 138-0000-1234",
        "１３８００００１２３４",
    ],
)
def test_number_or_mobile_however_it_is_typed(client: Client, cadre: User, typed: str) -> None:
    response = sign_in(client, typed)
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert client.session["_auth_user_id"] == str(cadre.pk)
    cadre.refresh_from_db()
    assert cadre.last_login is not None


def test_wrong_password_and_unknown_number_read_the_same(client: Client, cadre: User) -> None:
    pages = []
    for typed in ("LS001", "LS999", "13800001234", "13900000000"):
        response = sign_in(client, typed, "not the password")
        assert response.status_code == 200
        page = response.content.decode()
        assert f'value="{typed}"' in page  # what was typed is kept, the password is not
        assert "not the password" not in page
        pages.append([line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and typed not in line])
    assert WRONG in "".join(pages[0])
    assert pages[1:] == pages[:1] * 3
    assert not is_in(client)


def test_unknown_number_costs_a_hash_too(client: Client, cadre: User, monkeypatch: Any) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(
        "django.contrib.auth.hashers.MD5PasswordHasher.encode",
        lambda self, password, salt: hashed.append(password) or f"md5${salt}$x",
    )
    sign_in(client, "LS001", "wrong")
    known = len(hashed)
    sign_in(client, "LS999", "wrong")
    assert (known, len(hashed)) == (1, 2)


def test_closed_account_is_named_only_to_who_knows_its_password(client: Client, cadre: User) -> None:
    User.objects.filter(pk=cadre.pk).update(is_active=False)
    assert "已停用" in sign_in(client, "LS001").content.decode()
    refused = sign_in(client, "LS001", "wrong").content.decode()
    assert WRONG in refused
    assert "已停用" not in refused
    assert not is_in(client)


def test_closing_an_account_ends_its_sessions(client: Client, cadre: User) -> None:
    sign_in(client, "LS001")
    assert client.get(reverse("me")).status_code == 200
    User.objects.filter(pk=cadre.pk).update(is_active=False)
    response = client.get(reverse("me"))
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_login")


def test_five_failures_lock_the_account_in_every_spelling(client: Client, cadre: User) -> None:
    for typed in ("LS001", "ls001", "ＬＳ００１", "13800001234", "L S 0 0 1"):
        assert WRONG in sign_in(client, typed, "wrong").content.decode()
    for typed in ("LS001", "138-0000-1234"):
        response = sign_in(client, typed)
        assert response.status_code == 429
        assert LOCKED in response.content.decode()
        assert f'value="{typed}"' in response.content.decode()
    assert not is_in(client)


def test_an_unknown_number_locks_like_a_known_one(client: Client, db: None) -> None:
    for _turn in range(5):
        assert WRONG in sign_in(client, "LS999", "wrong").content.decode()
    assert LOCKED in sign_in(client, "ls 999", "wrong").content.decode()


def test_a_lock_is_not_lifted_by_another_address_or_a_forged_header(cadre: User) -> None:
    for turn in range(5):
        sign_in(Client(REMOTE_ADDR=f"10.0.0.{turn}", HTTP_X_FORWARDED_FOR=f"1.2.3.{turn}"), "LS001", "wrong")
    other = Client(REMOTE_ADDR="10.9.9.9", HTTP_X_FORWARDED_FOR="8.8.8.8", HTTP_HOST="another.example")
    assert sign_in(other, "LS001").status_code == 429


def test_one_address_cannot_try_many_accounts(settings: Any, db: None) -> None:
    settings.SECURITY = replace(settings.SECURITY, address_tries=3)
    for turn in range(3):
        assert sign_in(Client(HTTP_X_FORWARDED_FOR=f"1.2.3.{turn}"), f"LS90{turn}", "wrong").status_code == 200
    assert sign_in(Client(HTTP_X_FORWARDED_FOR="1.2.3.9"), "LS909", "wrong").status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1"), "LS909", "wrong").status_code == 200


def test_a_flood_of_sign_ins_gets_a_plain_page(client: Client, cadre: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(client, "LS001", "wrong")
    response = sign_in(client, "LS001", "wrong")
    assert response.status_code == 429
    assert "请稍等" in response.content.decode()


def test_signing_in_well_uses_up_no_tries(client: Client, cadre: User) -> None:
    for _turn in range(7):
        sign_in(client, "LS001")
        assert is_in(client)
        client.post(reverse("account_logout"))
        assert not is_in(client)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),  # the first is what the caller claims, the last what our proxy saw
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "nonsense", "local"),
    ],
)
def test_forwarded_addresses_count_only_behind_our_proxies(
    settings: Any, proxies: int, forwarded: str, expected: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("wanted", "landing"),
    [
        ("/account/me/", "/account/me/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///evil.example", "/"),
    ],
)
def test_next_never_leads_to_another_host(client: Client, cadre: User, wanted: str, landing: str) -> None:
    assert sign_in(client, "LS001", next=wanted)["Location"] == landing
    signed_in_already = client.get(reverse("account_login"), {"next": wanted})
    assert signed_in_already["Location"] == landing


def test_sign_in_page_sends_back_where_one_came_from(client: Client, cadre: User) -> None:
    sent = client.get(reverse("me"))
    assert parse_qs(urlsplit(sent["Location"]).query) == {"next": [reverse("me")]}
    assert 'name="next" value="/account/me/"' in client.get(sent["Location"]).content.decode()


def test_a_device_is_remembered_only_when_asked(client: Client, cadre: User) -> None:
    sign_in(client, "LS001", remember="on")
    assert client.cookies["sessionid"]["max-age"] == 30 * 24 * 3600
    assert cadre.sessions.get().remembered is True
    client.post(reverse("account_logout"))
    sign_in(client, "LS001")
    assert client.session.get_expire_at_browser_close()
    assert client.cookies["sessionid"]["max-age"] == ""
    assert cadre.sessions.get().remembered is False


def test_get_does_not_sign_out(client: Client, cadre: User) -> None:
    sign_in(client, "LS001")
    assert client.get(reverse("account_logout")).status_code == 405
    assert is_in(client)
    response = client.post(reverse("account_logout"), {"next": "https://evil.example/"})
    assert response["Location"] == reverse("account_login")
    assert not is_in(client)


@pytest.mark.parametrize(
    "path",
    ["signup/", "password/reset/", "password/set/", "email/", "inactive/", "reauthenticate/", "confirm-email/", ""],
)
def test_no_other_page_of_allauth_is_reachable(client: Client, cadre: User, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    client.force_login(cadre)
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}").status_code == 404


def test_sign_in_needs_its_csrf_token(cadre: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, "LS001").status_code == 403
    assert not is_in(strict)


@pytest.mark.parametrize("typed", ["x" * 4000, "a\x00b", "𝟙" * 30, "' OR 1=1 --", "٣", ""])
def test_no_input_breaks_the_page(client: Client, cadre: User, typed: str) -> None:
    assert sign_in(client, typed, "x" * 5000).status_code == 200
    assert sign_in(client, typed, "wrong").status_code == 200
    assert not is_in(client)


def test_pages_are_not_kept_by_the_browser(client: Client, cadre: User) -> None:
    assert "no-store" in client.get(reverse("account_login"))["Cache-Control"]
    client.force_login(cadre)
    assert "no-store" in client.get(reverse("me"))["Cache-Control"]


def test_json_is_not_offered(client: Client, cadre: User) -> None:
    response = client.post(reverse("account_login"), {"login": "LS001"}, headers={"accept": "application/json"})
    assert response["Content-Type"].startswith("text/html")


def test_every_event_is_reported_once(client: Client, cadre: User, heard: list[tuple[str, str, str]]) -> None:
    sign_in(client, "ls 001")
    client.post(reverse("account_logout"))
    client.post(reverse("account_logout"))  # nobody signed in any more: nothing to report
    sign_in(client, "LS999", "wrong")
    for _turn in range(7):
        sign_in(client, "13800001234", "wrong")
    assert heard == [
        ("signed_in", "LS001", "LS001"),
        ("signed_out", "LS001", "LS001"),
        ("sign_in_failed", "", "LS999"),
        *[("sign_in_failed", "LS001", "13800001234")] * 5,
        ("locked_out", "LS001", "13800001234"),
    ]


def test_the_closed_account_is_reported_as_a_failure(
    client: Client, cadre: User, heard: list[tuple[str, str, str]]
) -> None:
    User.objects.filter(pk=cadre.pk).update(is_active=False)
    sign_in(client, "LS001")
    assert heard == [("sign_in_failed", "LS001", "LS001")]


def test_contracts_are_declared() -> None:
    views = {
        name: resolve(reverse(name)).func.contract for name in ("account_login", "account_logout", "me", "language")
    }
    assert {name: (c.public, c.permission, set(c.methods)) for name, c in views.items()} == {
        "account_login": (True, None, {"GET", "HEAD", "POST"}),
        "account_logout": (True, None, {"POST"}),
        "me": (False, None, {"GET", "HEAD"}),
        "language": (True, None, {"POST"}),
    }
