"""工作交接: all of it or nothing, under one row; nothing ends ownerless; what was before stays as it was."""

import datetime
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from docx import Document

from ledger.actions import postings
from ledger.actions.handovers import StaleHandOver, hand_over
from ledger.actions.visits import void_visit
from ledger.exporting.handover_list import print_list
from ledger.models import (
    Assignment,
    AuditRow,
    Cadre,
    ContactCard,
    FollowUp,
    HandOver,
    HandOverRow,
    Household,
    Issue,
    IssueStep,
    MeetingDraft,
    Notice,
    Posting,
    Village,
    Visit,
    WishClaim,
)
from ledger.queries.figures import rows_of, tally
from ledger.queries.figures_window import Window
from ledger.queries.handovers import Holding, Successors, holding
from ledger.queries.issue_timeline import line_of
from ledger.queries.responsibility import responsibility
from ledger.rules.days import day_start, local_today
from ledger.rules.handovers import After, Handed
from tests.dashboards import village_rows
from tests.world import START, World, make_household, make_issue, make_visit

TODAY = local_today()


@pytest.fixture
def busy(world: World) -> World:
    """The household cadre of 城垵 with two households, a matter of each kind, a promise and a planned visit."""
    cadre, home = world.cadre("household_cadre"), world.households["城垵"][0]
    given = {"handler": cadre, "assigned_at": timezone.now(), "due_on": TODAY}
    world.issues["own"] = make_issue(home, cadre, 800, state="in_progress", **given)
    world.issues["wish"] = make_issue(home, cadre, 801, state="in_progress", kind="wish", **given)
    WishClaim.objects.create(
        issue=world.issues["wish"], cadre=cadre, donor="爱心人", claimed_at=timezone.now(), claimed_by=cadre
    )
    at_odds = make_issue(home, world.cadre("village_cadre"), 802, kind="dispute")
    FollowUp.objects.create(issue=at_odds, planned_on=TODAY, planned_by=cadre)
    make_visit(home, cadre, promise="送药", follow_up_on=TODAY + datetime.timedelta(days=40))
    Household.objects.filter(pk=home.pk).update(last_visit_on=TODAY)
    world.issues["done"] = make_issue(
        home, cadre, 803, state="closed", handler=cadre, resolved_by=cadre, resolved_at=timezone.now(),
        closed_at=timezone.now(), close_basis="called_back",
    )  # fmt: skip
    return world


def held_by(world: World, key: str = "household_cadre", posting: Posting | None = None) -> Holding:
    return holding(world.user("township_admin"), world.cadre(key), posting)


def everything_to(held: Holding, cadre: Cadre) -> dict[str, dict[int, int]]:
    return {
        "household": {each.pk: cadre.pk for each in held.households},
        "issue": {each.pk: cadre.pk for each in held.issues},
        "follow_up": {each.pk: cadre.pk for each in held.follow_ups},
    }


def give(world: World, to: str = "village_cadre", **said: Any) -> HandOver:
    held = held_by(world, posting=said.get("posting"))
    return hand_over(
        by=world.user("township_admin"), cadre=held.cadre,
        **{"seen": held.seen, "on": TODAY, "to": everything_to(held, world.cadre(to)), "reason": "调走", **said},
    )  # fmt: skip


def test_everything_goes_at_once_under_one_row(busy: World) -> None:
    before = AuditRow.objects.latest("pk").pk if AuditRow.objects.exists() else 0
    made = give(busy)
    old, new = busy.cadre("household_cadre"), busy.cadre("village_cadre")
    assert list(Household.objects.filter(village=busy.villages["城垵"]).values_list("cadre", flat=True)) == [
        new.pk, new.pk, None
    ]  # fmt: skip
    assert not Issue.objects.filter(handler=old, state="in_progress").exists()
    assert set(Issue.objects.filter(handler=new).values_list("serial", flat=True)) == {800, 801}
    assert FollowUp.objects.get().planned_by == new
    claims = [(each.cadre_id, each.donor, each.ended_at is None) for each in WishClaim.objects.order_by("pk")]
    assert claims == [(old.pk, "爱心人", False), (new.pk, "爱心人", True)]
    assert list(AuditRow.objects.filter(pk__gt=before).values_list("verb", "label")) == [("handover.made", old.name)]
    kinds = sorted(HandOverRow.objects.filter(handover=made).values_list("kind", flat=True))
    assert kinds == sorted([Handed.HOUSEHOLD] * 2 + [Handed.ISSUE, Handed.WISH, Handed.PROMISE, Handed.FOLLOW_UP])
    told = Notice.objects.filter(cadre=new).values_list("sort", flat=True)
    assert sorted(told) == ["assigned", "assigned", "handed_over"]


