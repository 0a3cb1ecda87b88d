"""A harder life of a matter, by those who live it: sent up, put off, watched over; two people at once; on a phone."""

import datetime
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from ledger.models import AuditRow, Issue
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.issue_chain import raise_issue, take, working
from tests.journeys.sight import narrow_faults, small_targets
from tests.journeys.test_main_story import sign_in
from tests.plugin_browser import Watch
from tests.world import World

Come = Callable[[Page, str, Issue], None]

LATER = (local_today() + datetime.timedelta(days=90)).isoformat()
SOONER = (local_today() + datetime.timedelta(days=60)).isoformat()


@pytest.fixture
def come(world: World, live_server: LiveServer) -> Come:
    """``come(page, who, issue)``: to the page of the matter, signed in already: the main story does it by the form."""

    def to(page: Page, who: str, issue: Issue) -> None:
        client = Client()
        client.force_login(world.users[who])
        name = settings.SESSION_COOKIE_NAME
        page.goto("about:blank")  # what the page still fetches would be asked for by the next person
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto(f"/issues/{issue.pk}/")

    return to


def take_by_page(page: Page, issue: Issue, step: Step) -> None:
    """From the page of the matter: its main button, or the step in the list, also where it is folded away."""
    link = page.locator(f"a[href='/issues/{issue.pk}/{step}/']")
    if page.locator(".step-fold").count() and not link.is_visible():
        page.locator(".step-fold summary").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(str(step.label))


def send(page: Page, said: str = "", **days: str) -> None:
    """Type, save, and be told that it is recorded."""
    for name, day in days.items():
        page.locator(f"input[name={name}]").fill(day)
    if said:
        page.locator("textarea[name=text]").fill(said)
    page.locator(".savebar button[type=submit]").click()
    expect(page.get_by_text("已记录。")).to_be_visible()


def test_up_a_level_longer_put_off_watched_and_struck_off(world: World, phone: Page, desktop: Page, come: Come) -> None:
    issue = raise_issue(world)
    village_cadre_escalates(phone, come, issue)
    desk_assigns(desktop, come, issue)
    handler_accepts_and_asks_for_time(phone, come, issue)
    first = Issue.objects.get(pk=issue.pk).first_due_on
    desk_grants_and_puts_off(desktop, issue)
    leader_supervises_and_says_why(desktop, come, issue)
    desk_takes_it_up_again(desktop, come, issue)
    handler_resolves_with_both_outcomes(phone, issue)
    cadre_calls_back_but_a_leader_strikes_off(phone, desktop, come, issue)
    who_did_what_is_said(desktop, world)
    issue.refresh_from_db()
    assert (issue.state, issue.close_basis, issue.first_due_on) == (State.CLOSED, "called_back", first)
    assert issue.outcomes == ["solved", "explained"]
    steps = [
        "register", "escalate", "assign", "accept", "request_extension", "grant_extension", "defer", "supervise",
        "resume", "progress", "resolve", "call_back", "close",
    ]  # fmt: skip
    assert list(issue.steps.order_by("pk").values_list("step", flat=True)) == steps
    trail = AuditRow.objects.filter(object_type="issue", object_id=issue.pk).order_by("pk")
    assert [row.verb for row in trail] == [f"issue.{step}" for step in steps]


def village_cadre_escalates(page: Page, come: Come, issue: Issue) -> None:
    come(page, "village_cadre", issue)
    take_by_page(page, issue, Step.ESCALATE)
    page.get_by_role("radio", name=re.compile("^乡镇")).check()
    send(page, "村里没有资金")
    expect(page.get_by_text("乡镇待办台须在")).to_be_visible()
    expect(page.get_by_role("heading", name="操作")).to_have_count(0)


def desk_assigns(page: Page, come: Come, issue: Issue) -> None:
    come(page, "township_desk", issue)
    take_by_page(page, issue, Step.ASSIGN)
    page.get_by_role("radio", name=re.compile("村镇建设办")).first.check()
    send(page)


def handler_accepts_and_asks_for_time(page: Page, come: Come, issue: Issue) -> None:
    come(page, "department_handler", issue)
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_text("已记录。")).to_be_visible()
    take_by_page(page, issue, Step.REQUEST_EXTENSION)
    send(page, "沥青未到", wanted_on=LATER)
    expect(page.get_by_text("待审批", exact=True)).to_be_visible()


def desk_grants_and_puts_off(page: Page, issue: Issue) -> None:
    """What was asked for stands in the form, and may be shortened; then an obstacle is named."""
    page.reload()
    take_by_page(page, issue, Step.GRANT_EXTENSION)
    expect(page.get_by_text("沥青未到")).to_be_visible()
    expect(page.locator("input[name=granted_on]")).to_have_value(LATER)
    send(page, "六十天够了", granted_on=SOONER)
    expect(page.get_by_text("最初时限").first).to_be_visible()
    take_by_page(page, issue, Step.DEFER)
    send(page, "等县里的补助", deferred_until=LATER, review_on=SOONER)
    expect(page.get_by_text("时限暂停")).to_be_visible()


def leader_supervises_and_says_why(page: Page, come: Come, issue: Issue) -> None:
    come(page, "township_leader", issue)
    take_by_page(page, issue, Step.SUPERVISE)
    page.locator("input[name=report_every]").fill("3")
    send(page, "雨季前修好")
    expect(page.get_by_text("每3天报告一次进展").first).to_be_visible()


def desk_takes_it_up_again(page: Page, come: Come, issue: Issue) -> None:
    come(page, "township_desk", issue)
    take_by_page(page, issue, Step.RESUME)
    send(page, "补助到了")


