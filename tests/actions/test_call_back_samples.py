"""抽样回访: who may strike off what was settled on the spot, and what stands in the way."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ledger.actions.call_back_samples import close_rest, draw_sample, review
from ledger.models import AuditRow, CallBackSample, Issue, SampledIssue, SampleReview
from ledger.queries.call_back_samples import standings, waiting_for_a_sample
from ledger.rules.call_back_samples import draw
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, CloseBasis, IssueKind, Outcome, State
from tests.issue_chain import raise_issue, snapshot, take
from tests.views.issue_pages import SignIn, text_of
from tests.world import World

DESK = "village_cadre"


def settle(world: World, by: str = "household_cadre", **data: Any) -> Issue:
    said = {"on_spot": True, "outcomes": [Outcome.EXPLAINED], "result_text": "讲清了政策", **data}
    return raise_issue(world, by=by, **said)


def sample_of(world: World, count: int, by: str = "household_cadre", who: str = DESK) -> CallBackSample:
    for _each in range(count):
        settle(world, by)
    (sample,) = draw_sample(by=world.user(who))
    return sample


def drawn_of(sample: CallBackSample) -> Issue:
    return Issue.objects.get(sampled__sample=sample, sampled__is_drawn=True)


def states(sample: CallBackSample) -> list[tuple[str, str]]:
    rows = Issue.objects.filter(sampled__sample=sample).order_by("pk")
    return list(rows.values_list("state", "close_basis"))


def refused(act: Any) -> str:
    before = (snapshot(), SampledIssue.objects.count(), SampleReview.objects.count())
    with pytest.raises(ValidationError) as fault:
        act()
    assert (snapshot(), SampledIssue.objects.count(), SampleReview.objects.count()) == before
    return " ".join(fault.value.messages)


def test_only_what_was_settled_on_the_spot_here_waits(world: World) -> None:
    mine = {settle(world).pk, settle(world, "village_official").pk}
    settle(world, "household_cadre@马銮", household=world.households["马銮"][0])
    settle(world, kind=IssueKind.DISPUTE, is_sensitive=True)
    called = settle(world)
    take(world, DESK, called, Step.CALL_BACK, answer=Answer.SATISFIED)
    supervised = settle(world)
    Issue.objects.filter(pk=supervised.pk).update(is_supervised=True)
    assert set(waiting_for_a_sample(world.user(DESK)).values_list("pk", flat=True)) == mine
    assert not waiting_for_a_sample(world.user("village_cadre@东沈")).exists()
    assert not waiting_for_a_sample(world.user("household_cadre")).exists()


def test_a_sample_is_drawn_by_the_county_s_share_and_can_be_repeated(world: World) -> None:
    world.county.sample_percent = 30
    world.county.save()
    sample = sample_of(world, 7)
    numbers = [row.issue.number for row in sample.rows.select_related("issue")]
    drawn = {row.issue.number for row in sample.rows.select_related("issue").filter(is_drawn=True)}
    assert (len(numbers), len(drawn), sample.percent, sample.least) == (7, 3, 30, 1)
    assert drawn == set(draw(numbers, seed=sample.seed, size=3))
    trail = AuditRow.objects.get(verb="sample.drawn")
    assert trail.detail["drawn"] == sorted(drawn)
    assert "没有" in refused(lambda: draw_sample(by=world.user(DESK)))


def test_the_rest_is_struck_off_once_the_sample_was_called_back(world: World) -> None:
    sample = sample_of(world, 3)
    desk = world.user(DESK)
    assert "1" in refused(lambda: close_rest(by=desk, sample=sample))
    take(world, DESK, drawn_of(sample), Step.CALL_BACK, answer=Answer.UNREACHABLE)
    refused(lambda: close_rest(by=desk, sample=sample))
    take(world, DESK, drawn_of(sample), Step.CALL_BACK, answer=Answer.ACCEPTABLE)
    assert len(close_rest(by=desk, sample=sample).done) == 2
    assert sorted(states(sample)) == [(State.CLOSED, CloseBasis.SAMPLED)] * 2 + [(State.RESOLVED, "")]
    closed = Issue.objects.filter(close_basis=CloseBasis.SAMPLED)
    assert {issue.closed_by for issue in closed} == {world.cadre(DESK)}
    assert AuditRow.objects.filter(verb="issue.close", detail__basis="sampled").count() == 2
    take(world, DESK, drawn_of(sample), Step.CLOSE)
    assert standings(desk, [sample])[0].is_done
    refused(lambda: close_rest(by=desk, sample=sample))


def test_nobody_strikes_off_in_bulk_what_they_settled(world: World) -> None:
    sample = sample_of(world, 4, by=DESK, who="district_secretary")
    take(world, "district_secretary", drawn_of(sample), Step.CALL_BACK, answer=Answer.SATISFIED)
    refused(lambda: close_rest(by=world.user(DESK), sample=sample))
    assert len(close_rest(by=world.user("district_secretary"), sample=sample).done) == 3


def test_a_dissatisfied_answer_holds_up_the_same_handler_until_reviewed(world: World) -> None:
    for _each in range(3):
        settle(world)
    for _each in range(2):
        settle(world, "village_official")
    (sample,) = draw_sample(by=world.user(DESK))
    drawn = drawn_of(sample)
    bad = drawn.resolved_by
    assert bad is not None
    take(world, DESK, drawn, Step.CALL_BACK, answer=Answer.DISSATISFIED)
    take(world, DESK, Issue.objects.get(pk=drawn.pk), Step.REOPEN, text="没讲清")
    desk = world.user(DESK)
    done = close_rest(by=desk, sample=sample).done
    assert {issue.resolved_by_id for issue in done} == set(
        Issue.objects.filter(sampled__sample=sample).exclude(resolved_by=bad).exclude(pk=drawn.pk)
        .values_list("resolved_by_id", flat=True)
    )  # fmt: skip
    refused(lambda: close_rest(by=desk, sample=sample))
    other = world.cadre("visitor").pk
    refused(lambda: review(by=desk, sample=sample, handler=other, text="没事"))
    refused(lambda: review(by=desk, sample=sample, handler=bad.pk, text="  "))
    review(by=desk, sample=sample, handler=bad.pk, text="其余几件都问过，没有问题")
    refused(lambda: review(by=desk, sample=sample, handler=bad.pk, text="再写一次"))
    assert close_rest(by=desk, sample=sample).done
    assert not Issue.objects.filter(sampled__sample=sample, state=State.RESOLVED).exists()


def test_whom_it_is_about_does_not_review_it(world: World) -> None:
    sample = sample_of(world, 2, by=DESK, who="district_secretary")
    take(world, "district_secretary", drawn_of(sample), Step.CALL_BACK, answer=Answer.DISSATISFIED)
    me = world.cadre(DESK).pk
    refused(lambda: review(by=world.user(DESK), sample=sample, handler=me, text="没问题"))


def test_what_somebody_moved_meanwhile_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = sample_of(world, 3)
    take(world, DESK, drawn_of(sample), Step.CALL_BACK, answer=Answer.SATISFIED)
    from ledger.actions import call_back_samples

    real, moved = call_back_samples.close_sampled, []

    def race(**said: Any) -> Any:
        if not moved:
            moved.append(take(world, "district_secretary", said["issue"], Step.REOPEN, text="另有情况"))
        return real(**said)

    monkeypatch.setattr(call_back_samples, "close_sampled", race)
    result = close_rest(by=world.user(DESK), sample=sample)
    assert (len(result.done), [issue.pk for issue in result.moved]) == (1, [moved[0].pk])


def test_a_sample_of_the_township_is_one_for_the_village_too(world: World) -> None:
    """The village sees its own rows, yet can't strike off before the others' were called back."""
    for key in ("城垵", "马銮"):
        for number in (0, 1):
            settle(world, f"household_cadre@{key}", household=world.households[key][number])
    (sample,) = draw_sample(by=world.user("township_desk"))
    drawn = drawn_of(sample)
    here, there = (DESK, "village_cadre@马銮") if drawn.village.name == "马銮村" else ("village_cadre@马銮", DESK)
    refused(lambda: close_rest(by=world.user(here), sample=sample))
    take(world, there, drawn, Step.CALL_BACK, answer=Answer.SATISFIED)
    assert len(close_rest(by=world.user(here), sample=sample).done) == 2


def test_the_pages_show_the_own_area_only(world: World, sign_in: SignIn) -> None:
    sample = sample_of(world, 3)
    client: Client = sign_in(DESK)
    page = client.get(reverse("sample_detail", args=[sample.pk]))
    assert len(page.context["standing"].rest) == 2
    for who, status in (("village_cadre@马銮", 404), ("household_cadre", 403), ("inspector", 403), ("nobody", 403)):
        assert sign_in(who).get(reverse("sample_detail", args=[sample.pk])).status_code == status, who
        for name in ("sample_close", "sample_review"):
            before = snapshot()
            assert sign_in(who).post(reverse(name, args=[sample.pk]), {}).status_code == status, (who, name)
            assert snapshot() == before
    wrong = client.post(reverse("sample_close", args=[sample.pk]), follow=True)
    assert "1 件" in text_of(wrong)
    take(world, DESK, drawn_of(sample), Step.CALL_BACK, answer=Answer.SATISFIED)
    done = client.post(reverse("sample_close", args=[sample.pk]), follow=True)
    assert "2 件" in text_of(done)


@pytest.mark.parametrize("count", [2, 6])
def test_the_pages_ask_the_same_whatever_there_is(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any, count: int
) -> None:
    sample = sample_of(world, count)
    settle(world)
    client = sign_in(DESK)
    with django_assert_max_num_queries(14):
        waiting = client.get(reverse("sample_list"))
    with django_assert_max_num_queries(14):
        drawn = client.get(reverse("sample_detail", args=[sample.pk]))
    assert (waiting.status_code, drawn.status_code) == (200, 200)
