"""Which open issues are past their date: one definition for desks, lists and dashboards."""

import datetime

from django.db.models import Q

from ledger.rules.issues import DUE_STATES, State


def overdue_q(today: datetime.date) -> Q:
    """Past the due date and not resolved, or deferred and past the planned date; due today is not overdue.

    On a desk a matter has a due date only where it came with imported history.
    """
    return past_due_q(today) | past_planned_q(today)


def past_due_q(today: datetime.date) -> Q:
    """Overdue by its due date."""
    return Q(state__in=DUE_STATES, due_on__lt=today)


def past_planned_q(today: datetime.date) -> Q:
    """Overdue by the planned date of its deferral."""
    return Q(state=State.DEFERRED, deferred_until__lt=today)
