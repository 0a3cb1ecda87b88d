"""统计报表: every number opens a list with exactly the rows it counted; the workbook says the same."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from ledger.actions.visits import refresh_dates
from ledger.models import AuditRow, Enterprise, Visit
from ledger.queries.figures import FIGURES
from ledger.queries.statistics import COLUMNS
from ledger.rules.days import local_today
from tests.world import World, make_issue, make_visit

SignIn = Callable[[str], Client]
TABLE = "/statistics/"


@pytest.fixture
def busy(world: World) -> World:
    """Each village with something for most columns, and a neighbour's of each."""
    today = local_today()
    for serial, (key, homes) in enumerate(world.households.items(), start=2000):
        cadre, other = world.cadre(f"household_cadre@{key}"), world.cadre(f"village_cadre@{key}")
        firm = Enterprise.objects.create(village=world.villages[key], name=f"{key}厂")
        make_visit(homes[1], cadre, result="absent").companions.add(other)
        common: dict[str, Any] = {"village": world.villages[key], "lead": other, "occurred_on": today}
        Visit.objects.create(kind="meeting", meeting_form="symposium", people_met=9, opinions_heard=4, **common)
        Visit.objects.create(kind="talk", people_met=2, **common)
        Visit.objects.create(kind="enterprise", enterprise=firm, **common)
        Visit.objects.create(kind="enterprise", enterprise=firm, **common)
        make_issue(homes[0], cadre, serial, state="in_progress", handler=other, due_on=today.replace(year=2020))
        make_issue(homes[0], cadre, serial + 100, kind="wish")
        refresh_dates(home.pk for home in homes)
    return world


def cells(response: Any, line: Any = None, row: int = 0) -> dict[str, dict[str, Any]]:
    shown = response.context["whole"] if line is None else response.context["lines"][line]
    return {column.key: cell for column, cell in zip(COLUMNS, shown["rows"][row]["cells"], strict=True)}


def count(client: Client, cell: dict[str, Any]) -> int:
    """How many rows the list behind a cell has; nothing is linked where nothing was counted."""
    return int(client.get(cell["url"]).context["count"]) if cell["url"] else 0


@pytest.mark.parametrize("who", ["county_leader", "township_desk", "district_secretary", "village_cadre"])
def test_every_number_opens_exactly_its_rows(busy: World, sign_in: SignIn, who: str) -> None:
    client = sign_in(who)
    page = client.get(TABLE)
    opened = 0
    for line in (None, 0):
        for key, cell in cells(page, line, row=1).items():
            if key in FIGURES and FIGURES[key].measure.column == "pk":
                assert cell["text"] == str(count(client, cell)), key
                opened += bool(cell["url"])
            elif key in FIGURES and cell["url"]:
                said = client.get(cell["url"]).context["counted"]
                assert said.startswith(f"{FIGURES[key].name} {cell['text']} · "), "what is no number of rows is told"
    assert opened >= 10
    overdue = client.get(cells(page, row=1)["overdue"]["url"]).content.decode()
    assert f"截至</small> {date_format(local_today(), 'DATE_FORMAT')}" in overdue


def test_the_lines_are_the_level_below_and_add_up_to_the_whole(busy: World, sign_in: SignIn) -> None:
    county, township = sign_in("county_leader"), sign_in("township_leader")
    assert [line["name"] for line in county.get(TABLE).context["lines"]] == ["康美镇", "前楼镇"]
    names = [line["name"] for line in county.get(f"{TABLE}?by=village").context["lines"]]
    assert names == ["城垵村", "马銮村", "东沈村", "前楼村"]
    page = township.get(TABLE)
    assert [line["name"] for line in page.context["lines"]] == ["东管区", "西管区"]
    whole, parts = cells(page), [cells(page, n) for n in range(2)]
    assert {key: whole[key]["text"] for key in ("households", "household_visits", "enterprises", "meeting_people")} == {
        "households": "9", "household_visits": "6", "enterprises": "3", "meeting_people": "27",
    }  # fmt: skip
    for key in ("households", "collected", "overdue", "wishes", "enterprises"):
        assert int(whole[key]["text"]) == sum(int(part[key]["text"]) for part in parts), key
    assert (whole["coverage"]["text"], whole["satisfaction"]["text"]) == ("33.33%", "无")


def test_a_village_is_shown_by_the_units_of_its_people(busy: World, sign_in: SignIn) -> None:
    office = busy.organisations["村镇建设办"]
    cadre = busy.cadre("household_cadre@城垵")
    type(cadre).objects.filter(pk=cadre.pk).update(organisation=office)
    client = sign_in("village_cadre")
    page = client.get(TABLE)
    assert [line["name"] for line in page.context["lines"]] == ["村镇建设办", "没有单位"]
    assert cells(page, 0)["households"]["text"] == "2"
    assert (cells(page, 0)["household_visits"]["text"], count(client, cells(page, 0)["household_visits"])) == ("2", 2)
    assert count(client, cells(page, 1)["households"]) == 1


def test_the_workbook_says_the_same_and_is_on_record(busy: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    page = client.get(TABLE)
    answer = client.post(f"{reverse('statistics_export')}?{page.context['query']}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "康美镇民情联系走访统计表"
    assert rows[1][0].startswith("填报单位：康美镇")
    assert [row[1] for row in rows[4:10:2]] == ["东管区", "西管区", "合计"]
    assert [row[2] for row in rows[4:6]] == ["本期", "累计"]
    said = [str(value) for value, column in zip(rows[8][3:], COLUMNS, strict=False) if not column.is_ratio]
    assert said == [cell["text"] for key, cell in cells(page).items() if key in FIGURES]
    assert rows[10][0].startswith("填报人：")
    row = AuditRow.objects.get(verb="export.made")
    assert (row.detail["list"], row.detail["rows"]) == ("statistics", 2)


def test_what_is_not_ones_own_is_not_there(busy: World, sign_in: SignIn) -> None:
    client = sign_in("township_leader")
    foreign = f"township-{busy.other_township.pk}"
    for area in (foreign, f"county-{busy.county.pk}", "village-0", "township-", "x", "village-９"):
        assert client.get(TABLE, {"area": area}).status_code == 404
        assert client.post(f"{reverse('statistics_export')}?area={area}").status_code == 404
    assert sign_in("household_cadre").get(TABLE).status_code == 403
    assert not AuditRow.objects.filter(verb="export.made").exists()
    # A link of somebody else's table shows nothing here, though the figure counts something there.
    rows = client.get(reverse("visit_list"), {"figure": "household_visits", "area": foreign})
    assert rows.context["count"] == 0
    assert "前楼" not in rows.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "figure=overdue", "figure=x", "figure=events&since=2026-13-01", "figure=events&until=x",
        "figure=events&since=2026-02-02&until=2026-02-01", "figure=events&of_unit=x", "figure=events&of_unit=²",
        "figure=events&area=village-x",
    ],
)  # fmt: skip
def test_rubbish_in_a_link_shows_nothing(busy: World, sign_in: SignIn, query: str) -> None:
    assert sign_in("county_leader").get(f"{reverse('visit_list')}?{query}").context["count"] == 0


@pytest.mark.parametrize(
    "query", ["period=x", "until=x", "until=2999-01-01", "period=custom&since=2026-02-02&until=2026-02-01"]
)
def test_a_period_that_is_none_says_so_and_shows_this_month(busy: World, sign_in: SignIn, query: str) -> None:
    page = sign_in("county_leader").get(f"{TABLE}?{query}")
    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["window"].first == local_today().replace(day=1)
