"""代管: what a substitute sees and does, that each act says for whom, who may appoint, and that it ends by itself."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.actions.issues import transition
from ledger.actions.substitutions import appoint, end
from ledger.actions.visits import log_visit
from ledger.models import AuditRow, Cadre, Household, Issue, IssueStep, Notice, Posting, Substitution, Visit
from ledger.models.issue_scope import capacities
from ledger.models.scope import may, scope_of
from ledger.queries.substitutions import may_appoint
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Capacity, Step
from ledger.rules.permissions import Permission, Role
from tests.world import World, make_cadre, make_issue, post

TODAY = local_today()
DAY = datetime.timedelta(days=1)


def stand_in(
    world: World, absent: str = "household_cadre", substitute: str = "nobody", *, by: str = "township_admin",
    start_on: datetime.date = TODAY, last_on: datetime.date = TODAY + 6 * DAY,
) -> Substitution:  # fmt: skip
    return appoint(
        by=world.user(by), absent=world.cadre(absent), substitute=world.cadre(substitute), start_on=start_on,
        last_on=last_on, reason="休假",
    )  # fmt: skip


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = timezone.now() + days * DAY
    monkeypatch.setattr(timezone, "now", lambda: moment)


def seen(world: World, key: str, model: Any = Household) -> set[int]:
    return set(model.objects.visible_to(world.user(key)).values_list("pk", flat=True))


MODELS = (Household, Visit, Issue)


@pytest.mark.parametrize("absent", ["household_cadre", "village_cadre", "district_secretary", "department_handler"])
def test_a_substitute_sees_what_the_absent_one_does_from_day_to_day(
    world: World, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    expected = {model: seen(world, absent, model) for model in MODELS}
    stand_in(world, absent, start_on=TODAY + DAY, last_on=TODAY + 2 * DAY)
    assert seen(world, "nobody") == set()
    later(monkeypatch, 1)
    assert {model: seen(world, "nobody", model) for model in MODELS} == expected
    later(monkeypatch, 1)
    assert {model: seen(world, "nobody", model) for model in MODELS} == expected
    later(monkeypatch, 1)
    assert {model: seen(world, "nobody", model) for model in MODELS} == {model: set() for model in MODELS}
    assert scope_of(world.user("nobody")).cadre_id is None


def test_what_is_the_substitutes_own_stays_beside_it(world: World) -> None:
    own = seen(world, "village_official@马銮")
    both = own | seen(world, "household_cadre")
    stand_in(world, substitute="village_official@马銮")
    assert seen(world, "village_official@马銮") == both
    assert may(world.user("village_official@马銮"), Permission.CALL_OWN, world.households["城垵"][0])
    assert not may(world.user("village_official@马銮"), Permission.CALL_OWN, world.households["马銮"][0])


def test_what_is_the_absent_ones_alone_stays_theirs(world: World) -> None:
    Notice.objects.create(
        cadre=world.cadre("household_cadre"), sort="digest", mark="x", at=timezone.now(), rings_at=timezone.now()
    )
    stand_in(world)
    assert seen(world, "nobody", Notice) == set()


def test_nobody_sees_a_complaint_about_whom_they_stand_in_for(world: World) -> None:
    complaint = make_issue(
        world.households["城垵"][2], world.cadre("village_official"), 900, kind="complaint", is_sensitive=True,
        about_cadre=world.cadre("village_cadre"),
    )  # fmt: skip
    assert complaint.pk not in seen(world, "village_cadre", Issue)
    stand_in(world, "village_cadre")
    assert complaint.pk not in seen(world, "nobody", Issue)
    assert capacities(world.user("nobody"), complaint) == frozenset()


def test_a_step_and_its_audit_row_say_for_whom(world: World) -> None:
    absent = world.cadre("household_cadre")
    issue = make_issue(
        world.households["城垵"][0], world.cadre("village_cadre"), 901, state="in_progress", handler=absent,
        assigned_at=timezone.now(), due_on=TODAY,
    )  # fmt: skip
    stand_in(world)
    transition(by=world.user("nobody"), issue=issue, step=Step.PROGRESS, version=1, data={"text": "去看过了"})
    step = IssueStep.objects.latest("pk")
    assert (step.by, step.acting_for) == (world.cadre("nobody"), absent)
    row = AuditRow.objects.latest("pk")
    assert (row.verb, row.actor, row.acting_for) == ("issue.progress", "康美无任职", absent.name)


def test_a_visit_is_recorded_for_the_absent_one(world: World) -> None:
    stand_in(world)
    household = Household.objects.select_related("village__township").get(pk=world.households["城垵"][0].pk)
    data = {"kind": "household", "result": "met", "occurred_on": TODAY, "household": household}
    log_visit(by=world.user("nobody"), data=data)
    row = AuditRow.objects.filter(verb="visit.logged").get()
    assert (row.actor, row.acting_for) == ("康美无任职", world.cadre("household_cadre").name)
    assert Visit.objects.latest("pk").lead == world.cadre("nobody")


def test_an_own_act_is_nobody_elses(world: World) -> None:
    """Who may do it anyway acts for themselves, also while standing in."""
    stand_in(world, substitute="village_cadre")
    household = Household.objects.select_related("village__township").get(pk=world.households["城垵"][2].pk)
    data = {"kind": "household", "result": "met", "occurred_on": TODAY, "household": household}
    log_visit(by=world.user("village_cadre"), data=data)
    assert AuditRow.objects.filter(verb="visit.logged").get().acting_for == ""


def test_who_resolved_it_does_not_call_back_through_the_substitute(world: World) -> None:
    absent = world.cadre("household_cadre")
    issue = make_issue(
        world.households["城垵"][0], world.cadre("village_cadre"), 902, state="resolved", handler=absent,
        resolved_by=absent, resolved_at=timezone.now(),
    )  # fmt: skip
    stand_in(world, substitute="village_cadre")
    assert Capacity.RESOLVER in capacities(world.user("village_cadre"), issue)


def test_a_new_matter_is_told_to_who_stands_in_too(world: World) -> None:
    stand_in(world)
    issue = make_issue(world.households["城垵"][0], world.cadre("village_cadre"), 903)
    transition(
        by=world.user("village_cadre"), issue=issue, step=Step.ASSIGN, version=1,
        data={"assignee": world.cadre("household_cadre"), "due_on": TODAY + 5 * DAY},
    )  # fmt: skip
    told = set(Notice.objects.filter(issue=issue, sort="assigned").values_list("cadre", flat=True))
    assert told == {world.cadre("household_cadre").pk, world.cadre("nobody").pk}


@pytest.mark.parametrize(
    ("absent", "substitute", "by"),
    [
        ("household_cadre", "household_cadre", "township_admin"),  # for themselves
        ("household_cadre", "township_admin", "township_admin"),  # an administrator gives it to themselves
        ("household_cadre", "household_cadre@前楼", "township_admin"),  # from another township
        ("household_cadre", "household_cadre@六龙", "township_admin"),  # from another county
        ("household_cadre", "county_desk", "township_admin"),  # of the county
    ],
)
def test_who_can_not_stand_in(world: World, absent: str, substitute: str, by: str) -> None:
    with pytest.raises(ValidationError):
        stand_in(world, absent, substitute, by=by)
    assert not Substitution.objects.exists()


def test_who_has_left_or_cannot_sign_in_does_not_stand_in(world: World) -> None:
    User.objects.filter(pk=world.users["nobody"].pk).update(is_active=False)
    with pytest.raises(ValidationError):
        stand_in(world)
    Cadre.objects.filter(pk=world.cadre("visitor").pk).update(left_on=TODAY)
    with pytest.raises(ValidationError):
        stand_in(world, substitute="visitor")


@pytest.mark.parametrize(
    ("by", "absent", "may_do"),
    [
        ("township_admin", "household_cadre", True), ("county_admin", "household_cadre", True),
        ("township_admin@前楼", "household_cadre", False), ("village_cadre", "household_cadre", False),
        ("township_leader", "household_cadre", False), ("household_cadre", "household_cadre", True),
        ("township_leader", "township_leader", True), ("township_admin", "township_leader", False),
        ("township_admin", "township_admin", False), ("county_admin", "township_admin", True),
        ("nobody", "nobody", False), ("visitor", "household_cadre", False),
    ],
)  # fmt: skip
def test_who_appoints(world: World, by: str, absent: str, may_do: bool) -> None:
    assert may_appoint(world.user(by), world.cadre(absent)) == may_do
    if not may_do:
        with pytest.raises(PermissionDenied):
            stand_in(world, absent, "visitor", by=by)
        assert not Substitution.objects.exists()


def test_there_are_no_chains(world: World) -> None:
    stand_in(world, "household_cadre", "visitor")
    for absent, substitute in (
        ("visitor", "nobody"),  # who stands in goes on leave
        ("village_cadre", "household_cadre"),  # who is on leave would stand in
        ("household_cadre", "nobody"),  # a second one
    ):
        with pytest.raises(ValidationError):
            stand_in(world, absent, substitute)
    stand_in(world, "visitor", "nobody", start_on=TODAY + 7 * DAY, last_on=TODAY + 8 * DAY)
    assert Substitution.objects.count() == 2


def test_rights_of_an_absent_one_are_not_passed_on(world: World) -> None:
    """Were there a chain in the table all the same, the second link would have nothing of the first."""
    stand_in(world, "household_cadre", "visitor")
    Substitution.objects.create(
        absent=world.cadre("visitor"), substitute=world.cadre("nobody"), start_on=TODAY, end_on=TODAY + DAY,
        reason="x", appointed_by=world.users["township_admin"], appointed_at=timezone.now(),
    )  # fmt: skip
    Posting.objects.filter(cadre=world.cadre("visitor")).update(end_on=TODAY)
    assert seen(world, "nobody") == set()


@pytest.mark.parametrize(
    ("start", "last"), [(-1, 3), (3, 2), (0, 400)], ids=["in the past", "before it begins", "beyond a year"]
)
def test_days_that_do_not_fit(world: World, start: int, last: int) -> None:
    with pytest.raises(ValidationError):
        stand_in(world, start_on=TODAY + start * DAY, last_on=TODAY + last * DAY)
    assert not Substitution.objects.exists()


def test_who_is_back_early_ends_it(world: World) -> None:
    made = stand_in(world)
    for stranger in ("nobody", "village_cadre", "township_admin@前楼"):
        with pytest.raises(PermissionDenied):
            end(by=world.user(stranger), substitution=made)
    assert end(by=world.user("household_cadre"), substitution=made)
    assert seen(world, "nobody") == set()
    assert not end(by=world.user("household_cadre"), substitution=made)
    rows = AuditRow.objects.filter(verb__startswith="substitution.").order_by("pk")
    assert [row.verb for row in rows] == ["substitution.appointed", "substitution.ended"]


def test_one_that_has_not_begun_never_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = stand_in(world, start_on=TODAY + DAY)
    assert end(by=world.user("township_admin"), substitution=made)
    later(monkeypatch, 1)
    assert seen(world, "nobody") == set()
    stand_in(world, start_on=TODAY + DAY)


def test_the_roles_of_the_absent_one_ask_for_what_they_ask_of_them(world: World) -> None:
    """A role that must have a second factor must have it also for who stands in."""
    stand_in(world, "township_admin", "village_official", by="county_admin")
    assert scope_of(world.user("village_official")).holds(Role.TOWNSHIP_ADMIN)


def test_every_page_says_for_whom_one_stands_in(world: World, sign_in: Callable[[str], Client]) -> None:
    stand_in(world)
    page = sign_in("nobody").get("/today/")
    assert page.status_code == 200
    assert f"您正在代{world.cadre('household_cadre').name}" in page.content.decode()
    assert "您正在代" not in sign_in("household_cadre").get("/today/").content.decode()


def test_the_pages(world: World, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("household_cadre")
    form = client.get("/substitutes/new/").context["form"]
    offered = set(form.fields["substitute"].queryset.values_list("pk", flat=True))
    assert world.cadre("village_official").pk in offered
    assert not offered & {world.cadre(key).pk for key in ("household_cadre", "visitor@前楼", "county_desk")}
    sent = {
        "client_id": form["client_id"].value(), "substitute": world.cadre("village_official").pk, "reason": "病假",
        "start_on": TODAY.isoformat(), "last_on": (TODAY + DAY).isoformat(),
    }  # fmt: skip
    assert client.post("/substitutes/new/", sent).status_code == 302
    assert client.post("/substitutes/new/", sent).status_code == 302
    made = Substitution.objects.get()
    assert made.end_on == TODAY + 2 * DAY
    assert "病假" in sign_in("village_official").get("/substitutes/").content.decode()
    assert "病假" not in sign_in("visitor").get("/substitutes/").content.decode()
    assert sign_in("visitor").post(f"/substitutes/{made.pk}/end/").status_code == 404
    assert sign_in("village_official").post(f"/substitutes/{made.pk}/end/").status_code == 403
    assert sign_in("township_admin").get(f"/substitutes/new/?cadre={world.cadre('visitor@前楼').pk}").status_code == 404
    assert sign_in("township_admin").get("/substitutes/new/").status_code == 403
    assert sign_in("nobody").get("/substitutes/new/").status_code == 403


def test_a_list_of_many_costs_as_much_as_one_of_few(
    world: World, sign_in: Callable[[str], Client], django_assert_num_queries: Any
) -> None:
    client = sign_in("township_admin")

    def add(count: int) -> None:
        for number in range(count):
            away = make_cadre(world.township, f"休{number}", world.county)
            post(away, Role.VISITOR, village=world.villages["城垵"])
            stands_in = make_cadre(world.township, f"代{number}", world.county)
            appoint(by=world.user("township_admin"), absent=away, substitute=stands_in, start_on=TODAY,
                    last_on=TODAY + DAY, reason="假")  # fmt: skip

    add(1)
    client.get("/substitutes/")
    with django_assert_num_queries(7):
        client.get("/substitutes/")
    add(3)
    with django_assert_num_queries(7):
        client.get("/substitutes/")
