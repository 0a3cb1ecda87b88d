"""Issues brought to a state through the real steps, and everything a refused step must leave alone."""

import datetime
from typing import Any

from ledger.actions.issues import register, transition
from ledger.models import AuditRow, Category, Extension, Household, Issue, IssueRound, IssueStep
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State
from tests.world import World

ROAD = {"kind": IssueKind.REQUEST, "title": "村道破损", "text": "下雨积水"}


def raise_issue(world: World, by: str = "household_cadre", **data: Any) -> Issue:
    place = {} if "village" in data or "household" in data else {"household": world.households["城垵"][0]}
    category = data.pop("category", None) or category_of(world)
    if data.get("on_spot"):
        data = {**shown_for(data.get("outcomes", ())), **data}
    return register(by=world.user(by), data={**ROAD, "category": category, **place, **data})


def category_of(world: World) -> Category:
    return Category.objects.get(county=world.county, name="村道破损")


SHOWN: dict[str, dict[str, Any]] = {
    Outcome.SOLVED: {"seen": "路面平整"},
    Outcome.EXPLAINED: {"explained": "讲清了条件", "policy": "县低保办法第五条"},
    Outcome.ASSISTED: {"help_given": "棉被两床", "help_in_kind": True, "help_source": "民政"},
}
"""What each outcome has to show, for tests that are about something else."""


def shown_for(outcomes: Any) -> dict[str, Any]:
    return {name: value for each in outcomes for name, value in SHOWN.get(each, {}).items()}


def take(world: World, by: str, issue: Issue, step: str, **data: Any) -> Issue:
    if step == Step.RESOLVE:
        data = {**shown_for(data.get("outcomes", ())), **data}
    return transition(by=world.user(by), issue=issue, step=step, version=issue.version, data=data)


def advance(world: World, to: str, **data: Any) -> Issue:
    """An issue in 城垵 brought to a state: 村镇建设办 handles it, the village cadre assigns and calls back."""
    issue = raise_issue(world, **data)
    moves: list[tuple[str, str, dict[str, Any]]] = [
        ("district_secretary", Step.ASSIGN, {"assignee": world.organisations["村镇建设办"]}),
        ("department_handler", Step.ACCEPT, {}),
        ("department_handler", Step.RESOLVE, {"outcomes": [Outcome.SOLVED], "text": "补好了"}),
        ("village_cadre", Step.CALL_BACK, {"answer": Answer.SATISFIED}),
        ("village_cadre", Step.CLOSE, {}),
    ]
    for who, step, said in moves:
        if issue.state == to and step != Step.CLOSE:
            break
        issue = take(world, who, issue, step, **said)
    assert issue.state == to
    return issue


def working(world: World, **data: Any) -> Issue:
    """Given to 村镇建设办 and accepted there."""
    return advance(world, State.IN_PROGRESS, **data)


def asked(world: World, days: int = 20, issue: Issue | None = None) -> Issue:
    """Its handler asks for so many days more."""
    issue = issue or working(world)
    wanted = issue.due_on + datetime.timedelta(days=days)
    return take(world, "department_handler", issue, Step.REQUEST_EXTENSION, wanted_on=wanted, text="材料未到")


def put_off(world: World, days: int = 40, issue: Issue | None = None, by: str = "village_cadre") -> Issue:
    """Deferred for so many days, with a review halfway."""
    today = local_today()
    until, review = today + datetime.timedelta(days=days), today + datetime.timedelta(days=days // 2)
    said = {"deferred_until": until, "review_on": review, "text": "等上级资金"}
    return take(world, by, issue or working(world), Step.DEFER, **said)


def called_back(world: World, answer: str, by: str = "village_cadre") -> Issue:
    """Resolved by the office, and asked."""
    return take(world, by, advance(world, State.RESOLVED), Step.CALL_BACK, answer=answer, text="问过")


def snapshot() -> tuple[Any, ...]:
    """Everything a refused step must leave alone."""
    return (
        list(Issue.objects.order_by("pk").values()),
        list(Household.objects.order_by("pk").values_list("pk", "open_issues")),
        list(IssueRound.objects.order_by("pk").values()),
        list(Extension.objects.order_by("pk").values()),
        IssueStep.objects.count(),
        AuditRow.objects.count(),
    )


def open_issues(issue: Issue) -> int:
    return Household.objects.get(pk=issue.household_id).open_issues
