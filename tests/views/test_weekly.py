"""周例会一页纸: five numbers that open their rows, the worst with who has them, what waits, 批示 for leaders."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import IssueStep
from ledger.rules.days import day_start, local_today
from tests.world import World, make_issue

SignIn = Callable[[str], Client]
SHEET = f"/weekly/?until={local_today()}"


@pytest.fixture
def busy(world: World) -> World:
    """In each village: one overdue, one resolved to nobody's satisfaction today, one to be assigned since yesterday."""
    today, day = local_today(), datetime.timedelta(days=1)
    for serial, (key, homes) in enumerate(world.households.items(), start=2000):
        cadre = world.cadre(f"household_cadre@{key}")
        last_week = day_start(today - today.weekday() * day - 7 * day)
        make_issue(homes[0], cadre, serial, state="in_progress", handler=cadre, due_on=today - 9 * day,
                   registered_at=last_week)  # fmt: skip
        angry = make_issue(homes[0], cadre, serial + 100, state="resolved", handler=cadre, answer="dissatisfied",
                           resolved_at=timezone.now(), called_back_at=timezone.now())  # fmt: skip
        IssueStep.objects.create(issue=angry, step="call_back", to_state="resolved", at=timezone.now(),
                                 data={"answer": "dissatisfied"})  # fmt: skip
        make_issue(homes[1], cadre, serial + 200, triage_due_on=today - day)
    return world


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["issue"].serial for row in rows]


def test_the_five_numbers_open_their_rows(busy: World, sign_in: SignIn) -> None:
    client = sign_in("township_leader")
    page = client.get(SHEET)
    found = {str(number["name"]): (number["value"], number["change"]) for number in page.context["numbers"]}
    assert found == {
        "新增": ("9", "+6"),
        "办结": ("3", "+3"),
        "销号": ("0", "±0"),
        "超期": ("3", "+3"),
        "不满意": ("3", "+3"),
    }
    for number in page.context["numbers"]:
        rows = client.get(number["url"]).context["count"] if number["url"] else 0
        assert str(rows) == number["value"]


def test_the_worst_and_what_waits_have_their_handlers_and_stay_in_the_area(busy: World, sign_in: SignIn) -> None:
    page = sign_in("township_leader").get(SHEET)
    assert ids(page.context["worst"]) == [2100, 2101, 2102, 2000, 2001]
    assert [str(row["owner"]) for row in page.context["worst"][3:]] == ["城垵包户干部", "马銮包户干部"]
    assert [row["late"] for row in page.context["worst"]] == [0, 0, 0, 9, 9]
    assert [str(row["label"]) for row in page.context["worst"]] == [*["回访不满意"] * 3, "", ""], "each says why"
    assert ids(page.context["decisions"]) == [2100, 2101, 2102, 2200, 2201, 2202]
    assert "前楼" not in page.content.decode()
    village = sign_in("village_cadre").get(SHEET)
    assert (ids(village.context["worst"]), ids(village.context["decisions"])) == ([2100, 2000], [2100, 2200])


def test_a_leader_writes_an_instruction_from_it_and_others_do_not(busy: World, sign_in: SignIn) -> None:
    leader = sign_in("township_leader")
    urls = [row["instruct"] for row in leader.get(SHEET).context["worst"]]
    assert [bool(url) for url in urls] == [False, False, False, True, True]
    assert leader.get(urls[3]).status_code == 200
    assert not any(row["instruct"] for row in sign_in("inspector").get(SHEET).context["worst"])


def test_an_earlier_week_stands_as_it_ended(busy: World, sign_in: SignIn) -> None:
    client, sheet = sign_in("township_leader"), reverse("weekly_sheet")
    last, earlier = (
        client.get(sheet, {"until": (local_today() - datetime.timedelta(days=days)).isoformat()}) for days in (7, 14)
    )
    assert last.context["week"].last.weekday() == 6
    assert [number["value"] for number in last.context["numbers"]][:2] == ["3", "0"]
    assert [number["value"] for number in earlier.context["numbers"]] == ["0"] * 5
    assert earlier.context.get("decisions") is None
    for until in ("x", "2999-01-01", "0001-01-01"):
        week = client.get(sheet, {"until": until}).context["week"]
        assert week.last in {local_today(), local_today() - datetime.timedelta(days=1)}


def test_who_has_no_board_has_no_sheet(busy: World, sign_in: SignIn) -> None:
    assert sign_in("household_cadre").get(SHEET).status_code == 403
    foreign = f"{SHEET}&area=township-{busy.other_township.pk}"
    assert sign_in("township_leader").get(foreign).status_code == 404
    assert sign_in("county_leader").get(reverse("weekly_sheet")).status_code == 200
