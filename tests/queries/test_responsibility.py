"""Who answers for an issue, on the day that counts."""

import datetime
from typing import Any

import pytest

from ledger.models import Assignment, Cadre, Issue, LinkKind, Posting, VillageLink
from ledger.queries.responsibility import responsibility
from ledger.rules.days import local_today
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Role
from tests.issue_chain import advance, raise_issue
from tests.world import START, World, make_cadre, post

DAY = datetime.timedelta(days=1)


def link(world: World, kind: str, who: Cadre, start: datetime.date = START, end: Any = None) -> None:
    rows = [VillageLink(village=world.villages["城垵"], kind=kind, cadre=who, start_on=start, end_on=end)]
    VillageLink.objects.bulk_create(rows)


def names(issue: Issue) -> list[list[str]]:
    fresh = Issue.objects.select_related("village", "handler", "resolved_by", "lead_organisation").get(pk=issue.pk)
    return [[person.name for person in place.people] for place in responsibility(fresh).places]


@pytest.fixture
def linked(world: World) -> World:
    link(world, LinkKind.COUNTY_LEADER, world.cadre("county_leader"))
    link(world, LinkKind.TOWNSHIP_LEADER, world.cadre("township_leader"))
    foreign = [VillageLink(village=world.villages["马銮"], kind=LinkKind.COUNTY_LEADER, start_on=START,
                           cadre=world.cadre("county_desk"))]  # fmt: skip
    VillageLink.objects.bulk_create(foreign)
    return world


def test_the_whole_chain_of_an_open_matter(linked: World, django_assert_num_queries: Any) -> None:
    world = linked
    issue = advance(world, State.IN_PROGRESS)
    keys = ("county_leader", "township_leader", "district_secretary", "village_cadre", "household_cadre",
            "department_handler")  # fmt: skip
    assert names(issue) == [[world.cadre(key).name] for key in keys]
    issue = Issue.objects.select_related("village", "handler", "resolved_by", "lead_organisation").get(pk=issue.pk)
    with django_assert_num_queries(3):
        chain = responsibility(issue)
    assert (chain.day, chain.is_today, chain.places[-1].unit) == (local_today(), True, "村镇建设办")


def test_a_gap_is_shown_as_one(world: World) -> None:
    Posting.objects.filter(role=Role.VILLAGE_CADRE).update(end_on=local_today())
    issue = advance(world, State.REGISTERED)
    assert names(issue) == [
        [], [], [world.cadre("district_secretary").name], [], [world.cadre("household_cadre").name], [],
    ]  # fmt: skip


def test_whom_a_complaint_is_about_answers_for_none_of_it(linked: World) -> None:
    about = linked.cadre("village_cadre")
    complaint = raise_issue(linked, kind=IssueKind.COMPLAINT, about_cadre=about)
    other = raise_issue(linked, kind=IssueKind.COMPLAINT, about_cadre=linked.cadre("village_official"))
    assert names(complaint)[3] == []
    assert [place.stands_aside for place in responsibility(complaint).places] == [False] * 3 + [True, False, False]
    assert names(other)[3] == [about.name]
    assert not any(place.stands_aside for place in responsibility(other).places)


def test_a_resolved_matter_keeps_those_of_its_day(linked: World) -> None:
    world, today = linked, local_today()
    issue = advance(world, State.RESOLVED)
    then = names(issue)
    Issue.objects.filter(pk=issue.pk).update(resolved_at=issue.resolved_at - 30 * DAY)
    newcomer = make_cadre(world.township, "新来的", world.county)
    VillageLink.objects.filter(kind=LinkKind.TOWNSHIP_LEADER).update(end_on=today - 10 * DAY)
    link(world, LinkKind.TOWNSHIP_LEADER, newcomer, today - 10 * DAY)
    Posting.objects.filter(role=Role.DISTRICT_SECRETARY, district=world.east).update(end_on=today - 10 * DAY)
    post(newcomer, Role.DISTRICT_SECRETARY, today - 10 * DAY, district=world.east)
    Assignment.objects.filter(household_id=issue.household_id).update(end_on=today - 10 * DAY)
    Assignment.objects.bulk_create(
        [Assignment(household_id=issue.household_id, cadre=newcomer, start_on=today - 10 * DAY)]
    )
    assert names(issue) == then
    open_one = advance(world, State.REGISTERED)
    assert [names(open_one)[place] for place in (1, 2, 4)] == [["新来的"]] * 3


def test_the_handler_is_the_person_who_resolved_it(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    assert names(issue)[-1] == [world.cadre("department_handler").name]
    assert [len(place) for place in names(world.issues["前楼"])][-1] == 0