def test_a_matter_stays_where_it_stands(busy: World) -> None:
    give(busy)
    issue = Issue.objects.get(pk=busy.issues["own"].pk)
    assert (issue.state, issue.due_on, issue.handler) == ("in_progress", TODAY, busy.cadre("village_cadre"))
    step = IssueStep.objects.filter(issue=issue).latest("pk")
    assert (step.step, step.from_state, step.to_state, step.to_cadre) == (
        "assign", "in_progress", "in_progress", issue.handler
    )  # fmt: skip
    assert step.data["hand_over"] == HandOver.objects.get().pk


def test_what_was_before_stays_with_who_did_it(busy: World) -> None:
    """Figures of the past, the chain of a struck-off matter, visits and the closed assignment."""
    villages, user = Village.objects.filter(pk=busy.villages["城垵"].pk), busy.user("county_leader")
    figures = [repr(row) for row in village_rows(user, villages, TODAY)]
    chain = [place.people for place in responsibility(Issue.objects.get(pk=busy.issues["own"].pk)).places]
    give(busy)
    assert [repr(row) for row in village_rows(user, villages, TODAY)] == figures
    old = busy.cadre("household_cadre")
    assert Visit.objects.filter(lead=old, village=busy.villages["城垵"]).count() == 2
    assert Issue.objects.get(pk=busy.issues["done"].pk).handler == old
    terms = Assignment.objects.filter(household=busy.households["城垵"][0]).order_by("pk")
    assert [(term.cadre, term.start_on, term.end_on) for term in terms] == [
        (old, START, TODAY), (busy.cadre("village_cadre"), TODAY, None)
    ]  # fmt: skip
    assert [place.people for place in responsibility(Issue.objects.get(pk=busy.issues["own"].pk)).places] != chain


def test_a_matter_of_the_past_stays_with_the_unit_that_had_it(busy: World) -> None:
    """Last month's figures by unit, and the rows they open; this month's are of who has it now."""
    last = TODAY.replace(day=1) - datetime.timedelta(days=1)
    past, now = Window(last.replace(day=1), last), Window(last.replace(day=1), TODAY)
    until, since = busy.organisations["村镇建设办"].pk, busy.organisations["纪委"].pk
    Cadre.objects.filter(pk=busy.cadre("household_cadre").pk).update(organisation=until)
    Cadre.objects.filter(pk=busy.cadre("village_cadre").pk).update(organisation=since)
    village, own = busy.villages["城垵"].pk, busy.issues["own"].pk
    moment = day_start(last)
    Issue.objects.filter(pk=own).update(registered_at=moment, assigned_at=moment)
    given = {"from_state": "registered", "to_state": "assigned", "to_cadre": busy.cadre("household_cadre")}
    IssueStep.objects.create(issue_id=own, step="assign", at=moment, **given)

    def collected(window: Window) -> dict[Any, int]:
        return {unit: n["collected"] for unit, n in tally(["collected"], [village], window, by="unit").items() if unit}

    def opened(window: Window, unit: int) -> set[int]:
        return set(rows_of("collected", [village], window).filter(at_unit=unit).values_list("pk", flat=True))

    before = collected(past)
    assert before == {until: 1}
    give(busy)
    assert collected(past) == before
    assert (opened(past, until), opened(past, since)) == ({own}, set())
    assert own in opened(now, since)
    assert own not in opened(now, until)


def test_the_posting_ends_with_it_and_not_before(busy: World) -> None:
    posting = busy.cadre("household_cadre").postings.get()
    with pytest.raises(ValidationError):
        postings.end(by=busy.user("township_admin"), posting=posting, end_on=TODAY)
    give(busy, posting=posting, after=After.POSTING)
    assert Posting.objects.get(pk=posting.pk).end_on == TODAY


