"""A household's story: visits, issues, who was responsible, status; newest first, by pages."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.models import Assignment, Household, Issue, StatusPeriod, Visit
from ledger.rules.days import local_day
from ledger.rules.issues import STATE_COLOURS, State

SIZE = 15
LAST_PAGE = 40
"""Each page reads all before it again; nobody reads further back than this here (the lists do)."""


@dataclass(frozen=True)
class Event:
    """One line of the story. ``url_name`` and ``pk`` name the page it opens, where there is one."""

    on: datetime.date
    icon: str
    state: str
    title: str
    who: str = ""
    text: str = ""
    url_name: str = ""
    pk: int = 0

    @property
    def url(self) -> str:
        """The address of its page; empty for what has none."""
        return reverse(self.url_name, args=[self.pk]) if self.url_name else ""


def household_timeline(household: Household, user: Any, page: int = 1) -> tuple[list[Event], bool]:
    """The events of one page and whether there are older ones. Four queries."""
    page = min(max(page, 1), LAST_PAGE)
    need = page * SIZE + 1
    events = [
        *_visits(household.visits.visible_to(user), need),
        *_issues(household.issues.visible_to(user), need),
        *_assignments(household.assignments.select_related("cadre"), need),
        *_statuses(household.status_periods.all(), need),
    ]
    events.sort(key=lambda event: (event.on, event.pk), reverse=True)
    shown = events[(page - 1) * SIZE : page * SIZE]
    return shown, len(events) > page * SIZE and page < LAST_PAGE


def _visits(visits: QuerySet[Visit], need: int) -> Iterable[Event]:
    for visit in visits.select_related("lead").order_by("-occurred_on", "-pk")[:need]:
        result = visit.get_result_display()
        void = visit.voided_at is not None
        yield Event(
            visit.occurred_on,
            "phone" if visit.kind == "phone" else "check",
            "plain" if void else "done" if visit.result == "met" else "plain",
            f"{visit.get_kind_display()} · {_('Void') if void else result}"
            if result or void
            else visit.get_kind_display(),
            visit.lead.name,
            "" if void else visit.content,
            "visit_detail",
            visit.pk,
        )


def _issues(issues: QuerySet[Issue], need: int) -> Iterable[Event]:
    for issue in issues.select_related("registered_by").order_by("-registered_at", "-pk")[:need]:
        yield Event(
            local_day(issue.registered_at),
            "list",
            STATE_COLOURS[State(issue.state)],
            f"{issue.title} · {issue.get_state_display()}",
            issue.registered_by.name if issue.registered_by else "",
            issue.printed_number,
            "issue_detail",
            issue.pk,
        )


def _assignments(assignments: QuerySet[Assignment], need: int) -> Iterable[Event]:
    """Who took over, and who ended without anybody following: the days of a gap are told, too."""
    terms = list(assignments.order_by("-start_on", "-pk")[:need])
    followed = {term.start_on for term in terms}
    for term in terms:
        if term.end_on is not None and term.end_on not in followed:
            title = _("%(cadre)s no longer looks after the household") % {"cadre": term.cadre.name}
            yield Event(term.end_on, "person", "plain", title)
        title = _("%(cadre)s took over the household") % {"cadre": term.cadre.name}
        yield Event(term.start_on, "person", "brand", title, text=term.reason)


def _statuses(periods: QuerySet[StatusPeriod], need: int) -> Iterable[Event]:
    for period in periods.order_by("-start_on", "-pk")[:need]:
        yield Event(period.start_on, "house", "plain", period.get_status_display(), text=period.reason)
