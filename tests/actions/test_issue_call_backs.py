"""回访 and what may follow: tries on different days, checks on site, and who closes after "dissatisfied"."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ledger.actions.issues import StepRefused
from ledger.models import Category, Issue
from ledger.models.issue_scope import capacities
from ledger.queries.issues import step_offers
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, CloseBasis, State
from ledger.rules.permissions import Level
from tests.issue_chain import advance, category_of, snapshot, take
from tests.world import World

DAY = datetime.timedelta(days=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``clock(hours=…)`` moves the server's time on."""
    now = [datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)]

    def move(**by: float) -> None:
        now[0] += datetime.timedelta(**by)

    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return move


def call(world: World, issue: Issue, answer: str, who: str = "village_cadre", text: str = "") -> Issue:
    return take(world, who, issue, Step.CALL_BACK, answer=answer, text=text)


# ---- unreachable ----


def test_three_tries_on_three_days_count_as_called_back(world: World, clock: Any) -> None:
    issue = advance(world, State.RESOLVED)
    for tries in (1, 2, 3):
        with pytest.raises(StepRefused):
            take(world, "village_cadre", issue, Step.CLOSE)
        issue = call(world, issue, Answer.UNREACHABLE)
        assert issue.call_back_tries == tries
        clock(days=1)
    closed = take(world, "village_cadre", issue, Step.CLOSE)
    assert closed.close_basis == CloseBasis.UNREACHABLE
    assert closed.steps.filter(step=Step.CALL_BACK).count() == 3


@pytest.mark.parametrize("who", ["village_cadre", "township_desk"])
def test_a_second_try_of_the_same_day_counts_for_nobody(world: World, clock: Any, who: str) -> None:
    issue = call(world, advance(world, State.RESOLVED), Answer.UNREACHABLE)
    before = snapshot()
    clock(hours=6.9)  # 23:54 in Shanghai
    with pytest.raises(ValidationError) as refused:
        call(world, issue, Answer.UNREACHABLE, who)
    assert set(refused.value.message_dict) == {"answer"}
    assert "1 of 3" in str(refused.value.messages) or "第 1 次" in str(refused.value.messages)
    assert "3月3日" in str(refused.value.messages)
    assert snapshot() == before
    clock(hours=0.2)
    assert call(world, issue, Answer.UNREACHABLE, who).call_back_tries == 2, "a day ends at midnight in Shanghai"


def test_another_answer_of_the_same_day_is_taken(world: World, clock: Any) -> None:
    for answer in (Answer.SATISFIED, Answer.ACCEPTABLE, Answer.DISSATISFIED):
        issue = call(world, advance(world, State.RESOLVED), Answer.UNREACHABLE)
        clock(hours=1)
        issue = call(world, issue, answer)
        assert (issue.answer, issue.call_back_tries) == (answer, 1)


def test_the_tries_of_an_earlier_round_stand_in_nobody_s_way(world: World, clock: Any) -> None:
    issue = call(world, advance(world, State.RESOLVED), Answer.UNREACHABLE)
    clock(minutes=1)
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    issue = take(world, "department_handler", issue, Step.RESOLVE, outcomes=["solved"], text="补好了")
    assert call(world, issue, Answer.UNREACHABLE).call_back_tries == 1


# ---- on site ----


@pytest.mark.parametrize(
    ("works", "named", "accepted"), [(True, True, True), (False, True, False), (False, False, True)]
)  # fmt: skip
def test_a_check_on_site_stands_for_public_works_and_the_anonymous(
    world: World, works: bool, named: bool, accepted: bool
) -> None:
    Category.objects.filter(pk=category_of(world).pk).update(is_public_works=works)
    anonymous = {} if named else {"village": world.villages["城垵"]}
    issue = advance(world, State.RESOLVED, **anonymous)
    assert issue.is_anonymous is not named
    before = snapshot()
    if accepted:
        assert call(world, issue, Answer.ON_SITE, text="路面平整").answer == Answer.ON_SITE
        return
    with pytest.raises(ValidationError) as refused:
        call(world, issue, Answer.ON_SITE, text="路面平整")
    assert set(refused.value.message_dict) == {"answer"}
    assert snapshot() == before


@pytest.mark.parametrize("known", [{"raised_by_name": "城垵老林"}, {"raised_by_phone": "13900001111"}])
def test_who_left_a_name_or_a_phone_can_be_asked(world: World, known: dict[str, str]) -> None:
    issue = advance(world, State.RESOLVED, village=world.villages["城垵"], **known)
    assert not issue.is_anonymous
    with pytest.raises(ValidationError):
        call(world, issue, Answer.ON_SITE, text="路面平整")


# ---- after "dissatisfied" ----


def test_after_dissatisfied_only_a_township_leader_closes_with_a_reason(world: World) -> None:
    issue = call(world, advance(world, State.RESOLVED), Answer.DISSATISFIED)
    for who in ("village_cadre", "district_secretary", "township_desk", "county_desk", "county_leader"):
        with pytest.raises(StepRefused):
            take(world, who, issue, Step.CLOSE, text="已尽力")
    with pytest.raises(StepRefused):
        take(world, "township_leader@前楼", issue, Step.CLOSE, text="已尽力")
    with pytest.raises(StepRefused):  # a second call can't wash the answer away
        call(world, issue, Answer.SATISFIED)
    with pytest.raises(ValidationError):
        take(world, "township_leader", issue, Step.CLOSE)
    closed = take(world, "township_leader", issue, Step.CLOSE, text="诉求不合政策，已当面说明")
    assert (closed.answer, closed.close_basis) == (Answer.DISSATISFIED, CloseBasis.CALLED_BACK)


def test_a_county_leader_who_called_back_closes_what_is_settled_but_not_what_is_not(world: World) -> None:
    issue = call(world, advance(world, State.RESOLVED), Answer.DISSATISFIED, "county_leader")
    before = snapshot()
    with pytest.raises(StepRefused) as refused:
        take(world, "county_leader", issue, Step.CLOSE, text="已尽力")
    assert snapshot() == before
    offers = {offer.step: offer.refusal for offer in step_offers(world.user("county_leader"), issue)}
    assert str(offers[Step.CLOSE]) == str(refused.value), "the page says the same instead of a button"
    settled = call(world, advance(world, State.RESOLVED), Answer.SATISFIED, "county_leader")
    assert take(world, "county_leader", settled, Step.CLOSE).state == State.CLOSED


def test_a_matter_that_stands_at_the_county_is_closed_by_the_township_s_leader_too(world: World) -> None:
    """After "dissatisfied" nobody else may, whichever desk it lies on."""
    issue = advance(world, State.RESOLVED)
    Issue.objects.filter(pk=issue.pk).update(level=Level.COUNTY)
    issue = call(world, Issue.objects.get(pk=issue.pk), Answer.DISSATISFIED, "county_desk")
    assert "desk" not in {str(each) for each in capacities(world.user("township_leader"), issue)}
    assert {offer.step for offer in step_offers(world.user("township_leader"), issue) if not offer.refusal} >= {"close"}
    assert take(world, "township_leader", issue, Step.CLOSE, text="已当面说明").state == State.CLOSED


def test_a_township_leader_who_resolved_it_does_not_close_it(world: World) -> None:
    issue = call(world, advance(world, State.RESOLVED), Answer.DISSATISFIED)
    Issue.objects.filter(pk=issue.pk).update(resolved_by=world.cadre("township_leader"))
    with pytest.raises(StepRefused):
        take(world, "township_leader", Issue.objects.get(pk=issue.pk), Step.CLOSE, text="已尽力")
