"""微心愿: what a desk publishes into its township's pool, who reads it there, and who claims from it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused
from ledger.actions.wish_pool import publish, withdraw
from ledger.actions.wishes import claim, claim_published, give_back
from ledger.models import AuditRow, Issue, PoolEnd, PublishedWish, Resident
from ledger.queries.wishes import open_publication, pool
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, State
from tests.issue_chain import raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, detail, text_of
from tests.world import World

DESK, ELSEWHERE = "village_cadre", "household_cadre@马銮"
WORDS = "孩子想要一个书包"
SAID = "林家的孩子想要一个书包"


def wish(world: World, **data: Any) -> Issue:
    return raise_issue(world, **{"kind": IssueKind.WISH, "title": SAID, **data})


def published(world: World, issue: Issue) -> PublishedWish:
    return publish(by=world.user(DESK), issue=issue, version=issue.version, text=WORDS)


def state() -> Any:
    return snapshot(), list(PublishedWish.objects.order_by("pk").values())


def refused(error: type[Exception], act: Any) -> None:
    before = state()
    with pytest.raises(error):
        act()
    assert state() == before


POOL_READERS = [
    "township_leader", "township_desk", "district_secretary", "district_secretary@西", "village_cadre",
    "village_cadre@马銮", "village_official", "household_cadre", "household_cadre@马銮", "visitor",
    "department_handler", "county_desk", "county_leader",
]  # fmt: skip


@pytest.mark.parametrize("who", POOL_READERS)
def test_the_whole_township_reads_the_wording_and_nothing_else(world: World, sign_in: SignIn, who: str) -> None:
    issue = wish(world, text="爸妈在外，跟奶奶过")
    row = published(world, issue)
    assert list(pool(world.user(who))) == [row]
    for url in (reverse("wish_pool"), reverse("wish_pool_claim", args=[row.pk])):
        page = text_of(sign_in(who).get(url))
        for word in (WORDS, "城垵"):
            assert word in page
        for word in (SAID, "奶奶", issue.number, issue.printed_number, world.households["城垵"][0].head_name):
            assert word not in page
        assert reverse("issue_detail", args=[issue.pk]) not in sign_in(who).get(url).content.decode()


@pytest.mark.parametrize(
    "who",
    ["township_leader@前楼", "household_cadre@前楼", "visitor@前楼", "nobody",
     "village_official@六龙", "inspector", "county_admin", "township_admin"],
)  # fmt: skip
def test_who_serves_elsewhere_or_only_reads_has_no_pool_here(world: World, sign_in: SignIn, who: str) -> None:
    row = published(world, wish(world))
    assert set(pool(world.user(who))) == set()
    refused_with = {403, 404}
    before = state()
    for answer in (
        sign_in(who).get(reverse("wish_pool_claim", args=[row.pk])),
        sign_in(who).post(reverse("wish_pool_claim", args=[row.pk]), {"donor": ""}),
    ):
        assert answer.status_code in refused_with
    listed = sign_in(who).get(reverse("wish_pool"))
    assert listed.status_code == 403 or WORDS not in text_of(listed)
    assert state() == before


def test_households_alone_give_a_pool(world: World) -> None:
    row = published(world, wish(world))
    cadre = world.cadre(ELSEWHERE)
    cadre.postings.all().delete()
    assert list(pool(world.user(ELSEWHERE))) == [row]


def test_what_is_claimed_is_seen_like_any_claimed_wish(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    row = published(world, issue)
    assert sign_in(ELSEWHERE).get(detail(issue)).status_code == 404
    answer = sign_in(ELSEWHERE).post(reverse("wish_pool_claim", args=[row.pk]), {"donor": "爱心超市"})
    assert (answer.status_code, answer.url) == (302, detail(issue))
    issue.refresh_from_db()
    row.refresh_from_db()
    claimed = issue.claims.get()
    me = world.cadre(ELSEWHERE)
    assert (issue.state, issue.handler, claimed.cadre, claimed.donor) == (State.IN_PROGRESS, me, me, "爱心超市")
    assert row.how_ended == PoolEnd.CLAIMED
    assert SAID in text_of(sign_in(ELSEWHERE).get(detail(issue)))
    assert set(pool(world.user("township_desk"))) == set()
    assert sign_in("household_cadre@东沈").get(detail(issue)).status_code == 404


def test_a_handler_claims_for_the_own_unit_alone(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    row = published(world, issue)
    mine, other = world.organisations["村镇建设办"], world.organisations["派出所"]
    refused(
        ValidationError,
        lambda: claim_published(by=world.user("department_handler"), published=row, unit=other),
    )
    refused(ValidationError, lambda: claim_published(by=world.user(ELSEWHERE), published=row, unit=mine))
    url = reverse("wish_pool_claim", args=[row.pk])
    assert sign_in("department_handler").post(url, {"unit": mine.pk, "donor": ""}).status_code == 302
    issue.refresh_from_db()
    claimed = issue.claims.get()
    assert (issue.state, issue.lead_organisation, claimed.organisation) == (State.IN_PROGRESS, mine, mine)
    assert issue.handler == world.cadre("department_handler")


def test_who_comes_late_is_told_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    row = published(world, wish(world))
    url = reverse("wish_pool_claim", args=[row.pk])
    assert sign_in(ELSEWHERE).post(url, {"donor": "爱心超市"}).status_code == 302
    late = sign_in("household_cadre@东沈").post(url, {"donor": "张老板"})
    assert late.status_code == 409
    assert "张老板" in text_of(late)
    assert WORDS not in text_of(late)
    refused(StepRefused, lambda: claim_published(by=world.user("village_official"), published=row))


@pytest.mark.parametrize(
    "text", ["王芳的孩子想要书包", "王 芳的孩子想要书包", "孩子想要书包，电话13812345678", "打5612345，要书包", "  "]
)
def test_words_that_say_whose_it_is_are_refused(world: World, sign_in: SignIn, text: str) -> None:
    issue = wish(world, raised_by_name="王芳")
    Resident.objects.filter(household=issue.household).update(phone="0596-5612345")
    refused(ValidationError, lambda: publish(by=world.user(DESK), issue=issue, version=1, text=text))
    before = state()
    answer = sign_in(DESK).post(reverse("wish_publish", args=[issue.pk]), {"version": 1, "text": text})
    assert (answer.status_code, state()) == (200, before)
    assert text.strip() in answer.content.decode()


@pytest.mark.parametrize("who", ["household_cadre", "village_official", "visitor", "county_leader", "inspector"])
def test_only_the_desk_publishes_and_withdraws(world: World, sign_in: SignIn, who: str) -> None:
    issue = wish(world)
    refused(StepRefused, lambda: publish(by=world.user(who), issue=issue, version=1, text=WORDS))
    published(world, issue)
    refused(StepRefused, lambda: withdraw(by=world.user(who), issue=issue))
    before = state()
    for name in ("wish_publish", "wish_withdraw"):
        sent = sign_in(who).post(reverse(name, args=[issue.pk]), {"version": 1, "text": "另一句"})
        assert sent.status_code in {403, 404}
    assert state() == before


def test_what_is_withdrawn_does_not_exist(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    row = published(world, issue)
    assert withdraw(by=world.user("district_secretary"), issue=issue) is True
    assert withdraw(by=world.user("district_secretary"), issue=issue) is False
    assert sign_in(ELSEWHERE).get(reverse("wish_pool_claim", args=[row.pk])).status_code == 404
    refused(StepRefused, lambda: claim_published(by=world.user(ELSEWHERE), published=row))
    assert WORDS in text_of(sign_in(DESK).get(detail(issue)))
    verbs = list(AuditRow.objects.filter(verb__startswith="wish.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["wish.published", "wish.withdrawn"]


def test_sent_twice_is_one_and_other_words_wait_for_the_withdrawal(world: World, sign_in: SignIn) -> None:
    issue = wish(world)
    row = published(world, issue)
    assert published(world, issue) == row
    refused(StepRefused, lambda: publish(by=world.user(DESK), issue=issue, version=1, text="另一句"))
    url = reverse("wish_publish", args=[issue.pk])
    late = sign_in("district_secretary").post(url, {"version": 1, "text": "另一句"})
    assert late.status_code == 409
    assert "另一句" in text_of(late)
    refused(StaleIssue, lambda: publish(by=world.user(DESK), issue=issue, version=7, text=WORDS))


def test_whatever_takes_a_wish_up_takes_it_out_of_the_pool(world: World) -> None:
    issue = wish(world)
    row = published(world, issue)
    take(world, DESK, issue, Step.ASSIGN, assignee=world.cadre("village_official"))
    row.refresh_from_db()
    assert row.how_ended == PoolEnd.TAKEN_UP
    refused(StepRefused, lambda: claim_published(by=world.user(ELSEWHERE), published=row))


def test_given_back_it_stands_in_the_pool_as_before(world: World) -> None:
    issue = wish(world)
    published(world, issue)
    claim_published(by=world.user(ELSEWHERE), published=open_publication(issue))
    held = Issue.objects.get(pk=issue.pk)
    give_back(by=world.user(ELSEWHERE), issue=held, version=held.version, reason="调走了")
    (row,) = pool(world.user("household_cadre@东沈"))
    assert (row.text, row.published_by, row.ended_at) == (WORDS, world.cadre(DESK), None)


def test_given_back_what_never_was_in_the_pool_is_not_published(world: World) -> None:
    issue = wish(world)
    claim(by=world.user("household_cadre"), issue=issue, version=1)
    held = Issue.objects.get(pk=issue.pk)
    give_back(by=world.user("household_cadre"), issue=held, version=held.version, reason="办不了")
    assert PublishedWish.objects.count() == 0


def test_other_matters_and_restricted_wishes_are_not_published(world: World, sign_in: SignIn) -> None:
    request, hidden = raise_issue(world), wish(world)
    row = published(world, hidden)
    Issue.objects.filter(pk=hidden.pk).update(is_sensitive=True)
    assert set(pool(world.user("township_leader"))) == set()
    refused(StepRefused, lambda: publish(by=world.user(DESK), issue=request, version=1, text=WORDS))
    refused(StepRefused, lambda: claim_published(by=world.user(ELSEWHERE), published=row))
    assert sign_in(DESK).get(reverse("wish_publish", args=[request.pk])).status_code == 403


def test_the_list_costs_the_same_with_one_and_with_three(world: World, sign_in: SignIn) -> None:
    client, costs = sign_in(ELSEWHERE), []
    for number in (1, 3):
        while PublishedWish.objects.count() < number:
            published(world, wish(world))
        client.get(reverse("wish_pool"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("wish_pool"))
        costs.append(len(captured))
    assert costs[0] == costs[1]
