"""A desk nobody holds passes its work to the next level up, the sensitive as well; and to nobody else."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Cadre, Issue, Posting
from ledger.models.scope import may
from ledger.queries.desk import on_desk
from ledger.rules.days import local_today
from ledger.rules.permissions import Level, Permission, Role
from tests.world import World, make_cadre, make_issue, post

ALL = (
    "county_admin", "county_desk", "county_leader", "inspector", "inspector@前楼", "township_leader",
    "township_leader@前楼", "township_desk", "township_desk@前楼", "township_admin", "district_secretary",
    "district_secretary@西", "village_cadre", "village_cadre@马銮", "village_cadre@前楼", "village_official",
    "visitor", "department_handler", "household_cadre@马銮", "nobody",
)  # fmt: skip


def vacate(world: World, role: str, **territory: Any) -> None:
    Posting.objects.filter(role=role, **territory).update(end_on=local_today())


def who_sees(world: World, issue: Issue) -> set[str]:
    return {who for who in ALL if Issue.objects.visible_to(world.user(who)).filter(pk=issue.pk).exists()}


LEADERS = {"county_leader", "township_leader"}


def test_the_next_desk_that_somebody_holds_takes_over(world: World) -> None:
    """城垵's sensitive issue climbs as one desk after the other falls vacant; its neighbours' stay where they are."""
    issue, neighbour = world.issues["城垵-sensitive"], world.issues["马銮-sensitive"]
    before = who_sees(world, neighbour)
    assert who_sees(world, issue) == LEADERS | {"village_cadre"}
    vacate(world, Role.VILLAGE_CADRE, village=world.villages["城垵"])
    assert who_sees(world, issue) == LEADERS | {"district_secretary"}
    vacate(world, Role.DISTRICT_SECRETARY, district=world.east)
    assert who_sees(world, issue) == LEADERS | {"township_desk"}
    assert who_sees(world, neighbour) == before, "its own desk is held: nobody above it"
    vacate(world, Role.TOWNSHIP_DESK, township=world.township)
    assert who_sees(world, issue) == LEADERS, "a township's leaders hold its desk too"
    vacate(world, Role.TOWNSHIP_LEADER, township=world.township)
    assert who_sees(world, issue) == {"county_leader", "county_desk"}


def test_without_a_district_it_goes_to_the_township(world: World) -> None:
    issue = world.issues["前楼-sensitive"]
    vacate(world, Role.VILLAGE_CADRE, village=world.villages["前楼"])
    assert who_sees(world, issue) == {"county_leader", "township_leader@前楼", "township_desk@前楼"}


def test_it_goes_back_with_the_next_holder(world: World) -> None:
    issue, today = world.issues["城垵-sensitive"], local_today()
    vacate(world, Role.VILLAGE_CADRE, village=world.villages["城垵"])
    later, newcomer = (make_cadre(world.township, name, world.county) for name in ("城垵后来人", "城垵新人"))
    post(later, Role.VILLAGE_CADRE, start_on=today + datetime.timedelta(days=1), village=world.villages["城垵"])
    assert "district_secretary" in who_sees(world, issue), "not before the first day"
    post(newcomer, Role.VILLAGE_CADRE, start_on=today, village=world.villages["城垵"])
    assert who_sees(world, issue) == LEADERS
    assert Issue.objects.visible_to(newcomer.user).filter(pk=issue.pk).exists()


def test_who_has_left_the_service_holds_no_desk(world: World) -> None:
    Cadre.objects.filter(pk=world.cadre("village_cadre").pk).update(left_on=local_today())
    assert who_sees(world, world.issues["城垵-sensitive"]) == LEADERS | {"district_secretary"}


def test_a_complaint_about_the_desk_passes_by_it(world: World) -> None:
    """Whoever it is about does not count as holding the desk, and sees nothing of it wherever it goes."""
    desk = world.cadre("township_desk")
    vacate(world, Role.TOWNSHIP_LEADER, township=world.township)
    complaint = make_issue(
        world.households["城垵"][0], world.cadre("household_cadre"), 300, kind="complaint", is_sensitive=True,
        about_cadre=desk, level=Level.TOWNSHIP,
    )  # fmt: skip
    assert who_sees(world, complaint) == {"county_leader", "county_desk"}
    other = make_issue(
        world.households["城垵"][0], world.cadre("household_cadre"), 301, kind="complaint", is_sensitive=True,
        about_cadre=world.cadre("village_official"), level=Level.TOWNSHIP,
    )  # fmt: skip
    assert who_sees(world, other) == {"county_leader", "township_desk"}


def test_the_desk_above_works_on_it(world: World, sign_in: Callable[[str], Client]) -> None:
    issue = world.issues["城垵-sensitive"]
    secretary = world.user("district_secretary")
    address = reverse("issue_detail", args=[issue.pk])
    assert sign_in("district_secretary").get(address).status_code == 404
    assert issue not in on_desk(secretary)
    vacate(world, Role.VILLAGE_CADRE, village=world.villages["城垵"])
    secretary = world.user("district_secretary")
    assert may(secretary, Permission.DESK, issue)
    assert issue in on_desk(secretary)
    assert sign_in("district_secretary").get(address).status_code == 200
    for outsider in ("district_secretary@西", "township_desk", "village_cadre@马銮", "inspector", "township_admin"):
        assert sign_in(outsider).get(address).status_code == 404, outsider
        assert issue.title not in sign_in(outsider).get(reverse("issue_list")).content.decode(), outsider


@pytest.mark.parametrize("vacant", [False, True])
def test_asking_costs_one_query_whoever_holds_what(world: World, django_assert_num_queries: Any, vacant: bool) -> None:
    if vacant:
        vacate(world, Role.VILLAGE_CADRE)
        vacate(world, Role.DISTRICT_SECRETARY)
    user = world.user("township_desk")
    with django_assert_num_queries(2):  # the scope, the issues
        seen = set(Issue.objects.visible_to(user))
    sensitive = {world.issues[f"{village}-sensitive"] for village in ("城垵", "马銮", "东沈")}
    assert seen & sensitive == (sensitive if vacant else set())
