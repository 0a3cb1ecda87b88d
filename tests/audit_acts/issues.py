"""Issues, each of their steps, evidence."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from ledger.actions.call_back_samples import draw_sample
from ledger.actions.disputes import plan_follow_up
from ledger.actions.issue_bulk import act_on_many
from ledger.actions.wish_pool import publish
from ledger.actions.wishes import claim
from ledger.models import CallBackSample, Issue
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State
from tests.audit_acts.recipe import Recipe, Sent, act, fresh, home
from tests.issue_chain import advance, asked, category_of, put_off, raise_issue, take, working
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


@act("desk_bulk", "district_secretary", "issue.bulk")
def desk_bulk(world: World, client: Client) -> Sent:
    chosen = " ".join(f"{world.issues[key].pk}:1" for key in ("城垵", "马銮"))
    return Sent(
        reverse("desk_bulk", args=["assign"]), fresh(chosen=chosen, assignee=office(world), text="请尽快上门看看")
    )


@act("desk_batch_take_back", "district_secretary", "issue.bulk")
def desk_batch_take_back(world: World, client: Client) -> Sent:
    issue = world.issues["城垵"]
    unit = world.organisations["村镇建设办"]
    batch = act_on_many(
        by=world.users["district_secretary"], step=Step.ASSIGN, chosen=[(issue.pk, issue.version)],
        data={"assignee": unit}, asked={},
    )  # fmt: skip
    return Sent(reverse("desk_batch_take_back", args=[batch.pk]))


@act("meeting_row", "district_secretary", "issue.assign")
def meeting_row(world: World, client: Client) -> Sent:
    issue = world.issues["城垵"]
    said = {"version": issue.version, "who": "村镇建设办", "goal": "先断水"}
    return Sent(reverse("meeting_row", args=[issue.pk]), said)


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


def at_odds(world: World) -> Issue:
    return raise_issue(world, kind=IssueKind.DISPUTE, other_party="城垵邻居", other_phone="13812345678")


@act("dispute_edit", "village_cadre", "dispute.changed")
def dispute_edit(world: World, client: Client) -> Sent:
    return Sent(reverse("dispute_edit", args=[at_odds(world).pk]), {"version": 0, "mediator": "司法所老陈"})


@act("follow_up_plan", "village_cadre", "dispute.follow_up_planned")
def follow_up_plan(world: World, client: Client) -> Sent:
    day = local_today().isoformat()
    return Sent(reverse("follow_up_plan", args=[at_odds(world).pk]), {"planned_on": day})


@act("follow_up_done", "village_cadre", "dispute.follow_up_made")
def follow_up_done(world: World, client: Client) -> Sent:
    day = local_today()
    planned = plan_follow_up(by=world.user("village_cadre"), issue=at_odds(world), planned_on=day)
    return Sent(reverse("follow_up_done", args=[planned.pk]), {"done_on": day.isoformat(), "text": "两家都好"})


@act("party_phone", "village_cadre", "issue.phone_read", again=True)
def party_phone(world: World, client: Client) -> Sent:
    return Sent(reverse("party_phone", args=[at_odds(world).parties.get(side="second").pk]))


@act("sign_review", "village_cadre", "sign.reviewed")
def sign_review(world: World, client: Client) -> Sent:
    issue = raise_issue(world, kind=IssueKind.EARLY_SIGN, colour="2orange", cause="采石放炮")
    return Sent(reverse("sign_review", args=[issue.pk]), {"version": 1, "colour": "1red", "text": "有人串联"})


@act("wish_claim", "household_cadre", "issue.assign", "issue.accept")
def wish_claim(world: World, client: Client) -> Sent:
    wish = raise_issue(world, kind=IssueKind.WISH)
    return Sent(reverse("wish_claim", args=[wish.pk]), {"version": 1, "donor": "爱心超市"})


@act("wish_publish", "village_cadre", "wish.published")
def wish_publish(world: World, client: Client) -> Sent:
    wish = raise_issue(world, kind=IssueKind.WISH)
    return Sent(reverse("wish_publish", args=[wish.pk]), {"version": 1, "text": "想要一个书包"})


@act("wish_withdraw", "village_cadre", "wish.withdrawn")
def wish_withdraw(world: World, client: Client) -> Sent:
    wish = raise_issue(world, kind=IssueKind.WISH)
    publish(by=world.user("village_cadre"), issue=wish, version=1, text="想要一个书包")
    return Sent(reverse("wish_withdraw", args=[wish.pk]))


@act("wish_pool_claim", "household_cadre@马銮", "issue.assign", "issue.accept")
def wish_pool_claim(world: World, client: Client) -> Sent:
    wish = raise_issue(world, kind=IssueKind.WISH)
    published = publish(by=world.user("village_cadre"), issue=wish, version=1, text="想要一个书包")
    return Sent(reverse("wish_pool_claim", args=[published.pk]), {"donor": "爱心超市"})


@act("wish_give_back", "household_cadre", "issue.return")
def wish_give_back(world: World, client: Client) -> Sent:
    wish = raise_issue(world, kind=IssueKind.WISH)
    claim(by=world.user("household_cadre"), issue=wish, version=1)
    return Sent(reverse("wish_give_back", args=[wish.pk]), {"version": 3, "text": "一时买不到"})


def step(to: str, name: str, **said: Any) -> Recipe:
    def recipe(world: World, client: Client) -> Sent:
        issue = advance(world, to)
        told = {key: value(world) if callable(value) else value for key, value in said.items()}
        return Sent(reverse("issue_step", args=[issue.pk, name]), {"version": issue.version, **told})

    recipe.__name__ = str(name)
    return recipe


def office(world: World) -> str:
    return f"u{world.organisations['村镇建设办'].pk}"


def county_leader(world: World) -> int:
    return world.cadre("county_leader").pk


def road(world: World) -> int:
    return category_of(world).pk


def after(make: Callable[[World], Issue], name: str, **said: Any) -> Recipe:
    """As ``step``, from an issue that ``make`` brings there."""

    def recipe(world: World, client: Client) -> Sent:
        issue = make(world)
        return Sent(reverse("issue_step", args=[issue.pk, name]), {"version": issue.version, **said})

    recipe.__name__ = str(name)
    return recipe


def supervised(world: World) -> Issue:
    return take(world, "county_leader", working(world), Step.SUPERVISE, report_every=7)


def escalated(world: World) -> Issue:
    return take(world, "township_desk", raise_issue(world), Step.ESCALATE, level="township", text="村里办不了")


LATER = (local_today() + datetime.timedelta(days=120)).isoformat()
TODAY = {"instructed_on": local_today().isoformat()}
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
    Step.REMIND: ("village_cadre", step(State.IN_PROGRESS, Step.REMIND, text="请抓紧")),
    Step.WITHDRAW: ("village_cadre", step(State.ASSIGNED, Step.WITHDRAW, text="点错了")),
    Step.REOPEN: ("village_cadre", step(State.CLOSED, Step.REOPEN, text="又坏了")),
    Step.INSTRUCT: ("county_leader", step(State.ASSIGNED, Step.INSTRUCT, leader=county_leader, text="请抓紧", **TODAY)),
    Step.SUPERVISE: ("county_leader", step(State.ASSIGNED, Step.SUPERVISE, report_every=7)),
    Step.RELEASE: ("county_leader", after(supervised, Step.RELEASE, text="已见效")),
    Step.ESCALATE: ("village_cadre", step(State.ASSIGNED, Step.ESCALATE, level="district", text="村里办不了")),
    Step.SEND_DOWN: ("township_desk", after(escalated, Step.SEND_DOWN, level="village", text="村里可办")),
    Step.REQUEST_EXTENSION: (
        "department_handler", after(working, Step.REQUEST_EXTENSION, wanted_on=LATER, text="材料未到")
    ),
    Step.GRANT_EXTENSION: ("village_cadre", after(asked, Step.GRANT_EXTENSION, granted_on=LATER)),
    Step.REFUSE_EXTENSION: ("village_cadre", after(asked, Step.REFUSE_EXTENSION, text="请按期办结")),
    Step.DEFER: (
        "village_cadre", after(working, Step.DEFER, text="等资金", deferred_until=LATER, review_on=LATER)
    ),
    Step.RESUME: ("village_cadre", after(put_off, Step.RESUME, text="资金到了")),
    Step.RECLASSIFY: (
        "village_cadre", step(State.ASSIGNED, Step.RECLASSIFY, kind="enquiry", category=road, text="只是问")
    ),
    Step.VOID: ("village_cadre", step(State.ASSIGNED, Step.VOID, text="登错了")),
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


@act("issue_step", "village_cadre", "issue.merge", "issue.merge")
def merge(world: World, client: Client) -> Sent:
    master, issue = raise_issue(world), raise_issue(world)
    return Sent(
        reverse("issue_step", args=[issue.pk, Step.MERGE]),
        {"version": issue.version, "master": master.pk, "text": "同一处"},
    )
