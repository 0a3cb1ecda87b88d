"""The page of each step, what the timeline says of it, and what the issue's page shows beside it."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format

from ledger.models import Issue
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, State
from tests.issue_chain import advance, asked, category_of, put_off, raise_issue, take, working
from tests.views.issue_pages import SignIn, detail, step_url, text_of
from tests.world import World

LATER = local_today() + datetime.timedelta(days=120)
DAY = date_format(LATER, "DATE_FORMAT") if LATER.year != local_today().year else date_format(LATER, "MONTH_DAY_FORMAT")


def high(world: World) -> Issue:
    return take(world, "township_desk", raise_issue(world), Step.ESCALATE, level="township", text="村里办不了")


def watched(world: World) -> Issue:
    return take(world, "county_leader", working(world), Step.SUPERVISE, report_every=7)


Make = Callable[[World], Issue]
STEPS: dict[str, tuple[str, Make, dict[str, Any], list[str]]] = {
    "escalate": ("village_cadre", raise_issue, {"level": "township"}, ["上报至乡镇", "前交办"]),
    "send_down": ("township_desk", high, {"level": "village"}, ["转村办理"]),
    "request_extension": (
        "department_handler", working, {"wanted_on": LATER}, ["申请延期", f"{DAY}", "由村审批", "待审批"],
    ),
    "grant_extension": ("village_cadre", asked, {"granted_on": LATER}, ["同意延期", f"同意延至{DAY}"]),
    "refuse_extension": ("village_cadre", asked, {}, ["不同意延期", "时限不变", "未同意"]),
    "supervise": ("county_leader", working, {"report_every": 7}, ["列入督办", "每7天报告一次进展", "首次报告"]),
    "release": ("county_leader", watched, {}, ["解除督办"]),
    "defer": (
        "village_cadre", working, {"deferred_until": LATER, "review_on": LATER},
        ["转挂账推进", "下次研究", f"计划{DAY}完成"],
    ),
    "resume": ("village_cadre", put_off, {}, ["恢复办理", "暂停0个工作日"]),
    "void": ("village_cadre", raise_issue, {}, ["作废"]),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_step_by_its_page(world: World, sign_in: SignIn, step: str) -> None:
    who, make, said, words = STEPS[step]
    issue, client = make(world), sign_in(who)
    page = client.get(step_url(issue, step))
    assert page.status_code == 200
    assert f">{Step(step).label}</button>" in text_of(page)
    sent = {"version": issue.version, "text": "写明情况甲", **said}
    answer = client.post(step_url(issue, step), sent)
    assert answer.status_code == 302, text_of(answer)
    shown = text_of(client.get(detail(issue)))
    for word in ["写明情况甲", *words]:
        assert word in shown, word


def test_an_instruction_entered_for_a_leader_says_so(world: World, sign_in: SignIn) -> None:
    issue, client, leader = raise_issue(world), sign_in("village_cadre"), world.cadre("township_leader")
    names = {
        str(label) for _value, label in client.get(step_url(issue, "instruct")).context["form"].fields["leader"].choices
    }
    assert names == {world.cadre(who).name for who in ("township_leader", "county_leader")}
    sent = {"version": issue.version, "leader": leader.pk, "instructed_on": local_today(), "text": "请抓紧办"}
    assert client.post(step_url(issue, "instruct"), sent).status_code == 302
    shown = text_of(client.get(detail(issue)))
    assert f"{leader.name}批示" in shown
    assert "经办人代录" in shown


def test_two_matters_merged_by_the_page_are_seen_on_both(world: World, sign_in: SignIn) -> None:
    master, issue, client = raise_issue(world, title="水管爆了"), raise_issue(world), sign_in("village_cadre")
    searched = client.post(step_url(issue, "merge"), {"search": "1", "find": "水管", "text": "先写好的理由"})
    assert "水管爆了" in text_of(searched)
    assert "先写好的理由" in text_of(searched)
    assert world.issues["城垵"].title not in text_of(searched)
    sent = {"version": issue.version, "master": master.pk, "text": "同一根水管"}
    assert client.post(step_url(issue, "merge"), sent).status_code == 302
    assert f"并入{master.printed_number}" in text_of(client.get(detail(issue)))
    theirs = text_of(client.get(detail(master)))
    assert f"{issue.printed_number} 并入本事项" in theirs
    assert "并入本事项的" in theirs


def test_nobody_merges_into_what_they_do_not_see(world: World, sign_in: SignIn) -> None:
    issue, client = raise_issue(world), sign_in("village_cadre")
    far = world.issues["马銮"]
    assert far.title not in text_of(client.post(step_url(issue, "merge"), {"search": "1", "find": far.number}))
    sent = {"version": issue.version, "master": far.pk, "text": "同一处"}
    page = client.post(step_url(issue, "merge"), sent)
    assert (page.status_code, far.title in text_of(page)) == (200, False)
    assert Issue.objects.get(pk=issue.pk).state == State.REGISTERED


def test_a_complaint_by_the_page_leaves_the_village(world: World, sign_in: SignIn) -> None:
    issue, client, official = raise_issue(world), sign_in("village_cadre"), world.cadre("village_official")
    sent = {
        "version": issue.version, "kind": IssueKind.COMPLAINT, "category": category_of(world).pk,
        "about_cadre": official.pk, "text": "实为反映村干部",
    }  # fmt: skip
    answer = client.post(step_url(issue, "reclassify"), sent)
    assert (answer.status_code, answer.url) == (302, "/issues/"), "who sent it up does not see it any more"
    moved = Issue.objects.get(pk=issue.pk)
    assert (moved.kind, moved.level, moved.about_cadre) == (IssueKind.COMPLAINT, "township", official)
    assert client.get(detail(issue)).status_code == 404


def test_a_stale_deferral_keeps_all_that_was_typed(world: World, sign_in: SignIn) -> None:
    issue, client = working(world), sign_in("village_cadre")
    take(world, "department_handler", issue, Step.PROGRESS, text="材料已到")
    sent = {"version": issue.version, "text": "等上级批复资金", "deferred_until": LATER, "review_on": LATER}
    page = client.post(step_url(issue, "defer"), sent)
    assert page.status_code == 409
    for kept in ("材料已到", "等上级批复资金", LATER.isoformat()):
        assert kept in text_of(page)
    assert Issue.objects.get(pk=issue.pk).state == State.IN_PROGRESS


@pytest.mark.parametrize(
    ("who", "step", "make", "why"),
    [
        ("household_cadre", "escalate", raise_issue, "这一步由该事项的经办台或其上级经办台办理"),
        ("village_cadre", "supervise", raise_issue, "这一步由当地领导办理"),
        ("village_cadre", "progress", working, "这一步由承办人办理"),
        ("county_leader", "refuse_extension", asked, "这一步由审批延期的经办台办理"),
        ("county_desk", "escalate", lambda world: take(world, "township_desk", high(world), Step.ESCALATE, text="报县"),
         "上级没有经办人"),
        ("village_cadre", "send_down", raise_issue, "下级没有可以接收的"),
        ("village_cadre", "grant_extension", working, "没有待审批的延期申请"),
        ("county_leader", "supervise", watched, "已列入督办"),
        ("village_cadre", "void", watched, "督办事项须由领导"),
        ("department_handler", "request_extension", asked, "已提交延期申请"),
        ("village_cadre", "resume", working, "事项状态已经变化"),
    ],
)  # fmt: skip
def test_a_refused_step_says_why_and_keeps_the_text(
    world: World, sign_in: SignIn, who: str, step: str, make: Make, why: str
) -> None:
    issue, client = make(world), sign_in(who)
    for page in (
        client.get(step_url(issue, step)),
        client.post(step_url(issue, step), {"version": issue.version, "text": "写好的话", "report_every": 5,
                                            "wanted_on": LATER, "granted_on": LATER, "level": "county"}),
    ):  # fmt: skip
        assert page.status_code == 403
        assert why in text_of(page)
    assert "写好的话" in text_of(page)
    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_the_page_costs_the_same_with_more_behind_it(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")

    def cost(issue: Issue) -> int:
        client.get(detail(issue))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(detail(issue)).status_code == 200
        return len(queries)

    def full(times: int) -> Issue:
        issue = working(world)
        for _each in range(times):
            issue = asked(world, issue=issue)
            issue = take(world, "village_cadre", issue, Step.REFUSE_EXTENSION, text="请按期")
            issue = take(
                world, "township_leader", issue, Step.INSTRUCT, leader=world.cadre("township_leader"), text="抓紧"
            )
            take(world, "village_cadre", raise_issue(world), Step.MERGE, master=issue, text="同一处")
            issue = Issue.objects.get(pk=issue.pk)
        return issue

    assert cost(full(1)) == cost(full(3))


def test_the_counter_and_the_watch_stand_in_the_list(world: World, sign_in: SignIn) -> None:
    reopened = take(world, "village_cadre", advance(world, State.CLOSED), Step.REOPEN, text="又坏了")
    old = watched(world)
    raise_issue(world)
    page = sign_in("township_leader").get("/issues/")
    rows = list(page.context["rows"])
    assert rows[0] == old, "what a leader watches comes first"
    assert {row.round for row in rows if row == reopened} == {2}
    assert "第 2 轮" in text_of(page)
    assert "督办" in text_of(page)
