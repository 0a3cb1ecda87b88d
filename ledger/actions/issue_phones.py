"""The phone of who raised an issue: masked for everybody, in full for who needs to call, each time recorded."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ledger.actions.audit import record
from ledger.actions.reveals import CALLS, MOST_CALLS_AN_HOUR, refuse_too_many
from ledger.models import Issue
from ledger.queries.issues import may_see_phone, phone_of


@transaction.atomic
def reveal_phone(*, by: Any, issue: Issue) -> str:
    """The full number, for the handler, the desk and the household's cadre; the reading is recorded.

    Raises PermissionDenied for anybody else, TooManyReveals after 60 calls in an hour (calls to households counted
    along). Empty when no number is known.
    """
    if not may_see_phone(by, issue):
        raise PermissionDenied
    refuse_too_many(by, CALLS, MOST_CALLS_AN_HOUR)
    record(verb="issue.phone_read", by=by, obj=issue, label=issue.number, detail={"preset": "about the issue"})
    return phone_of(issue)
