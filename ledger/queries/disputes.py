"""矛盾纠纷: who may note what, and which follow-up visits are due. Everything is narrowed to who asks."""

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from ledger.models import DisputeSettlement, FollowUp, Issue
from ledger.models.issue_scope import capacities
from ledger.models.scope import NOTHING, scope_of
from ledger.rules.days import local_today
from ledger.rules.disputes import FOLLOW_UP_AHEAD, mediation_lacks
from ledger.rules.issue_steps import Capacity
from ledger.rules.issues import UNFINISHED_STATES, IssueKind, State
from ledger.rules.permissions import Permission

WRITERS = frozenset({Capacity.HANDLER, Capacity.DESK, Capacity.REGISTRANT})
FOLLOWERS = WRITERS | {Capacity.RESOLVER, Capacity.CALLER}


def settlement_of(issue: Issue) -> DisputeSettlement:
    """What is on record; an empty one of version 0, not stored, when nothing is."""
    found: DisputeSettlement | None = DisputeSettlement.objects.filter(issue=issue).first()
    return found if found is not None else DisputeSettlement(issue=issue, version=0)


def may_note(user: Any, issue: Issue) -> bool:
    """Whether somebody may write down parties, mediator and agreement now."""
    held = capacities(user, issue) & WRITERS
    return issue.kind == IssueKind.DISPUTE and issue.state in UNFINISHED_STATES and bool(held)


def may_follow_up(user: Any, issue: Issue) -> bool:
    """Whether somebody may plan a follow-up visit and say that it was made: also after the striking off."""
    gone = issue.state in {State.VOID, State.MERGED}
    return issue.kind == IssueKind.DISPUTE and not gone and bool(capacities(user, issue) & FOLLOWERS)


def mediation_fault(issue: Issue) -> Promise | str | None:
    """Why this dispute can't end as mediated yet."""
    sides = list(issue.parties.values_list("side", flat=True))
    return mediation_lacks(sides=sides, agreement=settlement_of(issue).agreement)


def due_follow_ups(user: Any, today: datetime.date | None = None) -> QuerySet[FollowUp]:
    """Planned visits of the next days and those missed, of matters that are somebody's own or at their desk."""
    me = scope_of(user).cadre_id
    own = NOTHING
    if me is not None:
        for name in ("planned_by", "issue__handler", "issue__resolved_by", "issue__registered_by",
                     "issue__household__cadre"):  # fmt: skip
            own |= Q(**{f"{name}_id": me})
    until = (today or local_today()) + datetime.timedelta(days=FOLLOW_UP_AHEAD)
    at_desk = Issue.objects.visible_to(user, Permission.DESK).filter(kind=IssueKind.DISPUTE)
    seen = Issue.objects.visible_to(user).filter(kind=IssueKind.DISPUTE)
    rows: QuerySet[FollowUp] = (
        FollowUp.objects.filter(own | Q(issue__in=at_desk), done_on__isnull=True, planned_on__lte=until)
        .filter(issue__in=seen)
        .exclude(issue__state__in=[State.VOID, State.MERGED])
        .select_related("issue__village", "issue__group", "planned_by")
        .order_by("planned_on", "pk")
    )
    return rows
