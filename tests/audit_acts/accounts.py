"""Signing in and out, passwords, the second factor, sessions, what administrators do to accounts."""

from django.test import Client
from django.urls import reverse

from accounts import second_factor
from accounts.models.sessions import fingerprint
from ledger.models import (
    Cadre,
)
from tests.accounts.test_second_factor import SECRET, code, shown_secret
from tests.audit_acts.recipe import Sent, act, fresh
from tests.world import PASSWORD, World


@act("account_login", "", "account.signed_in", again=True)
def account_login(world: World, client: Client) -> Sent:
    return Sent(reverse("account_login"), {"login": world.users["nobody"].username, "password": PASSWORD})


@act("account_login", "", "account.sign_in_failed", again=True)
def failed(world: World, client: Client) -> Sent:
    return Sent(reverse("account_login"), {"login": world.users["nobody"].username, "password": "wrong"})


@act("account_logout", "nobody", "account.signed_out")
def account_logout(world: World, client: Client) -> Sent:
    return Sent(reverse("account_logout"))


@act("account_change_password", "nobody", "account.password_changed")
def account_change_password(world: World, client: Client) -> Sent:
    new = "twelve-green-hills"
    return Sent(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})


@act("account_create_one", "township_admin", "account.opened")
def account_create_one(world: World, client: Client) -> Sent:
    return Sent(reverse("account_create_one", args=[newcomer(world).pk]), fresh())


@act("account_reset", "township_admin", "account.password_reset")
def account_reset(world: World, client: Client) -> Sent:
    return Sent(reverse("account_reset", args=[world.cadre("nobody").pk]), fresh())


@act("account_active", "township_admin", "account.closed")
def closing(world: World, client: Client) -> Sent:
    return Sent(reverse("account_active", args=[world.cadre("nobody").pk]), {"active": "0"})


@act("account_active", "township_admin", "account.reopened")
def reopening(world: World, client: Client) -> Sent:
    user = world.users["nobody"]
    user.is_active = False
    user.save()
    return Sent(reverse("account_active", args=[world.cadre("nobody").pk]), {"active": "1"})


@act("account_sheet", "township_admin", "account.opened")
def account_sheet(world: World, client: Client) -> Sent:
    newcomer(world)
    return Sent(reverse("account_sheet"), fresh(act="open", home=f"township-{world.township.pk}"))


@act("mfa_authenticate", "", "account.signed_in")
def mfa_authenticate(world: World, client: Client) -> Sent:
    second_factor.turn_on(world.users["nobody"], SECRET, counter=0)
    client.post(reverse("account_login"), account_login(world, client).data)
    return Sent(reverse("mfa_authenticate"), {"code": code()})


@act("second_factor", "nobody", "account.second_factor_on")
def turning_on(world: World, client: Client) -> Sent:
    page = client.get(reverse("second_factor")).content.decode()
    return Sent(reverse("second_factor"), {"code": code(shown_secret(page)), "password": PASSWORD})


@act("recovery_codes", "nobody", "account.recovery_codes_renewed", again=True)
def recovery_codes(world: World, client: Client) -> Sent:
    second_factor.turn_on(world.users["nobody"], SECRET, counter=0)
    return Sent(reverse("recovery_codes"), {"password": PASSWORD})


@act("second_factor_off", "nobody", "account.second_factor_off")
def second_factor_off(world: World, client: Client) -> Sent:
    second_factor.turn_on(world.users["nobody"], SECRET, counter=0)
    return Sent(reverse("second_factor_off"), {"password": PASSWORD})


@act("account_second_factor", "township_admin", "account.second_factor_reset")
def account_second_factor(world: World, client: Client) -> Sent:
    second_factor.turn_on(world.users["nobody"], SECRET, counter=0)
    return Sent(reverse("account_second_factor", args=[world.cadre("nobody").pk]))


@act("session_end", "nobody", "account.sessions_ended")
def session_end(world: World, client: Client) -> Sent:
    return Sent(reverse("session_end"), {"session": another_session(world)})


@act("session_end_others", "nobody", "account.sessions_ended")
def session_end_others(world: World, client: Client) -> Sent:
    another_session(world)
    return Sent(reverse("session_end_others"))


@act("account_sign_out", "township_admin", "account.sessions_ended")
def account_sign_out(world: World, client: Client) -> Sent:
    another_session(world)
    return Sent(reverse("account_sign_out", args=[world.cadre("nobody").pk]))


@act("account_unlock", "township_admin", "account.unlocked")
def account_unlock(world: World, client: Client) -> Sent:
    for _n in range(12):
        Client().post(reverse("account_login"), failed(world, client).data)
    return Sent(reverse("account_unlock", args=[world.cadre("nobody").pk]))


def another_session(world: World) -> str:
    """Signed in on one more device."""
    device = Client()
    device.force_login(world.users["nobody"])
    return fingerprint(device.session.session_key)


def newcomer(world: World) -> Cadre:
    return Cadre.objects.create(county=world.county, township=world.township, cadre_no="K9001", name="康美新人")
