"""The meeting: what the wall shows and does not show, decisions as steps, stale rows, the text for the group."""

import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from ledger.models import AuditRow, Issue, IssueStep
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, State
from ledger.rules.meeting import Need
from tests.issue_chain import advance, put_off, raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, text_of
from tests.world import World, make_issue

DAY = datetime.timedelta(days=1)


def row_url(issue: Issue) -> str:
    return reverse("meeting_row", args=[issue.pk])


def put(world: World, serial: int, **fields: Any) -> Issue:
    if fields.get("state") not in {None, State.REGISTERED}:
        fields.setdefault("handler", world.cadre("village_official"))
    return make_issue(world.households["城垵"][2], world.cadre("household_cadre"), serial, **fields)


def test_the_wall_is_ordered_by_what_needs_a_decision(world: World, sign_in: SignIn) -> None:
    Issue.objects.all().delete()
    today = local_today()
    put(world, 901)
    put(world, 902, state=State.IN_PROGRESS, due_on=today - DAY)
    put(world, 903, state=State.IN_PROGRESS, due_on=today + 30 * DAY)
    put(world, 904, state=State.RESOLVED, answer=Answer.DISSATISFIED)
    put(world, 905, state=State.RESOLVED, answer=Answer.SATISFIED)
    put(world, 906, state=State.ASSIGNED, due_on=today)
    put(world, 907, triage_due_on=today - DAY)
    put(world, 908, state=State.IN_PROGRESS, due_on=today + 30 * DAY, is_supervised=True, report_due_on=today - DAY)
    put(world, 909, state=State.IN_PROGRESS, due_on=today - DAY, urgency="urgent")
    put(world, 910, kind="early_sign", is_sensitive=True)
    client = sign_in("village_cadre")

    def shown(**asked: str) -> list[int]:
        return [row["issue"].serial for row in client.get(reverse("meeting"), asked).context["rows"]]

    assert shown() == [904, 908, 909, 902, 907, 901, 906]
    assert shown(show="every") == [904, 908, 909, 902, 907, 901, 906, 903]
    assert shown(show="late") == [908, 909, 902, 907]


def test_the_wall_names_no_villager_and_nothing_sensitive(world: World, sign_in: SignIn) -> None:
    issue = world.issues["城垵"]
    Issue.objects.filter(pk=issue.pk).update(title="路灯不亮", raised_by_name="陈阿婆", raised_by_phone="13812345678")
    page = text_of(sign_in("township_leader").get(reverse("meeting")))
    assert "路灯不亮" in page
    for hidden in ("陈阿婆", "13812345678", "138****5678", world.issues["城垵-sensitive"].title):
        assert hidden not in page


