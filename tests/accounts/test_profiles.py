"""SECURITY_PROFILE: the default as OWASP ASVS 5 has it, the stricter one as MLPS level 3 asks for."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import FormerPassword, User
from accounts.profiles import PROFILES
from tests.accounts.conftest import PASSWORD

CHANGE = "/account/password/"
STRONG = "Grüne Berge {}"


@pytest.fixture
def strict(settings: Any) -> None:
    settings.SECURITY = PROFILES["dengbao3"]


def choose(client: Client, old: str, new: str) -> int:
    status: int = client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new}).status_code
    return status


def enter(user: User, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.username, "password": password})
    return client


def refused(password: str) -> set[str]:
    try:
        validate_password(password)
    except ValidationError as error:
        return {str(each.code) for each in error.error_list}
    return set()


def test_the_default_asks_for_length_alone() -> None:
    assert PROFILES["default"] == project.SECURITY
    assert {text: refused(text) for text in ("ab-cd-7", "八个字的口令够长", "qwkjzxvb", "QWKJZXVB", "82746193")} == {
        "ab-cd-7": {"password_too_short"},
        "八个字的口令够长": set(),
        "qwkjzxvb": set(),
        "QWKJZXVB": set(),
        "82746193": set(),
    }
    assert refused("x" * 128) == set()


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Ab-345678", {"password_too_short"}),
        ("abcdefgh-7", set()),
        ("Abcdefgh-x", set()),
        ("qwkjzxvbtr", {"password_too_plain"}),
        ("qwkjzxvb78", {"password_too_plain"}),
        ("Qwkjzxvb78", set()),
        ("Aa1-", {"password_too_short"}),
        ("qingshan-2026", set()),  # the demonstration's
    ],
)
def test_the_stricter_profile_asks_for_three_classes(password: str, codes: set[str]) -> None:
    assert refused(password) == codes


@pytest.mark.usefixtures("strict")
def test_rotation_comes_before_anything_else(cadre: User) -> None:
    client = enter(cadre)
    due = timezone.now() - timedelta(days=90)
    User.objects.update(password_changed_at=due + timedelta(days=1))
    assert "须更换" in client.get("/account/me/").content.decode()
    User.objects.update(password_changed_at=due)
    assert client.get("/account/me/")["Location"].startswith(f"{CHANGE}?next=")
    assert "已到更换时间" in client.get(CHANGE).content.decode()
    assert choose(client, "wrong", STRONG.format(1)) == 200
    assert choose(client, PASSWORD, STRONG.format(1)) == 302
    assert client.get("/account/me/").status_code == 200


def test_passwords_do_not_age_by_default(cadre: User) -> None:
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=5000))
    assert enter(cadre).get("/account/me/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_the_last_five_are_not_chosen_again(cadre: User) -> None:
    client, old = enter(cadre), PASSWORD
    for turn in range(6):
        assert choose(client, old, STRONG.format(turn)) == 302
        old = STRONG.format(turn)
    for turn in range(6):
        assert choose(client, old, STRONG.format(turn)) == 200, turn
    assert FormerPassword.objects.filter(user=cadre).count() == 5
    assert not FormerPassword.objects.filter(hashed__contains="Berge").exists()
    assert choose(client, old, PASSWORD) == 302  # the seventh back


def test_no_history_by_default(cadre: User) -> None:
    client = enter(cadre)
    assert choose(client, PASSWORD, STRONG.format(1)) == 302
    assert FormerPassword.objects.count() == 0
    assert choose(client, STRONG.format(1), PASSWORD) == 302


@pytest.mark.usefixtures("strict")
def test_nobody_is_remembered(client: Client, cadre: User) -> None:
    page = client.get("/account/login/").content.decode()
    assert "checkbox" not in page
    assert enter(cadre).get("/account/me/").status_code == 200


def test_the_page_says_what_the_profile_asks(cadre: User, settings: Any) -> None:
    client = enter(cadre)
    plain = client.get(CHANGE).content.decode()
    assert "至少 8 个字符" in plain
    assert "至少包含" not in plain
    settings.SECURITY = PROFILES["dengbao3"]
    asked = client.get(CHANGE).content.decode()
    assert all(text in asked for text in ("至少 10 个字符", "至少包含 3 种", "最近 5 个密码"))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SECURITY_PROFILE": "dengbao"}, "SECURITY_PROFILE must be one of: default, dengbao3."),
        ({"MFA_FORCED_FOR": "county_admin,township-admin"}, "MFA_FORCED_FOR names no role: township-admin"),
        ({"SECURITY_PROFILE": "dengbao3"}, "no issues"),
        ({"SECURITY_PROFILE": "dengbao3", "MFA_FORCED_FOR": "none"}, "no issues"),
        ({"MFA_FORCED_FOR": "all"}, "no issues"),
    ],
)
def test_a_slip_in_the_environment_stops_the_start(variables: dict[str, str], said: str) -> None:
    import os

    done = subprocess.run(
        [sys.executable, "manage.py", "check"], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert said in done.stdout + done.stderr
    assert (done.returncode == 0) is (said == "no issues")
