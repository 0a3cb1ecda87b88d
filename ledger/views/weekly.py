"""周例会一页纸: one A4 before Monday's meeting; each number and each matter opens, a leader writes 批示 from it."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from ledger.filters.figures import day_of, figure_query
from ledger.models import Issue
from ledger.models.scope import may
from ledger.queries import weekly
from ledger.queries.calendar import Calendar
from ledger.queries.figures_window import ONE_DAY, Window
from ledger.queries.issues import calendar_for
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import OPEN_STATES
from ledger.rules.meeting import NEED_COLOURS, Need
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.dashboard import own_areas
from ledger.views.statistics import area_asked

P = Permission
NAMES = {"collected": pgettext_lazy("weekly sheet", "New")}
"""What the sheet calls a figure otherwise than the tables do (terms.md 2)."""


@contract(P.SEE_DASHBOARD)
def weekly_sheet(request: HttpRequest) -> HttpResponse:
    """``?area=township-3&until=2026-11-23``: the week of that day; by default that of yesterday, so that Monday's
    meeting has the whole week behind it."""
    areas, today = own_areas(request.user), local_today()
    yesterday = today - ONE_DAY
    area, villages = area_asked(request, areas)
    week = weekly.week_of(min(day_of(request.GET.get("until")) or yesterday, today), today)
    assert week.first is not None
    context: dict[str, Any] = {
        "area": area, "areas": areas, "week": week, "before": week.first - ONE_DAY,
        "after": week.last + ONE_DAY if week.last < today else None, "is_latest": week.last >= yesterday,
        "numbers": [_number(area.key, each, week) for each in weekly.numbers(villages, week)],
        "worst": [_matter(request.user, *each, week) for each in weekly.worst(villages, week)],
    }  # fmt: skip
    if context["is_latest"]:
        calendar: Calendar = calendar_for(request.user)
        rows, context["waiting"] = weekly.to_decide(request.user, villages, calendar)
        context["decisions"] = [_matter(request.user, issue, issue.need, week) for issue in rows]
        context["more"] = context["waiting"] - len(rows)
    return render(request, "ledger/weekly/weekly_sheet.html", context)


def _number(area: str, number: weekly.Number, week: Window) -> dict[str, Any]:
    asked = figure_query(number.figure.key, area=area, window=week)
    return {
        "name": NAMES.get(number.figure.key, number.figure.name), "value": f"{number.value:,}",
        "definition": number.figure.definition,
        "change": f"{number.change:+,}" if number.change else "±0", "state": "late" if number.is_worse else "",
        "url": f"{reverse('issue_list')}?{asked}" if number.value else "",
    }  # fmt: skip


def _matter(user: Any, issue: Issue, need: int | None, week: Window) -> dict[str, Any]:
    """What a line says: the matter, who has it, how late it is, and where a leader writes the instruction."""
    late = _days_late(issue, week.last)
    instructs = issue.state in OPEN_STATES and may(user, P.LEAD)
    return {
        "issue": issue, "url": reverse("issue_detail", args=[issue.pk]),
        "owner": issue.handler or issue.lead_organisation, "late": late,
        "label": Need(need).label if need is not None else "",
        "state": NEED_COLOURS[Need(need)] if need is not None else "",
        "instruct": reverse("issue_step", args=[issue.pk, Step.INSTRUCT]) if instructs else "",
    }  # fmt: skip


def _days_late(issue: Issue, day: datetime.date) -> int:
    due = issue.deferred_until or issue.due_on
    return max((day - due).days, 0) if due is not None and issue.state in OPEN_STATES else 0
