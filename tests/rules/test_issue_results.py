"""What each outcome has to show: each part needed only where its outcome is ticked."""

from decimal import Decimal
from typing import Any

import pytest

from ledger.rules.issue_results import PARTS, RESULT_FIELDS, kept, lacking, parts_of
from ledger.rules.issues import IssueKind, Outcome

EVERYTHING: dict[str, Any] = {
    "seen": "路平了", "explained": "讲了条件", "policy": "低保办法", "help_given": "棉被",
    "help_amount": Decimal("500.50"), "help_in_kind": True, "help_source": "民政", "thanks": "谢谢",
}  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "needed"),
    [
        ([], set()),
        ([Outcome.SOLVED], {"seen"}),
        ([Outcome.EXPLAINED], {"explained", "policy"}),
        ([Outcome.ASSISTED], {"help_given", "help_amount", "help_source"}),
        ([Outcome.SOLVED, Outcome.EXPLAINED], {"seen", "explained", "policy"}),
        ([Outcome.LAWFUL_CHANNEL, Outcome.FULFILLED, Outcome.NOT_ADOPTED], set()),
    ],
)
def test_each_outcome_needs_its_own_parts(outcomes: list[str], needed: set[str]) -> None:
    assert set(lacking(outcomes, {}, has_files=False)) == needed
    assert lacking(outcomes, EVERYTHING, has_files=False) == {}


def test_a_photo_shows_what_was_solved() -> None:
    assert lacking([Outcome.SOLVED], {"seen": ""}, has_files=True) == {}
    assert set(lacking([Outcome.EXPLAINED], {}, has_files=True)) == {"explained", "policy"}


@pytest.mark.parametrize(
    ("given", "enough"),
    [({"help_amount": Decimal("0.01")}, True), ({"help_in_kind": True}, True), ({"help_in_kind": False}, False)],
)
def test_help_has_an_amount_or_was_in_kind(given: dict[str, Any], enough: bool) -> None:
    faults = lacking([Outcome.ASSISTED], {"help_given": "米", "help_source": "邻居", **given}, has_files=False)
    assert (faults == {}) is enough


def test_only_what_belongs_to_a_ticked_outcome_is_kept() -> None:
    stored = kept([Outcome.EXPLAINED], EVERYTHING)
    assert {name for name, value in stored.items() if value} == {"explained", "policy"}
    assert stored["help_amount"] is None
    assert stored["help_in_kind"] is False
    assert set(stored) == {*RESULT_FIELDS, "is_fulfilled"}
    assert kept([Outcome.SOLVED], {"seen": "  平了 ", "policy": None})["seen"] == "平了"


def test_a_kind_is_asked_only_for_what_may_come_of_it() -> None:
    assert {part.outcome for part in parts_of(IssueKind.REQUEST)} == {
        Outcome.SOLVED, Outcome.EXPLAINED, Outcome.ASSISTED,
    }  # fmt: skip
    assert {part.outcome for part in parts_of(IssueKind.SUGGESTION)} == {Outcome.EXPLAINED}
    assert {part.outcome for part in parts_of(IssueKind.WISH)} == {
        Outcome.FULFILLED, Outcome.ASSISTED, Outcome.EXPLAINED,
    }  # fmt: skip
    assert len({part.outcome for part in PARTS}) == len(PARTS)
