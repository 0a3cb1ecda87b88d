"""Every (standing, step, person): who is named here may, and it does what is written here; all else changes nothing.

The table is written out by hand from design.md 3 and 5, not read from the code.
"""

import contextlib
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from ledger.actions.issues import StepRefused, transition
from ledger.models import AuditRow, Category, Issue, IssueStep
from ledger.models.scope import scope_of
from ledger.rules.days import local_today
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State
from ledger.rules.permissions import Role
from tests.issue_chain import advance, asked, called_back, put_off, raise_issue, snapshot, take, working
from tests.world import World, make_cadre, post

DESKS = "village_cadre district_secretary township_desk township_leader county_desk"
HIGH_DESKS = "township_desk township_leader county_desk"
LEADERS = "township_leader county_leader"
HANDLER, SUPPORTER, RAISER = "department_handler", "department_handler@派出所", "household_cadre"
HELPS = f"{HANDLER} {SUPPORTER}"
PEOPLE = (
    *DESKS.split(), HANDLER, SUPPORTER, RAISER, "county_leader", "village_official", "district_secretary@西",
    "township_desk@前楼", "township_leader@前楼", "village_cadre@马銮", "department_handler@纪委", "inspector",
    "township_admin", "county_admin", "nobody",
)  # fmt: skip
OPEN = {
    "instruct": f"{DESKS} county_leader", "escalate": DESKS, "reclassify": DESKS, "merge": DESKS, "void": DESKS,
    "supervise": LEADERS,
}  # fmt: skip
UNDER_SUPERVISION = OPEN | {"release": LEADERS, "supervise": "", "merge": "township_leader", "void": "township_leader"}


REMIND = {"remind": f"{DESKS} county_leader"}


def registered(world: World) -> Issue:
    return raise_issue(world)


def escalated(world: World) -> Issue:
    return take(world, "district_secretary", raise_issue(world), Step.ESCALATE, level="township", text="办不了")


def supervised(world: World, issue: Issue | None = None) -> Issue:
    return take(world, "county_leader", issue or working(world), Step.SUPERVISE, report_every=7)


def supervised_and_answered(world: World) -> Issue:
    issue = supervised(world)
    issue = take(world, HANDLER, issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了", seen="路面已补")
    return take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.SATISFIED)


def supervised_and_dissatisfied(world: World) -> Issue:
    issue = supervised(world)
    issue = take(world, HANDLER, issue, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了", seen="路面已补")
    return take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.DISSATISFIED)


def tried_thrice(world: World) -> Issue:
    issue = called_back(world, Answer.UNREACHABLE)
    Issue.objects.filter(pk=issue.pk).update(call_back_tries=3)
    return Issue.objects.get(pk=issue.pk)


def at_the_county(world: World) -> Issue:
    return take(world, "township_desk", raise_issue(world), Step.ESCALATE, level="county", text="要县里定")


def merged(world: World) -> Issue:
    return take(world, "village_cadre", raise_issue(world), Step.MERGE, master=raise_issue(world), text="同一处")


def voided(world: World) -> Issue:
    return take(world, "village_cadre", raise_issue(world), Step.VOID, text="登错了")


def master(world: World) -> Issue:
    first = raise_issue(world)
    take(world, "village_cadre", raise_issue(world), Step.MERGE, master=first, text="同一处")
    return Issue.objects.get(pk=first.pk)


