"""今日待办: the home of a cadre."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.models.scope import scope_of
from ledger.queries.issues import calendar_for
from ledger.queries.today import today_of
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission, Role
from ledger.views.contract import contract


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
            "calendar": calendar_for(request.user),
            "cadre_id": scope.cadre_id,
            "role": Role(roles[0]).label,
        },
    )