def test_who_leaves_loses_postings_and_account_in_the_same_act(busy: World) -> None:
    give(busy, after=After.LEAVES)
    cadre = busy.cadre("household_cadre")
    assert cadre.left_on == TODAY
    assert cadre.user is not None
    assert not cadre.user.is_active
    assert not cadre.postings.filter(end_on__isnull=True).exists()


def test_what_may_not_be_seen_keeps_the_posting_open_and_moves_nothing(busy: World) -> None:
    cadre = busy.cadre("household_cadre")
    make_issue(busy.households["城垵"][1], busy.cadre("village_cadre"), 850, state="in_progress", handler=cadre,
               kind="early_sign", is_sensitive=True)  # fmt: skip
    assert held_by(busy).is_more
    posting = cadre.postings.get()
    with pytest.raises(ValidationError):
        give(busy, posting=posting, after=After.POSTING)
    assert Household.objects.filter(cadre=cadre).count() == 2
    assert Issue.objects.filter(handler=cadre, state="in_progress").count() == 3


@pytest.mark.parametrize("key", ["household_cadre@前楼", "household_cadre@六龙", "household_cadre"])
def test_a_successor_out_of_reach_is_refused(busy: World, key: str) -> None:
    with pytest.raises(ValidationError):
        give(busy, to=key)
    assert not HandOver.objects.exists()
    assert Household.objects.filter(cadre=busy.cadre("household_cadre")).count() == 2


def test_whom_a_complaint_is_about_never_takes_it_over(busy: World) -> None:
    Issue.objects.filter(pk=busy.issues["own"].pk).update(about_cadre=busy.cadre("village_cadre"))
    people = Successors(busy.user("township_admin"), held_by(busy))
    assert people.for_issue(Issue.objects.get(pk=busy.issues["own"].pk)) != busy.cadre("village_cadre").pk
    with pytest.raises(ValidationError):
        give(busy)


def test_a_row_left_out_or_put_in_is_not_what_was_shown(busy: World) -> None:
    held = held_by(busy)
    to = everything_to(held, busy.cadre("village_cadre"))
    for wrong in ({**to, "household": {}}, {**to, "issue": {**to["issue"], busy.issues["马銮"].pk: 1}}):
        with pytest.raises(StaleHandOver):
            hand_over(by=busy.user("township_admin"), cadre=held.cadre, seen=held.seen, on=TODAY, to=wrong)
    assert not HandOver.objects.exists()


def test_what_changed_meanwhile_is_looked_at_again(busy: World) -> None:
    held = held_by(busy)
    Issue.objects.filter(pk=busy.issues["own"].pk).update(version=7)
    with pytest.raises(StaleHandOver):
        hand_over(by=busy.user("township_admin"), cadre=held.cadre, seen=held.seen, on=TODAY,
                  to=everything_to(held, busy.cadre("village_cadre")))  # fmt: skip
    assert not HandOver.objects.exists()


def test_tomorrow_is_entered_tomorrow(busy: World) -> None:
    with pytest.raises(ValidationError):
        give(busy, on=TODAY + datetime.timedelta(days=1))


def test_the_list_to_sign_names_what_went_and_no_secret(busy: World) -> None:
    made = give(busy)
    HandOverRow.objects.create(
        handover=made, kind="issue", issue=busy.issues["城垵-sensitive"], to_cadre=busy.cadre("village_cadre")
    )
    printed = print_list(by=busy.user("township_admin"), made=made)
    document = Document(io.BytesIO(printed.data))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert {"城垵户主1", "城垵户主2", busy.cadre("village_cadre").name} <= cells
    assert busy.issues["own"].printed_number in cells
    assert "移交人（签字）" in said
    assert busy.issues["城垵-sensitive"].title not in cells
    assert "139" not in "".join(cells)