def handler_resolves_with_both_outcomes(page: Page, issue: Issue) -> None:
    page.reload()
    take_by_page(page, issue, Step.PROGRESS)
    send(page, "沥青已到，明日开工")
    take_by_page(page, issue, Step.RESOLVE)
    page.get_by_role("checkbox", name="解决到位").check()
    page.get_by_role("checkbox", name="解释到位").check()
    page.locator("textarea[name=seen]").fill("路面平整")
    page.locator("textarea[name=explained]").fill("讲清了明年的安排")
    page.locator("input[name=policy]").fill("县农村公路办法第八条")
    send(page, "两处坑洼已补")
    expect(page.get_by_text("办结的人不能自己回访，也不能自己销号。")).to_be_visible()


def cadre_calls_back_but_a_leader_strikes_off(page: Page, office: Page, come: Come, issue: Issue) -> None:
    come(page, "household_cadre", issue)
    take_by_page(page, issue, Step.CALL_BACK)
    expect(page.get_by_text("两处坑洼已补")).to_be_visible()
    page.get_by_role("radio", name="满意", exact=True).check()
    send(page, "路好走了")
    expect(page.get_by_text("列入督办的事项由领导销号。")).to_be_visible()
    come(office, "township_leader", issue)
    take_by_page(office, issue, Step.CLOSE)
    send(office)


def who_did_what_is_said(office: Page, world: World) -> None:
    note = office.locator("section", has=office.get_by_role("heading", name="销号说明"))
    for who in ("household_cadre", "township_desk", "department_handler", "township_leader"):
        expect(note).to_contain_text(world.cadre(who).name)


def test_of_two_people_one_wins_and_the_other_keeps_the_text(
    world: World, phone: Page, desktop: Page, watch: Watch, come: Come
) -> None:
    """The secretary and the desk have the same matter open; whoever is second learns what the first did."""
    watch.allow("status of 409", "status of 403")
    issue = working(world)
    come(phone, "district_secretary", issue)
    come(desktop, "township_desk", issue)
    take_by_page(phone, issue, Step.DEFER)
    take_by_page(desktop, issue, Step.DEFER)
    send(desktop, "等县里的补助", deferred_until=LATER, review_on=SOONER)
    phone.locator("textarea[name=text]").fill("等村民商量好线路")
    phone.locator("input[name=deferred_until]").fill(SOONER)
    phone.locator("input[name=review_on]").fill(SOONER)
    phone.locator(".savebar button").click()
    expect(phone.get_by_role("alert")).to_contain_text("还没有保存")
    expect(phone.locator(".timeline")).to_contain_text("等县里的补助")
    expect(phone.locator("textarea[name=text]")).to_have_value("等村民商量好线路")
    expect(phone.locator("input[name=deferred_until]")).to_have_value(SOONER)
    issue.refresh_from_db()
    assert (issue.obstacle, issue.version) == ("等县里的补助", 4)
    # It still fits: sent again, it is the second word.
    send(phone)
    issue.refresh_from_db()
    assert (issue.obstacle, issue.version) == ("等村民商量好线路", 5)
    # And a step that fits no more: taken to the township meanwhile, the text is there to be copied.
    take_by_page(phone, issue, Step.RESUME)
    desktop.goto(f"/issues/{issue.pk}/")
    take_by_page(desktop, issue, Step.ESCALATE)
    desktop.get_by_role("radio", name=re.compile("^县")).check()
    send(desktop, "要县里定")
    phone.locator("textarea[name=text]").fill("线路商量好了")
    phone.locator(".savebar button").click()
    expect(phone.get_by_role("alert")).to_contain_text("这一步已经不适用")
    expect(phone.locator("#typed-text")).to_have_value("线路商量好了")


def test_a_matter_under_a_thumb(world: World, phone: Page, come: Come) -> None:
    """Settled on the spot at the door; a complaint can't be; the pages of the steps fit a small phone."""
    sign_in(phone, world, "household_cadre")
    home = world.households["城垵"][0].pk
    phone.goto(f"/issues/new/?household={home}")
    phone.locator("input[name=title]").fill("不会用手机缴医保")
    phone.locator("select[name=category]").select_option(label="村道破损")
    phone.get_by_role("checkbox", name="当场办结").check()
    phone.get_by_role("radio", name="投诉举报").check()
    expect(phone.get_by_role("checkbox", name="当场办结")).to_be_hidden()
    expect(phone.locator("textarea[name=result_text]")).to_be_hidden()
    phone.get_by_role("radio", name="咨询").check()
    phone.get_by_role("checkbox", name="解释到位").check()
    phone.locator("textarea[name=result_text]").fill("当场教会了")
    phone.get_by_role("button", name="登记事项").click()
    expect(phone.get_by_text("选了这项结果，就要填写。").first).to_be_visible()
    phone.locator("textarea[name=explained]").fill("手机缴费的步骤")
    phone.locator("input[name=policy]").fill("医保缴费通知")
    phone.get_by_role("button", name="登记事项").click()
    expect(phone.get_by_text("待回访").first).to_be_visible()
    made = Issue.objects.get(title="不会用手机缴医保")
    assert (made.state, made.resolved_by, made.outcomes) == (
        State.RESOLVED, world.cadre("household_cadre"), ["explained"],
    )  # fmt: skip
    issue = take(world, "township_leader", working(world), Step.SUPERVISE, report_every=3)
    come(phone, "township_leader", issue)
    faults = {}
    for step in ("", "assign/", "defer/", "instruct/", "reclassify/", "merge/"):
        phone.goto(f"/issues/{issue.pk}/{step}")
        expect(phone.locator("main .btn-primary, main section").first).to_be_visible()
        phone.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        faults[step] = [*small_targets(phone), *narrow_faults(phone)]
    assert {step: found for step, found in faults.items() if found} == {}
