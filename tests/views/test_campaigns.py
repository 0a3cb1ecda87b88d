"""专题 on its pages: from the desk's form to the cadre's visit, each figure opening its rows, nothing of elsewhere."""

import datetime
import uuid
from typing import Any

import pytest
from django.urls import reverse

from ledger.models import Campaign, CampaignTick, Visit
from ledger.rules.days import local_today
from tests.actions.test_campaigns import begun, ticked
from tests.exporting.test_lists import book_of, rows_of
from tests.views.issue_pages import SignIn
from tests.world import World, make_household

TODAY = local_today()
DAY = datetime.timedelta(days=1)


def said(**more: Any) -> dict[str, Any]:
    return {
        "client_id": str(uuid.uuid4()), "name": "防汛检查", "start_on": TODAY.isoformat(), "points": "一\n二",
        "last_on": (TODAY + 9 * DAY).isoformat(), "spread": "all", **more,
    }  # fmt: skip


def a_visit(**more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), "kind": "household", "result": "met", "content": "看了电线",
            "occurred_on": TODAY.isoformat(), **more}  # fmt: skip


def test_a_desk_begins_one_for_all_its_villages(world: World, sign_in: SignIn) -> None:
    answer = sign_in("township_desk").post(reverse("campaign_create"), said())
    runs = Campaign.objects.get()
    assert answer.url == reverse("campaign_detail", args=[runs.pk])
    assert (runs.township, runs.county, runs.all_villages) == (world.township, world.county, True)
    assert {place.village.name for place in runs.places.all()} == {"城垵村", "马銮村", "东沈村"}
    county = sign_in("county_desk")
    county.post(reverse("campaign_create"), said(name="全县"))
    whole = Campaign.objects.get(name="全县")
    assert (whole.township, whole.places.count()) == (None, 4)
    page = county.get(reverse("campaign_detail", args=[whole.pk]))
    assert [line["name"] for line in page.context["lines"]] == ["康美镇", "前楼镇"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"last_on": (TODAY - DAY).isoformat()}, "last_on"), ({"points": " \n "}, "points"),
        ({"points": "\n".join("一二三四五六七八九")}, "points"), ({"spread": "chosen"}, "villages"),
        ({"last_on": (TODAY + 400 * DAY).isoformat()}, "last_on"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_what_makes_no_campaign_is_said_at_its_field(
    world: World, sign_in: SignIn, wrong: dict[str, str], field: str
) -> None:
    page = sign_in("township_desk").post(reverse("campaign_create"), said(**wrong))
    assert set(page.context["form"].errors) == {field}
    assert Campaign.objects.count() == 0


def test_a_foreign_village_and_a_foreign_desk_change_nothing(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    client.post(reverse("campaign_create"), said(spread="chosen", villages=[world.villages["前楼"].pk]))
    assert Campaign.objects.count() == 0
    whole = begun(world, "城垵", by="county_desk")
    assert client.post(reverse("campaign_end", args=[whole.pk])).status_code == 403
    assert sign_in("village_cadre@马銮").get(
        reverse("campaign_detail", args=[whole.pk])
    ).status_code == 404  # fmt: skip
    whole.refresh_from_db()
    assert whole.ended_at is None


def test_the_second_to_save_is_told_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    runs, client = begun(world, "城垵"), sign_in("township_desk")
    url, changed = reverse("campaign_edit", args=[runs.pk]), said(version=1, name="先到", start_on=runs.start_on)
    changed["points"] = "核对参保人数"
    assert client.post(url, changed).status_code == 302
    late = client.post(url, changed | {"name": "后到"})
    assert late.status_code == 409
    assert "后到" in late.content.decode()
    assert Campaign.objects.get().name == "先到"


def test_a_visit_ticks_the_points_it_is_shown(world: World, sign_in: SignIn) -> None:
    runs, home = begun(world, "城垵", start_on=TODAY), world.households["城垵"][0]
    foreign = begun(world, "马銮").points.all()[0]
    first, second = runs.points.all()
    client = sign_in("household_cadre")
    assert "医保缴费提醒" in client.get(reverse("today")).content.decode()
    assert "发明白卡" in client.get(reverse("household_detail", args=[home.pk])).content.decode()
    url = f"{reverse('visit_create')}?household={home.pk}"
    page = client.get(url).content.decode()
    assert f'name="point-{first.pk}"' in page
    assert f'name="point-{foreign.pk}"' not in page
    count = Visit.objects.count()
    yesterday = (TODAY - DAY).isoformat()
    mine = f"point-{first.pk}"
    for wrong in (
        {f"point-{foreign.pk}": "done"}, {mine: "maybe"}, {f"{mine}-text": "只写了话"},
        {mine: "done", "occurred_on": yesterday},
    ):  # fmt: skip
        assert client.post(url, a_visit(**wrong)).status_code == 200
    assert (Visit.objects.count(), CampaignTick.objects.count()) == (count, 0)
    sent = a_visit(**{f"point-{first.pk}": "done", f"point-{first.pk}-text": "三人参保"})
    made = client.post(url, sent)
    assert client.post(url, sent).url == made.url
    assert [(tick.household, tick.point, tick.text) for tick in CampaignTick.objects.all()] == [
        (home, first, "三人参保")
    ]
    shown = client.get(made.url).content.decode()
    assert "三人参保" in shown
    visit = Visit.objects.latest("pk")
    edit = {"version": 1, "reason": "记错", "kind": "household", "result": "met", "content": "看了电线",
            "people_met": 1, "occurred_on": TODAY.isoformat(), f"point-{second.pk}": "na"}  # fmt: skip
    assert client.post(reverse("visit_edit", args=[visit.pk]), edit).status_code == 302
    assert [(tick.point, tick.answer) for tick in visit.ticks.all()] == [(second, "na")]
    assert "核对参保人数：" in client.get(made.url).content.decode()


def test_a_late_visit_of_its_days_still_ticks(world: World, sign_in: SignIn) -> None:
    runs, home = begun(world, "城垵"), world.households["城垵"][0]
    Campaign.objects.filter(pk=runs.pk).update(last_on=TODAY - DAY)
    first, client = runs.points.all()[0], sign_in("household_cadre")
    url = f"{reverse('visit_create')}?household={home.pk}"
    assert client.post(url, a_visit(**{f"point-{first.pk}": "done"})).status_code == 200
    late = a_visit(**{f"point-{first.pk}": "done", "occurred_on": (TODAY - 2 * DAY).isoformat()})
    assert client.post(url, late).status_code == 302
    Campaign.objects.filter(pk=runs.pk).update(last_on=TODAY - 15 * DAY, start_on=TODAY - 20 * DAY)
    assert f'name="point-{first.pk}"' not in client.get(url).content.decode()


def test_each_figure_opens_its_rows_and_the_workbooks_hold_the_same(world: World, sign_in: SignIn) -> None:
    runs = begun(world, "城垵", "马銮")
    ticked(world, world.households["马銮"][0], runs, "done", "na")
    client = sign_in("township_desk")
    page = client.get(reverse("campaign_detail", args=[runs.pk]))
    for line in [*page.context["lines"], page.context["whole"]]:
        for cell in line["cells"]:
            rows = client.get(cell["url"]).context["rows"] if cell["url"] else []
            assert len(rows) == cell["n"]
    deeper = client.get(page.context["lines"][1]["url"])
    assert [line["name"] for line in deeper.context["lines"]] == ["马銮包户干部", ""]
    query = f"campaign={runs.pk}"
    taken = rows_of(book_of(world, "campaign_progress", "village_cadre@马銮", query).active)
    assert [row[1:9] for row in taken] == [["康美镇", "东管区", "马銮村", 3, 1, 1, 2, "33%"]]
    opened = rows_of(book_of(world, "campaign_homes", "village_cadre@马銮", f"{query}&reach=open").active)
    assert [(row[3], row[7]) for row in opened] == [
        ("马銮户主2", "核对参保人数；发明白卡"), ("马銮户主3", "核对参保人数；发明白卡"),
    ]  # fmt: skip
    assert rows_of(book_of(world, "campaign_homes", "village_cadre@前楼", query).active) == []
    assert len(rows_of(book_of(world, "campaigns", "township_desk").active)) == 1
    assert rows_of(book_of(world, "campaigns", "township_desk", "state=past").active) == []


@pytest.mark.parametrize("more", [0, 5])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, more: int) -> None:
    runs, client = begun(world, "城垵"), sign_in("household_cadre")
    for order in range(20, 20 + more):
        make_household(world.villages["城垵"], order, world.cadre("household_cadre"))
    for _other in range(more):
        begun(world, "城垵")
    client.get(reverse("campaign_list"))
    for url, queries in (
        (reverse("campaign_list"), 8), (reverse("campaign_detail", args=[runs.pk]), 11),
        (reverse("campaign_households", args=[runs.pk]), 10), (reverse("today"), 19),
        (reverse("household_detail", args=[world.households["城垵"][0].pk]), 24),
        (f"{reverse('visit_create')}?household={world.households['城垵'][0].pk}", 21),
    ):  # fmt: skip
        with django_assert_num_queries(queries, info=url):
            assert client.get(url).status_code == 200


def test_the_copy_without_network_holds_the_open_points(world: World, sign_in: SignIn) -> None:
    runs = begun(world, "城垵")
    ticked(world, world.households["城垵"][0], runs, "done")
    copy = sign_in("household_cadre").get(reverse("offline_data")).json()
    found = {
        home["name"]: [(point["campaign"], point["text"]) for point in home["points"]] for home in copy["households"]
    }
    name = "医保缴费提醒"
    assert found == {
        "城垵户主1": [(name, "发明白卡")], "城垵户主2": [(name, "核对参保人数"), (name, "发明白卡")],
    }  # fmt: skip
