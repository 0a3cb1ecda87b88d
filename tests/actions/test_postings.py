"""Postings: nobody gives more than they may, nowhere but at home; none ends while something would be ownerless."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from ledger.actions import postings
from ledger.actions.accounts import reset_password
from ledger.actions.substitutions import appoint
from ledger.models import AuditRow, Issue, Posting
from ledger.models.scope import forget_scope, scope_of
from ledger.queries.postings import grantable_roles, manageable_cadres
from ledger.rules.days import local_today
from ledger.rules.issues import State
from ledger.rules.permissions import GRANTABLE, Permission, Role
from tests.world import World, deferred, post

DAY = datetime.date(2026, 1, 1)
COUNTY_ROLES = {"county_admin", "county_desk", "county_leader"}


def grant(world: World, key: str, role: str, place: Any, cadre: str = "nobody", **days: Any) -> list[Posting]:
    return postings.grant(
        by=world.users[key], cadre=world.cadre(cadre), role=role, territories=[place],
        start_on=days.pop("start_on", DAY), **days,
    )  # fmt: skip


def test_a_posting_is_given_and_on_the_trail(world: World) -> None:
    village = world.villages["城垵"]
    made = grant(world, "township_admin", Role.VILLAGE_CADRE, village)[0]
    row = AuditRow.objects.get(verb="posting.granted")
    assert (row.object_id, row.township_id, row.detail["role"]) == (made.pk, world.township.pk, "village_cadre")
    user = world.users["nobody"]
    forget_scope(user)
    assert scope_of(user).holds(Role.VILLAGE_CADRE)


@pytest.mark.parametrize("role", sorted(COUNTY_ROLES | {Role.TOWNSHIP_LEADER}))
def test_nobody_grants_a_role_above_their_own(world: World, role: str) -> None:
    with pytest.raises(PermissionDenied):
        grant(world, "township_admin", role, world.county if role in COUNTY_ROLES else world.township)
    assert not world.cadre("nobody").postings.exists()
    assert role not in grantable_roles(world.users["township_admin"])


@pytest.mark.parametrize("key", ["county_admin", "township_admin"])
def test_nobody_gives_a_posting_to_themselves(world: World, key: str) -> None:
    before = Posting.objects.count()
    with pytest.raises(ValidationError) as refused:
        grant(world, key, Role.VISITOR, world.villages["城垵"], cadre=key)
    assert refused.value.code == "oneself"
    assert Posting.objects.count() == before


def test_the_county_appoints_a_township_s_leaders(world: World) -> None:
    grant(world, "county_admin", Role.TOWNSHIP_LEADER, world.township)
    # From then on the account is the county's to manage: a new password would be a key to what the leader may do.
    assert world.cadre("nobody") not in manageable_cadres(world.users["township_admin"])
    assert world.cadre("nobody") in manageable_cadres(world.users["county_admin"])


def test_the_inspector_of_a_township_is_appointed_by_the_county(world: World) -> None:
    with pytest.raises(PermissionDenied):
        grant(world, "township_admin", Role.INSPECTOR, world.township)
    grant(world, "county_admin", Role.INSPECTOR, world.township)


@pytest.mark.parametrize("key", ["township_leader", "county_leader", "district_secretary", "household_cadre", "nobody"])
def test_who_appoints_nobody_gives_nothing(world: World, key: str) -> None:
    with pytest.raises(PermissionDenied):
        grant(world, key, Role.VISITOR, world.villages["城垵"], "village_official@城垵")


def test_a_township_admin_appoints_at_home_only(world: World) -> None:
    elsewhere = world.villages["前楼"]
    for role, place in ((Role.VILLAGE_CADRE, elsewhere), (Role.TOWNSHIP_DESK, world.other_township)):
        with pytest.raises(PermissionDenied):
            grant(world, "township_admin", role, place)
    with pytest.raises(PermissionDenied):
        grant(world, "township_admin", Role.VILLAGE_CADRE, world.villages["城垵"], "village_cadre@前楼")
    assert not world.cadre("nobody").postings.exists()


def test_another_county_is_out_of_reach(world: World) -> None:
    with pytest.raises(ValidationError):
        grant(world, "county_admin", Role.VILLAGE_CADRE, world.villages["六龙"])
    with pytest.raises(PermissionDenied):
        grant(world, "county_admin", Role.VILLAGE_CADRE, world.villages["六龙"], "village_official@六龙")


def test_a_role_is_held_over_its_own_kind_of_place(world: World) -> None:
    with pytest.raises(ValidationError):
        grant(world, "county_admin", Role.VILLAGE_CADRE, world.township)


@pytest.mark.parametrize(
    ("start", "end", "clashes"),
    [
        (datetime.date(2025, 6, 1), None, True),
        (datetime.date(2024, 1, 1), datetime.date(2025, 1, 1), False),
        (datetime.date(2024, 1, 1), datetime.date(2025, 1, 2), True),
    ],
)
def test_the_same_posting_twice_at_one_time_is_a_slip(world: World, start: Any, end: Any, clashes: bool) -> None:
    holder, village = "village_cadre@城垵", world.villages["城垵"]  # held since 2025-01-01
    before = Posting.objects.count()
    if clashes:
        with pytest.raises(ValidationError):
            grant(world, "township_admin", Role.VILLAGE_CADRE, village, holder, start_on=start, end_on=end)
    else:
        grant(world, "township_admin", Role.VILLAGE_CADRE, village, holder, start_on=start, end_on=end)
    assert Posting.objects.count() == before + (not clashes)


def end(world: World, key: str, posting: Posting, on: datetime.date = DAY) -> None:
    postings.end(by=world.users[key], posting=posting, end_on=on)


def test_ending_takes_effect_at_once_and_only_once(world: World) -> None:
    posting = world.cadre("visitor@城垵").postings.get()
    end(world, "township_admin", posting)
    posting.refresh_from_db()
    assert posting.end_on == DAY
    with pytest.raises(ValidationError):
        end(world, "township_admin", posting)
    assert AuditRow.objects.filter(verb="posting.ended").count() == 1


def test_households_keep_their_cadre_in_office(world: World) -> None:
    cadre = world.cadre("household_cadre@城垵")
    posting = cadre.postings.get()
    with pytest.raises(ValidationError) as refusal:
        end(world, "township_admin", posting)
    assert "2" in refusal.value.messages[0], "two households are assigned"
    cadre.households.update(cadre=world.cadre("household_cadre@马銮"))
    end(world, "township_admin", posting)


@pytest.mark.parametrize("state", [State.ASSIGNED, State.IN_PROGRESS, State.DEFERRED, State.RESOLVED])
def test_open_issues_keep_their_handler_in_office(world: World, state: str) -> None:
    cadre = world.cadre("village_official@城垵")
    fields = deferred() if state == State.DEFERRED else {"state": state}
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(**fields, handler=cadre)
    posting = cadre.postings.get()
    with pytest.raises(ValidationError):
        end(world, "township_admin", posting)
    posting.refresh_from_db()
    assert posting.end_on is None
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(state=State.VOID, deferred_until=None)
    end(world, "township_admin", posting)


def test_another_posting_over_the_same_place_lets_go(world: World) -> None:
    cadre, village = world.cadre("village_official@城垵"), world.villages["城垵"]
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(state=State.ASSIGNED, handler=cadre)
    old = cadre.postings.get()
    elsewhere = post(cadre, Role.VILLAGE_CADRE, village=world.villages["东沈"])
    with pytest.raises(ValidationError):
        end(world, "township_admin", old)
    Posting.objects.filter(pk=elsewhere.pk).update(village=village)
    end(world, "township_admin", old)


def test_a_unit_s_last_handler_stays_while_issues_wait(world: World) -> None:
    unit = world.organisations["村镇建设办"]
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(state=State.ASSIGNED, lead_organisation=unit)
    posting = world.cadre("department_handler").postings.get()
    with pytest.raises(ValidationError):
        end(world, "township_admin", posting)
    post(world.cadre("nobody"), Role.DEPARTMENT_HANDLER, organisation=unit)
    end(world, "township_admin", posting)


def test_the_last_county_admin_stays(world: World) -> None:
    posting = world.cadre("county_admin").postings.get()
    with pytest.raises(ValidationError):
        end(world, "county_admin", posting)
    other = world.cadre("county_leader")
    post(other, Role.COUNTY_ADMIN, county=world.county)
    other.user.is_active = False  # type: ignore[union-attr]
    other.user.save()  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        end(world, "county_admin", posting)
    other.user.is_active = True  # type: ignore[union-attr]
    other.user.save()  # type: ignore[union-attr]
    end(world, "county_admin", posting)


@pytest.mark.parametrize("key", ["county_desk", "visitor@前楼", "visitor@六龙", "inspector"])
def test_a_township_admin_ends_only_what_they_could_have_given(world: World, key: str) -> None:
    posting = world.cadre(key).postings.get()
    with pytest.raises(PermissionDenied):
        end(world, "township_admin", posting)
    posting.refresh_from_db()
    assert posting.end_on is None


def test_manageable_cadres_are_exactly_those_without_a_higher_or_outer_posting(world: World) -> None:
    admin = world.users["township_admin"]
    home = set(world.township.cadres.values_list("name", flat=True))
    above = {world.cadre(key).name for key in ("inspector", "township_leader")}
    assert set(manageable_cadres(admin).values_list("name", flat=True)) == home - above
    tied = world.cadre("village_cadre@城垵")
    post(tied, Role.VISITOR, village=world.villages["前楼"])
    assert tied not in manageable_cadres(admin)
    Posting.objects.filter(cadre=tied, role=Role.VISITOR).update(end_on=datetime.date(2025, 3, 1))
    assert tied in manageable_cadres(admin)


def test_who_stands_in_for_somebody_above_is_nobody_s_to_take_over(world: World) -> None:
    """A new password for the substitute would be one for the leader; the postings of both stay as they were."""
    admin, desk = world.users["township_admin"], world.cadre("village_cadre@城垵")
    day = datetime.timedelta(days=1)
    days: Any = {"start_on": local_today() + 3 * day, "last_on": local_today() + 9 * day, "reason": "学习"}
    key = "household_cadre@马銮"
    appoint(by=world.users[key], absent=world.cadre(key), substitute=desk, **days)
    assert desk in manageable_cadres(admin)
    leave = appoint(
        by=world.users["township_leader"], absent=world.cadre("township_leader"), substitute=desk, **days
    )  # fmt: skip
    assert desk not in manageable_cadres(admin)
    assert desk in manageable_cadres(world.users["county_admin"])
    assert desk in manageable_cadres(admin, Permission.MANAGE_POSTINGS)
    before, rows = User.objects.get(pk=desk.user_id).password, AuditRow.objects.count()
    with pytest.raises(PermissionDenied):
        reset_password(by=admin, cadre=desk)
    assert (User.objects.get(pk=desk.user_id).password, AuditRow.objects.count()) == (before, rows)
    type(leave).objects.filter(pk=leave.pk).update(start_on=local_today() - 9 * day, end_on=local_today())
    assert desk in manageable_cadres(admin)


def test_nobody_s_grants_reach_above_their_own_role() -> None:
    assert GRANTABLE[Role.TOWNSHIP_ADMIN].isdisjoint(COUNTY_ROLES | {Role.INSPECTOR, Role.TOWNSHIP_LEADER})
    assert set(GRANTABLE) == {Role.COUNTY_ADMIN, Role.TOWNSHIP_ADMIN}
