"""微心愿: the pool, who claims, who gives back, and that wishes are counted apart."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused
from ledger.actions.wishes import claim, give_back
from ledger.models import Issue, Village, WishClaim
from ledger.queries.calendar import calendar_of
from ledger.queries.dashboard import total
from ledger.queries.desk import lane_conditions, on_desk
from ledger.queries.wishes import TABS, tab_counts, wishes
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, Outcome, State
from tests.dashboards import village_rows
from tests.issue_chain import raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, detail, text_of
from tests.world import World

ME = "household_cadre"


def wish(world: World, **data: Any) -> Issue:
    return raise_issue(world, kind=IssueKind.WISH, title="想要一个书包", **data)


def refused(error: type[Exception], act: Any) -> None:
    before = (snapshot(), WishClaim.objects.count())
    with pytest.raises(error):
        act()
    assert (snapshot(), WishClaim.objects.count()) == before


def test_a_cadre_claims_fulfils_and_is_thanked(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    made = claim(by=world.user(ME), issue=issue, version=1, donor="爱心超市")
    issue = Issue.objects.get(pk=issue.pk)
    me = world.cadre(ME)
    assert (issue.state, issue.handler, made.claimant, made.ended_at) == (State.IN_PROGRESS, me, me, None)
    take(world, ME, issue, Step.RESOLVE, outcomes=[Outcome.FULFILLED], text="送到了", thanks="孩子很高兴")
    made.refresh_from_db()
    assert (made.is_fulfilled, made.ended_at is not None) == (True, True)
    page = sign_in("village_cadre").get(reverse("wish_list"), {"state": "fulfilled"})
    for word in ("想要一个书包", "孩子很高兴", "爱心超市", me.name):
        assert word in text_of(page)
    assert "想要一个书包" not in text_of(
        sign_in("village_cadre@马銮").get(reverse("wish_list"), {"state": "fulfilled"})
    )


def test_the_desk_enters_a_unit_and_gives_back(world: World) -> None:
    issue, unit = wish(world), world.organisations["村镇建设办"]
    refused(StepRefused, lambda: claim(by=world.user(ME), issue=issue, version=1, unit=unit))
    far = world.organisations["村镇建设办@前楼"]
    refused(ValidationError, lambda: claim(by=world.user("district_secretary"), issue=issue, version=1, unit=far))
    made = claim(by=world.user("district_secretary"), issue=issue, version=1, unit=unit)
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.state, issue.lead_organisation, made.claimant) == (State.ASSIGNED, unit, unit)
    refused(StepRefused, lambda: give_back(by=world.user("village_official"), issue=issue, version=2, reason="不办"))
    refused(ValidationError, lambda: give_back(by=world.user("district_secretary"), issue=issue, version=2, reason=" "))
    give_back(by=world.user("district_secretary"), issue=issue, version=2, reason="今年没有经费")
    made.refresh_from_db()
    assert (made.is_fulfilled, made.reason) == (False, "今年没有经费")
    assert Issue.objects.get(pk=issue.pk).state == State.REGISTERED


def test_of_two_who_claim_one_gets_it(world: World) -> None:
    issue = wish(world)
    claim(by=world.user(ME), issue=issue, version=1)
    refused(StaleIssue, lambda: claim(by=world.user("village_official"), issue=issue, version=1))
    now = Issue.objects.get(pk=issue.pk)
    refused(StepRefused, lambda: claim(by=world.user("village_official"), issue=now, version=now.version))


@pytest.mark.parametrize("who", ["inspector", "county_admin", "township_admin", "department_handler"])
def test_who_only_reads_does_not_claim(world: World, sign_in: SignIn, who: str) -> None:
    issue = wish(world)
    refused(StepRefused, lambda: claim(by=world.user(who), issue=issue, version=1))
    before = snapshot()
    assert sign_in(who).post(reverse("wish_claim", args=[issue.pk]), {"version": 1}).status_code in {403, 404}
    assert snapshot() == before


def test_a_claim_ends_however_the_wish_is_taken_away(world: World) -> None:
    issue = wish(world)
    made = claim(by=world.user(ME), issue=issue, version=1)
    issue = Issue.objects.get(pk=issue.pk)
    take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"))
    made.refresh_from_db()
    assert (made.ended_at is not None, made.is_fulfilled) == (True, False)


def test_other_matters_and_restricted_wishes_are_no_matter_of_the_pool(world: World, sign_in: SignIn) -> None:
    request = raise_issue(world)
    hidden = wish(world)
    Issue.objects.filter(pk=hidden.pk).update(is_sensitive=True)
    assert set(wishes(world.user("township_desk"))) == set()
    for issue in (request, hidden):
        fresh = Issue.objects.get(pk=issue.pk)
        refused(StepRefused, lambda fresh=fresh: claim(by=world.user(ME), issue=fresh, version=1))
        assert sign_in("village_cadre").get(reverse("wish_claim", args=[issue.pk])).status_code in {403, 404}


def test_wishes_are_counted_apart(world: World, django_assert_num_queries: Any) -> None:
    desk, calendar = world.user("district_secretary"), calendar_of(world.county)
    before = on_desk(desk).filter(lane_conditions(calendar)["to_assign"]).count()
    wish(world)
    assert on_desk(desk).filter(lane_conditions(calendar)["to_assign"]).count() == before
    assert on_desk(desk).filter(lane_conditions(calendar)["wishes"]).count() == 1
    with django_assert_num_queries(1):
        assert tab_counts(wishes(desk)) == {**dict.fromkeys(TABS, 0), "open": 1}


def test_the_dashboard_counts_them_apart(world: World) -> None:
    leader, here = world.user("township_leader"), Village.objects.filter(township=world.township)
    before = total(village_rows(leader, here)).counts
    issue = wish(world)
    claim(by=world.user(ME), issue=issue, version=1)
    after = total(village_rows(leader, here)).counts
    assert (after["pending"], after["wishes"], after["wishes_done"]) == (before["pending"], before["wishes"] + 1, 0)
    take(world, ME, Issue.objects.get(pk=issue.pk), Step.RESOLVE, outcomes=[Outcome.FULFILLED], text="送到了")
    after = total(village_rows(leader, here)).counts
    assert (after["call_back"], after["wishes"], after["wishes_done"]) == (before["call_back"], before["wishes"] + 1, 1)


def test_the_form_keeps_what_was_typed_when_somebody_was_faster(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    url = reverse("wish_claim", args=[issue.pk])
    first = sign_in(ME).post(url, {"version": 1, "donor": "爱心超市"})
    assert (first.status_code, first.url) == (302, detail(issue))
    late = sign_in("village_official").post(url, {"version": 1, "donor": "张老板"})
    assert late.status_code == 409
    for words in ("不在心愿池", "张老板"):
        assert words in text_of(late)