def test_the_page_refuses_to_end_and_leads_to_the_hand_over(busy: World, sign_in: Callable[[str], Client]) -> None:
    posting = busy.cadre("household_cadre").postings.get()
    client = sign_in("township_admin")
    page = client.post(f"/setup/postings/{posting.pk}/end/", {"end_on": TODAY.isoformat()})
    url = f"/setup/cadres/{posting.cadre_id}/handover/?posting={posting.pk}"
    assert url in page.content.decode()
    form = client.get(url).context["form"]
    sent = {bound.html_name: bound.value() or "" for bound in form}
    answer = client.post(url, {**sent, "reason": "调走", "after": After.POSTING})
    assert answer.status_code == 302
    assert Posting.objects.get(pk=posting.pk).end_on == TODAY
    seen = client.get(answer.headers["Location"]).content.decode()
    assert "城垵户主1" in seen


def test_a_matter_is_proposed_to_who_can_work_on_it(busy: World) -> None:
    """Who has no account may get the household, and is named as such; its matter goes to somebody else."""
    held = holding(busy.user("township_admin"), busy.cadre("household_cadre"))
    first = Successors(busy.user("township_admin"), held)
    taken = first.proposed[busy.households["城垵"][0].pk]
    Cadre.objects.filter(pk=taken).update(user=None)
    people = Successors(busy.user("township_admin"), held)
    assert people.proposed[busy.households["城垵"][0].pk] == taken
    for name in ("own", "wish"):
        proposed = people.for_issue(Issue.objects.get(pk=busy.issues[name].pk))
        assert proposed is not None
        assert people.people[proposed].user_id is not None


def test_an_account_is_closed_with_what_is_in_hand_or_at_once(busy: World, sign_in: Callable[[str], Client]) -> None:
    """Nobody's households lie with a closed account while somebody means to hand them over."""
    cadre, client = busy.cadre("household_cadre"), sign_in("township_admin")
    answer = client.post(f"/setup/cadres/{cadre.pk}/account/active/", {"active": "0"})
    url = f"/setup/cadres/{cadre.pk}/handover/?then=account"
    assert answer.headers["Location"] == url
    cadre.user.refresh_from_db()
    assert cadre.user.is_active
    sent = {bound.html_name: bound.value() or "" for bound in client.get(url).context["form"]}
    assert sent["after"] == After.ACCOUNT
    assert client.post(url, {**sent, "reason": "停用"}).status_code == 302
    cadre.user.refresh_from_db()
    assert not cadre.user.is_active
    assert not Household.objects.filter(cadre=cadre).exists()
    empty = busy.cadre("nobody")
    answer = client.post(f"/setup/cadres/{empty.pk}/account/active/", {"active": "0"})
    assert answer.headers["Location"] == f"/setup/cadres/{empty.pk}/"
    empty.user.refresh_from_db()
    assert not empty.user.is_active


def test_the_form_that_came_second_keeps_what_was_typed(busy: World, sign_in: Callable[[str], Client]) -> None:
    cadre = busy.cadre("household_cadre")
    client, url = sign_in("township_admin"), f"/setup/cadres/{cadre.pk}/handover/"
    sent = {bound.html_name: bound.value() or "" for bound in client.get(url).context["form"]}
    other = busy.cadre("visitor")
    sent |= {"reason": "写好的原因", f"household_{busy.households['城垵'][0].pk}": other.pk}
    Issue.objects.filter(pk=busy.issues["own"].pk).update(version=9)
    page = client.post(url, sent)
    assert page.status_code == 409
    assert "写好的原因" in page.content.decode()
    chosen = page.context["form"][f"household_{busy.households['城垵'][0].pk}"].value()
    assert str(chosen) == str(other.pk)


def test_one_for_everything(busy: World, sign_in: Callable[[str], Client]) -> None:
    cadre, other = busy.cadre("household_cadre"), busy.cadre("visitor")
    form = sign_in("township_admin").get(f"/setup/cadres/{cadre.pk}/handover/?to={other.pk}").context["form"]
    assert {field.initial for name, field in form.fields.items() if name.startswith(("household_", "issue_"))} == {
        other.pk
    }


def test_void_visits_promise_nothing(busy: World) -> None:
    visit = Visit.objects.get(promise="送药")
    void_visit(by=busy.user("household_cadre"), visit=visit, version=visit.version, reason="记错")
    assert held_by(busy).promises == []


