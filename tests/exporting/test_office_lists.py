"""Enterprises, hand-overs, substitutes and gaps taken out: the rows of their pages, and no neighbour's."""

import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from ledger.models import Assignment, Enterprise, HandOver, HandOverRow, Household, Substitution, Visit
from ledger.rules.days import local_today
from ledger.rules.gaps import Gap
from tests.exporting.test_waiting_lists import cells
from tests.views.issue_pages import SignIn
from tests.world import World, make_cadre, make_household, make_visit, post

TODAY = local_today()
DAY = datetime.timedelta(days=1)


def test_enterprises_with_what_was_done_there(world: World) -> None:
    for name, key in (("石材厂", "城垵"), ("水产公司", "马銮"), ("木材厂", "前楼")):
        firm = Enterprise.objects.create(village=world.villages[key], name=name, contact="陈总", phone="13812345678")
        for back in (3, 1):
            visit = make_visit(world.households[key][0], world.cadre("village_cadre"), occurred_on=TODAY - back * DAY)
            Visit.objects.filter(pk=visit.pk).update(household=None, kind="enterprise", enterprise=firm)
        Visit.objects.filter(pk=visit.pk).update(
            voided_at=timezone.now(), voided_by=world.users["township_desk"], void_reason="误登"
        )
    day = (TODAY - 3 * DAY).isoformat()
    assert cells(world, "enterprises", "village_cadre", 3, 4, 6, 7) == [("石材厂", "陈总", 1, day)]
    assert cells(world, "enterprises", "township_desk", 3) == ["石材厂", "水产公司"]
    assert cells(world, "enterprises", "township_desk", 3, query="q=水产") == ["水产公司"]
    assert cells(world, "enterprises", "township_desk", 3, query="q=木材") == []


def test_hand_overs_of_the_own_township(world: World) -> None:
    for key, town in (("城垵", world.township), ("前楼", world.other_township)):
        made = HandOver.objects.create(
            cadre=world.cadre(f"household_cadre@{key}" if key == "前楼" else "household_cadre"), county=world.county,
            township=town, on=TODAY, reason="调离", made_by=world.users["township_admin"], made_at=timezone.now(),
        )  # fmt: skip
        home, matter = {"household": world.households[key][0]}, {"issue": world.issues[key]}
        for kind, thing in (("household", home), ("issue", matter), ("wish", matter)):
            HandOverRow.objects.create(handover=made, kind=kind, to_cadre=world.cadre("village_cadre"), **thing)
    name, taker = world.cadre("household_cadre").name, world.cadre("village_cadre").name
    assert cells(world, "handovers", "township_admin", 1, 2, 4, 5, 6, 7) == [
        (TODAY.isoformat(), name, 1, 2, taker, "调离")
    ]


def test_substitutes_as_their_page_lists_them(world: World) -> None:
    absent, other = world.cadre("household_cadre"), world.cadre("village_cadre")
    for begins, ends in ((0, 3), (5, 9), (-9, -5)):
        start, end = TODAY + begins * DAY, TODAY + ends * DAY
        Substitution.objects.create(
            absent=absent, substitute=other, reason="年休假", start_on=start, end_on=end,
            appointed_by=world.users["township_admin"], appointed_at=timezone.now(),
        )  # fmt: skip
    assert cells(world, "substitutions", "township_admin", 1, 3, 6, 8) == [
        (absent.name, other.name, (TODAY + 2 * DAY).isoformat(), "代管中"),
        (absent.name, other.name, (TODAY + 8 * DAY).isoformat(), "未开始"),
    ]
    assert cells(world, "substitutions", "township_admin@前楼", 1) == []


@pytest.mark.parametrize("gap", Gap.values)
def test_each_section_of_the_gaps_holds_the_rows_of_its_page(world: World, sign_in: SignIn, gap: str) -> None:
    world.county.list_most = 2
    world.county.save()
    busy, idle = world.cadre("household_cadre"), make_cadre(world.township, "空着", world.county)
    post(idle, "household_cadre", village=world.villages["城垵"])
    for order in (40, 41):
        make_household(world.villages["城垵"], order, busy)
    Assignment.objects.filter(household__village=world.villages["东沈"]).delete()
    Household.objects.filter(village=world.villages["东沈"]).update(cadre=None)
    page = sign_in("township_desk").get(reverse("gap_list"), {"show": gap})
    section = page.context["sections"][0]
    query = f"area=township-{world.township.pk}&show={gap}"
    column = {Gap.HOUSEHOLDS: 3, Gap.ISSUES: 3, Gap.VILLAGES: 3}.get(Gap(gap), 1)
    taken: list[Any] = cells(world, "gaps", "township_desk", column, query=query)
    assert taken == [line.what for line in section["lines"]]
    assert section["count"] == len(taken)
    assert taken or gap == Gap.ISSUES
    elsewhere = f"area=township-{world.other_township.pk}&show={gap}"
    assert cells(world, "gaps", "township_desk", column, query=elsewhere) == []
