"""Which open issues are past their date: one definition for desks, lists and dashboards."""

import datetime

from django.db.models import Q

from ledger.rules.issues import HANDED_STATES, State


def overdue_q(today: datetime.date) -> Q:
    """Given to somebody and past the due date, or deferred and past the planned date; due today is not overdue."""
    handed = Q(state__in=HANDED_STATES, due_on__lt=today)
    return handed | Q(state=State.DEFERRED, deferred_until__lt=today)
