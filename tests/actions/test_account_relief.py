"""Help for who cannot get in, rights that end at once, and a county that is never without an administrator."""

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from accounts import second_factor
from accounts.models import Session, SignInTries, User
from ledger.actions import accounts, postings
from ledger.models import AuditRow, Cadre, Posting
from ledger.queries.postings import county_admins
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.world import PASSWORD, World, post

LOGIN = "/account/login/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def enter(user: User, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(LOGIN, {"login": user.username, "password": password})
    return client


def inside(client: Client) -> bool:
    return client.get("/account/me/").status_code == 200


def lock(user: User) -> None:
    for _turn in range(5):
        enter(user, "wrong")


def trail(*verbs: str) -> list[tuple[str, str]]:
    return list(AuditRow.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", "actor"))


def test_an_administrator_lifts_a_lock_out(world: World, sign_in: Callable[[str], Client]) -> None:
    cadre, user = world.cadre("village_cadre"), world.users["village_cadre"]
    lock(user)
    admin = sign_in("township_admin")
    detail = reverse("cadre_detail", args=[cadre.pk])
    assert "已锁定到" in admin.get(detail).content.decode()
    assert admin.post(reverse("account_unlock", args=[cadre.pk]))["Location"] == detail
    assert "已锁定到" not in admin.get(detail).content.decode()
    assert inside(enter(user))
    admin.post(reverse("account_unlock", args=[cadre.pk]))  # nothing locked: nothing to tell
    assert trail("account.unlocked", "account.locked_out") == [
        ("account.locked_out", accounts.VISITOR),
        ("account.unlocked", world.users["township_admin"].name),
    ]


def test_a_lost_phone_is_signed_out_by_an_administrator(world: World, sign_in: Callable[[str], Client]) -> None:
    cadre, user = world.cadre("village_cadre"), world.users["village_cadre"]
    lost, neighbour = enter(user), enter(world.users["household_cadre"])
    admin = sign_in("township_admin")
    admin.post(reverse("account_sign_out", args=[cadre.pk]))
    assert (inside(lost), inside(neighbour), inside(admin)) == (False, True, True)
    admin.post(reverse("account_sign_out", args=[cadre.pk]))
    assert trail("account.sessions_ended") == [("account.sessions_ended", world.users["township_admin"].name)]


def test_a_lost_second_factor_is_taken_away(world: World, sign_in: Callable[[str], Client]) -> None:
    cadre, user = world.cadre("village_cadre"), world.user("village_cadre")
    second_factor.turn_on(user, SECRET, counter=0)
    old = Client()
    old.force_login(user)
    sign_in("township_admin").post(reverse("account_second_factor", args=[cadre.pk]))
    assert not Authenticator.objects.exists()
    assert not inside(old)
    assert inside(enter(user))
    assert trail("account.second_factor_reset") == [("account.second_factor_reset", world.users["township_admin"].name)]


@pytest.mark.parametrize("key", ["county_admin", "township_leader", "village_cadre@前楼", "village_cadre@六龙"])
def test_nobody_helps_above_or_outside(world: World, key: str) -> None:
    """Taking the second factor away and giving a new password would be a way into more than one's own."""
    admin, victim, user = world.users["township_admin"], world.cadre(key), world.user(key)
    second_factor.turn_on(user, SECRET, counter=0)
    Client().force_login(user)
    lock(user)
    before = list(SignInTries.objects.values()), list(Session.objects.values()), list(Authenticator.objects.values())
    for act in (accounts.lift_lock, accounts.end_sessions, accounts.reset_second_factor):
        with pytest.raises(PermissionDenied):
            act(by=admin, cadre=victim)
    after = list(SignInTries.objects.values()), list(Session.objects.values()), list(Authenticator.objects.values())
    assert before == after
    assert trail("account.unlocked", "account.sessions_ended", "account.second_factor_reset") == []


def test_nobody_takes_their_own_second_factor_away_that_way(world: World) -> None:
    admin = world.user("township_admin")
    second_factor.turn_on(admin, SECRET, counter=0)
    with pytest.raises(ValidationError):
        accounts.reset_second_factor(by=admin, cadre=world.cadre("township_admin"))
    assert Authenticator.objects.count() == 2


def test_what_accounts_do_is_on_the_trail(world: World, settings: Any) -> None:
    user = world.user("village_cadre")
    client, _other = enter(user), enter(user)
    client.post(reverse("session_end_others"))
    client.get(reverse("second_factor"))
    secret = second_factor.unseal(second_factor.LABEL, client.session[second_factor.PENDING])
    counter = int(time.time()) // 30
    code = second_factor.format_hotp_value(second_factor.hotp_value(secret, counter))
    client.post(reverse("second_factor"), {"code": code})
    client.post(reverse("recovery_codes"))
    client.post(reverse("second_factor_off"))
    verbs = list(AuditRow.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "account.signed_in", "account.signed_in", "account.sessions_ended", "account.second_factor_on",
        "account.recovery_codes_renewed", "account.second_factor_off",
    ]  # fmt: skip
    rows = str(list(AuditRow.objects.values()))
    assert secret not in rows
    assert code not in rows


@pytest.mark.parametrize(
    ("role", "forced"), [("township_admin", True), ("county_admin", True), ("village_cadre", False)]
)
def test_forced_by_role(world: World, settings: Any, role: str, forced: bool) -> None:
    settings.MFA_FORCED_FOR = frozenset({"county_admin", "township_admin"})
    answer = enter(world.users[role]).get(reverse("household_list"))
    assert (answer.status_code == 302) is forced
    if forced:
        assert answer["Location"].startswith(reverse("second_factor"))


def test_forced_from_the_day_the_posting_begins(world: World, settings: Any) -> None:
    settings.MFA_FORCED_FOR = frozenset({"township_admin"})
    client = enter(world.users["village_cadre"])
    assert client.get(reverse("household_list")).status_code == 200
    post(world.cadre("village_cadre"), Role.TOWNSHIP_ADMIN, township=world.township)
    assert client.get(reverse("household_list"))["Location"].startswith(reverse("second_factor"))


def test_the_end_of_a_posting_holds_at_the_next_request(world: World) -> None:
    leader = world.cadre("township_leader")
    phone, office = enter(world.users["township_leader"]), enter(world.users["township_leader"])
    household = reverse("household_detail", args=[world.households["城垵"][0].pk])
    assert [each.get(household).status_code for each in (phone, office)] == [200, 200]
    postings.end(by=world.users["county_admin"], posting=leader.postings.get(), end_on=local_today())
    assert [each.get(household).status_code for each in (phone, office)] == [403, 403]
    assert [each.get(reverse("dashboard")).status_code for each in (phone, office)] == [403, 403]
    assert inside(phone)


def test_closing_holds_at_the_next_request(world: World) -> None:
    client = enter(world.users["village_cadre"])
    accounts.set_active(by=world.users["township_admin"], cadre=world.cadre("village_cadre"), active=False)
    assert client.get(reverse("household_list"))["Location"].startswith(LOGIN)
    accounts.set_active(by=world.users["township_admin"], cadre=world.cadre("village_cadre"), active=True)
    assert not inside(client)


@pytest.fixture
def second(world: World) -> Cadre:
    """A second administrator of the county."""
    cadre = world.cadre("county_leader")
    Posting.objects.filter(cadre=cadre).delete()
    post(cadre, Role.COUNTY_ADMIN, county=world.county)
    return cadre


def admins(world: World) -> int:
    return county_admins(world.county.pk).values("cadre").distinct().count()


def test_two_do_not_end_each_other_from_next_month_on(world: World, second: Cadre) -> None:
    first, later = world.cadre("county_admin"), local_today() + datetime.timedelta(days=30)
    postings.end(by=first.user, posting=second.postings.get(), end_on=later)
    with pytest.raises(ValidationError):
        postings.end(by=second.user, posting=first.postings.get(), end_on=later)
    with pytest.raises(ValidationError):
        accounts.set_active(by=second.user, cadre=first, active=False)
    assert list(first.postings.values_list("end_on", flat=True)) == [None]


def test_an_administrator_for_a_time_does_not_free_the_last_one(world: World) -> None:
    first, helper = world.cadre("county_admin"), world.cadre("county_leader")
    until = local_today() + datetime.timedelta(days=7)
    postings.grant(by=first.user, cadre=helper, role=Role.COUNTY_ADMIN, territories=[world.county],
                   start_on=local_today(), end_on=until)  # fmt: skip
    with pytest.raises(ValidationError):
        postings.end(by=helper.user, posting=first.postings.get(), end_on=local_today())


def test_the_role_of_somebody_above_is_never_given(world: World) -> None:
    """Every role that a township's administrator may not give, to anybody, by the action itself."""
    admin, cadre = world.users["township_admin"], world.cadre("village_cadre")
    places = {"county": world.county, "township": world.township}
    for role, place in (
        (Role.COUNTY_ADMIN, "county"), (Role.COUNTY_DESK, "county"), (Role.COUNTY_LEADER, "county"),
        (Role.INSPECTOR, "county"), (Role.INSPECTOR, "township"), (Role.TOWNSHIP_LEADER, "township"),
    ):  # fmt: skip
        with pytest.raises((PermissionDenied, ValidationError)):
            postings.grant(by=admin, cadre=cadre, role=role, territories=[places[place]], start_on=local_today())
    assert set(cadre.postings.values_list("role", flat=True)) == {Role.VILLAGE_CADRE}
    assert not AuditRow.objects.exists()
