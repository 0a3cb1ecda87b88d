"""Which open issues are past their date: one definition for desks, lists and dashboards."""

import datetime

from django.db.models import Q

from ledger.rules.issues import DUE_STATES, State


def overdue_q(today: datetime.date) -> Q:
    """Past the due date and not resolved, or deferred and past the planned date; due today is not overdue.

    On a desk a matter has a due date only where it came with imported history.
    """
    return Q(state__in=DUE_STATES, due_on__lt=today) | Q(state=State.DEFERRED, deferred_until__lt=today)
