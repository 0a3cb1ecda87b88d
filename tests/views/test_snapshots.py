"""报送快照: frozen once under a name, never changed, compared with today cell by cell, out of sight of others."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions.visits import refresh_dates
from ledger.models import AuditRow, StatisticsSnapshot
from tests.world import World, make_visit

SignIn = Callable[[str], Client]
NEW = "/statistics/snapshots/new/"


def freeze(client: Client, name: str = "十一月上报", query: str = "period=month&by=village") -> Any:
    return client.post(f"{NEW}?{query}", {"name": name})


def differing(page: Any) -> dict[str, list[str]]:
    """Unit → what its differing cells say of today."""
    lines = [*page.context["lines"], page.context["whole"]]
    found = {
        line["name"]: [cell["change"] for row in line["rows"] for cell in row["cells"] if cell["change"]]
        for line in lines
    }
    return {name: said for name, said in found.items() if said}


def test_what_was_reported_stays_and_says_what_is_another_today(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    made = freeze(client)
    snapshot = StatisticsSnapshot.objects.get()
    assert made.url == reverse("snapshot_detail", args=[snapshot.pk])
    assert differing(client.get(made.url)) == {}
    make_visit(world.households["城垵"][1], world.cadre("household_cadre@城垵"))
    make_visit(world.households["前楼"][1], world.cadre("household_cadre@前楼"))
    refresh_dates([world.households["城垵"][1].pk, world.households["前楼"][1].pk])
    page = client.get(made.url)
    # The first visits of the shared world moved no household's date: one is covered now.
    said = ["现为 2", "现为 2", "现为 1", "现为 33.33%"] * 2
    assert differing(page)["城垵村"] == said
    assert set(differing(page)) == {"城垵村", "合计"}
    assert [line["rows"][0]["cells"][1]["text"] for line in page.context["lines"]] == ["1", "1", "1"]
    row = AuditRow.objects.get(verb="snapshot.frozen")
    assert (row.object_id, row.township_id) == (snapshot.pk, world.township.pk)


def test_the_workbook_of_a_snapshot_is_the_reported_one(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    freeze(client)
    make_visit(world.households["城垵"][1], world.cadre("household_cadre@城垵"))
    answer = client.post(reverse("snapshot_export", args=[StatisticsSnapshot.objects.get().pk]))
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [(row[1], row[4]) for row in rows[4:12:2]] == [("城垵村", 1), ("马銮村", 1), ("东沈村", 1), ("合计", 3)]


def test_a_snapshot_is_never_changed_nor_deleted(world: World, sign_in: SignIn) -> None:
    freeze(sign_in("township_desk"))
    snapshot = StatisticsSnapshot.objects.get()
    for act in (
        snapshot.save, snapshot.delete, StatisticsSnapshot.objects.all().delete,
        lambda: StatisticsSnapshot.objects.update(name="另"),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            act()
    assert StatisticsSnapshot.objects.get().name == "十一月上报"


@pytest.mark.parametrize("name", ["", "  ", "长" * 41, "十一月上报"])
def test_a_name_is_needed_and_given_once(world: World, sign_in: SignIn, name: str) -> None:
    client = sign_in("township_desk")
    freeze(client)
    assert freeze(client, name).url.startswith(reverse("statistics_table"))
    assert StatisticsSnapshot.objects.count() == 1
    assert AuditRow.objects.filter(verb="snapshot.frozen").count() == 1


def test_only_who_sees_the_figures_sees_what_was_reported(world: World, sign_in: SignIn) -> None:
    freeze(sign_in("township_desk"))
    freeze(
        sign_in("township_desk@前楼") if "township_desk@前楼" in world.users else sign_in("county_leader"), "前楼上报"
    )
    freeze(sign_in("village_cadre"), "城垵上报")
    listed = {
        who: {each.name for each in sign_in(who).get(reverse("snapshot_list")).context["page"]}
        for who in ("township_leader", "county_leader", "village_cadre", "village_cadre@马銮", "township_leader@前楼")
    }
    assert listed == {
        "township_leader": {"十一月上报", "城垵上报"}, "county_leader": {"十一月上报", "前楼上报", "城垵上报"},
        "village_cadre": {"城垵上报"}, "village_cadre@马銮": set(), "township_leader@前楼": {"前楼上报"},
    }  # fmt: skip
    other = StatisticsSnapshot.objects.get(name="前楼上报")
    client = sign_in("township_leader")
    assert client.get(reverse("snapshot_detail", args=[other.pk])).status_code == 404
    assert client.post(reverse("snapshot_export", args=[other.pk])).status_code == 404
    assert freeze(client, "越界", f"area=township-{world.other_township.pk}").status_code == 404
    assert freeze(sign_in("household_cadre"), "无权").status_code in {403, 404}
    assert StatisticsSnapshot.objects.count() == 3
