"""Tries at the door: as many as allowed, however many come at once, until the time is over or somebody helps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import lockout
from accounts.models import SignInTries, User
from tests.accounts.conftest import PASSWORD
from tests.actions.test_races import at_once

WRONG = "not the password"


def answer(number: str, password: str = WRONG, **more: Any) -> int:
    client = Client(**more)
    status: int = client.post(reverse("account_login"), {"login": number, "password": password}).status_code
    return status


def pass_time(**much: int) -> None:
    """What was counted happened so long ago."""
    for row in SignInTries.objects.all():
        row.since -= timedelta(**much)
        row.expires_at -= timedelta(**much)
        row.locked_until = row.locked_until and row.locked_until - timedelta(**much)
        row.save()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("number", ["LS001", "LS999"])
    def test_twenty_guesses_are_five(self, settings: Any, number: str) -> None:
        settings.ACCOUNT_EVENTS = "tests.accounts.conftest.hear"
        from tests.accounts.conftest import HEARD

        HEARD.clear()
        User.objects.create_user("LS001", PASSWORD, name="林志和")
        answers = at_once(20, lambda n: answer(number, f"guess {n}", REMOTE_ADDR=f"10.0.{n}.1"))
        assert sorted(answers) == [200] * 5 + [429] * 15
        assert [event for event, *_rest in HEARD].count("sign_in_failed") == 5
        assert [event for event, *_rest in HEARD].count("locked_out") == 1
        assert answer(number, PASSWORD) == 429

    def test_twenty_names_from_one_address_are_as_many_as_the_address_has(self, settings: Any) -> None:
        settings.SECURITY = replace(settings.SECURITY, address_tries=7)
        User.objects.create_user("LS001", PASSWORD, name="林志和")
        answers = at_once(20, lambda n: answer(f"LS{n:03}", "wrong", HTTP_X_FORWARDED_FOR=f"1.2.3.{n}"))
        assert sorted(answers) == [200] * 7 + [429] * 13

    def test_right_passwords_leave_nothing_behind(self, settings: Any) -> None:
        settings.SECURITY = replace(settings.SECURITY, tries=30)
        User.objects.create_user("LS001", PASSWORD, name="林志和")
        assert at_once(10, lambda n: answer("LS001", PASSWORD)) == [302] * 10
        assert set(SignInTries.objects.values_list("tries", "locked_until")) == {(0, None)}


def test_the_lock_opens_by_itself(client: Client, cadre: User) -> None:
    for _turn in range(5):
        answer("LS001")
    pass_time(minutes=4)
    assert answer("LS001", PASSWORD) == 429
    pass_time(minutes=1)
    assert answer("LS001") == 200  # and all five tries are there again
    assert [answer("LS001") for _turn in range(4)] == [200] * 4
    assert answer("LS001", PASSWORD) == 429


def test_failures_wide_apart_do_not_add_up(cadre: User) -> None:
    for _turn in range(12):
        assert answer("LS001") == 200
        pass_time(minutes=2)
    assert answer("LS001", PASSWORD) == 302


def test_the_last_try_may_be_the_right_one(cadre: User, heard: list[tuple[str, str, str]]) -> None:
    for _turn in range(4):
        answer("LS001")
    assert answer("LS001", PASSWORD) == 302
    assert SignInTries.objects.get(key=f"user:{cadre.pk}").locked_until is None
    assert "locked_out" not in [event for event, *_rest in heard]


def test_a_restart_forgets_nothing(cadre: User) -> None:
    for _turn in range(5):
        answer("LS001")
    cache.clear()  # all that a process keeps by itself
    assert answer("LS001", PASSWORD) == 429


def test_who_is_signed_in_stays_so(client: Client, cadre: User) -> None:
    client.force_login(cadre)
    for _turn in range(6):
        answer("LS001")
    assert client.get(reverse("me")).status_code == 200


def test_forwarded_headers_count_as_far_as_our_proxies(settings: Any, cadre: User) -> None:
    settings.SECURITY = replace(settings.SECURITY, address_tries=2)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind = [f"9.9.9.{n}, 203.0.113.7" for n in range(3)]  # what the caller claims, then what our proxy saw
    assert [answer(f"LS90{n}", HTTP_X_FORWARDED_FOR=seen) for n, seen in enumerate(behind)] == [200, 200, 429]
    assert answer("LS904", HTTP_X_FORWARDED_FOR="203.0.113.8") == 200


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("10.1.1.1", "10.1.1.2", False),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:ffff::1", True),  # one subscriber's own /64
        ("2001:db8:1:2::4", "2001:db8:1:3::4", False),
    ],
)
def test_what_counts_as_one_address(settings: Any, db: None, first: str, second: str, same: bool) -> None:
    settings.SECURITY = replace(settings.SECURITY, address_tries=1)
    assert answer("LS901", REMOTE_ADDR=first) == 200
    assert answer("LS902", REMOTE_ADDR=second) == (429 if same else 200)


def test_what_was_typed_is_not_kept(db: None) -> None:
    answer("my-secret-password")
    assert "secret" not in str(list(SignInTries.objects.values()))


def test_old_rows_are_cleared_away(cadre: User) -> None:
    for number in range(3):
        answer(f"LS90{number}")
    assert SignInTries.objects.count() == 4
    SignInTries.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer("LS001")
    assert SignInTries.objects.count() == 2


def test_locked_until_and_help(cadre: User, newcomer: User) -> None:
    assert lockout.locked_until(cadre) is None
    for _turn in range(5):
        answer("LS001")
    until = lockout.locked_until(cadre)
    assert until is not None
    assert timedelta(minutes=4) < until - timezone.now() <= timedelta(minutes=5)
    assert lockout.locked_until(newcomer) is None
    lockout.forget(cadre)
    assert lockout.locked_until(cadre) is None
    assert answer("LS001", PASSWORD) == 302


def test_the_refusal_is_the_same_for_nobody_s_number(cadre: User) -> None:
    pages = []
    for number in ("LS001", "LS999"):
        for _turn in range(5):
            answer(number, REMOTE_ADDR="10.5.5.5")
        page = Client().post(reverse("account_login"), {"login": number, "password": "x"}).content.decode()
        pages.append([line for line in page.splitlines() if "csrf" not in line and number not in line])
    assert pages[0] == pages[1]
    assert "5 分钟后" in "".join(pages[0])


def test_a_caller_without_an_address_has_one_count(db: None) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="")
    lockout.at_the_door(request, "LS999")
    assert SignInTries.objects.filter(key="address:local").exists()
