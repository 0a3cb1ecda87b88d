"""Each kind of gap: exactly its rows, a neighbour's never, and as many in the nightly tally as on the page."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger.actions.gaps import tell_gaps
from ledger.models import AuditRow, Cadre, Household, Issue, LinkKind, Notice, Township, Village, VillageLink
from ledger.queries.gaps import by_township, rows_of
from ledger.rules.days import local_today
from ledger.rules.gaps import Gap, said_in
from ledger.rules.notices import Sort
from ledger.rules.permissions import Role
from tests.world import START, World, make_cadre, make_household, make_issue, post

YESTERDAY = datetime.timedelta(days=1)


@pytest.fixture
def mended(world: World) -> World:
    """The township without any gap: each test tears one."""
    for place in ("城垵", "马銮", "东沈"):
        owner = world.cadre(f"household_cadre@{place}")
        Household.objects.filter(village=world.villages[place]).update(cadre=owner)
        VillageLink.objects.create(
            village=world.villages[place], kind=LinkKind.TOWNSHIP_LEADER, cadre=world.cadre("township_leader"),
            start_on=START,
        )  # fmt: skip
    assert tally(world) == {}
    return world


def tally(world: World) -> dict[str, int]:
    """What the nightly look says of the township; the page of its administrator must say the same."""
    counts = by_township([world.township, world.other_township], most=30)[world.township.pk]
    found = {gap: rows(world, gap).count() for gap in Gap}
    assert counts == found
    return {gap: count for gap, count in counts.items() if count}


def rows(world: World, gap: str, most: int = 30, key: str = "township_admin") -> Any:
    villages = Village.objects.filter(township=world.township)
    return rows_of(gap, user=world.user(key), villages=villages, most=most)


def test_households_of_nobody_or_of_who_left(mended: World) -> None:
    nobody, left, vacant = mended.households["城垵"]
    Household.objects.filter(pk=nobody.pk).update(cadre=None)
    Household.objects.filter(pk=left.pk).update(cadre=make_cadre(
        mended.township, "已走", mended.county, left_on=local_today()
    ))  # fmt: skip
    Household.objects.filter(pk=vacant.pk).update(cadre=None, status="vacant")
    assert set(rows(mended, Gap.HOUSEHOLDS)) == {nobody, left}
    assert tally(mended) == {Gap.HOUSEHOLDS: 2, Gap.IDLE: 1}  # whose three households these were


def test_households_of_a_closed_account(mended: World, sign_in: Callable[[str], Client]) -> None:
    owner = mended.cadre("household_cadre")
    mine = set(Household.objects.filter(cadre=owner, status="active"))
    type(owner.user).objects.filter(pk=owner.user_id).update(is_active=False)
    assert mine
    assert set(rows(mended, Gap.HOUSEHOLDS)) == mine
    assert tally(mended) == {Gap.HOUSEHOLDS: len(mine)}
    page = sign_in("township_admin").get("/gaps/").content.decode()
    assert f"{owner.name}账号已停用" in page
    assert 'href="/allocations/"' in page.split('aria-labelledby="gap-households"')[1].split("</section>")[0]
    assert "按村生成分配方案" not in sign_in("township_leader").get("/gaps/").content.decode()


def test_household_cadres_without_a_household(mended: World) -> None:
    idle = make_cadre(mended.township, "无户", mended.county)
    post(idle, Role.HOUSEHOLD_CADRE, village=mended.villages["城垵"])
    post(idle, Role.HOUSEHOLD_CADRE, village=mended.villages["马銮"])
    post(make_cadre(mended.township, "已走", mended.county, left_on=START), Role.HOUSEHOLD_CADRE,
         village=mended.villages["城垵"])  # fmt: skip
    ended = make_cadre(mended.township, "已卸任", mended.county)
    post(ended, Role.HOUSEHOLD_CADRE, end_on=local_today(), village=mended.villages["城垵"])
    assert list(rows(mended, Gap.IDLE)) == [idle]
    assert tally(mended) == {Gap.IDLE: 1}


def test_cadres_above_the_band_by_the_households_that_count(mended: World) -> None:
    owner = mended.cadre("household_cadre")
    for order in range(4, 31):
        make_household(mended.villages["城垵"], order, owner)
    make_household(mended.villages["城垵"], 99, owner, status="vacant")
    assert list(rows(mended, Gap.OVERLOADED)) == []
    make_household(mended.villages["马銮"], 32, owner)
    assert [(cadre, cadre.load) for cadre in rows(mended, Gap.OVERLOADED)] == [(owner, 31)]
    assert tally(mended) == {Gap.OVERLOADED: 1}
    make_household(mended.villages["前楼"], 33, owner)
    assert rows(mended, Gap.OVERLOADED).get().load == 31


def test_villages_without_a_leader_on_duty(mended: World) -> None:
    links = VillageLink.objects.filter(kind=LinkKind.TOWNSHIP_LEADER)
    links.filter(village=mended.villages["城垵"]).update(end_on=local_today())
    links.filter(village=mended.villages["马銮"]).update(kind=LinkKind.VILLAGE_CADRE)
    links.filter(village=mended.villages["东沈"]).update(kind=LinkKind.COUNTY_LEADER)
    assert set(rows(mended, Gap.VILLAGES)) == {mended.villages["城垵"], mended.villages["马銮"]}
    Cadre.objects.filter(pk=mended.cadre("township_leader").pk).update(left_on=local_today())
    assert tally(mended) == {Gap.VILLAGES: 3}
    Village.objects.filter(pk=mended.villages["城垵"].pk).update(successor=mended.villages["马銮"])
    assert tally(mended) == {Gap.VILLAGES: 2}


def handed(world: World, number: int, **fields: object) -> Issue:
    given = {"state": "assigned", "assigned_at": timezone.now(), **fields}
    return make_issue(world.households["城垵"][0], world.cadre("village_cadre"), number, **given)


def test_open_matters_whose_owner_is_gone(mended: World) -> None:
    gone = [
        make_cadre(mended.township, "已离岗", mended.county, left_on=local_today()),
        make_cadre(mended.township, "无职无户", mended.county),
        mended.cadre("visitor"),
    ]
    mended.cadre("visitor").user.__class__.objects.filter(pk=mended.users["visitor"].pk).update(is_active=False)
    unstaffed = mended.organisations["派出所"]
    expected = {handed(mended, 700 + n, handler=cadre) for n, cadre in enumerate(gone)}
    expected.add(handed(mended, 710, lead_organisation=unstaffed))
    expected.add(handed(mended, 711, handler=gone[0], state="in_progress", lead_organisation=unstaffed))
    handed(mended, 720, handler=mended.cadre("household_cadre"), lead_organisation=unstaffed)
    handed(mended, 721, lead_organisation=mended.organisations["村镇建设办"])
    handed(mended, 722, handler=gone[0], state="resolved")
    handed(mended, 723, handler=gone[0], state="assigned", is_sensitive=True)
    assert set(rows(mended, Gap.ISSUES)) == expected
    assert tally(mended) == {Gap.ISSUES: 5}
    assert rows(mended, Gap.ISSUES, key="township_leader").count() == 6


def test_the_administrators_are_told_once_a_week(mended: World) -> None:
    assert tell_gaps(mended.county) == sum(by_township([mended.other_township], 30)[mended.other_township.pk].values())
    assert told_to(mended) == {mended.cadre("township_admin@前楼").pk}
    Household.objects.filter(pk=mended.households["城垵"][0].pk).update(cadre=None)
    tell_gaps(mended.county)
    before = AuditRow.objects.count()
    tell_gaps(mended.county)
    assert told_to(mended) == {mended.cadre(key).pk for key in ("township_admin", "township_admin@前楼")}
    assert AuditRow.objects.count() == before
    assert Notice.objects.filter(sort=Sort.GAPS).count() == 2


def told_to(world: World) -> set[int]:
    return set(Notice.objects.filter(sort=Sort.GAPS).values_list("cadre_id", flat=True))


def test_a_later_week_takes_the_place_of_the_last(mended: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_gaps(mended.county)
    later = timezone.now() + datetime.timedelta(days=7)
    monkeypatch.setattr(timezone, "now", lambda: later)
    tell_gaps(mended.county)
    own = Notice.objects.filter(sort=Sort.GAPS).order_by("pk")
    assert [row.read_at is None for row in own] == [False, True]


def test_the_mark_is_the_week() -> None:
    days = [datetime.date(2025, 12, 28), datetime.date(2025, 12, 29), datetime.date(2026, 1, 4)]
    assert [said_in(day) for day in days] == ["2025-W52", "2026-W01", "2026-W01"]


@pytest.mark.parametrize("more", [1, 30])
def test_the_cost_does_not_grow_with_the_gaps(mended: World, more: int) -> None:
    for order in range(more):
        make_household(mended.villages["城垵"], 50 + order)
        Township.objects.create(
            county=mended.county, code=f"3506261{order + 10:02d}", name="某镇", short_name=f"某{order}"
        )
    with CaptureQueriesContext(connection) as queries:
        tell_gaps(mended.county)
    reads = [q["sql"][:60] for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(reads) == 12, reads


def test_the_page_of_an_area_says_what_is_missing_there(mended: World, sign_in: Callable[[str], Client]) -> None:
    torn = mended.households["城垵"][0]
    Household.objects.filter(pk=torn.pk).update(cadre=None)
    page = sign_in("township_admin").get("/gaps/")
    sections = {section["gap"]: section for section in page.context["sections"]}
    assert {gap: section["count"] for gap, section in sections.items() if section["count"]} == {Gap.HOUSEHOLDS: 1}
    assert [line.act_url for line in sections[Gap.HOUSEHOLDS]["lines"]] == [f"/households/{torn.pk}/assign/"]
    assert "前楼户主1" not in page.content.decode()
    reader = sign_in("village_cadre").get("/gaps/")
    assert [line.act_url for line in reader.context["sections"][0]["lines"]] == [""]
    beside = sign_in("village_cadre@马銮").get("/gaps/")
    assert beside.context["total"] == 0
    assert "每户都有包户干部" in beside.content.decode()


def test_a_section_alone_has_pages(mended: World, sign_in: Callable[[str], Client]) -> None:
    for order in range(60):
        make_household(mended.villages["城垵"], 50 + order)
    client = sign_in("township_admin")
    first = client.get("/gaps/")
    shown = first.context["sections"][0]
    assert (shown["count"], len(shown["lines"])) == (60, 8)
    second = client.get(f"{shown['url']}&page=2")
    assert [len(section["lines"]) for section in second.context["sections"]] == [10]


@pytest.mark.parametrize(("key", "query", "status"), [
    ("household_cadre", "", 403), ("visitor", "", 403), ("department_handler", "", 403), ("nobody", "", 403),
    ("township_admin", "?area=township-{other}", 404), ("township_admin", "?area=county-{county}", 404),
    ("township_admin", "?area=rubbish", 404), ("county_admin", "?area=township-{other}&show=rubbish&page=x", 200),
])  # fmt: skip
def test_who_reads_the_list(world: World, sign_in: Callable[[str], Client], key: str, query: str, status: int) -> None:
    url = "/gaps/" + query.format(other=world.other_township.pk, county=world.county.pk)
    assert sign_in(key).get(url).status_code == status


def test_the_county_sees_its_townships_each_with_its_figures(mended: World, sign_in: Callable[[str], Client]) -> None:
    page = sign_in("county_admin").get("/gaps/")
    counts = {town["name"]: sum(town["counts"]) for town in page.context["townships"]}
    assert counts["康美镇"] == 0
    assert sum(counts.values()) == page.context["total"] > 0
    assert "六龙" not in page.content.decode()


def test_a_notice_leads_to_the_list(mended: World, sign_in: Callable[[str], Client]) -> None:
    tell_gaps(mended.county)
    notice = Notice.objects.get(sort=Sort.GAPS)
    answer = sign_in("township_admin@前楼").post(f"/notices/{notice.pk}/open/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/gaps/")