def test_the_timeline_says_from_whom_to_whom_and_by_which_handover(busy: World) -> None:
    give(busy)
    old, new = busy.cadre("household_cadre"), busy.cadre("village_cadre")
    step = IssueStep.objects.filter(issue=busy.issues["own"]).select_related("to_cadre", "to_organisation").latest("pk")
    day = date_format(TODAY, "MONTH_DAY_FORMAT")
    assert line_of(step).title.startswith(f"{day}工作交接：由{old.name}移交{new.name}")


def test_the_cards_of_exactly_these_households_are_printed(busy: World, sign_in: Callable[[str], Client]) -> None:
    beside = make_household(busy.villages["城垵"], 900, busy.cadre("village_cadre"))
    made = give(busy)
    client = sign_in("township_admin")
    cards = client.get(f"/setup/handovers/{made.pk}/").context["cards"]
    handed = set(made.rows.filter(kind=Handed.HOUSEHOLD).values_list("household", flat=True))
    assert len(cards) == len(handed) == 2
    client.post("/papers/cards/print/", {"which": "ticked", "household": [*cards, busy.households["前楼"][0].pk]})
    assert not ContactCard.objects.exists(), "a household out of reach among them: nothing is printed"
    client.post("/papers/cards/print/", {"which": "ticked", "household": cards})
    assert set(ContactCard.objects.values_list("household", flat=True)) == handed
    assert beside.pk not in handed


def test_restricted_matters_that_stay_are_said_and_not_told(busy: World, sign_in: Callable[[str], Client]) -> None:
    make_issue(
        busy.households["城垵"][1], busy.cadre("village_cadre"), 850, state="in_progress", kind="early_sign",
        is_sensitive=True, handler=busy.cadre("household_cadre"),
    )  # fmt: skip
    client, made = sign_in("township_admin"), give(busy)
    for url in (f"/setup/cadres/{made.cadre_id}/handover/", f"/setup/handovers/{made.pk}/"):
        shown = client.get(url).content.decode()
        assert f"限制知悉的事项仍在{made.cadre.name}手上" in shown, url
        assert "的问题" not in shown.replace("城垵户主1的问题", ""), url
    Issue.objects.filter(serial=850).update(handler=busy.cadre("village_cadre"))
    assert "限制知悉的事项仍在" not in client.get(f"/setup/handovers/{made.pk}/").content.decode()


def test_with_the_account_drafts_go_to_who_takes_over_most(busy: World) -> None:
    old, new, other = (busy.cadre(key) for key in ("household_cadre", "village_cadre", "visitor"))
    village, body = busy.villages["城垵"], json.dumps({"head": {}, "questions": []})
    mine, theirs = (
        MeetingDraft.objects.create(cadre=each, village=village, occurred_on=TODAY, body=body) for each in (old, other)
    )
    give(busy)
    owners = MeetingDraft.objects.order_by("pk").values_list("cadre", flat=True)
    assert list(owners) == [old.pk, other.pk], "the account stays open"
    Household.objects.filter(cadre=new).update(cadre=old)
    Assignment.objects.filter(cadre=new, end_on=None).update(cadre=old)
    give(busy, after=After.ACCOUNT)
    assert list(owners.all()) == [new.pk, other.pk]
    assert AuditRow.objects.filter(verb="handover.made").latest("pk").detail["drafts"] == 1
    assert [str(each) for each in MeetingDraft.objects.visible_to(new.user)] == [str(mine)]
    assert theirs.pk == MeetingDraft.objects.get(cadre=other).pk


def test_drafts_of_meetings_are_shown_and_stay_their_authors(busy: World, sign_in: Callable[[str], Client]) -> None:
    owner, other = busy.cadre("household_cadre"), busy.cadre("village_cadre")
    for cadre, place in ((owner, "马銮"), (other, "东沈")):
        MeetingDraft.objects.create(
            cadre=cadre, village=busy.villages[place], occurred_on=local_today(), body="只有本人看得到"
        )
    page = sign_in("township_admin").get(reverse("cadre_handover", args=[owner.pk])).content.decode()
    drafts = page.split('aria-labelledby="handover-drafts"')[1].split("</section>")[0]
    assert "马銮村" in drafts
    assert "东沈" not in drafts
    assert "只有本人看得到" not in page
    give(busy)
    assert list(MeetingDraft.objects.order_by("pk").values_list("cadre", flat=True)) == [owner.pk, other.pk]
