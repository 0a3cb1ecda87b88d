"""The page of a step: the whole chain through it, and that typed text is never lost."""

import datetime
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from ledger.actions.issues import transition
from ledger.models import Issue, IssueStep
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, Outcome, State
from ledger.templatetags.issues import day_words
from tests.issue_chain import raise_issue, shown_for, take
from tests.views.issue_pages import SignIn, detail, handed, step_url, text_of
from tests.world import World


@pytest.mark.parametrize("step", Step)
def test_no_other_page_stands_at_the_address_of_a_step(step: str) -> None:
    assert resolve(reverse("issue_step", args=[1, step])).url_name == "issue_step"


def test_the_whole_chain(world: World, sign_in: SignIn) -> None:
    cadre, secretary, handler = (sign_in(w) for w in ("household_cadre", "district_secretary", "department_handler"))
    created = cadre.post(
        f"{reverse('issue_create')}?household={world.households['城垵'][0].pk}",
        {
            "kind": "request",
            "category": world.issues["城垵"].category_id,
            "title": "村道破损",
            "client_id": uuid.uuid4(),
        },
    )
    issue = Issue.objects.get(title="村道破损")
    assert created.status_code == 302
    assert created.url == detail(issue)

    def go(client: Client, step: str, **said: Any) -> None:
        issue.refresh_from_db()
        answer = client.post(step_url(issue, step), {"version": issue.version, **said})
        assert answer.status_code == 302, text_of(answer)
        issue.refresh_from_db()

    go(secretary, Step.ASSIGN, assignee=f"u{world.organisations['村镇建设办'].pk}", due_on="")
    assert issue.lead_organisation == world.organisations["村镇建设办"]
    go(handler, Step.ACCEPT)
    go(handler, Step.PROGRESS, text="材料已到")
    outcomes = [Outcome.SOLVED, Outcome.EXPLAINED]
    go(handler, Step.RESOLVE, outcomes=outcomes, text="补好了", **shown_for(outcomes))
    go(secretary, Step.CALL_BACK, answer=Answer.SATISFIED, text="")
    go(secretary, Step.CLOSE, text="")
    assert issue.state == State.CLOSED
    assert set(issue.outcomes) == {"solved", "explained"}
    page = text_of(cadre.get(detail(issue)))
    for word in ("交办给村镇建设办", "签收", "材料已到", "解决到位", "解释到位", "满意", "已销号"):
        assert word in page
    found = text_of(cadre.get(reverse("issue_list"), {"mine": "raised"}))
    assert "村道破损" in found


def test_a_handler_reaches_what_is_given_to_the_unit_and_no_more(world: World, sign_in: SignIn) -> None:
    issue = handed(world)
    client = sign_in("department_handler")
    home = client.get(reverse("issue_list"), follow=True)
    assert issue.title in text_of(home)
    assert world.issues["城垵"].title not in text_of(home)
    page = text_of(client.get(detail(issue)))
    assert "城垵下里3号" in page
    assert reverse("household_detail", args=[issue.household_id]) not in page


def test_a_stale_form_shows_what_happened_and_keeps_the_text(world: World, sign_in: SignIn) -> None:
    issue = handed(world)
    transition(
        by=world.user("village_cadre"), issue=issue, step=Step.ASSIGN, version=1,
        data={"assignee": world.cadre("village_official")},
    )  # fmt: skip
    sent = {"version": 1, "assignee": f"u{world.organisations['派出所'].pk}", "text": "请尽快办理此事"}
    page = sign_in("district_secretary").post(step_url(issue, Step.ASSIGN), sent)
    assert page.status_code == 409
    body = text_of(page)
    assert "请尽快办理此事" in body
    assert world.cadre("village_cadre").name in body
    assert 'name="version" value="2"' in body, "sending again is possible"
    issue.refresh_from_db()
    assert issue.handler == world.cadre("village_official")


def test_a_stale_step_that_no_longer_fits_keeps_the_text_to_copy(world: World, sign_in: SignIn) -> None:
    issue = handed(world)
    transition(by=world.user("department_handler"), issue=issue, step=Step.RETURN, version=1, data={"text": "不归我们"})
    page = sign_in("village_cadre").post(step_url(issue, Step.CLOSE), {"version": 1, "text": "写了很多字"})
    assert page.status_code == 409
    assert "写了很多字" in text_of(page)
    assert "不归我们" in text_of(page)
    assert IssueStep.objects.count() == 1


