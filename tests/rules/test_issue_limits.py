"""How long things may take, by the defaults and as a county sets it."""

import pytest

from ledger.rules.issue_limits import Limits
from ledger.rules.issues import Urgency


@pytest.mark.parametrize(
    ("urgency", "category", "days"),
    [
        (Urgency.NORMAL, 15, 15), (Urgency.NORMAL, 1, 1), (Urgency.URGENT, 15, 3), (Urgency.URGENT, 1, 1),
        (Urgency.LONG, 15, 90), (Urgency.LIFE, 15, 0), (Urgency.LIFE, 0, 0),
    ],
)  # fmt: skip
def test_the_limit_by_urgency_and_category(urgency: str, category: int, days: int) -> None:
    assert Limits().days(urgency, category) == days


def test_a_county_sets_its_own() -> None:
    limits = Limits(urgent=2, long_term=120, assign=2, returned=1)
    assert [limits.days(each, 15) for each in (Urgency.URGENT, Urgency.LONG, Urgency.LIFE)] == [2, 120, 0]
    assert [limits.triage(each) for each in (Urgency.NORMAL, Urgency.LIFE)] == [2, 0]
