"""A one-time password opens nothing but the choice of an own one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, User
from tests.accounts.conftest import PASSWORD

NEW = "twelve green hills"
CHANGE = "/account/password/"


def choose(client: Client, new: str = NEW, again: str | None = None, **more: Any) -> Any:
    return client.post(CHANGE, {"password1": new, "password2": new if again is None else again} | more)


def sign_in(number: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/account/login/", {"login": number, "password": password})
    return client


def test_everything_leads_to_the_own_password(newcomer: User) -> None:
    client = sign_in("LS002")
    for name in ("home", "me"):
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert response["Location"].startswith(f"{CHANGE}?next=")
    page = client.get(CHANGE).content.decode()
    assert "设置自己的密码" in page
    assert "至少 8 个字符" in page
    assert 'name="oldpassword"' not in page  # it was typed a moment ago


@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_what_stays_open_meanwhile(newcomer: User, name: str) -> None:
    assert sign_in("LS002").get(reverse(name)).status_code == 200


def test_choosing_opens_the_site_and_ends_the_other_sessions(newcomer: User, heard: list[tuple[str, str, str]]) -> None:
    phone, computer = sign_in("LS002"), sign_in("LS002")
    response = choose(phone, next="/account/me/")
    assert response["Location"] == "/account/me/"
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)
    assert newcomer.must_change_password is False
    assert timezone.now() - newcomer.password_changed_at < timedelta(minutes=1)
    page = phone.get("/account/me/")
    assert page.status_code == 200
    assert "密码已修改" in page.content.decode()
    assert computer.get("/account/me/").status_code == 302
    assert "_auth_user_id" not in sign_in("LS002").session
    assert [event for event, *_rest in heard] == ["signed_in", "signed_in", "password_changed", "sign_in_failed"]


def test_without_next_the_first_choice_leads_home_and_a_later_one_to_me(newcomer: User) -> None:
    client = sign_in("LS002")
    assert choose(client)["Location"] == reverse("home")
    assert choose(client, "another good one 7", oldpassword=NEW)["Location"] == reverse("me")


def test_next_does_not_lead_away(newcomer: User) -> None:
    client = sign_in("LS002")
    page = client.get(CHANGE, {"next": "https://evil.example/"}).content.decode()
    assert '"https://evil' not in page
    assert choose(client, next="https://evil.example/")["Location"] == reverse("home")


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("short-1", None, "8"),
        ("19800412", None, "日期"),
        ("1980-4-12", None, "日期"),
        ("password123", None, "常见"),
        ("ls002ls0", None, "工号"),
        ("my LS-002 and more", None, "工号"),
        (NEW, "something else 1", "密码"),
        (PASSWORD, None, "不能和现在的密码相同"),
        ("", "", "必填"),
        ("x" * 129, None, "128"),
    ],
)
def test_poor_choices_change_nothing(newcomer: User, new: str, again: str | None, told: str) -> None:
    client = sign_in("LS002")
    response = choose(client, new, again)
    assert response.status_code == 200
    errors = " ".join(error for errors in response.context["form"].errors.values() for error in errors)
    assert told in errors
    newcomer.refresh_from_db()
    assert newcomer.check_password(PASSWORD)
    assert newcomer.must_change_password is True


def test_figures_alone_will_do_when_they_are_no_date_and_no_number_of_ones_own(newcomer: User) -> None:
    """OWASP ASVS 5.0, 6.2.5: no rule about kinds of characters."""
    assert choose(sign_in("LS002"), "8274619305").status_code == 302


def test_later_changes_ask_for_the_present_password(cadre: User) -> None:
    client = sign_in("LS001")
    assert choose(client).status_code == 200
    refused = choose(client, oldpassword="wrong")
    assert "现在的密码不对" in refused.content.decode()
    cadre.refresh_from_db()
    assert cadre.check_password(PASSWORD)
    assert choose(client, oldpassword=PASSWORD)["Location"] == reverse("me")


def test_an_old_session_with_a_one_time_password_asks_for_it_again(newcomer: User) -> None:
    client = sign_in("LS002")
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=16))
    assert choose(client).status_code == 200
    newcomer.refresh_from_db()
    assert newcomer.must_change_password is True
    assert choose(client, oldpassword=PASSWORD).status_code == 302


def test_guessing_the_present_password_is_limited(cadre: User) -> None:
    client = sign_in("LS001")
    for _turn in range(5):
        choose(client, oldpassword="wrong")
    refused = choose(client, oldpassword=PASSWORD)
    assert "密码输错次数太多，请 5 分钟后再试" in refused.content.decode()
    cadre.refresh_from_db()
    assert cadre.check_password(PASSWORD)


def test_the_page_is_for_signed_in_people(client: Client, db: None) -> None:
    assert client.get(CHANGE)["Location"] == f"/account/login/?next={CHANGE}"


def test_an_account_without_a_password_gets_the_page_and_not_an_error(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("LS003"))
    assert client.get(CHANGE).status_code == 200