def test_the_same_step_sent_twice_by_one_person_is_done_once(world: World, sign_in: SignIn) -> None:
    issue = handed(world)
    client = sign_in("department_handler")
    for _each in range(2):
        page = client.post(step_url(issue, Step.ACCEPT), {"version": 1})
        assert (page.status_code, page.url) == (302, detail(issue))
    assert IssueStep.objects.filter(step=Step.ACCEPT).count() == 1


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "9" * 40])
def test_a_version_that_makes_no_sense_changes_nothing(world: World, sign_in: SignIn, version: str) -> None:
    issue = handed(world)
    page = sign_in("department_handler").post(step_url(issue, Step.RETURN), {"version": version, "text": "退回的话"})
    assert page.status_code == 409
    assert "退回的话" in text_of(page)
    assert not IssueStep.objects.exists()


def test_a_form_with_an_error_comes_back_filled(world: World, sign_in: SignIn) -> None:
    issue = handed(world, State.IN_PROGRESS, handler=world.cadre("department_handler"))
    page = sign_in("department_handler").post(step_url(issue, Step.RESOLVE), {"version": 1, "text": "已经修好了"})
    assert page.status_code == 200
    assert "已经修好了" in text_of(page)
    assert page.context["form"].errors.keys() == {"outcomes"}


def test_a_search_without_script_keeps_the_text(world: World, sign_in: SignIn) -> None:
    issue = world.issues["城垵"]
    sent = {"version": 1, "find": "派出", "text": "请尽快", "search": "1"}
    page = sign_in("district_secretary").post(step_url(issue, Step.ASSIGN), sent)
    assert page.status_code == 200
    assert "请尽快" in text_of(page)
    assert f'value="u{world.organisations["派出所"].pk}"' in text_of(page)
    assert f'value="u{world.organisations["村镇建设办"].pk}"' not in text_of(page).split('name="supporting"')[0]
    assert not IssueStep.objects.exists()


def test_a_search_by_htmx_swaps_the_rows_only(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    page = client.get(step_url(world.issues["城垵"], Step.ASSIGN), {"find": "派出"}, headers={"HX-Request": "true"})
    assert "<html" not in text_of(page)
    assert "派出所" in text_of(page)
    far = client.get(step_url(world.issues["城垵"], Step.ASSIGN), {"find": "前楼"}, headers={"HX-Request": "true"})
    assert 'type="radio"' not in text_of(far)


@pytest.mark.parametrize("who", ["village_official@前楼", "village_official@东沈", "township_desk@前楼"])
def test_nobody_out_of_reach_is_accepted_whatever_is_sent(world: World, sign_in: SignIn, who: str) -> None:
    issue = world.issues["城垵"]
    page = sign_in("district_secretary").post(
        step_url(issue, Step.ASSIGN), {"version": 1, "assignee": f"c{world.cadre(who).pk}", "text": "留着"}
    )
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"assignee"}
    assert world.cadre(who).name not in text_of(page)
    issue.refresh_from_db()
    assert (issue.state, issue.version) == (State.REGISTERED, 1)


@pytest.mark.parametrize("value", ["", "c", "u", "x1", "c0", "u-1", "c" + "9" * 30, "1; drop", "u1 "])
def test_a_senseless_assignee_is_an_error_of_the_form(world: World, sign_in: SignIn, value: str) -> None:
    page = sign_in("district_secretary").post(
        step_url(world.issues["城垵"], Step.ASSIGN), {"version": 1, "assignee": value}
    )
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"assignee"}


def test_the_suggested_unit_is_taken_with_one_click_and_leads_back(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    back = f"{reverse('desk')}?lane=to_assign"
    page = text_of(client.get(back))
    assert f'name="assignee" value="u{world.organisations["村镇建设办"].pk}"' in page
    sent = {"version": 1, "assignee": f"u{world.organisations['村镇建设办'].pk}", "next": back}
    answer = client.post(step_url(world.issues["城垵"], Step.ASSIGN), sent)
    assert (answer.status_code, answer.url) == (302, back)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_next_never_leads_out(world: World, sign_in: SignIn, target: str) -> None:
    issue = handed(world)
    answer = sign_in("department_handler").post(step_url(issue, Step.ACCEPT), {"version": 1, "next": target})
    assert answer.url == detail(issue)


def test_a_date_that_moved_shows_the_first_one_beside_it(world: World, sign_in: SignIn) -> None:
    first, later = local_today() + datetime.timedelta(days=3), local_today() + datetime.timedelta(days=30)
    issue = raise_issue(world)
    client = sign_in("district_secretary")
    for unit, day in (("村镇建设办", first), ("派出所", later)):
        issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations[unit], due_on=day)
        shown = text_of(client.get(reverse("issue_detail", args=[issue.pk])))
        assert day_words(day, local_today()) in shown
        assert ('<small class="muted">最初时限' in shown) is (day == later)
    assert day_words(first, local_today()) in shown
