"""待办台: what waits for the user's desk, lane by lane, and assigning several at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.issue_bulk import MOST_AT_ONCE, BulkResult, assign_many
from ledger.filters.issues import DeskFilter
from ledger.forms.issue_bulk import BulkAssignForm
from ledger.forms.picks import number_of
from ledger.models import Issue, Posting, Village
from ledger.models.issue_scope import desk_levels
from ledger.models.scope import Scope, may, scope_of
from ledger.queries.issue_desks import suggestions
from ledger.queries.issues import LANES, LISTED, calendar_for, lane_conditions, lane_counts, on_desk
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 25
BULK_LANES = frozenset({"to_assign", "to_accept", "in_progress", "near", "overdue"})


@contract(Permission.DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """The lanes with their counts (one query) and the rows of the chosen one."""
    calendar = calendar_for(request.user)
    rows = on_desk(request.user)
    counts = lane_counts(rows, calendar)
    lane = LANES.get(request.GET.get("lane", ""), LANES["to_assign"])
    waiting = rows.filter(lane_conditions(calendar)[lane.key]).select_related(
        *LISTED, "village__township", "resolved_by"
    )
    found = DeskFilter(request.GET, waiting, user=request.user, calendar=calendar)
    page = Paginator(found.qs.order_by(*lane.order), PAGE).get_page(request.GET.get("page"))
    issues = list(page.object_list)
    return render(
        request,
        "ledger/desk/desk.html",
        {
            "lane": lane, "lanes": _lanes(request, lane.key, counts), "filter": found, "page": page, "issues": issues,
            "calendar": calendar, "place": desk_place(request.user), "me": scope_of(request.user).cadre_id,
            "suggestions": suggestions(request.user, issues) if lane.key == "to_assign" else {},
            "bulk": lane.key in BULK_LANES, "may_raise": may(request.user, Permission.RAISE_ISSUE),
        },
    )  # fmt: skip


@contract(Permission.DESK, methods=("GET", "POST"))
def desk_assign(request: HttpRequest) -> HttpResponse:
    """Assign the ticked rows: GET shows them with the form, POST assigns each under its own lock."""
    typed = request.POST if request.method == "POST" else request.GET
    numbers = {number_of(value) for value in typed.getlist("issue")[:MOST_AT_ONCE]}
    possible = on_desk(request.user).filter(pk__in=numbers, state__in=STEPS[Step.ASSIGN].sources)
    issues = list(possible.select_related(*LISTED, "township__county", "village__township").order_by("pk"))
    if not issues:
        messages.info(request, _("Tick the rows first; those that have moved on can't be assigned here."))
        return redirect("desk")
    form = BulkAssignForm(
        request.POST if request.method == "POST" and "search" not in request.POST else None,
        user=request.user, issues=issues, initial=BulkAssignForm.initial_from(typed),
    )  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "ledger/issues/_rows.html", {"field": form["assignee"]})
    if form.is_bound and form.is_valid():
        pairs = [(issue, number_of(request.POST.get(f"version-{issue.pk}", ""))) for issue in issues]
        _tell(request, assign_many(by=request.user, issues=pairs, data=form.said))
        return redirect("desk")
    return render(request, "ledger/desk/desk_assign.html", {"issues": issues, "form": form})


def desk_place(user: Any) -> str:
    """``东管区 9 个村 · 管区书记 何建国``: the widest desk held."""
    levels = desk_levels(scope_of(user))
    if not levels:
        return ""
    held = list(levels.values())[-1]
    posting = Posting.objects.with_names().get(pk=held[0].posting)
    scope = Scope(territories=tuple(held))
    villages = Village.objects.filter(Village.scope_condition(scope, Permission.DESK)).count()
    count = ngettext("%(n)s village", "%(n)s villages", villages) % {"n": villages}
    place = f"{posting.territory} {count}" if villages > 1 else str(posting.territory)
    return f"{place} · {posting.get_role_display()} {posting.cadre.name}"


def _lanes(request: HttpRequest, active: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"url": f"{reverse('desk')}?lane={lane.key}", "label": lane.label, "count": counts[lane.key],
         "active": lane.key == active, "state": lane.state if counts[lane.key] else ""}
        for lane in LANES.values()
    ]  # fmt: skip


def _tell(request: HttpRequest, result: BulkResult) -> None:
    """What became of the ticked rows, also of those left alone."""
    if result.done:
        done = ngettext("%(n)s matter assigned.", "%(n)s matters assigned.", len(result.done))
        messages.success(request, done % {"n": len(result.done)})
    if result.moved:
        said = _("Somebody else moved these meanwhile; they were left as they are: %(numbers)s.")
        messages.warning(request, said % {"numbers": _numbers(result.moved)})
    for issue, why in result.refused:
        messages.warning(request, f"{issue.printed_number}: {why}")


def _numbers(issues: list[Issue]) -> str:
    return ", ".join(issue.printed_number for issue in issues)