def test_a_line_saved_is_a_step(world: World, sign_in: SignIn) -> None:
    issue, client, day = world.issues["城垵"], sign_in("district_secretary"), local_today() + 5 * DAY
    sent = {"version": 1, "who": "村镇建设办", "due_on": day.isoformat(), "goal": "先断水再修"}
    answer = client.post(row_url(issue), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "data-saved" in text_of(answer)
    issue.refresh_from_db()
    assert (issue.state, issue.lead_organisation, issue.due_on) == (
        State.ASSIGNED, world.organisations["村镇建设办"], day,
    )  # fmt: skip
    step = issue.steps.get()
    assert (step.step, step.text, step.data["meeting"]) == (Step.ASSIGN, "先断水再修", True)
    assert AuditRow.objects.filter(verb="issue.assign").count() == 1


def test_only_a_next_step_reminds_its_handler(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    sent = {"version": issue.version, "who": "村镇建设办", "due_on": issue.due_on.isoformat(), "goal": "周五前报方案"}
    assert sign_in("district_secretary").post(row_url(issue), sent).status_code == 302
    issue.refresh_from_db()
    assert issue.state == State.IN_PROGRESS
    assert (issue.steps.last().step, issue.steps.last().text) == (Step.REMIND, "周五前报方案")


def test_a_leaders_next_step_is_an_instruction(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    sent = {"version": issue.version, "who": "", "due_on": "", "goal": "周五前报方案"}
    assert sign_in("township_leader").post(row_url(issue), sent).status_code == 302
    step = issue.steps.last()
    assert (step.step, step.text, step.data["meeting"]) == (Step.INSTRUCT, "周五前报方案", True)


def test_a_later_date_that_was_asked_for_is_granted_in_the_room(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    later = issue.due_on + 9 * DAY
    issue = take(world, "department_handler", issue, Step.REQUEST_EXTENSION, wanted_on=later, text="材料未到")
    sent = {"version": issue.version, "who": "", "due_on": later.isoformat(), "goal": "材料到后三日内办结"}
    assert sign_in("village_cadre").post(row_url(issue), sent).status_code == 302
    issue.refresh_from_db()
    assert (issue.due_on, issue.extension_level, issue.state) == (later, "", State.IN_PROGRESS)
    assert issue.steps.last().step == Step.GRANT_EXTENSION


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"who": "没有这个人"}, "没有这个人或单位"), ({"who": ""}, "请填承办人、时限或下一步"),
        ({"who": "", "goal": "抓紧"}, "请先定承办人"), ({"who": "村镇建设办", "due_on": "2001-01-01"}, "时限"),
        ({"who": "康美镇"}, "请选择"),
    ],
)  # fmt: skip
def test_what_is_no_decision_says_why_and_keeps_the_words(
    world: World, sign_in: SignIn, said: dict[str, str], words: str
) -> None:
    client, kept = sign_in("district_secretary"), snapshot()
    sent = {"version": 1, "goal": "", "due_on": "", **said}
    answer = client.post(row_url(world.issues["城垵"]), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    if said["who"] != "康美镇":
        assert words in text_of(answer)
    assert (said.get("goal") or said["who"]) in text_of(answer)
    assert snapshot() == kept


def test_what_left_somebody_dissatisfied_is_opened_again_and_given(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.RESOLVED)
    issue = take(world, "village_cadre", issue, Step.CALL_BACK, answer=Answer.DISSATISFIED, text="还在漏")
    client = sign_in("district_secretary")
    sent = {"version": issue.version, "who": "", "due_on": "", "goal": ""}
    refused = client.post(row_url(issue), sent)
    assert (refused.status_code, refused.context["rows"][0]["issue"]) == (422, issue)
    sent |= {"who": "派出所", "goal": "换水管"}
    assert client.post(row_url(issue), sent).status_code == 302
    issue.refresh_from_db()
    assert (issue.state, issue.round, str(issue.lead_organisation)) == (State.ASSIGNED, 2, "派出所")
    assert [(step.step, step.text) for step in issue.steps.order_by("-pk")[:2]] == [
        (Step.ASSIGN, "换水管"), (Step.REOPEN, "换水管"),
    ]  # fmt: skip


def test_a_later_date_is_asked_for_by_who_works_on_it(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    client, kept = sign_in("district_secretary"), snapshot()
    later = (issue.due_on + 9 * DAY).isoformat()
    answer = client.post(row_url(issue), {"version": issue.version, "who": "", "due_on": later, "goal": ""})
    assert answer.status_code == 422
    assert "须由承办人申请" in text_of(answer)
    assert later in text_of(answer)
    assert snapshot() == kept


def test_a_stale_line_says_what_happened_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    issue = raise_issue(world)
    take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"))
    client, kept = sign_in("district_secretary"), snapshot()
    sent = {"version": 1, "who": "村镇建设办", "due_on": "", "goal": "先断水"}
    answer = client.post(row_url(issue), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "先断水" in page
    assert world.cadre("village_official").name in page
    assert 'name="version" value="2"' in page, "saved once more, it holds"
    assert snapshot() == kept


@pytest.mark.parametrize("who", ["village_cadre@东沈", "township_desk@前楼", "inspector", "household_cadre", "nobody"])
def test_nobody_decides_outside_the_own_desk(world: World, sign_in: SignIn, who: str) -> None:
    client, kept = sign_in(who), snapshot()
    answer = client.post(row_url(world.issues["城垵"]), {"version": 1, "who": "村镇建设办"})
    assert answer.status_code == (404 if "@" in who else 403)
    assert snapshot() == kept


def test_a_sensitive_matter_is_not_decided_in_the_room(world: World, sign_in: SignIn) -> None:
    client, kept = sign_in("township_leader"), snapshot()
    assert client.post(row_url(world.issues["城垵-sensitive"]), {"version": 1, "goal": "x"}).status_code == 404
    assert snapshot() == kept


def test_the_text_for_the_group_names_no_villager(world: World, sign_in: SignIn) -> None:
    issue, client = world.issues["城垵"], sign_in("district_secretary")
    Issue.objects.filter(pk=issue.pk).update(raised_by_name="陈阿婆")
    goal = f"请告知陈阿婆13812345678，再到{world.households['城垵'][0].head_name}家看"
    client.post(row_url(issue), {"version": 1, "who": "村镇建设办", "due_on": "", "goal": goal})
    page = client.get(reverse("meeting_minutes"))
    text = page.context["text"]
    assert issue.printed_number in text
    assert "村镇建设办" in text
    for hidden in ("陈阿婆", "13812345678", world.households["城垵"][0].head_name, issue.title):
        assert hidden not in text
    assert not sign_in("village_cadre").get(reverse("meeting_minutes")).context["steps"], "one's own decisions"


def test_the_wall_is_narrowed_by_place_and_unit(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    area = f"village-{world.villages['马銮'].pk}"
    rows = client.get(reverse("meeting"), {"area": area}).context["rows"]
    assert {row["issue"].village for row in rows} == {world.villages["马銮"]}
    for area in ("village-999999", "x", f"village-{world.villages['前楼'].pk}", "county-1"):
        page = client.get(reverse("meeting"), {"area": area, "unit": "x", "show": "nonsense", "page": "-1"})
        assert page.status_code == 200
        assert not {row["issue"].village for row in page.context["rows"]} & {world.villages["前楼"]}


def test_a_longer_wall_costs_no_more_queries(world: World, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client, cost = sign_in("township_desk"), []
    for serials in (range(901, 902), range(902, 918)):
        for serial in serials:
            put(world, serial, state=State.IN_PROGRESS, due_on=local_today() - DAY)
        with django_assert_max_num_queries(60) as captured:
            assert client.get(reverse("meeting")).status_code == 200
        cost.append(len(captured))
    assert cost[0] == cost[1]


def test_every_need_has_its_colour() -> None:
    from ledger.rules.meeting import NEED_COLOURS

    assert set(NEED_COLOURS) == set(Need)


def test_get_writes_nothing(world: World, sign_in: SignIn) -> None:
    client, steps = sign_in("township_leader"), IssueStep.objects.count()
    kept = snapshot()
    for name in ("meeting", "meeting_minutes", "desk", "desk_batch_list"):
        assert client.get(reverse(name)).status_code == 200
    assert snapshot() == kept
    assert IssueStep.objects.count() == steps


def test_what_is_deferred_is_put_off_anew_in_the_room_and_the_next_step_said(world: World, sign_in: SignIn) -> None:
    issue, other = put_off(world), put_off(world)
    client, later = sign_in("district_secretary"), local_today() + 90 * DAY
    rows = client.get(reverse("meeting"), {"show": "every"}).context["rows"]
    (row,) = [row for row in rows if row["issue"] == issue]
    assert (row["form"]["due_on"].value(), row["need"]) == (issue.deferred_until, State.DEFERRED.label)
    sent = {"version": issue.version, "who": "村镇建设办", "due_on": later.isoformat(), "goal": "先报资金方案"}
    kept = issue.obstacle, issue.review_on, issue.due_on
    assert client.post(row_url(issue), sent).status_code == 302
    issue.refresh_from_db()
    assert (issue.state, issue.deferred_until) == (State.DEFERRED, later)
    assert (issue.obstacle, issue.review_on, issue.due_on) == kept
    assert [(step.step, step.text, step.data["meeting"]) for step in issue.steps.order_by("-pk")[:2]] == [
        (Step.REMIND, "先报资金方案", True), (Step.DEFER, "等上级资金", True),
    ]  # fmt: skip
    said = client.get(reverse("meeting_minutes")).context["text"]
    assert date_format(later, "MONTH_DAY_FORMAT") in said
    before = snapshot()
    past = sent | {"version": other.version, "due_on": (local_today() - DAY).isoformat()}
    assert client.post(row_url(other), past, headers={"HX-Request": "true"}).status_code == 422
    assert snapshot() == before, "neither the day nor the next step is kept"


def test_another_handler_takes_up_what_was_deferred(world: World, sign_in: SignIn) -> None:
    issue = put_off(world)
    planned = issue.deferred_until
    assert planned is not None
    sent = {"version": issue.version, "who": "派出所", "due_on": planned.isoformat(), "goal": "现在就办"}
    assert sign_in("district_secretary").post(row_url(issue), sent).status_code == 302
    issue.refresh_from_db()
    assert (issue.state, str(issue.lead_organisation), issue.due_on, issue.deferred_until) == (
        State.ASSIGNED, "派出所", planned, None,
    )  # fmt: skip
    assert [(step.step, step.text) for step in issue.steps.order_by("-pk")[:2]] == [
        (Step.ASSIGN, "现在就办"), (Step.RESUME, ""),
    ]  # fmt: skip
