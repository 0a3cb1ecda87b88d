"""Many at once on the ledger: numbers without a gap, one of two wins, merges that wait for nobody for ever."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, register, transition
from ledger.models import Extension, Issue, IssueStep
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.actions.test_races import at_once
from tests.issue_chain import ROAD, advance, asked, called_back, category_of, raise_issue, take
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)
LOST = (StaleIssue, StepRefused, ValidationError)


@pytest.fixture
def crowd() -> World:
    return build()


def step(world: World, who: str, issue: Issue, name: str, **said: Any) -> str:
    """``done``, or the name of what stood in the way."""
    try:
        transition(by=world.user(who), issue=issue, step=name, version=issue.version, data={"text": "写明情况", **said})
    except LOST as lost:
        return type(lost).__name__
    return "done"


def test_twenty_registrations_leave_no_gap(crowd: World) -> None:
    category, before = category_of(crowd), raise_issue(crowd).serial
    places = [crowd.households["城垵"][0], crowd.households["马銮"][0]]

    def send(number: int) -> int:
        by = crowd.user("household_cadre" if number % 2 == 0 else "household_cadre@马銮")
        issue = register(by=by, data={**ROAD, "category": category, "household": places[number % 2]})
        return int(issue.serial or 0)

    assert sorted(at_once(20, send)) == list(range(before + 1, before + 21))


def test_a_request_is_decided_once(crowd: World) -> None:
    issue = asked(crowd)
    later = issue.due_on + datetime.timedelta(days=9)

    def decide(number: int) -> str:
        name = Step.GRANT_EXTENSION if number % 2 else Step.REFUSE_EXTENSION
        return step(crowd, "village_cadre" if number % 3 else "district_secretary", issue, name, granted_on=later)

    results = at_once(6, decide)
    assert results.count("done") == 1
    kept = Extension.objects.get()
    assert kept.is_granted == (Issue.objects.get(pk=issue.pk).due_on == later)
    assert IssueStep.objects.filter(step__in=[Step.GRANT_EXTENSION, Step.REFUSE_EXTENSION]).count() == 1


def test_two_matters_merged_into_each_other_at_once(crowd: World) -> None:
    """One becomes the other's, whichever was first; neither waits for the other for ever."""
    first, second = raise_issue(crowd), raise_issue(crowd)

    def merge(number: int) -> str:
        child, master = (first, second) if number % 2 else (second, first)
        return step(crowd, "village_cadre", child, Step.MERGE, master=master)

    assert at_once(8, merge).count("done") == 1
    states = sorted(Issue.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True))
    assert states == [State.MERGED, State.REGISTERED]


def test_nothing_is_left_behind_by_a_master_that_is_voided_meanwhile(crowd: World) -> None:
    master, child = raise_issue(crowd), raise_issue(crowd)

    def act(number: int) -> str:
        if number % 2:
            return step(crowd, "village_cadre", child, Step.MERGE, master=master)
        return step(crowd, "district_secretary", master, Step.VOID)

    assert at_once(4, act).count("done") == 1
    child = Issue.objects.get(pk=child.pk)
    assert child.state == State.REGISTERED or Issue.objects.get(pk=master.pk).state == State.REGISTERED


def test_a_close_and_a_reopening_at_once(crowd: World) -> None:
    issue = called_back(crowd, "satisfied")
    results = at_once(
        4, lambda n: step(crowd, "village_cadre", issue, Step.CLOSE if n % 2 else Step.REOPEN)
    )  # fmt: skip
    assert results.count("done") == 1
    assert Issue.objects.get(pk=issue.pk).state in {State.CLOSED, State.REGISTERED}


def test_a_loser_is_told_what_happened(crowd: World) -> None:
    issue = advance(crowd, State.ASSIGNED)
    take(crowd, "village_cadre", issue, Step.ESCALATE, text="办不了")
    with pytest.raises(StaleIssue) as lost:
        take(crowd, "department_handler", issue, Step.ACCEPT)
    assert [row.step for row in lost.value.steps] == [Step.ESCALATE]
