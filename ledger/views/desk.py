"""待办台: what waits for the user's desk, lane by lane, and assigning several at once."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.issue_bulk import MOST_AT_ONCE, BulkResult, assign_many
from ledger.filters.desk import Board, read_board
from ledger.forms.issue_bulk import BulkAssignForm
from ledger.forms.picks import number_of
from ledger.models import Issue, Posting
from ledger.models.scope import may
from ledger.queries.call_back_samples import waiting_for_a_sample
from ledger.queries.desk import LANES, TO_ASSIGN, Desk, desks_of, lane_counts, on_desk, usual_acts
from ledger.queries.issue_desks import suggestions
from ledger.queries.issues import LISTED
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 25
BULK_LANES = frozenset({"to_assign", "passed_up", "to_accept", "in_progress", "near", "overdue"})


@contract(Permission.DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """The lanes with their counts (one query) and the rows of the chosen one; all of what the filters let through."""
    board = read_board(request.user, request.GET)
    counts = lane_counts(board.rows, board.conditions)
    lane = board.lane
    waiting = board.waiting.select_related(*LISTED, "village__township", "resolved_by").order_by(*lane.order)
    paginator = Paginator(waiting, PAGE)
    paginator.count = counts[lane.key]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    issues = list(page.object_list)
    return render(
        request,
        "ledger/desk/desk.html",
        {
            "lane": lane, "lanes": _lanes(request, board, counts), "filter": board.filter, "page": page,
            "issues": issues, "calendar": board.calendar, "desks": desk_choices(request.user, board.desks),
            "place": desk_place(board.desks), "acts": usual_acts(request.user, issues, lane.key),
            "suggestions": suggestions(request.user, issues) if lane.key in TO_ASSIGN else {},
            "bulk": lane.key in BULK_LANES, "to_assign": TO_ASSIGN,
            "may_raise": may(request.user, Permission.RAISE_ISSUE),
            "to_sample": waiting_for_a_sample(request.user).count() if lane.key == "to_call_back" else None,
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


def desk_place(desks: Sequence[Desk]) -> str:
    """``东管区 9 个村 · 管区书记 何建国``: the widest of these desks."""
    if not desks:
        return ""
    widest = desks[-1]
    posting = Posting.objects.with_names().get(pk=widest.territory.posting)
    villages = widest.villages.count()
    count = ngettext("%(n)s village", "%(n)s villages", villages) % {"n": villages}
    place = f"{posting.territory} {count}" if villages > 1 else str(posting.territory)
    return f"{place} · {posting.get_role_display()} {posting.cadre.name}"


def desk_choices(user: Any, chosen: Sequence[Desk]) -> list[dict[str, Any]]:
    """Who holds several desks chooses one of them or sees all; nothing to choose for all others."""
    held = desks_of(user)
    if len(held) < 2:
        return []
    postings = {
        posting.pk: posting
        for posting in Posting.objects.with_names().filter(pk__in=[desk.territory.posting for desk in held])
    }
    every = {"key": "", "label": _("All my desks"), "active": len(chosen) == len(held)}
    return [every] + [
        {"key": desk.key, "label": str(postings[desk.territory.posting].territory), "active": chosen == [desk]}
        for desk in held
    ]


def _lanes(request: HttpRequest, board: Board, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each lane with the filters as they are; a rare one only while something waits in it."""
    narrowed = {name: value for name, value in request.GET.items() if value and name not in {"lane", "page"}}
    active = board.lane.key
    return [
        {"url": f"{reverse('desk')}?{urlencode({'lane': lane.key, **narrowed})}", "label": lane.label,
         "count": counts[lane.key], "active": lane.key == active, "state": lane.state if counts[lane.key] else ""}
        for lane in LANES.values()
        if counts[lane.key] or lane.key == active or not lane.is_rare
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
