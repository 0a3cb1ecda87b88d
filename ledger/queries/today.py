"""今日待办: what a household cadre's day begins with. The same number of queries for 3 and for 300 households."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from ledger.models import Household, Issue, MeetingDraft, Visit
from ledger.models.scope import scope_of
from ledger.queries.households import by_need, own_q, with_line
from ledger.rules.issues import UNFINISHED_STATES

SHOWN_HOUSEHOLDS = 5
SHOWN_ISSUES = 5
SHOWN_DUE = 3
DUE_DAYS = 3
"""A household is worth a visit, too, when a matter of it is late or due within so many days."""
PROMISE_DAYS = 7
"""A follow-up is shown this many days ahead; advice, never a quota."""


@dataclass(frozen=True)
class Today:
    """The first rows of each part and how many there are in all."""

    households: list[Household] = field(default_factory=list)
    total: int = 0
    never: int = 0
    promises: list[Visit] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    issue_total: int = 0

    @property
    def groups(self) -> list[tuple[str, list[Household]]]:
        """The households by village and group, that of the most needed first: near ones stand together."""
        found: dict[str, list[Household]] = {}
        for household in self.households:
            place = f"{household.village} {household.group}" if household.group else str(household.village)
            found.setdefault(place, []).append(household)
        return list(found.items())


def today_of(user: Any, day: datetime.date) -> Today:
    """Follow-ups promised, the other own households by need, own issues by due date, those a leader watches first."""
    cadre_id = scope_of(user).cadre_id
    if cadre_id is None:
        return Today()
    own = Household.objects.filter(own_q(cadre_id))
    promised = list(promises(own, day))
    counts = own.aggregate(total=Count("pk"), never=Count("pk", filter=Q(last_met_on__isnull=True)))
    issues = own_issues(user)
    return Today(
        households=_needed(user, own.exclude(pk__in=[v.household_id for v in promised]), day),
        total=counts["total"],
        never=counts["never"],
        promises=promised,
        issues=list(
            issues.select_related("household", "handler", "lead_organisation", "village").order_by(
                "-is_supervised", F("due_on").asc(nulls_last=True), "pk"
            )[:SHOWN_ISSUES]
        ),
        issue_total=issues.count(),
    )


def _needed(user: Any, own: QuerySet[Household], day: datetime.date) -> list[Household]:
    """The first by need, then those with a matter that is late or due within days; ``issue_due_on`` says when."""
    last = day + datetime.timedelta(days=DUE_DAYS)
    open_here = Issue.objects.visible_to(user).filter(household=OuterRef("pk"), state__in=UNFINISHED_STATES)
    dues = open_here.filter(due_on__lte=last).order_by("due_on").values("due_on")[:1]
    rows: QuerySet[Any] = with_line(by_need(own.annotate(issue_due_on=Subquery(dues))))
    first = list(rows[:SHOWN_HOUSEHOLDS])
    due = rows.filter(issue_due_on__isnull=False).exclude(pk__in=[each.pk for each in first])
    return [*first, *due.order_by("issue_due_on", "pk")[:SHOWN_DUE]]


def promises(own: QuerySet[Household], day: datetime.date) -> QuerySet[Visit]:
    """Follow-ups due by ``day`` + 7 at these households; a later visit, whatever came of it, settles one."""
    return (
        Visit.objects.filter(
            household__in=own,
            voided_at__isnull=True,
            follow_up_on__lte=day + datetime.timedelta(days=PROMISE_DAYS),
            household__last_visit_on__lte=F("occurred_on"),
        )
        .select_related("household__village", "household__group")
        .order_by("follow_up_on", "pk")
    )


def own_issues(user: Any) -> QuerySet[Issue]:
    """Unfinished issues that are somebody's own: handled, registered, or of an own household."""
    cadre_id = scope_of(user).cadre_id
    mine = Q(handler_id=cadre_id) | Q(registered_by_id=cadre_id) | Q(household__cadre_id=cadre_id)
    issues: QuerySet[Issue] = Issue.objects.visible_to(user).filter(mine, state__in=UNFINISHED_STATES)
    return issues


def drafts_of(user: Any) -> QuerySet[MeetingDraft]:
    """Meetings one has begun to record and not finished, the latest first."""
    drafts: QuerySet[MeetingDraft] = MeetingDraft.objects.visible_to(user).filter(visit=None)
    return drafts.select_related("village")
