"""The list and the page of an issue: who sees what, which buttons there are, who reads the phone."""

from typing import Any

import pytest
from django.urls import reverse

from ledger.models import AuditRow, IssueStep
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, State
from tests.views.issue_pages import SignIn, detail, handed, step_url, text_of
from tests.world import World, make_issue


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


def test_the_list_goes_on_and_comes_back(world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.views.issue_ledger.PAGE", 1)
    client = sign_in("village_cadre")
    first = client.get(reverse("issue_list")).context["keyset"]
    second = client.get(reverse("issue_list"), {"after": first.next}).context["keyset"]
    assert {issue.pk for issue in (*first.rows, *second.rows)} == {
        world.issues["城垵"].pk, world.issues["城垵-sensitive"].pk,
    }  # fmt: skip
    back = client.get(reverse("issue_list"), {"before": second.previous}).context["keyset"]
    assert back.rows == first.rows


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
        assert sign_in(who).post(reverse("desk_bulk", args=["assign"]), {}).status_code == 403, who


OPEN = {"instruct", "remind", "escalate", "reclassify", "merge", "void"}
"""What a desk may do with anything that is open and given to somebody."""


@pytest.mark.parametrize(
    ("who", "state", "steps"),
    [
        ("village_cadre", State.ASSIGNED, OPEN | {"assign", "withdraw"}),
        ("department_handler", State.ASSIGNED, {"accept", "return"}),
        ("department_handler", State.IN_PROGRESS, {"progress", "resolve"}), ("inspector", State.ASSIGNED, set()),
        ("village_cadre", State.IN_PROGRESS, OPEN | {"assign", "defer"}),
        ("county_leader", State.ASSIGNED, {"instruct", "remind", "supervise"}),
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
    for step in ("register", "close2", "x"):
        assert client.get(step_url(world.issues["城垵"], step)).status_code == 404


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
