"""Accounts: opened once, passwords never kept in clear, nobody above oneself, never without a county admin."""

import uuid
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.models import User
from ledger.actions import accounts
from ledger.models import AuditRow, Cadre
from ledger.rules.permissions import Role
from tests.world import PASSWORD, World, post


@pytest.fixture
def newcomer(world: World) -> Cadre:
    return Cadre.objects.create(
        county=world.county, township=world.township, cadre_no="N001", name="新来的", phone="13800002222"
    )


def test_an_account_signs_in_by_number_or_mobile_and_must_choose(world: World, newcomer: Cadre) -> None:
    slip = accounts.open_account(by=world.users["township_admin"], cadre=newcomer)
    newcomer.refresh_from_db()
    user = newcomer.user
    assert user is not None
    assert (user.username, user.mobile, user.must_change_password) == ("N001", "13800002222", True)
    assert user.check_password(slip.password)
    row = AuditRow.objects.get(verb="account.opened")
    assert slip.password not in str(vars(row))
    assert not User.objects.filter(password__contains=slip.password).exists()


def test_opening_twice_makes_one_account(world: World, newcomer: Cadre) -> None:
    admin = world.users["township_admin"]
    accounts.open_account(by=admin, cadre=newcomer)
    before = User.objects.count()
    with pytest.raises(ValidationError):
        accounts.open_account(by=admin, cadre=newcomer)
    assert User.objects.count() == before
    assert AuditRow.objects.filter(verb="account.opened").count() == 1


def test_the_same_form_makes_passwords_once(world: World, newcomer: Cadre) -> None:
    admin, client_id = world.users["township_admin"], uuid.uuid4()
    slip = accounts.open_accounts(by=admin, cadres=[newcomer], client_id=client_id)[0]
    with pytest.raises(accounts.ShownBefore):
        accounts.open_accounts(by=admin, cadres=[], client_id=client_id)
    newcomer.refresh_from_db()
    again = uuid.uuid4()
    first = accounts.reset_password(by=admin, cadre=newcomer, client_id=again)
    with pytest.raises(accounts.ShownBefore):
        accounts.reset_password(by=admin, cadre=newcomer, client_id=again)
    user = User.objects.get(username="N001")
    assert user.check_password(first.password)
    assert not user.check_password(slip.password)


def test_one_that_cannot_be_opened_does_not_stop_the_others(world: World, newcomer: Cadre) -> None:
    taken = Cadre.objects.create(
        county=world.other_county, township=world.far_township, cadre_no="n001", name="同号的人"
    )
    accounts.open_account(by="system", cadre=newcomer)
    other = Cadre.objects.create(county=world.other_county, township=world.far_township, cadre_no="N002", name="另一个")
    slips = accounts.open_accounts(by="system", cadres=[taken, other])
    assert [bool(slip.password) for slip in slips] == [False, True]
    assert slips[0].fault
    taken.refresh_from_db()
    assert taken.user is None


def test_a_shared_mobile_is_left_out(world: World, newcomer: Cadre) -> None:
    second = Cadre.objects.create(
        county=world.county, township=world.township, cadre_no="N002", name="共用手机", phone=newcomer.phone
    )
    slips = accounts.open_accounts(by=world.users["township_admin"], cadres=[newcomer, second])
    assert [slip.mobile for slip in slips] == ["13800002222", ""]


@pytest.mark.parametrize("key", ["county_admin", "county_desk", "county_leader", "inspector", "village_cadre@前楼"])
def test_nobody_manages_an_account_above_or_outside(world: World, key: str) -> None:
    """A new password would be a way into more than one's own."""
    admin, victim = world.users["township_admin"], world.cadre(key)
    for act in (accounts.reset_password, accounts.open_account):
        with pytest.raises(PermissionDenied):
            act(by=admin, cadre=victim)
    with pytest.raises(PermissionDenied):
        accounts.set_active(by=admin, cadre=victim, active=False)
    victim.user.refresh_from_db()  # type: ignore[union-attr]
    assert victim.user.check_password(PASSWORD)  # type: ignore[union-attr]
    assert victim.user.is_active  # type: ignore[union-attr]
    assert not AuditRow.objects.exists()


def test_a_second_posting_elsewhere_puts_an_account_out_of_reach(world: World) -> None:
    cadre = world.cadre("village_cadre@城垵")
    accounts.reset_password(by=world.users["township_admin"], cadre=cadre)
    post(cadre, Role.TOWNSHIP_LEADER, township=world.other_township)
    with pytest.raises(PermissionDenied):
        accounts.reset_password(by=world.users["township_admin"], cadre=cadre)
    accounts.reset_password(by=world.users["county_admin"], cadre=cadre)


def test_a_reset_ends_the_sessions(world: World, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("village_cadre@城垵")
    assert client.get("/account/me/").status_code == 200
    accounts.reset_password(by=world.users["township_admin"], cadre=world.cadre("village_cadre@城垵"))
    assert client.get("/account/me/").status_code == 302


def test_the_last_county_admin_cannot_be_closed(world: World) -> None:
    admin = world.cadre("county_admin")
    with pytest.raises(ValidationError):
        accounts.set_active(by="system", cadre=admin, active=False)
    post(world.cadre("county_leader"), Role.COUNTY_ADMIN, county=world.county)
    accounts.set_active(by="system", cadre=admin, active=False)
    admin.user.refresh_from_db()  # type: ignore[union-attr]
    assert not admin.user.is_active  # type: ignore[union-attr]


def test_nobody_closes_or_resets_their_own(world: World) -> None:
    admin, cadre = world.users["township_admin"], world.cadre("township_admin")
    with pytest.raises(ValidationError):
        accounts.set_active(by=admin, cadre=cadre, active=False)
    with pytest.raises(ValidationError):
        accounts.reset_password(by=admin, cadre=cadre)


def test_sign_ins_are_on_the_trail_and_typed_words_are_not(world: World) -> None:
    user = world.users["village_cadre@城垵"]
    client = Client()
    client.post("/account/login/", {"login": "my-secret-password", "password": "x"})
    client.post("/account/login/", {"login": user.username, "password": "wrong"})
    client.post("/account/login/", {"login": user.username, "password": PASSWORD})
    rows = list(AuditRow.objects.order_by("pk").values_list("verb", "actor", "township_id"))
    assert rows == [
        ("account.sign_in_failed", accounts.VISITOR, None),
        ("account.sign_in_failed", accounts.VISITOR, world.township.pk),
        ("account.signed_in", user.name, world.township.pk),
    ]
    assert "my-secret-password" not in str(list(AuditRow.objects.values()))
