"""Where somebody is signed in: how long it holds, what is shown of it, and ending it elsewhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.backends import NumberOrMobileBackend, brought
from accounts.models import Session, User
from accounts.models.sessions import fingerprint
from accounts.profiles import PROFILES
from accounts.session_store import SessionStore
from tests.accounts.conftest import PASSWORD

ME, LOGIN = "/account/me/", "/account/login/"
PHONE = "Mozilla/5.0 (Linux; Android 12; V2045A) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36 MicroMessenger/8.0"
OFFICE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Edg/120.0"


def sign_in(number: str = "LS001", remember: bool = False, **headers: str) -> Client:
    client = Client(**headers)
    data = {"login": number, "password": PASSWORD} | ({"remember": "on"} if remember else {})
    assert client.post(LOGIN, data).status_code == 302
    return client


def row(client: Client) -> Session:
    return Session.objects.get(pk=fingerprint(client.cookies["sessionid"].value))


def age(client: Client, *, seen: timedelta = timedelta(0), started: timedelta = timedelta(0)) -> None:
    now = timezone.now()
    Session.objects.filter(pk=row(client).pk).update(seen_at=now - seen, started_at=now - max(started, seen))


def is_in(client: Client) -> bool:
    return client.get(ME).status_code == 200


def test_the_cookie_is_in_no_table(cadre: User) -> None:
    client = sign_in()
    cookie = client.cookies["sessionid"].value
    assert cookie not in str(list(Session.objects.values()))
    thief = Client()
    thief.cookies["sessionid"] = row(client).pk
    assert not is_in(thief)
    assert is_in(client)


def test_what_is_kept_of_a_device(cadre: User) -> None:
    sign_in(HTTP_USER_AGENT=PHONE, REMOTE_ADDR="10.20.30.40")
    sign_in(HTTP_USER_AGENT=OFFICE, REMOTE_ADDR="2001:db8:1:2::3")
    sign_in(HTTP_USER_AGENT="<script>alert(1)</script>" * 999)
    kept = Session.objects.order_by("started_at").values_list("device", "browser", "address", "user")
    assert list(kept) == [
        ("android", "WeChat", "10.20.30.*", cadre.pk),
        ("windows", "Edge", "2001:db8:1::*", cadre.pk),
        ("", "", "127.0.0.*", cadre.pk),
    ]


@pytest.mark.parametrize(
    ("remember", "holds", "ends"),
    [
        (False, timedelta(hours=11, minutes=59), timedelta(hours=12)),
        (True, timedelta(days=13, hours=23), timedelta(days=14)),
    ],
)
def test_the_idle_limit(cadre: User, remember: bool, holds: timedelta, ends: timedelta) -> None:
    client = sign_in(remember=remember)
    age(client, seen=holds)
    assert is_in(client)
    age(client, seen=ends)
    assert not is_in(client)
    assert not is_in(client)


@pytest.mark.parametrize("remember", [False, True])
def test_the_absolute_limit_ends_a_session_in_use(cadre: User, remember: bool) -> None:
    client = sign_in(remember=remember)
    age(client, started=timedelta(days=29, hours=23))
    assert is_in(client)
    age(client, started=timedelta(days=30))
    assert not is_in(client)


def test_a_stricter_profile_holds_for_sessions_that_exist(cadre: User, settings: Any) -> None:
    client = sign_in(remember=True)
    age(client, seen=timedelta(minutes=31))
    assert is_in(client)
    settings.SECURITY = PROFILES["dengbao3"]
    age(client, seen=timedelta(minutes=29))
    assert is_in(client)
    age(client, seen=timedelta(minutes=30))
    assert not is_in(client)
    client = sign_in()
    age(client, started=timedelta(hours=12))
    assert not is_in(client)


def test_use_is_noted_now_and_then_and_not_on_each_request(cadre: User) -> None:
    client = sign_in()
    client.get(ME)
    with CaptureQueriesContext(connection) as queries:
        client.get(ME)
    assert [q["sql"] for q in queries if not q["sql"].lstrip().startswith(("SELECT", "WITH"))] == []
    assert len([q for q in queries if "accounts_session" in q["sql"]]) == 2  # the session itself; the list on the page
    age(client, seen=timedelta(minutes=6))
    with CaptureQueriesContext(connection) as queries:
        client.get(ME)
    assert len([q for q in queries if q["sql"].startswith("UPDATE")]) == 1
    assert timezone.now() - row(client).seen_at < timedelta(minutes=1)


def test_the_list_is_one_s_own_and_says_which_is_this(cadre: User, newcomer: User) -> None:
    sign_in("LS002", HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 16_0)")
    phone, office = sign_in(HTTP_USER_AGENT=PHONE), sign_in(HTTP_USER_AGENT=OFFICE)
    gone = sign_in(HTTP_USER_AGENT="Mozilla/5.0 (Macintosh) Safari/605")
    age(gone, seen=timedelta(hours=13))
    page = phone.get(ME).content.decode()
    assert page.count("安卓手机 · WeChat") == 1
    assert page.count(">本机<") == 1
    assert "Windows 电脑 · Edge" in page
    assert "苹果" not in page
    assert phone.cookies["sessionid"].value not in page
    assert row(phone).pk not in page
    assert row(office).pk in page


def test_ending_one(cadre: User, newcomer: User, heard: list[tuple[str, str, str]]) -> None:
    phone, office, other = sign_in(), sign_in(), sign_in("LS002")
    others = (row(other).pk, row(phone).pk, office.cookies["sessionid"].value)
    for foreign in (*others, "nonsense", "", "a\0b", "x" * 5000):
        assert phone.post(reverse("session_end"), {"session": foreign}).status_code == 404
    assert all(is_in(each) for each in (phone, office))
    assert Session.objects.count() == 3
    response = phone.post(reverse("session_end"), {"session": row(office).pk})
    assert response["Location"] == ME
    assert (is_in(phone), is_in(office), Session.objects.count()) == (True, False, 2)
    assert [event for event, *_rest in heard][-1:] == ["sessions_ended"]
    assert len(heard) == 4


def test_the_password_is_asked_for_later_on(cadre: User) -> None:
    phone, office = sign_in(), sign_in()
    Session.objects.filter(pk=row(phone).pk).update(started_at=timezone.now() - timedelta(minutes=16))
    for name, sent in (("session_end", {"session": row(office).pk}), ("session_end_others", {})):
        for more in ({}, {"password": ""}, {"password": "wrong"}):
            page = phone.post(reverse(name), sent | more)
            assert (page.status_code, is_in(office)) == (200, True)
            assert 'name="password"' in page.content.decode()
        assert all(f'name="{field}" value="{value}"' in page.content.decode() for field, value in sent.items())
    done = phone.post(reverse("session_end"), {"session": row(office).pk, "password": PASSWORD})
    assert (done["Location"], is_in(phone), is_in(office)) == (ME, True, False)


def test_ending_all_others(cadre: User, newcomer: User, heard: list[tuple[str, str, str]]) -> None:
    phone, office, home, other = sign_in(), sign_in(), sign_in(), sign_in("LS002")
    assert phone.post(reverse("session_end_others"))["Location"] == ME
    assert [is_in(each) for each in (phone, office, home)] == [True, False, False]
    assert Session.objects.filter(pk=row(other).pk).exists()
    phone.post(reverse("session_end_others"))  # none left: nothing to report
    assert [event for event, *_rest in heard].count("sessions_ended") == 1


@pytest.mark.parametrize("name", ["session_end", "session_end_others"])
def test_get_ends_nothing_and_strangers_are_sent_to_sign_in(cadre: User, name: str) -> None:
    phone, _office = sign_in(), sign_in()
    assert phone.get(reverse(name)).status_code == 405
    assert Client().post(reverse(name))["Location"].startswith(LOGIN)
    assert Session.objects.count() == 2


def test_a_new_password_ends_the_others_for_good(cadre: User) -> None:
    phone, office = sign_in(), sign_in()
    new = "twelve green hills"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert phone.post("/account/password/", data).status_code == 302
    assert Session.objects.count() == 1
    assert (is_in(phone), is_in(office)) == (True, False)


def test_an_account_opened_again_has_none_of_its_old_sessions(cadre: User) -> None:
    from accounts.actions import set_active

    client = sign_in()
    set_active(user=cadre, active=False, by=None)
    assert not is_in(client)
    set_active(user=cadre, active=True, by=None)
    assert not is_in(client)
    assert Session.objects.count() == 0


def test_signing_out_leaves_no_row(cadre: User) -> None:
    client = sign_in()
    client.post(reverse("account_logout"))
    assert Session.objects.count() == 0


def test_visitors_make_no_rows(client: Client, cadre: User) -> None:
    client.get(LOGIN)
    for code in ("en", "zh-hans", "fr"):
        client.post(reverse("language"), {"language": code})
    client.post(LOGIN, {"login": "LS001", "password": "wrong"})
    client.get(reverse("mfa_authenticate"))
    client.post(reverse("account_logout"))
    assert Session.objects.count() == 0


def test_sessions_that_ended_by_themselves_are_cleared_at_a_sign_in(cadre: User) -> None:
    sign_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    sign_in()
    assert Session.objects.count() == 1


def test_a_session_ended_in_the_middle_of_a_request_is_not_written_again(cadre: User) -> None:
    client = sign_in()
    store = SessionStore(client.cookies["sessionid"].value)
    store["draft"] = "x"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert Session.objects.count() == 0


def test_begin_and_place_of_a_session_stay_as_they_were(cadre: User) -> None:
    client = sign_in(REMOTE_ADDR="10.20.30.40")
    age(client, started=timedelta(hours=5))
    before = Session.objects.values_list("started_at", "address").get()
    session = client.session
    session["anything"] = 1
    session.save()
    assert Session.objects.values_list("started_at", "address").get() == before


def test_a_request_reads_session_and_account_in_one_query_just_as_they_are(cadre: User) -> None:
    """The query is written out by hand: it holds what the models read, of each column."""
    browser = sign_in()
    User.objects.filter(pk=cadre.pk).update(second_factor_at=timezone.now(), last_login=None, large_type=True)
    store = SessionStore(browser.cookies["sessionid"].value)
    with CaptureQueriesContext(connection) as queries:
        row = store._get_session_from_db()
        assert row is not None
        assert row.user is not None
        assert row.user.language == User.Language.CHINESE
    assert len(queries) == 1
    kept, account = Session.objects.get(), User.objects.get(pk=cadre.pk)
    shown_columns = {field.attname for field in Session._meta.concrete_fields} - {"device", "browser", "address"}
    assert {name: getattr(row, name) for name in shown_columns} == {name: getattr(kept, name) for name in shown_columns}
    assert row.get_deferred_fields() == {"device", "browser", "address"}
    columns = [field.attname for field in User._meta.concrete_fields]
    assert [getattr(row.user, name) for name in columns] == [getattr(account, name) for name in columns]


def test_the_account_that_came_with_a_session_answers_for_that_one_alone(cadre: User, newcomer: User) -> None:
    backend = NumberOrMobileBackend()
    token = brought.set(cadre)
    try:
        assert backend.get_user(str(cadre.pk)) is cadre
        assert backend.get_user(newcomer.pk) == newcomer
        cadre.is_active = False
        assert backend.get_user(cadre.pk) is None
    finally:
        brought.reset(token)
    assert backend.get_user(cadre.pk) is not cadre  # nothing is brought: it is asked for


def test_a_session_that_speaks_of_another_account_than_its_row_is_that_accounts(cadre: User, newcomer: User) -> None:
    browser = sign_in()
    Session.objects.update(user=newcomer)
    answer = browser.get(ME)
    assert answer.wsgi_request.user.pk == cadre.pk
