"""苗头隐患: colour, review, cause; nothing of it outside the circle."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from ledger.actions.early_signs import review_sign
from ledger.actions.versions import StaleEdit
from ledger.models import EarlySign, Issue, SignReview
from ledger.queries.early_signs import causes, due_reviews, possible_reviewers, signs
from ledger.rules.days import local_today
from ledger.rules.early_signs import Colour, next_review
from ledger.rules.issues import IssueKind
from tests.issue_chain import raise_issue, snapshot
from tests.views.issue_pages import SignIn, create_url, detail, form_of, text_of
from tests.world import World

DESK = "village_cadre"
CAUSE = "采石放炮震房"


def sign(world: World, place: str = "城垵", number: int = 0, **data: Any) -> Issue:
    said = {"colour": Colour.ORANGE, "cause": CAUSE, "household": world.households[place][number], **data}
    return raise_issue(world, by=f"household_cadre@{place}", kind=IssueKind.EARLY_SIGN, **said)


def look(world: World, issue: Issue, version: int, who: str = DESK, **said: Any) -> SignReview:
    day = local_today() + datetime.timedelta(days=2)
    told = {"colour": Colour.RED, "cause": CAUSE, "review_on": day, "text": "有人串联上访", **said}
    return review_sign(by=world.user(who), issue=issue, version=version, **told)


def refused(error: type[Exception], act: Any) -> None:
    before = (snapshot(), list(EarlySign.objects.values()), SignReview.objects.count())
    with pytest.raises(error):
        act()
    assert (snapshot(), list(EarlySign.objects.values()), SignReview.objects.count()) == before


@pytest.mark.parametrize(("colour", "days"), [("1red", 1), ("2orange", 3), ("3yellow", 7), ("4blue", 30)])
def test_the_worse_the_sooner(colour: str, days: int) -> None:
    assert next_review(colour, datetime.date(2026, 2, 26)) == datetime.date(2026, 2, 26) + datetime.timedelta(days=days)


def test_the_registration_says_colour_and_cause(world: World, sign_in: SignIn) -> None:
    sent = form_of(world, kind="early_sign", colour="1red", cause=CAUSE)
    assert sign_in("household_cadre").post(create_url(world), sent).status_code == 302
    row = EarlySign.objects.get()
    tomorrow = local_today() + datetime.timedelta(days=1)
    assert (row.colour, row.cause, row.review_on, row.reviewer) == (Colour.RED, CAUSE, tomorrow, None)
    page = text_of(sign_in(DESK).get(detail(row.issue)))
    assert "红色" in page
    assert CAUSE in page


def test_each_look_is_kept(world: World, sign_in: SignIn) -> None:
    issue = sign(world)
    look(world, issue, 1)
    look(world, issue, 2, colour=Colour.BLUE, text="已谈妥", reviewer=world.cadre("township_leader"))
    assert list(SignReview.objects.order_by("pk").values_list("colour", "text")) == [
        ("1red", "有人串联上访"), ("4blue", "已谈妥"),
    ]  # fmt: skip
    row = EarlySign.objects.get(issue=issue)
    assert (row.colour, row.reviewer, row.version) == (Colour.BLUE, world.cadre("township_leader"), 3)
    page = text_of(sign_in(DESK).get(detail(issue)))
    assert page.index("已谈妥") < page.index("有人串联上访")


def test_what_does_not_fit_is_refused(world: World) -> None:
    issue, today = sign(world), local_today()
    refused(StaleEdit, lambda: look(world, issue, 9))
    refused(StaleEdit, lambda: look(world, issue, 0))
    for day in (today, today - datetime.timedelta(days=1), today + datetime.timedelta(days=400)):
        refused(ValidationError, lambda day=day: look(world, issue, 1, review_on=day))
    refused(ValidationError, lambda: look(world, issue, 1, text="  "))
    for outsider in ("village_official", "inspector", "district_secretary", "village_cadre@马銮"):
        refused(ValidationError, lambda who=outsider: look(world, issue, 1, reviewer=world.cadre(who)))
        refused(PermissionDenied, lambda who=outsider: look(world, issue, 1, who=who))


def test_a_reviewer_always_sees_what_to_look_at(world: World) -> None:
    issue = sign(world)
    for cadre in possible_reviewers(issue):
        assert Issue.objects.visible_to(cadre.user).filter(pk=issue.pk).exists(), cadre


def test_the_same_cause_is_seen_by_whom_it_concerns(world: World, sign_in: SignIn) -> None:
    for place, number in (("城垵", 0), ("城垵", 1), ("马銮", 0), ("前楼", 0)):
        sign(world, place, number)
    sign(world, cause="欠薪", colour=Colour.RED)
    leader = causes(signs(world.user("township_leader")))
    assert [(g.cause, g.count, g.households, g.villages) for g in leader] == [
        (CAUSE, 3, 3, ["城垵村", "马銮村"]), ("欠薪", 1, 1, ["城垵村"]),
    ]  # fmt: skip
    village = causes(signs(world.user(DESK)))
    assert [(g.cause, g.count) for g in village] == [(CAUSE, 2), ("欠薪", 1)]
    page = text_of(sign_in("township_leader").get(reverse("sign_list"), {"cause": "欠薪"}))
    assert "起因：欠薪" in page
    assert "前楼" not in text_of(sign_in("township_leader").get(reverse("sign_list")))


def test_the_list_says_whose_each_sign_is(world: World, sign_in: SignIn) -> None:
    for number in (0, 1):
        sign(world, number=number)
    whose = [each.head_name for each in world.households["城垵"][:2]]
    sign(world, "马銮")
    page = text_of(sign_in(DESK).get(reverse("sign_list"), {"cause": CAUSE}))
    heads = {each.head_name for place in ("城垵", "马銮") for each in world.households[place]}
    assert {head for head in heads if head in page} == set(whose)


@pytest.mark.parametrize("who", ["inspector", "village_official", "visitor", "household_cadre", "township_admin"])
def test_others_learn_nothing(world: World, sign_in: SignIn, who: str) -> None:
    issue = sign(world, "马銮")
    client = sign_in(who)
    assert client.get(reverse("sign_list")).status_code == 403
    assert client.get(reverse("sign_review", args=[issue.pk])).status_code == 404
    for page in ("issue_list", "today", "household_list"):
        answer = client.get(reverse(page))
        assert CAUSE not in text_of(answer)
        assert issue.printed_number not in text_of(answer)
    assert not due_reviews(world.user(who)).exists()


def test_what_is_due_comes_to_the_reviewer_or_the_desk(world: World, sign_in: SignIn) -> None:
    issue = sign(world)
    EarlySign.objects.filter(issue=issue).update(review_on=local_today())
    assert {who for who in world.users if due_reviews(world.user(who)).exists()} == {
        "village_cadre", "village_cadre@城垵", "township_leader",
    }  # fmt: skip
    assert issue.title in text_of(sign_in(DESK).get(reverse("today")))
    EarlySign.objects.filter(issue=issue).update(reviewer=world.cadre("household_cadre"))
    assert {who for who in world.users if due_reviews(world.user(who)).exists()} == {
        "household_cadre", "household_cadre@城垵",
    }  # fmt: skip


def test_the_page_saves_and_a_stale_one_is_told(world: World, sign_in: SignIn) -> None:
    issue = sign(world)
    url, client = reverse("sign_review", args=[issue.pk]), sign_in(DESK)
    sent = {"version": 1, "colour": "1red", "cause": "另一起因", "text": "有人串联", "review_on": ""}
    assert client.post(url, sent).status_code == 302
    assert EarlySign.objects.get(issue=issue).review_on == next_review("1red", local_today())
    stale = client.post(url, {**sent, "colour": "4blue", "text": "我看没事"})
    assert stale.status_code == 409
    assert "我看没事" in text_of(stale)
    assert client.post(url, {**sent, "version": "x", "colour": "purple"}).status_code == 200
    assert SignReview.objects.count() == 1
