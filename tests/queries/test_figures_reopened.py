"""What was counted as resolved in time stays so when the matter is opened again: the round is kept."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ledger.actions import counts
from ledger.models import Issue, IssueRound
from ledger.queries.counts import Areas
from ledger.queries.figures import tally
from ledger.queries.figures_kept import counted
from ledger.queries.figures_window import Window
from ledger.rules.counting import AreaLevel
from ledger.rules.days import SHANGHAI
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, Outcome
from tests.issue_chain import advance, take
from tests.world import World

date = datetime.date
KEYS = ("collected", "resolved", "in_time", "late", "struck_off")
JUNE = Window(date(2026, 6, 1), date(2026, 6, 30))
JULY = Window(date(2026, 7, 1), date(2026, 7, 31))


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Any:
    def go(day: date) -> None:
        now = datetime.datetime.combine(day, datetime.time(10), tzinfo=SHANGHAI)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return go


def figures(world: World, window: Window) -> dict[str, int]:
    """By the rows and by the kept counts alike."""
    village = world.villages["城垵"]
    plain = {key: int(n) for key, n in tally(KEYS, [village.pk], window)[village.pk].items()}
    counts.fold()
    kept = counted(KEYS, Areas(AreaLevel.VILLAGE, [village.pk]), window)[village.pk]
    assert {key: kept[key] for key in KEYS} == plain
    return plain


def test_a_reopening_changes_no_earlier_month(world: World, on: Any) -> None:
    Issue.objects.filter(village=world.villages["城垵"]).delete()
    on(date(2026, 6, 8))
    issue = advance(world, "closed")
    on(date(2026, 7, 20))
    june = figures(world, JUNE)
    assert june == {"collected": 1, "resolved": 1, "in_time": 1, "late": 0, "struck_off": 1}
    kept = IssueRound.objects.values().get(issue=issue)
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert figures(world, JUNE) == june
    office, due = world.organisations["村镇建设办"], date(2026, 7, 21)
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=office, due_on=due)
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    on(date(2026, 7, 28))
    issue = take(world, "department_handler", issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="再修")
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)
    take(world, "village_cadre", issue, Step.CLOSE)
    on(date(2026, 8, 20))
    assert figures(world, JUNE) == june, "late the second time, in time the first"
    assert figures(world, JULY) == {"collected": 0, "resolved": 1, "in_time": 0, "late": 1, "struck_off": 1}
    assert IssueRound.objects.values().get(issue=issue, round=1) == kept
