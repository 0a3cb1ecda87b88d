"""The table of steps is whole, and the rules beyond it say what design.md 5 says."""

import datetime

import pytest

from ledger.rules.issue_steps import (
    ON_THE_SPOT,
    STEPS,
    CallBackRecord,
    Capacity,
    Standing,
    Step,
    close_basis,
    is_extension,
    needs,
    refusal,
    tried_today,
)
from ledger.rules.issues import (
    FINAL_ANSWERS,
    OPEN_STATES,
    OUTCOMES_BY_KIND,
    UNFINISHED_STATES,
    Answer,
    CloseBasis,
    IssueKind,
    State,
    answers_for,
    counts_as_open,
    must_be_sensitive,
)

C = Capacity


def why(step: str, state: str, *held: Capacity, answer: str = "", tries: int = 0, supervised: bool = False) -> bool:
    """Whether the step is refused."""
    standing = Standing(state, CallBackRecord(answer, tries), is_supervised=supervised)
    return refusal(step, standing, frozenset(held)) is not None


def test_each_step_has_a_row_with_a_sentence_and_somebody() -> None:
    assert set(STEPS) == set(Step)
    for step, rule in STEPS.items():
        assert rule.step == step
        assert str(rule.help)
        assert rule.who
        assert rule.sources <= UNFINISHED_STATES | {State.CLOSED}
        assert rule.target is None or rule.target in State.values


def test_each_kind_can_end() -> None:
    assert set(OUTCOMES_BY_KIND) == set(IssueKind)
    assert all(OUTCOMES_BY_KIND.values())


def test_the_chain_runs_from_registering_to_striking_off() -> None:
    state = State.REGISTERED
    for step in (Step.ASSIGN, Step.ACCEPT, Step.RESOLVE, Step.CLOSE):
        assert state in STEPS[step].sources
        state = State(STEPS[step].target)
    assert state == State.CLOSED
    assert [STEPS[step].target for step in ON_THE_SPOT][-1] == State.RESOLVED


@pytest.mark.parametrize("step", [Step.CALL_BACK, Step.CLOSE])
@pytest.mark.parametrize("held", [C.DESK, C.LEADER, C.REGISTRANT, C.CALLER])
def test_the_resolver_neither_calls_back_nor_closes_whatever_else_they_hold(step: str, held: Capacity) -> None:
    assert why(step, State.RESOLVED, C.RESOLVER, held, answer=Answer.SATISFIED)
    assert why(step, State.RESOLVED, C.RESOLVER, held)


@pytest.mark.parametrize(
    ("answer", "tries", "held", "refused"),
    [
        ("", 0, {C.DESK}, True),
        (Answer.SATISFIED, 0, {C.DESK}, False),
        (Answer.SATISFIED, 0, {C.CALLER}, False),
        (Answer.ACCEPTABLE, 0, {C.DESK}, False),
        (Answer.ON_SITE, 0, {C.DESK}, False),
        (Answer.UNREACHABLE, 1, {C.DESK}, True),
        (Answer.UNREACHABLE, 2, {C.DESK}, True),
        (Answer.UNREACHABLE, 3, {C.DESK}, False),
        (Answer.DISSATISFIED, 0, {C.DESK}, True),
        (Answer.DISSATISFIED, 0, {C.CALLER}, True),
        (Answer.DISSATISFIED, 0, {C.DESK, C.LEADER}, True),
        (Answer.DISSATISFIED, 0, {C.CALLER, C.LEADER}, True),
        (Answer.DISSATISFIED, 0, {C.DESK, C.LEADER, C.TOWNSHIP_LEADER}, False),
        (Answer.DISSATISFIED, 0, {C.LEADER, C.TOWNSHIP_LEADER}, False),
        (Answer.SATISFIED, 0, {C.LEADER, C.TOWNSHIP_LEADER}, True),
        (Answer.SATISFIED, 0, {C.HANDLER}, True),
        (Answer.SATISFIED, 0, {C.REGISTRANT}, True),
        (Answer.SATISFIED, 0, {C.LEADER}, True),
    ],
)
def test_what_a_close_waits_for(answer: str, tries: int, held: set[Capacity], refused: bool) -> None:
    assert why(Step.CLOSE, State.RESOLVED, *held, answer=answer, tries=tries) is refused