TABLE: dict[str, tuple[Callable[[World], Issue], dict[str, str]]] = {
    "registered": (registered, OPEN | {"assign": DESKS}),
    "registered at the township": (
        escalated,
        dict.fromkeys(OPEN, HIGH_DESKS) | {
            "assign": HIGH_DESKS, "instruct": f"{HIGH_DESKS} county_leader", "supervise": LEADERS,
            "send_down": HIGH_DESKS,
        },
    ),
    "registered at the county": (
        at_the_county,
        dict.fromkeys(["assign", "send_down", "reclassify", "merge", "void"], "county_desk") | {
            "instruct": f"county_desk {LEADERS}", "supervise": LEADERS,
        },
    ),
    "a master": (master, OPEN | {"assign": DESKS, "merge": "", "void": ""}),
    "assigned": (
        lambda world: advance(world, State.ASSIGNED),
        OPEN | REMIND | {"assign": DESKS, "accept": HANDLER, "return": HANDLER, "withdraw": DESKS},
    ),
    "in progress": (
        working,
        OPEN | REMIND | {
            "assign": DESKS, "progress": HELPS, "resolve": HANDLER, "request_extension": HANDLER, "defer": DESKS,
        },
    ),
    "in progress, more time asked for": (
        asked,
        OPEN | REMIND | {
            "assign": DESKS, "progress": HELPS, "resolve": HANDLER, "defer": DESKS, "grant_extension": DESKS,
            "refuse_extension": DESKS,
        },
    ),
    "in progress, supervised": (
        supervised,
        UNDER_SUPERVISION | REMIND | {
            "assign": DESKS, "progress": HELPS, "resolve": HANDLER, "request_extension": HANDLER, "defer": DESKS,
        },
    ),
    "deferred": (put_off, OPEN | REMIND | {"progress": HELPS, "resume": DESKS, "defer": DESKS}),
    "deferred, more time asked for": (
        lambda world: put_off(world, issue=asked(world)),
        OPEN | REMIND | {
            "progress": HELPS, "resume": DESKS, "defer": DESKS, "grant_extension": DESKS, "refuse_extension": DESKS,
        },
    ),
    "resolved": (
        lambda world: advance(world, State.RESOLVED),
        {"call_back": f"{DESKS} county_leader {RAISER}", "reopen": DESKS},
    ),
    "resolved, satisfied by the raiser's own call": (
        lambda world: called_back(world, Answer.SATISFIED, by=RAISER), {"close": f"{DESKS} {RAISER}", "reopen": DESKS},
    ),
    "resolved, dissatisfied": (
        lambda world: called_back(world, Answer.DISSATISFIED), {"close": "township_leader", "reopen": DESKS},
    ),
    "resolved, one try": (
        lambda world: called_back(world, Answer.UNREACHABLE),
        {"call_back": f"{DESKS} county_leader {RAISER}", "reopen": DESKS},
    ),
    "resolved, three tries": (
        tried_thrice, {"call_back": f"{DESKS} county_leader {RAISER}", "close": DESKS, "reopen": DESKS},
    ),
    "resolved, dissatisfied, supervised": (
        supervised_and_dissatisfied, {"close": "township_leader", "reopen": DESKS, "release": LEADERS},
    ),
    "resolved, supervised": (supervised_and_answered, {"close": LEADERS, "reopen": DESKS, "release": LEADERS}),
    "closed": (lambda world: advance(world, State.CLOSED), {"reopen": DESKS}),
    "merged": (merged, {}),
    "void": (voided, {}),
}  # fmt: skip
KEEPS = frozenset({"progress", "call_back", "request_extension", "grant_extension", "refuse_extension", "instruct",
                   "supervise", "release", "reclassify", "remind"})  # fmt: skip
ENDS_IN = {
    "assign": "assigned", "accept": "in_progress", "return": "registered", "resolve": "resolved", "close": "closed",
    "reopen": "registered", "escalate": "registered", "send_down": "registered", "defer": "deferred",
    "resume": "in_progress", "merge": "merged", "void": "void", "withdraw": "registered",
}  # fmt: skip
HANDS = {"handler_id", "lead_organisation_id", "assigned_at", "accepted_at", "due_on", "extension_level", "paused_days",
         "obstacle", "deferred_on", "deferred_until", "review_on"}  # fmt: skip
WATCHED = {"is_supervised", "supervised_by_id", "supervised_at", "report_every", "report_due_on"}
ASKED = {"answer", "call_back_tries", "called_back_at", "called_back_by_id"}
CHANGES: dict[str, tuple[set[str], set[str]]] = {
    "assign": ({"assigned_at"}, HANDS | {"first_due_on", "triage_due_on"}),
    "accept": ({"accepted_at", "handler_id"}, set()),
    "return": ({"lead_organisation_id", "assigned_at", "due_on", "triage_due_on"}, set()),
    "progress": (set(), {"report_due_on"}),
    "resolve": (
        {"resolved_at", "resolved_by_id", "resolved_in_time", "outcomes", "result_text"},
        {"extension_level", "report_due_on"},
    ),
    "call_back": ({"answer", "called_back_at"}, {"called_back_by_id", "call_back_tries"}),
    "close": ({"closed_at", "closed_by_id", "close_basis"}, WATCHED),
    "reopen": (
        {"round", "triage_due_on", "resolved_at"},
        HANDS | ASKED | {"first_due_on", "resolved_by_id", "resolved_in_time", "outcomes", "result_text", "closed_at",
                         "closed_by_id", "close_basis", "report_due_on"},
    ),
    "request_extension": ({"extension_level"}, set()),
    "grant_extension": ({"extension_level", "due_on"}, set()),
    "refuse_extension": ({"extension_level"}, set()),
    "instruct": (set(), set()),
    "supervise": (WATCHED, set()),
    "release": ({"is_supervised", "supervised_by_id", "supervised_at", "report_every"}, WATCHED),
    "escalate": ({"level", "highest_level"}, HANDS | {"triage_due_on"}),
    "send_down": ({"level"}, HANDS | {"triage_due_on"}),
    "defer": ({"deferred_until", "obstacle"}, {"deferred_on", "review_on"}),
    "resume": ({"deferred_on", "deferred_until", "review_on", "obstacle"}, {"due_on", "paused_days"}),
    "reclassify": ({"category_id"}, {"due_on", "kind"}),
    "merge": ({"master_id"}, HANDS | WATCHED | {"triage_due_on"}),
    "remind": ({"reminded_on"}, set()),
    "withdraw": ({"lead_organisation_id", "assigned_at", "due_on", "triage_due_on"}, {"reminded_on"}),
    "void": (set(), HANDS | WATCHED | {"triage_due_on"}),
}  # fmt: skip
"""Step → the columns it must change, and those it may."""


