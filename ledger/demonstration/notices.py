"""What the people of the demonstration were told: of the last step of what is still open, and what the day says."""

import datetime

from django.db.models import OuterRef, Subquery

from ledger.actions.daily import run_day
from ledger.actions.gaps import tell_gaps
from ledger.actions.notices import tell_all
from ledger.models import County, IssueStep, Notice
from ledger.rules.issues import UNFINISHED_STATES

UNREAD_DAYS = 5
"""Older ones have been read by now."""


def tell_people(county: County, now: datetime.datetime) -> None:
    """Raise them as the steps and the daily run would have done."""
    same = IssueStep.objects.filter(issue=OuterRef("issue")).order_by("-pk")
    last = IssueStep.objects.filter(issue__state__in=UNFINISHED_STATES, pk=Subquery(same.values("pk")[:1]))
    tell_all(list(last.select_related("issue__village__township", "issue__township__county")))
    long_ago = now - datetime.timedelta(days=UNREAD_DAYS)
    Notice.objects.filter(at__lt=long_ago).update(read_at=long_ago)
    run_day(county)
    tell_gaps(county)
