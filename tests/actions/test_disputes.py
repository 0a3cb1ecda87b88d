"""矛盾纠纷: parties and their phones, the agreement, follow-up visits; all of it only for who sees the matter."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse

from ledger.actions.disputes import finish_follow_up, note_settlement, plan_follow_up
from ledger.actions.versions import StaleEdit
from ledger.models import AuditRow, DisputeParty, DisputeSettlement, FollowUp, Issue
from ledger.queries.disputes import due_follow_ups
from ledger.rules.days import local_today
from ledger.rules.disputes import mediation_lacks
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, Outcome, State
from tests.issue_chain import raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, create_url, detail, form_of, text_of
from tests.world import World

PHONE = "13812345678"
DESK = "village_cadre"


def dispute(world: World, **data: Any) -> Issue:
    said = {"raised_by_name": "城垵老林", "other_party": "城垵老陈", "other_phone": PHONE, **data}
    return raise_issue(world, kind=IssueKind.DISPUTE, **said)


def everything() -> Any:
    rows = (DisputeParty, DisputeSettlement, FollowUp)
    return snapshot(), [list(model.objects.order_by("pk").values()) for model in rows]


def refused(error: type[Exception], act: Any) -> None:
    before = everything()
    with pytest.raises(error):
        act()
    assert everything() == before


def note(world: World, issue: Issue, version: int, who: str = DESK, **said: Any) -> DisputeSettlement:
    told = {"mediator": "司法所老黄", "agreement": "以老界石为准", "agreed_on": local_today(), "parties": [], **said}
    return note_settlement(by=world.user(who), issue=issue, version=version, **told)


@pytest.mark.parametrize(
    ("sides", "agreement", "whole"),
    [
        (["first", "second"], "以界石为准", True), (["first", "second", "other"], "好", True),
        (["first"], "好", False), (["first", "first"], "好", False), (["first", "second"], "  ", False),
    ],
)  # fmt: skip
def test_what_a_mediation_needs(sides: list[str], agreement: str, whole: bool) -> None:
    assert (mediation_lacks(sides=sides, agreement=agreement) is None) is whole


def test_the_registration_names_both_sides_and_seals_the_phone(world: World, sign_in: SignIn) -> None:
    sent = form_of(world, kind="dispute", raised_by_name="城垵老林", other_party="城垵老陈", other_phone=PHONE)
    assert sign_in("household_cadre").post(create_url(world), sent).status_code == 302
    issue = Issue.objects.get(title="路灯不亮")
    assert list(issue.parties.values_list("name", "side", "phone")) == [
        ("城垵老林", "first", ""), ("城垵老陈", "second", PHONE),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM ledger_disputeparty WHERE name = '城垵老陈'")
        assert PHONE not in cursor.fetchone()[0]
    page = text_of(sign_in(DESK).get(detail(issue)))
    assert "138****5678" in page
    assert PHONE not in page


def test_other_kinds_have_no_parties(world: World) -> None:
    raise_issue(world, other_party="城垵老陈", other_phone=PHONE)
    assert not DisputeParty.objects.exists()


def test_a_party_s_phone_is_read_by_who_may_call_and_recorded(world: World, sign_in: SignIn) -> None:
    party = dispute(world).parties.get(side="second")
    url = reverse("party_phone", args=[party.pk])
    assert PHONE in text_of(sign_in(DESK).post(url))
    assert AuditRow.objects.get(verb="issue.phone_read").detail == {"party": party.pk}
    for who, status in (("inspector", 403), ("village_cadre@马銮", 404), ("nobody", 403)):
        answer = sign_in(who).post(url)
        assert (answer.status_code, PHONE in text_of(answer)) == (status, False), who
    assert AuditRow.objects.filter(verb="issue.phone_read").count() == 1


def test_parties_are_kept_changed_and_removed(world: World) -> None:
    issue = dispute(world)
    first, second = issue.parties.order_by("side")
    parties = [
        {"id": second.pk, "name": "城垵陈大", "side": "second", "phone": "", "household": world.households["城垵"][1]},
        {"id": first.pk, "remove": True},
        {"id": None, "name": "城垵老吴", "side": "first", "phone": "", "household": None},
    ]
    note(world, issue, 0, parties=parties)
    assert list(issue.parties.values_list("name", "side", "phone")) == [
        ("城垵老吴", "first", ""), ("城垵陈大", "second", PHONE),
    ]  # fmt: skip
    assert issue.parties.get(side="second").household == world.households["城垵"][1]


def test_of_two_who_write_one_is_told(world: World) -> None:
    issue = dispute(world)
    note(world, issue, 0)
    refused(StaleEdit, lambda: note(world, issue, 0, agreement="另一说法"))
    note(world, issue, 1, agreement="以新界石为准")
    refused(StaleEdit, lambda: note(world, issue, 1))
    assert DisputeSettlement.objects.get().agreement == "以新界石为准"


def test_who_only_reads_writes_nothing(world: World) -> None:
    issue = dispute(world)
    for who in ("inspector", "county_leader", "village_official", "village_cadre@马銮"):
        refused(PermissionDenied, lambda who=who: note(world, issue, 0, who=who))
        refused(
            PermissionDenied, lambda who=who: plan_follow_up(by=world.user(who), issue=issue, planned_on=local_today())
        )
    other = raise_issue(world)
    refused(PermissionDenied, lambda: note(world, other, 0))


def test_mediated_needs_both_sides_and_the_agreement(world: World) -> None:
    issue = dispute(world)
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    said = {"outcomes": [Outcome.MEDIATED], "text": "谈成了"}
    refused(ValidationError, lambda: take(world, "department_handler", issue, Step.RESOLVE, **said))
    note(world, issue, 0, who="department_handler")
    assert take(world, "department_handler", issue, Step.RESOLVE, **said).state == State.RESOLVED


def test_settled_on_the_spot_what_was_done_is_the_agreement(world: World) -> None:
    said = {"on_spot": True, "outcomes": [Outcome.MEDIATED], "result_text": "两家各退一尺"}
    assert dispute(world, **said).settlement.agreement == "两家各退一尺"
    refused(ValidationError, lambda: dispute(world, other_party="", other_phone="", **said))


def test_follow_ups_are_planned_shown_where_due_and_made_once(world: World, sign_in: SignIn) -> None:
    issue, today = dispute(world), local_today()
    day = datetime.timedelta(days=1)
    desk = world.user(DESK)
    refused(ValidationError, lambda: plan_follow_up(by=desk, issue=issue, planned_on=today - day))
    due = plan_follow_up(by=desk, issue=issue, planned_on=today)
    refused(ValidationError, lambda: plan_follow_up(by=desk, issue=issue, planned_on=today))
    plan_follow_up(by=desk, issue=issue, planned_on=today + 30 * day)
    shown = {who for who in world.users if due_follow_ups(world.user(who)).exists()}
    desks = {"village_cadre", "village_cadre@城垵", "district_secretary", "township_desk", "township_leader",
             "county_desk"}  # fmt: skip
    assert shown == desks | {"household_cadre", "household_cadre@城垵"}
    assert list(due_follow_ups(world.user("household_cadre"))) == [due]
    assert issue.title in text_of(sign_in("household_cadre").get(reverse("today")))
    assert issue.title not in text_of(sign_in("household_cadre@马銮").get(reverse("today")))
    refused(ValidationError, lambda: finish_follow_up(by=desk, follow_up=due, done_on=today + day, text="好"))
    refused(ValidationError, lambda: finish_follow_up(by=desk, follow_up=due, done_on=today, text=" "))
    finish_follow_up(by=desk, follow_up=due, done_on=today, text="两家已和好")
    refused(ValidationError, lambda: finish_follow_up(by=desk, follow_up=due, done_on=today, text="再来一次"))
    assert not due_follow_ups(desk).exists()
    assert "两家已和好" in text_of(sign_in(DESK).get(detail(issue)))


def test_a_restricted_dispute_shows_nothing_outside_its_circle(world: World, sign_in: SignIn) -> None:
    issue = dispute(world, is_sensitive=True)
    plan_follow_up(by=world.user(DESK), issue=issue, planned_on=local_today())
    party = issue.parties.get(side="second")
    for who in ("inspector", "village_official", "visitor", "district_secretary"):
        assert not due_follow_ups(world.user(who)).exists(), who
        assert issue.title not in text_of(sign_in(who).get(reverse("follow_up_list"))), who
        assert sign_in(who).post(reverse("party_phone", args=[party.pk])).status_code == 404, who
        assert sign_in(who).get(reverse("dispute_edit", args=[issue.pk])).status_code == 404, who


def test_the_form_keeps_a_phone_left_empty_and_refuses_a_household_elsewhere(world: World, sign_in: SignIn) -> None:
    issue = dispute(world)
    client, url = sign_in(DESK), reverse("dispute_edit", args=[issue.pk])
    assert PHONE not in text_of(client.get(url))
    first, second = issue.parties.order_by("side")
    sent = {
        "version": 0, "mediator": "司法所老黄", "agreement": "", "agreed_on": "",
        "party-0-id": first.pk, "party-0-name": "城垵老林", "party-0-side": "first",
        "party-1-id": second.pk, "party-1-name": "城垵陈大", "party-1-side": "second",
    }  # fmt: skip
    before = everything()
    far = client.post(url, {**sent, "party-1-household": world.households["前楼"][0].code})
    assert far.status_code == 200
    assert "没有这个户编号" in text_of(far)
    assert client.post(url, {**sent, "agreed_on": local_today().isoformat()}).status_code == 200
    assert everything() == before
    assert client.post(url, sent).status_code == 302
    second.refresh_from_db()
    assert (second.name, second.phone) == ("城垵陈大", PHONE)
    stale = client.post(url, sent)
    assert stale.status_code == 409
    assert "司法所老黄" in text_of(stale)
