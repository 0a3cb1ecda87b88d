"""周例会: one list on the wall; handler, day and next step set in the row; what was decided as a text at the end."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused
from ledger.actions.meeting import decide
from ledger.filters.desk import chosen_desks
from ledger.filters.meeting import MeetingFilter
from ledger.forms.meeting import MeetingRowForm
from ledger.forms.records import attempt
from ledger.models import Issue
from ledger.models.scope import scope_of
from ledger.queries.desk import Desk
from ledger.queries.issue_timeline import line_of
from ledger.queries.issues import calendar_for
from ledger.queries.meeting import decided_today, minutes_text, nameable, on_the_wall
from ledger.rules.issues import State
from ledger.rules.meeting import NEED_COLOURS, Need
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.desk import desk_choices, desk_place, postings_of

PAGE = 20
SAID_BY_DATE = (Need.OVERDUE, Need.NEAR)
"""Needs that the badge of the date says already."""
SHOWN = ("village", "group", "category__parent", "township__county", "village__township", "handler__organisation",
         "lead_organisation", "household")  # fmt: skip


@contract(Permission.DESK)
def meeting(request: HttpRequest) -> HttpResponse:
    """The wall: what needs a decision, the most pressing first."""
    return _wall(request, {})


@contract(Permission.DESK, methods=("POST",))
def meeting_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on one row: saved at once; a stale or refused one says so and keeps what was typed (409, 422)."""
    desks = chosen_desks(request.user, request.GET)
    issue = get_object_or_404(_rows(request, desks), pk=pk)
    people = nameable(desks)
    form = MeetingRowForm(request.POST, issue=issue, people=people)
    status, happened, saved = 200, [], False
    try:
        saved = form.is_valid() and attempt(form, lambda: _decide(request, issue, form)) is not None
        status = 200 if saved else 422
    except StepRefused as refused:
        form.add_error(None, str(refused))
        status = 422
    except StaleIssue as stale:
        happened, status = [line_of(step) for step in stale.steps], 409
        issue = get_object_or_404(_rows(request, desks), pk=pk)
        form.data = form.data | {"version": str(issue.version)}  # typed once more, it holds
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_address(request)) if saved else _wall(request, {pk: (form, happened)}, status=status)
    if saved:
        issue = get_object_or_404(_rows(request, desks), pk=pk)
        form = MeetingRowForm(issue=issue, people=people)
    context = {**_row(issue, form, happened), "saved": saved, "calendar": calendar_for(request.user),
               "address": _address(request)}  # fmt: skip
    return render(request, "ledger/desk/_meeting_row.html", context, status=status)


def _decide(request: HttpRequest, issue: Issue, form: MeetingRowForm) -> Issue:
    said = form.cleaned_data
    return decide(
        by=request.user, issue=issue, version=said["version"], to=said["who"], wanted=said["due_on"], goal=said["goal"]
    )


@contract(Permission.DESK)
def meeting_minutes(request: HttpRequest) -> HttpResponse:
    """What was decided today, and the same as a text for the chat group, without personal data."""
    desks = chosen_desks(request.user, request.GET)
    steps = decided_today(request.user, scope_of(request.user).cadre_id)
    places = dict.fromkeys(str(posting.territory) for posting in postings_of(desks))
    context = {"steps": steps, "lines": [(step, line_of(step)) for step in steps],
               "text": minutes_text("、".join(places), steps) if steps else "", "back": _address(request)}  # fmt: skip
    return render(request, "ledger/desk/meeting_minutes.html", context)


def _wall(request: HttpRequest, typed: dict[int, Any], status: int = 200) -> HttpResponse:
    desks = chosen_desks(request.user, request.GET)
    found = MeetingFilter(request.GET, _rows(request, desks), desks=desks)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    people = nameable(desks)
    # What could not be saved comes first, also where the filter would leave it out.
    refused = list(_rows(request, desks).filter(pk__in=typed)) if typed else []
    rows = [_row(issue, *typed[issue.pk]) for issue in refused]
    rows += [_row(issue, MeetingRowForm(issue=issue, people=people), []) for issue in page if issue.pk not in typed]
    context = {
        "filter": found, "page": page, "rows": rows, "people": people, "calendar": calendar_for(request.user),
        "desks": desk_choices(request.user, desks), "place": desk_place(desks), "address": _address(request),
        "decided": len(decided_today(request.user, scope_of(request.user).cadre_id)), "query": _query(request),
    }  # fmt: skip
    return render(request, "ledger/desk/meeting.html", context, status=status)


def _row(issue: Issue, form: MeetingRowForm, happened: Sequence[Any]) -> dict[str, Any]:
    need = Need(issue.need)  # type: ignore[attr-defined]
    label = State.DEFERRED.label if need == Need.NONE and issue.state == State.DEFERRED else need.label
    return {
        "issue": issue, "form": form, "happened": happened, "colour": NEED_COLOURS[need],
        "need": "" if need in SAID_BY_DATE else label,
    }  # fmt: skip


def _rows(request: HttpRequest, desks: Sequence[Desk]) -> Any:
    return on_the_wall(request.user, desks, calendar_for(request.user)).select_related(*SHOWN)


def _query(request: HttpRequest) -> str:
    kept = {name: value for name, value in request.GET.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def _address(request: HttpRequest) -> str:
    """The wall as it was filtered."""
    return reverse("meeting") + _query(request)
