"""Who sees which rows: exact sets, for each role, in a world where a wrong row could leak."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from ledger.models import Cadre, Household, Issue, Organisation, Posting, Resident, Submission, Village, Visit
from ledger.models.issue_scope import capacities
from ledger.models.scope import Scope, may, scope_of, scope_q
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission, Role
from tests.world import World, make_cadre, make_issue, make_visit, post

ALL_A = {"城垵", "马銮", "东沈", "前楼"}
KANGMEI = {"城垵", "马銮", "东沈"}
EAST = {"城垵", "马銮"}

TERRITORY = {
    "county_admin": ALL_A,
    "county_desk": ALL_A,
    "county_leader": ALL_A,
    "inspector": KANGMEI,
    "township_leader": KANGMEI,
    "township_desk": KANGMEI,
    "township_admin": KANGMEI,
    "district_secretary": EAST,
    "village_cadre": {"城垵"},
    "village_official": {"城垵"},
    "visitor": {"城垵"},
    "department_handler": set(),
    "nobody": set(),
    "township_leader@前楼": {"前楼"},
}


@pytest.mark.parametrize(("key", "villages"), TERRITORY.items())
def test_households_by_territory(world: World, key: str, villages: set[str]) -> None:
    seen = set(Household.objects.visible_to(world.user(key)).values_list("pk", flat=True))
    assert seen == {h.pk for v in villages for h in world.households[v]}


def test_household_cadre_sees_own_households_only(world: World) -> None:
    seen = set(Household.objects.visible_to(world.user("household_cadre")).values_list("pk", flat=True))
    assert seen == {h.pk for h in world.households["城垵"][:2]}


@pytest.mark.parametrize(("key", "villages"), TERRITORY.items())
def test_members_and_visits_follow_their_household(world: World, key: str, villages: set[str]) -> None:
    user = world.user(key)
    residents = set(Resident.objects.visible_to(user).values_list("household_id", flat=True))
    assert residents == {h.pk for v in villages for h in world.households[v]}
    visits = set(Visit.objects.visible_to(user).values_list("pk", flat=True))
    assert visits == {world.visits[v].pk for v in villages}


SENSITIVE = {
    "county_leader": ALL_A,
    "township_leader": KANGMEI,
    "village_cadre": {"城垵"},
    # The desks above are not in charge of an issue at village level.
    "county_desk": set(),
    "township_desk": set(),
    "district_secretary": set(),
    "county_admin": set(),
    "township_admin": set(),
    "inspector": set(),
    "village_official": set(),
    "visitor": set(),
}


@pytest.mark.parametrize(("key", "villages"), SENSITIVE.items())
def test_issues_by_territory_and_sensitive_apart(world: World, key: str, villages: set[str]) -> None:
    seen = set(Issue.objects.visible_to(world.user(key)).values_list("pk", flat=True))
    assert seen == {world.issues[v].pk for v in TERRITORY[key]} | {world.issues[f"{v}-sensitive"].pk for v in villages}


def test_issue_reaches_handler_and_handling_unit_elsewhere(world: World) -> None:
    """An issue of 东沈 is seen by the unit it is given to, and by a handler of another village."""
    issue = world.issues["东沈"]
    unit_user, outsider = world.user("department_handler"), world.user("village_official")
    assert not Issue.objects.visible_to(unit_user).exists()
    Issue.objects.filter(pk=issue.pk).update(lead_organisation=world.organisations["村镇建设办"])
    assert set(Issue.objects.visible_to(unit_user)) == {issue}
    Issue.objects.filter(pk=issue.pk).update(handler=world.cadre("village_official"))
    assert issue in Issue.objects.visible_to(outsider)
    assert not Household.objects.visible_to(outsider).filter(pk=issue.household_id).exists()


def test_nobody_sees_a_complaint_about_themselves(world: World) -> None:
    leader = world.cadre("township_leader")
    complaint = make_issue(
        world.households["城垵"][0], world.cadre("household_cadre"), 300, kind="complaint", is_sensitive=True,
        about_cadre=leader,
    )  # fmt: skip
    assert not Issue.objects.visible_to(world.user("township_leader")).filter(pk=complaint.pk).exists()
    assert Issue.objects.visible_to(world.user("county_leader")).filter(pk=complaint.pk).exists()


def test_a_permission_belongs_to_the_posting_that_gives_it(world: World) -> None:
    """A leader of 康美 who visits in 前楼 leads in 康美 only."""
    leader = world.cadre("township_leader")
    post(leader, Role.VISITOR, village=world.villages["前楼"])
    user = world.user("township_leader")
    assert may(user, Permission.LOG_VISIT, world.villages["前楼"])
    assert not may(user, Permission.LEAD, world.villages["前楼"])
    assert may(user, Permission.LEAD, world.villages["城垵"])


def test_ended_and_future_postings_give_nothing(world: World) -> None:
    cadre = make_cadre(world.township, "康美来去", world.county)
    today = local_today()
    post(cadre, Role.TOWNSHIP_LEADER, end_on=today, township=world.township)
    post(cadre, Role.TOWNSHIP_DESK, start_on=today + datetime.timedelta(days=1), township=world.township)
    assert not Household.objects.visible_to(cadre.user).exists()
    assert not Issue.objects.visible_to(cadre.user).exists()
    assert not may(cadre.user, Permission.VIEW)


def test_an_assignment_alone_gives_its_household(world: World) -> None:
    cadre = world.cadre("household_cadre")
    Posting.objects.filter(cadre=cadre).update(end_on=local_today())
    user = world.user("household_cadre")
    assert set(Household.objects.visible_to(user)) == set(world.households["城垵"][:2])
    assert may(user, Permission.LOG_VISIT)


def test_disabled_and_anonymous_see_nothing(world: World) -> None:
    user = world.user("county_leader")
    user.is_active = False
    for nobody in (user, AnonymousUser(), None):
        assert not Household.objects.visible_to(nobody).exists()
        assert not Village.objects.visible_to(nobody).exists()
        assert not scope_of(nobody).territories


@pytest.mark.parametrize("model", [Organisation, Cadre, Posting, Household, Issue, Visit, Village])
@pytest.mark.parametrize("key", ["county_admin", "township_admin", "district_secretary", "village_cadre"])
def test_no_row_twice(world: World, model: Any, key: str) -> None:
    """A scope that joins to many (districts and villages of a township) would repeat its rows."""
    seen = list(model.objects.visible_to(world.user(key)).values_list("pk", flat=True))
    assert len(seen) == len(set(seen))


def test_organisations_by_territory(world: World) -> None:
    committee = Organisation.objects.create(
        county=world.county, township=world.township, village=world.villages["东沈"], name="东沈村委会", kind="village"
    )
    offices = {o for o in world.organisations.values() if o.township_id == world.township.pk}
    assert set(Organisation.objects.visible_to(world.user("district_secretary"))) == offices
    assert set(Organisation.objects.visible_to(world.user("district_secretary@西"))) == offices | {committee}
    assert set(Organisation.objects.visible_to(world.user("township_admin"))) == offices | {committee}


def test_nobody_without_posting_and_assignment_sees_what_they_once_did(world: World) -> None:
    """design.md 3: no posting and no assignment, nothing: not what one raised, handled or visited before either."""
    cadre = world.cadre("village_official")
    issue = make_issue(world.households["城垵"][0], cadre, 400, handler=cadre, state="in_progress")
    visit = make_visit(world.households["城垵"][0], cadre)
    assert Issue.objects.visible_to(world.user("village_official")).filter(pk=issue.pk).exists()
    Posting.objects.filter(cadre=cadre).update(end_on=local_today())
    user = world.user("village_official")
    assert not Issue.objects.visible_to(user).exists()
    assert not Visit.objects.visible_to(user).filter(pk=visit.pk).exists()
    assert not Cadre.objects.visible_to(user).exists()
    assert capacities(user, issue) == frozenset()


def test_who_has_left_the_service_sees_nothing(world: World) -> None:
    """Whatever postings somebody forgot to end."""
    Cadre.objects.filter(user=world.users["township_leader"]).update(left_on=local_today())
    user = world.user("township_leader")
    assert not Household.objects.visible_to(user).exists()
    assert not may(user, Permission.VIEW)


def test_the_scope_holds_every_open_posting_with_its_territory(world: World) -> None:
    """The scope is read by SQL of its own: it must agree with the models."""
    leader = world.cadre("township_leader")
    post(leader, Role.VISITOR, village=world.villages["前楼"])
    post(leader, Role.COUNTY_LEADER, end_on=local_today() + datetime.timedelta(days=1), county=world.county)
    post(leader, Role.DISTRICT_SECRETARY, end_on=local_today(), district=world.east)
    cadres = [leader, world.cadre("department_handler"), world.cadre("district_secretary"), world.cadre("nobody")]
    for cadre in cadres:
        scope = scope_of(cadre.user)
        open_now = Posting.objects.open_on(local_today()).filter(cadre=cadre)
        held = {
            (t.posting, t.role, t.county, t.township, t.district, t.village, t.organisation) for t in scope.territories
        }
        kinds = ("pk", "role", "county_id", "township_id", "district_id", "village_id", "organisation_id")
        assert held == set(open_now.values_list(*kinds))
        assert (scope.name, scope.has_households) == (cadre.name, False)
    assert scope_of(world.user("household_cadre")).has_households is True


def test_the_scope_is_read_once_by_one_query(world: World, django_assert_num_queries: Any) -> None:
    user = world.user("household_cadre")
    with django_assert_num_queries(1):
        assert may(user, Permission.VIEW)
        assert may(user, Permission.LOG_VISIT)


def test_a_model_that_names_no_parent_is_never_shown() -> None:
    with pytest.raises(TypeError, match="Submission names neither"):
        scope_q(Submission, Scope(), Permission.VIEW)
