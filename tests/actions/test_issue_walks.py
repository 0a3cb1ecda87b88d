"""Random walks through the table: whatever people try, the ledger keeps its promises."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.actions.issues import StepRefused, transition
from ledger.models import Category, Extension, Issue, IssueRound, IssueStep
from ledger.queries.issue_desks import held_levels
from ledger.queries.issues import allowed_steps
from ledger.rules.days import local_today
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.issues import OPEN_STATES, Answer, IssueKind, Outcome, State
from ledger.rules.permissions import LEVEL_RANK, Level
from tests.drill import times
from tests.issue_chain import raise_issue, shown_for
from tests.world import World

PEOPLE = (
    "village_cadre", "district_secretary", "township_desk", "township_leader", "county_desk", "county_leader",
    "department_handler", "village_official", "household_cadre",
)  # fmt: skip
STEP_NAMES = sorted(str(step) for step in STEPS if step != Step.REGISTER)
MOVES = 14


def said(world: World, draw: Any, issue: Issue) -> dict[str, Any]:
    """Something for every field; most of it fits most of the time."""
    day = max(issue.due_on or local_today(), local_today()) + datetime.timedelta(days=draw(st.integers(-3, 40)))
    to = draw(st.sampled_from(["unit", "village_official", "village_cadre", "household_cadre"]))
    outcomes = [draw(st.sampled_from([Outcome.SOLVED, Outcome.EXPLAINED]))]
    return {
        "text": draw(st.sampled_from(["写明情况", "写明情况", ""])), "outcomes": outcomes, **shown_for(outcomes),
        "assignee": world.organisations["村镇建设办"] if to == "unit" else world.cadre(to),
        "answer": draw(st.sampled_from(list(Answer))), "wanted_on": day, "granted_on": day, "deferred_until": day,
        "review_on": local_today() + datetime.timedelta(days=1), "report_every": draw(st.integers(0, 9)),
        "leader": world.cadre("township_leader"), "master": Issue.objects.exclude(pk=issue.pk).order_by("-pk").first(),
        "kind": draw(st.sampled_from([IssueKind.REQUEST, IssueKind.REQUEST, IssueKind.EARLY_SIGN])),
        "category": draw(st.sampled_from(list(Category.objects.filter(county=world.county)))),
    }  # fmt: skip


class Undo(Exception):
    """Takes a whole walk back."""


@pytest.mark.drill
@settings(
    max_examples=times(ci=20, drill=400), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.data())
def test_a_random_walk_keeps_every_promise(world: World, data: Any) -> None:
    try:
        with transaction.atomic():
            issues = [raise_issue(world).pk for _each in range(3)]
            for _move in range(MOVES):
                step_somehow(world, data.draw, data.draw(st.sampled_from(issues)))
                promises(world)
            raise Undo
    except Undo:
        pass


def step_somehow(world: World, draw: Any, pk: int) -> None:
    issue = Issue.objects.select_related("village__township", "category__parent", "household").get(pk=pk)
    user = world.user(draw(st.sampled_from(PEOPLE)))
    offered = [str(rule.step) for rule in allowed_steps(user, issue)]
    step = draw(st.sampled_from(offered)) if offered and draw(st.integers(0, 9)) else draw(st.sampled_from(STEP_NAMES))
    try:
        transition(by=user, issue=issue, step=step, version=issue.version, data=said(world, draw, issue))
    except (StepRefused, ValidationError):
        assert Issue.objects.get(pk=pk).version == issue.version


def promises(world: World) -> None:
    found = list(Issue.objects.select_related("village__township"))
    numbers = [(issue.township_id, issue.number) for issue in found]
    assert len(numbers) == len(set(numbers)), "a number twice"
    held = held_levels(world.villages["城垵"])
    for issue in found:
        if issue.village_id != world.villages["城垵"].pk:
            continue
        owned = issue.handler_id or issue.lead_organisation_id
        on_desk = any(LEVEL_RANK[Level(level)] >= LEVEL_RANK[Level(issue.level)] for level in held)
        assert issue.state not in OPEN_STATES or owned or (issue.state == State.REGISTERED and on_desk), "ownerless"
        assert (issue.state == State.CLOSED) == bool(issue.close_basis), "closed for no reason"
        assert issue.state != State.MERGED or issue.master.state not in {State.MERGED, State.VOID}, "a chain"
        assert bool(issue.extension_level) == Extension.objects.filter(issue=issue, decided_at__isnull=True).exists()
    resolved = dict(IssueRound.objects.values_list("issue_id", "resolved_by_id"))
    rounds = {(row.issue_id, row.round): row.resolved_by_id for row in IssueRound.objects.all()}
    for row in IssueStep.objects.filter(step__in=[Step.CALL_BACK, Step.CLOSE]):
        assert row.by_id is not None
        assert row.by_id != rounds.get((row.issue_id, row.round)), "who resolved it called back or closed"
    assert set(resolved) <= {issue.pk for issue in found}
