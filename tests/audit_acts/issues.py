"""Issues, each of their steps, evidence."""

from typing import Any

from django.test import Client
from django.urls import reverse

from ledger.actions.call_back_samples import draw_sample
from ledger.models import CallBackSample, Issue
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, Outcome, State
from tests.audit_acts.recipe import Recipe, Sent, act, fresh, home
from tests.issue_chain import advance, raise_issue, take
from tests.views.issue_pages import form_of
from tests.world import World


@act("issue_create", "household_cadre", "issue.register")
def issue_create(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('issue_create')}?household={home(world).pk}", form_of(world))


@act("issue_detail", "village_cadre", "issue.read", method="GET", again=True)
def a_sensitive_issue(world: World, client: Client) -> Sent:
    return Sent(reverse("issue_detail", args=[world.issues["城垵-sensitive"].pk]))


@act("issue_evidence", "household_cadre", "evidence.added")
def issue_evidence(world: World, client: Client) -> Sent:
    from tests.views.test_evidence import photo

    return Sent(reverse("issue_evidence", args=[world.issues["城垵"].pk]), fresh(files=[photo()]))


@act("issue_phone", "household_cadre", "issue.phone_read", again=True)
def issue_phone(world: World, client: Client) -> Sent:
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(raised_by_phone="13812345678")
    return Sent(reverse("issue_phone", args=[world.issues["城垵"].pk]))


@act("desk_assign", "district_secretary", "issue.assign", "issue.assign")
def desk_assign(world: World, client: Client) -> Sent:
    ids = [world.issues[key].pk for key in ("城垵", "马銮")]
    versions = {f"version-{pk}": 1 for pk in ids}
    return Sent(reverse("desk_assign"), {"issue": ids, **versions, "assignee": office(world)})


def on_the_spot(world: World, title: str = "问低保条件") -> Issue:
    return raise_issue(world, title=title, on_spot=True, outcomes=[Outcome.EXPLAINED], result_text="讲清了政策")


def drawn_sample(world: World, answer: str, count: int = 2) -> CallBackSample:
    """A sample of which one matter was drawn and called back with this answer."""
    for number in range(count):
        on_the_spot(world, f"问低保条件{number}")
    (sample,) = draw_sample(by=world.user("village_cadre"))
    issue = sample.rows.get(is_drawn=True).issue
    take(world, "village_cadre", issue, Step.CALL_BACK, answer=answer)
    return sample


@act("sample_draw", "village_cadre", "sample.drawn")
def sample_draw(world: World, client: Client) -> Sent:
    on_the_spot(world)
    return Sent(reverse("sample_draw"))


@act("sample_review", "village_cadre", "sample.reviewed")
def sample_review(world: World, client: Client) -> Sent:
    sample = drawn_sample(world, Answer.DISSATISFIED)
    handler = world.cadre("household_cadre").pk
    return Sent(reverse("sample_review", args=[sample.pk]), {"handler": handler, "text": "是没听清"})


@act("sample_close", "village_cadre", "issue.close", "sample.closed")
def sample_close(world: World, client: Client) -> Sent:
    return Sent(reverse("sample_close", args=[drawn_sample(world, Answer.SATISFIED).pk]))


def step(to: str, name: str, **said: Any) -> Recipe:
    def recipe(world: World, client: Client) -> Sent:
        issue = advance(world, to)
        told = {key: value(world) if callable(value) else value for key, value in said.items()}
        return Sent(reverse("issue_step", args=[issue.pk, name]), {"version": issue.version, **told})

    recipe.__name__ = str(name)
    return recipe


def office(world: World) -> str:
    return f"u{world.organisations['村镇建设办'].pk}"


STEPS: dict[str, tuple[str, Recipe]] = {
    Step.ASSIGN: ("district_secretary", step(State.REGISTERED, Step.ASSIGN, assignee=office)),
    Step.ACCEPT: ("department_handler", step(State.ASSIGNED, Step.ACCEPT)),
    Step.RETURN: ("department_handler", step(State.ASSIGNED, Step.RETURN, text="不归我们")),
    Step.PROGRESS: ("department_handler", step(State.IN_PROGRESS, Step.PROGRESS, text="材料已到")),
    Step.RESOLVE: (
        "department_handler",
        step(State.IN_PROGRESS, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了", seen="路面平整"),
    ),
    Step.CALL_BACK: ("village_cadre", step(State.RESOLVED, Step.CALL_BACK, answer=Answer.DISSATISFIED, text="没修好")),
    Step.REOPEN: ("village_cadre", step(State.CLOSED, Step.REOPEN, text="又坏了")),
}  # fmt: skip
for _name, (_who, _recipe) in STEPS.items():
    act("issue_step", _who, f"issue.{_name}")(_recipe)


@act("issue_step", "village_cadre", "issue.close")
def close(world: World, client: Client) -> Sent:
    issue = advance(world, State.RESOLVED)
    client.post(
        reverse("issue_step", args=[issue.pk, Step.CALL_BACK]), {"version": issue.version, "answer": "satisfied"}
    )
    issue.refresh_from_db()
    return Sent(reverse("issue_step", args=[issue.pk, Step.CLOSE]), {"version": issue.version})


@act("notice_choices", "household_cadre", "notice.chosen")
def notice_choices(world: World, client: Client) -> Sent:
    return Sent(reverse("notice_choices"), {"wanted": ["near"], "quiet": "never"})
