"""One way to succeed with each route that changes or shows something on record, and the audit rows it then leaves."""

from tests.audit_acts import accounts, cards, exports, households, issues, papers, rosters, setting_up, visits
from tests.audit_acts.recipe import ACTS, WRITES_NOTHING, Act, Sent

__all__ = [
    "ACTS", "WRITES_NOTHING", "Act", "Sent", "accounts", "cards", "exports", "households", "issues", "papers",
    "rosters", "setting_up", "visits",
]  # fmt: skip
