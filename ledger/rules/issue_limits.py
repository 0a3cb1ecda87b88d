"""How long things may take (terms.md 3): the defaults, and what a county may set instead."""

from dataclasses import dataclass

from ledger.rules.issues import Urgency


@dataclass(frozen=True)
class Limits:
    """A county's limits in working days; what a category sets comes from the category."""

    urgent: int = 3
    long_term: int = 90
    assign: int = 1
    """A desk assigns what was registered or reopened within so many working days."""
    returned: int = 1
    """And what was sent back to it within so many."""

    def days(self, urgency: str, category_days: int) -> int:
        """Working days from the assignment to the due date: danger to life is due the same day, and urgency never
        lengthens a category's limit."""
        if urgency == Urgency.LIFE:
            return 0
        if urgency == Urgency.URGENT:
            return min(self.urgent, category_days)
        return self.long_term if urgency == Urgency.LONG else category_days

    def triage(self, urgency: str) -> int:
        """Working days to assign it: danger to life does not wait for tomorrow."""
        return 0 if urgency == Urgency.LIFE else self.assign
