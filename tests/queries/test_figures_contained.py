"""小事不出村: contained is what never left a level, wherever it was struck off; a later escalation leaves its past."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ledger.actions import counts
from ledger.models import Issue
from ledger.queries.counts import Areas
from ledger.queries.figures import tally
from ledger.queries.figures_kept import counted
from ledger.queries.figures_window import Window
from ledger.rules.counting import AreaLevel
from ledger.rules.days import SHANGHAI
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, Outcome
from tests.issue_chain import advance, raise_issue, take
from tests.world import World

date = datetime.date
KEYS = ("struck_off", "contained_village", "contained_township")
JUNE = Window(date(2026, 6, 1), date(2026, 6, 30))


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Any:
    def go(day: date) -> None:
        now = datetime.datetime.combine(day, datetime.time(10), tzinfo=SHANGHAI)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return go


def figures(world: World, window: Window) -> tuple[int, ...]:
    """By the rows and by the kept counts alike."""
    village = world.villages["城垵"]
    plain = tally(KEYS, [village.pk], window)[village.pk]
    counts.fold()
    kept = counted(KEYS, Areas(AreaLevel.VILLAGE, [village.pk]), window)[village.pk]
    assert {key: kept[key] for key in KEYS} == plain
    return tuple(plain[key] for key in KEYS)


def sent_up_and_down(world: World) -> Issue:
    """It lay on the desks of district and township, and is struck off in the village."""
    issue = raise_issue(world)
    for who, step in (
        ("village_cadre", Step.ESCALATE), ("district_secretary", Step.ESCALATE), ("township_desk", Step.SEND_DOWN),
        ("district_secretary", Step.SEND_DOWN),
    ):  # fmt: skip
        issue = take(world, who, issue, step, text="商量一下")
    office = world.organisations["村镇建设办"]
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=office)
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    issue = take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了")
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    return take(world, "village_cadre", issue, Step.CLOSE)


def test_what_was_sent_up_and_back_was_not_settled_in_the_village(world: World, on: Any) -> None:
    Issue.objects.filter(village=world.villages["城垵"]).delete()
    on(date(2026, 6, 8))
    moved, stayed = sent_up_and_down(world), advance(world, "closed")
    assert (moved.level, moved.highest_level) == ("village", "township")
    assert (stayed.level, stayed.highest_level) == ("village", "")
    assert figures(world, Window(date(2026, 6, 1), date(2026, 6, 8))) == (2, 1, 2)
    on(date(2026, 7, 20))
    issue = take(world, "village_cadre", stayed, Step.REOPEN, text="又坏了")
    for who in ("village_cadre", "district_secretary", "township_desk"):
        issue = take(world, who, issue, Step.ESCALATE, text="要县里定")
    assert (issue.level, issue.highest_level) == ("county", "county")
    assert figures(world, JUNE) == (2, 1, 2), "it was settled in the village then"
