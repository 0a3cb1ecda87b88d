"""The pages of issues: who sees what, which buttons there are, and that typed text is never lost."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from ledger.actions.issues import transition
from ledger.models import AuditRow, Issue, IssueStep
from ledger.rules.issues import Answer, IssueKind, Outcome, State, Step
from tests.world import World, make_issue

SignIn = Callable[[str], Client]


def detail(issue: Issue) -> str:
    return reverse("issue_detail", args=[issue.pk])


def step_url(issue: Issue, step: str) -> str:
    return reverse("issue_step", args=[issue.pk, step])


def handed(world: World, state: str = State.ASSIGNED, **fields: Any) -> Issue:
    """An issue of 城垵 with 村镇建设办."""
    return make_issue(
        world.households["城垵"][2], world.cadre("household_cadre"), 901, state=state,
        lead_organisation=world.organisations["村镇建设办"], **fields,
    )  # fmt: skip


def text_of(response: Any) -> str:
    return str(response.content.decode())


# ---- scope ----


def test_an_issue_out_of_scope_is_not_there(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    for key in ("前楼", "六龙", "东沈", "马銮"):
        issue = world.issues[key]
        for url in (detail(issue), step_url(issue, Step.ASSIGN), reverse("issue_evidence", args=[issue.pk])):
            assert client.get(url).status_code == 404, url
        assert client.post(step_url(issue, Step.ASSIGN), {"version": 1}).status_code == 404
        assert client.post(reverse("issue_phone", args=[issue.pk])).status_code == 404


def test_the_list_holds_the_own_area_and_nothing_foreign(world: World, sign_in: SignIn) -> None:
    page = text_of(sign_in("village_cadre").get(reverse("issue_list")))
    assert world.issues["城垵"].title in page
    assert world.issues["城垵-sensitive"].title in page
    for key in ("前楼", "六龙", "东沈", "马銮"):
        assert f"{key}户主" not in page


def test_a_household_cadre_sees_own_issues_only(world: World, sign_in: SignIn) -> None:
    other = make_issue(world.households["城垵"][2], world.cadre("village_cadre"), 901)
    client = sign_in("household_cadre")
    page = text_of(client.get(reverse("issue_list")))
    assert world.issues["城垵"].title in page
    assert other.title not in page
    assert client.get(detail(other)).status_code == 404


def test_a_sensitive_issue_leaves_no_trace_outside_its_circle(world: World, sign_in: SignIn) -> None:
    issue = world.issues["城垵-sensitive"]
    for who, seen in {
        "village_cadre": True, "township_leader": True, "household_cadre": True, "district_secretary": False,
        "township_desk": False, "inspector": False, "village_official": False, "township_admin": False,
    }.items():  # fmt: skip
        client = sign_in(who)
        listed = text_of(client.get(reverse("issue_list"), {"q": issue.number}))
        assert (issue.title in listed) is seen, who
        assert client.get(detail(issue)).status_code == (200 if seen else 404), who


def test_reading_a_sensitive_issue_is_recorded(world: World, sign_in: SignIn) -> None:
    sign_in("village_cadre").get(detail(world.issues["城垵-sensitive"]))
    row = AuditRow.objects.get(verb="issue.read")
    assert (row.label, row.user_id) == (world.issues["城垵-sensitive"].number, world.users["village_cadre"].pk)


def test_lanes_count_no_sensitive_issue_of_others(world: World, sign_in: SignIn) -> None:
    page = sign_in("district_secretary").get(reverse("desk"))
    counts = {str(lane["url"]): lane["count"] for lane in page.context["lanes"]}
    assert counts[f"{reverse('desk')}?lane=to_assign"] == 2
    assert "城垵户主2" not in text_of(page)


def test_who_has_no_desk_gets_none(world: World, sign_in: SignIn) -> None:
    for who in ("household_cadre", "village_official", "inspector", "department_handler", "county_leader", "nobody"):
        assert sign_in(who).get(reverse("desk")).status_code == 403, who
        assert sign_in(who).post(reverse("desk_assign"), {"issue": world.issues["城垵"].pk}).status_code == 403, who


# ---- buttons ----


@pytest.mark.parametrize(
    ("who", "state", "steps"),
    [
        ("village_cadre", State.ASSIGNED, {"assign"}), ("department_handler", State.ASSIGNED, {"accept", "return"}),
        ("department_handler", State.IN_PROGRESS, {"progress", "resolve"}), ("inspector", State.ASSIGNED, set()),
        ("household_cadre", State.ASSIGNED, set()), ("village_cadre", State.RESOLVED, {"call_back", "reopen"}),
        ("household_cadre", State.RESOLVED, {"call_back"}), ("department_handler", State.RESOLVED, set()),
    ],
)  # fmt: skip
def test_only_allowed_steps_have_buttons(world: World, sign_in: SignIn, who: str, state: str, steps: set[str]) -> None:
    handler = world.cadre("department_handler") if state != State.ASSIGNED else None
    resolver = handler if state == State.RESOLVED else None
    issue = handed(world, state, handler=handler, resolved_by=resolver)
    page = text_of(sign_in(who).get(detail(issue)))
    shown = {step.value for step in Step if step_url(issue, step.value) in page}
    assert shown == steps


def test_the_resolver_reads_why_not(world: World, sign_in: SignIn) -> None:
    handler = world.cadre("department_handler")
    issue = handed(world, State.RESOLVED, handler=handler, resolved_by=handler)
    page = text_of(sign_in("department_handler").get(detail(issue)))
    assert "办结的人不能自己回访，也不能自己销号。" in page


def test_a_forbidden_step_says_why_keeps_the_text_and_changes_nothing(world: World, sign_in: SignIn) -> None:
    handler = world.cadre("department_handler")
    issue = handed(world, State.RESOLVED, handler=handler, resolved_by=handler)
    client = sign_in("department_handler")
    assert client.get(step_url(issue, Step.CALL_BACK)).status_code == 403
    sent = {"version": issue.version, "answer": Answer.SATISFIED, "text": "群众很满意"}
    page = client.post(step_url(issue, Step.CALL_BACK), sent)
    assert page.status_code == 403
    assert "办结的人不能自己回访" in text_of(page)
    assert "群众很满意" in text_of(page)
    issue.refresh_from_db()
    assert (issue.answer, issue.version) == ("", 1)
    assert not IssueStep.objects.exists()


def test_an_unknown_step_is_not_there(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    for step in ("register", "escalate", "close2", "x"):
        assert client.get(step_url(world.issues["城垵"], step)).status_code == 404


# ---- the chain, through the pages ----


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
    go(handler, Step.RESOLVE, outcomes=[Outcome.SOLVED, Outcome.EXPLAINED], text="补好了")
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


# ---- nothing typed is lost ----


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
    assert f'value="u{world.organisations["村镇建设办"].pk}"' not in text_of(page).split("data-chips-shown")[0]
    assert not IssueStep.objects.exists()


def test_a_search_by_htmx_swaps_the_rows_only(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    page = client.get(step_url(world.issues["城垵"], Step.ASSIGN), {"find": "派出"}, headers={"HX-Request": "true"})
    assert "<html" not in text_of(page)
    assert "派出所" in text_of(page)
    far = client.get(step_url(world.issues["城垵"], Step.ASSIGN), {"find": "前楼"}, headers={"HX-Request": "true"})
    assert 'type="radio"' not in text_of(far)


# ---- assigning ----


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


def test_several_are_assigned_with_a_preview_and_the_moved_one_is_named(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    first, second = world.issues["城垵"], world.issues["马銮"]
    foreign = world.issues["东沈"]
    preview = client.get(reverse("desk_assign"), {"issue": [first.pk, second.pk, foreign.pk]})
    assert {issue.pk for issue in preview.context["issues"]} == {first.pk, second.pk}
    assert not IssueStep.objects.exists()
    Issue.objects.filter(pk=second.pk).update(version=2)
    sent = {
        "issue": [first.pk, second.pk, foreign.pk], f"version-{first.pk}": 1, f"version-{second.pk}": 1,
        f"version-{foreign.pk}": 1, "assignee": f"u{world.organisations['村镇建设办'].pk}",
    }  # fmt: skip
    with zeal_ignore():  # each row is read and locked on its own, by design
        answer = client.post(reverse("desk_assign"), sent, follow=True)
    states = {i.pk: i.state for i in Issue.objects.filter(pk__in=[first.pk, second.pk, foreign.pk])}
    assert states == {first.pk: State.ASSIGNED, second.pk: State.REGISTERED, foreign.pk: State.REGISTERED}
    assert second.printed_number in text_of(answer)
    assert AuditRow.objects.filter(verb="issue.assign").count() == 1


def test_nothing_ticked_leads_back_to_the_desk(world: World, sign_in: SignIn) -> None:
    for ids in ([], ["x"], ["9" * 40], [world.issues["前楼"].pk]):
        answer = sign_in("district_secretary").get(reverse("desk_assign"), {"issue": ids})
        assert (answer.status_code, answer.url) == (302, reverse("desk"))


# ---- registering ----


def form_of(world: World, **more: Any) -> dict[str, Any]:
    category = world.issues["城垵"].category_id
    return {"kind": "request", "category": category, "title": "路灯不亮", "client_id": str(uuid.uuid4()), **more}


def create_url(world: World, key: str = "城垵", index: int = 0) -> str:
    return f"{reverse('issue_create')}?household={world.households[key][index].pk}"


def test_a_registering_sent_twice_is_one_issue(world: World, sign_in: SignIn) -> None:
    client, sent = sign_in("household_cadre"), form_of(world)
    urls = {client.post(create_url(world), sent).url for _each in range(2)}
    assert urls == {detail(Issue.objects.get(title="路灯不亮"))}
    changed = client.post(create_url(world), {**sent, "title": "另一句话"})
    assert changed.status_code == 409
    assert "另一句话" in text_of(changed)
    assert not Issue.objects.filter(title="另一句话").exists()


def test_a_household_out_of_scope_or_senseless_answers_alike(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    for value in (world.households["前楼"][0].pk, 0, "x", "9" * 40, ""):
        assert client.get(reverse("issue_create"), {"household": value}).status_code == 404, value
    before = Issue.objects.count()
    assert client.post(create_url(world, "前楼"), form_of(world)).status_code == 404
    picked = client.post(reverse("issue_create"), form_of(world, household=world.households["前楼"][0].pk))
    assert picked.status_code == 200
    assert "household" in picked.context["form"].errors
    foreign_village = client.post(reverse("issue_create"), form_of(world, village=world.villages["东沈"].pk))
    assert foreign_village.context["form"].errors.keys() == {"village"}
    assert Issue.objects.count() == before


def test_missing_fields_are_named_and_the_rest_is_kept(world: World, sign_in: SignIn) -> None:
    page = sign_in("village_cadre").post(
        reverse("issue_create"), {"kind": "wish", "text": "说了这么多", "raised_by_phone": "123"}
    )
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"category", "title", "village", "raised_by_phone"}
    assert "说了这么多" in text_of(page)


def test_settled_on_the_spot_in_one_form(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    short = client.post(create_url(world), form_of(world, on_spot="on", result_text=""))
    assert short.context["form"].errors.keys() == {"outcomes", "result_text"}
    sent = form_of(world, on_spot="on", outcomes=["explained"], result_text="当场讲清")
    client.post(create_url(world), sent)
    issue = Issue.objects.get(title="路灯不亮")
    assert (issue.state, issue.resolved_by) == (State.RESOLVED, world.cadre("household_cadre"))


def test_a_complaint_leaves_for_the_discipline_office(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    about = world.cadre("village_official")
    client.post(create_url(world), form_of(world, kind=IssueKind.COMPLAINT, about_cadre=about.pk))
    issue = Issue.objects.get(title="路灯不亮")
    assert issue.lead_organisation == world.organisations["纪委"]
    assert sign_in("village_official").get(detail(issue)).status_code == 404
    assert sign_in("village_cadre").get(detail(issue)).status_code == 404
    assert sign_in("department_handler@纪委").get(detail(issue)).status_code == 200


def test_a_household_is_searched_inside_the_scope(world: World, sign_in: SignIn) -> None:
    page = sign_in("village_cadre").get(
        reverse("issue_create"), {"household_find": "户主", "rows": "household_find"}, headers={"HX-Request": "true"}
    )
    assert "<html" not in text_of(page)
    page = sign_in("village_cadre").post(
        reverse("issue_create"), {"household_find": "城垵户主", "title": "想好的标题", "search": "1"}
    )
    assert "想好的标题" in text_of(page)
    assert text_of(page).count('name="household"') == 3
    foreign = sign_in("village_cadre").post(reverse("issue_create"), {"household_find": "前楼户主", "search": "1"})
    assert 'name="household"' not in text_of(foreign)


# ---- the phone ----


def test_the_phone_is_masked_and_each_reading_recorded(world: World, sign_in: SignIn) -> None:
    issue = handed(world, raised_by_phone="13812345678")
    client = sign_in("department_handler")
    page = text_of(client.get(detail(issue)))
    assert "138****5678" in page
    assert "13812345678" not in page
    full = text_of(client.post(reverse("issue_phone", args=[issue.pk])))
    assert "tel:13812345678" in full
    row = AuditRow.objects.get(verb="issue.phone_read")
    assert (row.user_id, row.object_id) == (world.users["department_handler"].pk, issue.pk)
    assert "13812345678" not in str(row.detail)


@pytest.mark.parametrize("who", ["inspector", "township_leader", "county_leader", "visitor"])
def test_who_reads_along_gets_no_number(world: World, sign_in: SignIn, who: str) -> None:
    issue = handed(world, raised_by_phone="13812345678")
    client = sign_in(who)
    assert client.get(detail(issue)).status_code == 200
    answer = client.post(reverse("issue_phone", args=[issue.pk]))
    assert answer.status_code == 403
    assert "13812345678" not in text_of(answer)
    assert not AuditRow.objects.filter(verb="issue.phone_read").exists()


# ---- lists ----


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense", "due=tomorrow", "category=x", "village=999999", "mine=me", "area=village-x", "count=all",
        "household=x", "after=garbage", "before=%00", "page=-1", "q=%00", "lane=x", "kind=" + "x" * 300,
    ],
)  # fmt: skip
def test_a_senseless_address_is_no_fault(world: World, sign_in: SignIn, query: str) -> None:
    client = sign_in("village_cadre")
    assert client.get(f"{reverse('issue_list')}?{query}").status_code == 200
    assert client.get(f"{reverse('desk')}?{query}").status_code == 200


def test_a_figure_opens_its_rows(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    area = f"village-{world.villages['城垵'].pk}"
    page = client.get(reverse("issue_list"), {"area": area, "count": "open", "sensitive": "no"})
    assert [row.pk for row in page.context["rows"]] == [world.issues["城垵"].pk]
    none = client.get(reverse("issue_list"), {"area": area, "count": "closed", "sensitive": "no"})
    assert not none.context["rows"]


@pytest.mark.parametrize("name", ["issue_list", "desk"])
def test_a_longer_list_costs_no_more_queries(
    world: World, sign_in: SignIn, name: str, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("district_secretary")
    client.get(reverse(name))

    def cost() -> int:
        with django_assert_max_num_queries(40) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    few = cost()
    for serial in range(910, 940):
        make_issue(world.households["马銮"][serial % 3], world.cadre("household_cadre"), serial)
    assert cost() <= few
