"""Language and type size: chosen by switch, kept with the account, never taken from the browser's header."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import PASSWORD

LOGIN, ME = "/account/login/", "/account/me/"


def speaks(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    language: str = response["Content-Language"]
    assert f'<html lang="{language}"' in response.content.decode()
    return language


def switch(client: Client, language: str, **more: str) -> Any:
    return client.post(reverse("language"), {"language": language} | more)


def test_chinese_unless_switched_whatever_the_browser_says(client: Client, db: None) -> None:
    assert speaks(client, LOGIN) == "zh-hans"
    assert speaks(client, LOGIN, accept_language="en-US,en;q=0.9") == "zh-hans"
    client.cookies["django_language"] = "fr"
    assert speaks(client, LOGIN) == "zh-hans"


def test_a_visitor_s_choice_is_kept_by_cookie(client: Client, db: None) -> None:
    response = switch(client, "en", next=f"{LOGIN}?next=/account/me/")
    assert response["Location"] == f"{LOGIN}?next=/account/me/"
    assert client.cookies["django_language"]["httponly"]
    page = client.get(LOGIN)
    assert page["Content-Language"] == "en"
    assert "Cadre number or mobile number" in page.content.decode()


def test_a_choice_on_the_sign_in_page_becomes_the_account_s(client: Client, cadre: User) -> None:
    switch(client, "en")
    client.post(LOGIN, {"login": "LS001", "password": PASSWORD})
    cadre.refresh_from_db()
    assert cadre.language == "en"
    assert speaks(client, ME) == "en"


def test_a_cookie_left_by_somebody_else_changes_no_account(client: Client, cadre: User) -> None:
    client.cookies["django_language"] = "en"
    client.post(LOGIN, {"login": "LS001", "password": PASSWORD})
    cadre.refresh_from_db()
    assert cadre.language == "zh-hans"
    assert speaks(client, ME) == "zh-hans"


def test_a_signed_in_choice_goes_with_the_account(client: Client, cadre: User) -> None:
    client.force_login(cadre)
    assert switch(client, "en")["Location"] == ME
    other_device = Client()
    other_device.force_login(cadre)
    assert speaks(other_device, ME) == "en"
    assert User.objects.get(pk=cadre.pk).large_type is False


@pytest.mark.parametrize("language", ["fr", "", "zh", "../../etc"])
def test_an_unknown_language_is_refused(client: Client, cadre: User, language: str) -> None:
    client.force_login(cadre)
    assert switch(client, language).status_code == 400
    cadre.refresh_from_db()
    assert cadre.language == "zh-hans"


@pytest.mark.parametrize("name", ["language", "large_type"])
def test_get_switches_nothing(client: Client, cadre: User, name: str) -> None:
    client.force_login(cadre)
    assert client.get(reverse(name), {"language": "en", "large_type": "on"}).status_code == 405
    cadre.refresh_from_db()
    assert (cadre.language, cadre.large_type) == ("zh-hans", False)


@pytest.mark.parametrize("name", ["language", "large_type"])
def test_switches_stay_on_this_site(client: Client, cadre: User, name: str) -> None:
    client.force_login(cadre)
    response = client.post(reverse(name), {"language": "en", "next": "https://evil.example/"})
    assert response["Location"] == ME


def test_large_type_is_kept_with_the_account(client: Client, cadre: User) -> None:
    client.force_login(cadre)
    client.post(reverse("large_type"), {"next": ME})
    assert User.objects.get(pk=cadre.pk).large_type is True
    assert 'class="large-type"' in client.get(ME).content.decode()
    client.post(reverse("large_type"), {"large_type": "on"})
    assert User.objects.get(pk=cadre.pk).large_type is True
    client.post(reverse("large_type"))
    assert User.objects.get(pk=cadre.pk).large_type is False


def test_large_type_needs_an_account(client: Client, db: None) -> None:
    assert client.post(reverse("large_type"))["Location"].startswith(LOGIN)


def test_me_shows_the_account_and_nobody_else_s(client: Client, cadre: User, newcomer: User) -> None:
    client.force_login(cadre)
    page = client.get(ME).content.decode()
    for shown in ("林志和", "LS001", "13800001234", "修改密码", "退出登录", "大字", "English"):
        assert shown in page
    assert "LS002" not in page