def said(world: World, issue: Issue, other: Issue) -> dict[str, Any]:
    """Everything any step could need, at once."""
    far = max(issue.due_on or local_today(), local_today()) + datetime.timedelta(days=30)
    return {
        "text": "写明情况", "outcomes": [Outcome.SOLVED], "seen": "路面已补", "answer": Answer.SATISFIED,
        "assignee": world.cadre("village_official"), "wanted_on": far, "granted_on": far, "report_every": 5,
        "deferred_until": far, "review_on": far, "leader": None, "master": other, "kind": IssueKind.REQUEST,
        "category": Category.objects.get(county=world.county, name="道路交通"),
    }  # fmt: skip


class Undo(Exception):
    """Rolls one step back, so that the next person meets the same issue."""


def of(issue: Issue) -> dict[str, Any]:
    row: dict[str, Any] = Issue.objects.filter(pk=issue.pk).values().get()
    return row


@pytest.mark.parametrize("standing", TABLE)
def test_each_step_by_each_person(world: World, standing: str) -> None:
    make, allowed = TABLE[standing]
    helping = make_cadre(world.township, "康美派出所民警", world.county)
    post(helping, Role.DEPARTMENT_HANDLER, organisation=world.organisations["派出所"])
    world.users[SUPPORTER] = User.objects.get(pk=helping.user_id)
    issue, other = make(world), raise_issue(world)
    issue.supporting.add(world.organisations["派出所"])
    data = said(world, issue, other)
    before, row = snapshot(), of(issue)
    for step in [each for each in Step if each != Step.REGISTER]:
        may = set(allowed.get(step, "").split())
        for who in PEOPLE:
            user = world.user(who)
            told = data | {"leader": world.cadre("township_leader")} if who not in LEADERS.split() else data
            with contextlib.suppress(Undo), transaction.atomic():
                if who not in may:
                    with pytest.raises(StepRefused) as refused:
                        transition(by=user, issue=issue, step=step, version=issue.version, data=told)
                    assert str(refused.value), (who, step)
                    continue
                moved = transition(by=user, issue=issue, step=step, version=issue.version, data=told)
                check(step, row, moved, scope_of(user).cadre_id, user.pk, other if step == Step.MERGE else None)
                raise Undo
        assert snapshot() == before, step


def check(step: str, before: dict[str, Any], moved: Issue, cadre: int | None, user: int, other: Issue | None) -> None:
    """State, columns, one row of the timeline, one audit row, version + 1; a merge leaves a trace on its master."""
    after = of(moved)
    assert after["state"] == (before["state"] if step in KEEPS else ENDS_IN[step])
    assert after["version"] == before["version"] + 1
    changed = {name for name in after if after[name] != before[name]} - {"state", "version"}
    must, may = CHANGES[step]
    assert must <= changed <= must | may, (step, sorted(changed))
    rows = IssueStep.objects.filter(at__gte=moved.steps.latest("pk").at).order_by("pk")
    touched = [moved.pk, *([other.pk] if other is not None else [])]
    assert [(r.issue_id, r.step, r.by_id) for r in rows] == [(pk, step, cadre) for pk in touched]
    assert (rows[0].from_state, rows[0].to_state) == (before["state"], after["state"])
    audited = AuditRow.objects.order_by("-pk")[: len(touched)]
    assert {(a.verb, a.object_id, a.user_id) for a in audited} == {(f"issue.{step}", pk, user) for pk in touched}
    if other is not None:
        assert Issue.objects.get(pk=other.pk).version == other.version + 1


def test_the_table_is_the_one_of_the_code() -> None:
    """Each step is somebody's in some standing, and each is written out."""
    used = {step for _make, allowed in TABLE.values() for step, who in allowed.items() if who}
    assert used == {str(step) for step in STEPS} - {"register"} == set(CHANGES) == KEEPS | set(ENDS_IN)
