"""The first page of each role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ledger.models.scope import scope_of
from ledger.rules.permissions import Permission, Role
from ledger.views.contract import contract
from ledger.views.issue_ledger import handled_url

SETS_UP = (Role.COUNTY_ADMIN, Role.TOWNSHIP_ADMIN)
READS = (Role.COUNTY_LEADER, Role.TOWNSHIP_LEADER, Role.INSPECTOR)


@contract()
def home(request: HttpRequest) -> HttpResponse:
    """Cadres land on today's list, desks on their desk, leaders on the dashboard, admins on the setting-up page."""
    scope = scope_of(request.user)
    if scope.holds(*READS):
        return redirect("dashboard")
    if scope.has(Permission.DESK):
        return redirect("desk")
    if scope.holds(*SETS_UP):
        return redirect("setup")
    if scope.has(Permission.LOG_VISIT):
        return redirect("today")
    if scope.has(Permission.HANDLE_ISSUE):
        return redirect(handled_url())
    return render(request, "ledger/home/nothing.html")