def test_a_supervised_matter_is_closed_by_a_leader() -> None:
    assert why(Step.CLOSE, State.RESOLVED, C.DESK, answer=Answer.SATISFIED, supervised=True)
    assert not why(Step.CLOSE, State.RESOLVED, C.DESK, C.LEADER, answer=Answer.SATISFIED, supervised=True)


@pytest.mark.parametrize("answer", sorted(FINAL_ANSWERS))
def test_an_answer_stands_for_its_round(answer: str) -> None:
    assert why(Step.CALL_BACK, State.RESOLVED, C.DESK, answer=answer)


def test_an_unreachable_household_is_tried_again() -> None:
    assert not why(Step.CALL_BACK, State.RESOLVED, C.DESK, answer=Answer.UNREACHABLE, tries=3)


def test_a_reason_is_needed_where_the_design_asks_for_one() -> None:
    assert needs(Step.CLOSE, call_back=CallBackRecord(Answer.SATISFIED)) == ()
    assert needs(Step.CLOSE, call_back=CallBackRecord(Answer.DISSATISFIED)) == ("text",)
    assert needs(Step.CALL_BACK, answer=Answer.SATISFIED) == ("answer",)
    assert needs(Step.CALL_BACK, answer=Answer.ON_SITE) == ("answer", "text")


def test_the_basis_of_a_close() -> None:
    assert close_basis(CallBackRecord(Answer.UNREACHABLE, 3)) == CloseBasis.UNREACHABLE
    assert close_basis(CallBackRecord(Answer.DISSATISFIED)) == CloseBasis.CALLED_BACK


def test_sensitive_by_kind_or_category() -> None:
    forced = {kind for kind in IssueKind if must_be_sensitive(kind, restricted=False)}
    assert forced == {IssueKind.COMPLAINT, IssueKind.EARLY_SIGN}
    assert all(must_be_sensitive(kind, restricted=True) for kind in IssueKind)


def test_a_households_count_leaves_out_the_finished_and_the_sensitive() -> None:
    assert {state for state in State if counts_as_open(state, sensitive=False)} == set(OPEN_STATES)
    assert not any(counts_as_open(state, sensitive=True) for state in State)


def test_a_second_try_of_the_same_day_is_none() -> None:
    day = datetime.date(2026, 3, 2)
    tried = CallBackRecord(Answer.UNREACHABLE, 1, day)
    assert tried_today(Answer.UNREACHABLE, tried, day)
    assert not tried_today(Answer.UNREACHABLE, tried, day + datetime.timedelta(days=1))
    assert not tried_today(Answer.UNREACHABLE, CallBackRecord(), day)
    assert not any(tried_today(answer, tried, day) for answer in FINAL_ANSWERS)


@pytest.mark.parametrize(
    ("works", "anonymous", "offered"), [(0, 0, False), (1, 0, True), (0, 1, True), (1, 1, True)]
)  # fmt: skip
def test_a_check_on_site_is_for_public_works_and_the_anonymous(works: bool, anonymous: bool, offered: bool) -> None:
    answers = set(answers_for(public_works=works, anonymous=anonymous))
    assert answers == set(Answer) - (set() if offered else {Answer.ON_SITE})


def test_a_later_date_for_who_works_on_it_is_an_extension() -> None:
    due = datetime.date(2026, 3, 2)
    later = due + datetime.timedelta(days=1)
    assert is_extension(State.IN_PROGRESS, same_handler=True, due_on=due, wanted=later)
    assert not is_extension(State.IN_PROGRESS, same_handler=True, due_on=due, wanted=due)
    assert not is_extension(State.IN_PROGRESS, same_handler=False, due_on=due, wanted=later)
    assert not is_extension(State.ASSIGNED, same_handler=True, due_on=due, wanted=later)
