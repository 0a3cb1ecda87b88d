"""今日待办: the home of a cadre."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.models.scope import scope_of
from ledger.queries.campaigns import own_campaigns
from ledger.queries.disputes import due_follow_ups
from ledger.queries.early_signs import due_reviews
from ledger.queries.issues import calendar_for, supporting_count
from ledger.queries.rotations import own_stop, own_villages
from ledger.queries.today import drafts_of, today_of
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission, Role
from ledger.views.contract import contract

SHOWN_FOLLOW_UPS = 5


@contract(Permission.LOG_VISIT)
def today(request: HttpRequest) -> HttpResponse:
    """Own households by need, follow-ups promised, own issues."""
    day = local_today()
    scope = scope_of(request.user)
    roles = [t.role for t in scope.territories] or [Role.HOUSEHOLD_CADRE]
    return render(
        request,
        "ledger/today/today.html",
        {
            "today": today_of(request.user, day),
            "day": day,
            "follow_ups": list(due_follow_ups(request.user, day)[:SHOWN_FOLLOW_UPS]),
            "signs_due": list(due_reviews(request.user)[:SHOWN_FOLLOW_UPS]),
            "campaigns": own_campaigns(request.user, day),
            "drafts": list(drafts_of(request.user)),
            "calendar": calendar_for(request.user),
            "cadre_id": scope.cadre_id,
            "supporting": supporting_count(request.user),
            "role": Role(roles[0]).label,
            "ties": own_villages(request.user),
            "stop": own_stop(request.user),
        },
    )
