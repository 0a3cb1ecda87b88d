"""What administrators do to accounts."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.actions import (
    LETTERS,
    create_account,
    make_one_time_password,
    prepare_passwords,
    reset_password,
    set_active,
    update_account,
)
from accounts.models import User
from tests.accounts.conftest import PASSWORD


def sign_in(client: Client, number: str, password: str) -> bool:
    client.post("/account/login/", {"login": number, "password": password})
    return "_auth_user_id" in client.session


def test_one_time_passwords_are_readable_and_never_the_same() -> None:
    passwords = [make_one_time_password() for _turn in range(500)]
    assert len(set(passwords)) == 500
    assert all(re.fullmatch(rf"[{LETTERS}]{{4}}(-[{LETTERS}]{{4}}){{2}}", password) for password in passwords)
    assert not set("ilo01") & set(LETTERS)


def test_a_new_account_must_choose_its_own_password(client: Client, cadre: User) -> None:
    user, password = create_account(username=" ｌｓ 009 ", name=" 陈有福 ", mobile="138 1111 2222", by=cadre)
    user.refresh_from_db()
    assert (user.username, user.name, user.mobile, user.is_active) == ("ls009", "陈有福", "13811112222", True)
    assert (user.must_change_password, user.password_changed_at) == (True, None)
    assert password not in user.password
    assert sign_in(client, "13811112222", password)


def test_accounts_by_the_hundred_share_no_password(db: None) -> None:
    prepared = prepare_passwords(5)
    made = [
        create_account(username=f"LS1{n}", name="某", mobile=None, by=None, password=one)
        for n, one in enumerate(prepared)
    ]
    assert all(user.check_password(text) for user, text in made)
    assert len({text for _user, text in made}) == 5


@pytest.mark.parametrize(
    ("username", "mobile", "field"),
    [
        ("ls001", None, "__all__"),
        ("LS001", None, "username"),
        ("", None, "username"),
        ("x" * 33, None, "username"),
        ("LS010", "13800001234", "mobile"),
        ("LS010", "1" * 21, "mobile"),
        ("13800001234", None, "username"),
    ],
)
def test_what_is_taken_or_missing_is_refused(cadre: User, username: str, mobile: str | None, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        create_account(username=username, name="某", mobile=mobile, by=cadre)
    assert field in refusal.value.message_dict
    assert list(User.objects.values_list("username", flat=True)) == ["LS001"]


def test_a_mobile_may_not_be_another_s_number(cadre: User) -> None:
    other, _password = create_account(username="13822223333", name="某", mobile="13822223333", by=cadre)
    with pytest.raises(ValidationError):
        update_account(user=cadre, name=cadre.name, mobile="13822223333", by=other)
    cadre.refresh_from_db()
    assert cadre.mobile == "13800001234"
    update_account(user=cadre, name="林志和", mobile="", by=other)
    cadre.refresh_from_db()
    assert cadre.mobile is None


def test_the_database_itself_keeps_numbers_apart(cadre: User) -> None:
    for taken in ({"username": "ls001"}, {"username": "LS010", "mobile": "13800001234"}, {"username": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(**taken)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cadre.pk).update(password_changed_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cadre.pk).update(language="fr")


@pytest.mark.django_db(transaction=True)
def test_reset_ends_sessions_lifts_the_lock_and_forces_a_choice(client: Client) -> None:
    user = User.objects.create_user("LS001", PASSWORD, name="林志和", mobile="13800001234")
    assert sign_in(client, "LS001", PASSWORD)
    for _turn in range(5):
        sign_in(Client(), "LS001", "wrong")
    password = reset_password(user=user, by=None)
    assert client.get("/account/me/")["Location"].startswith("/account/login/")
    assert not sign_in(Client(), "LS001", PASSWORD)
    fresh = Client()
    assert sign_in(fresh, "LS001", password)
    assert fresh.get("/account/me/")["Location"].startswith("/account/password/")


def test_closing_and_opening_again(client: Client, cadre: User, newcomer: User) -> None:
    set_active(user=cadre, active=False, by=newcomer)
    assert not sign_in(client, "LS001", PASSWORD)
    set_active(user=cadre, active=True, by=newcomer)
    assert sign_in(client, "LS001", PASSWORD)


def test_nobody_closes_the_account_they_use(cadre: User) -> None:
    with pytest.raises(ValidationError):
        set_active(user=cadre, active=False, by=cadre)
    cadre.refresh_from_db()
    assert cadre.is_active
