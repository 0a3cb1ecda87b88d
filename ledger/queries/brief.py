"""Before the visit: who lives there, what is open, what was said lately, what was promised, what to ask for."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from ledger.models import Household, HouseholdBenefit, HouseholdType, Issue, Visit
from ledger.models.scope import scope_of
from ledger.queries.benefits import benefits_received
from ledger.queries.residents import Member, members_of
from ledger.rules.days import local_today
from ledger.rules.issues import UNFINISHED_STATES

LOOKED_AT = 20
"""So many of the latest visits are read for what was promised."""
LATEST = 3
MOST_PROMISES = 3
MOST_ISSUES = 5


@dataclass(frozen=True)
class Brief:
    """What somebody should know at the door; numbers of members are masked in it."""

    members: list[Member] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    """The latest three, by anyone."""
    promises: list[Visit] = field(default_factory=list)
    to_ask: list[HouseholdType] = field(default_factory=list)
    benefits: list[HouseholdBenefit] = field(default_factory=list)
    """What it receives today."""
    colleague: Visit | None = None
    """A visit by somebody else within the county's number of days."""

    @property
    def last(self) -> Visit | None:
        return self.visits[0] if self.visits else None


def brief_of(household: Household, user: Any) -> Brief:
    """Five queries whatever the household went through; types and county are read along where the caller did not."""
    visits = latest_visits(household, user)
    issues = household.issues.visible_to(user).filter(state__in=UNFINISHED_STATES)
    return Brief(
        members=members_of(household),
        issues=list(issues.select_related("handler", "lead_organisation").order_by("due_on", "pk")[:MOST_ISSUES]),
        visits=visits[:LATEST],
        promises=[visit for visit in visits if visit.promise][:MOST_PROMISES],
        to_ask=[kind for kind in household.types.all() if kind.ask and kind.is_active],
        benefits=list(benefits_received([household.pk], local_today())),
        colleague=colleague_there(household, visits, user),
    )


def latest_visits(household: Household, user: Any) -> list[Visit]:
    """Those that still stand, the latest first."""
    rows = household.visits.visible_to(user).filter(voided_at__isnull=True).select_related("lead")
    return list(rows.order_by("-occurred_on", "-pk")[:LOOKED_AT])


def colleague_there(household: Household, visits: list[Visit], user: Any) -> Visit | None:
    """The latest of these visits that somebody else made within the county's number of days; 0 days: none."""
    cadre_id, today = scope_of(user).cadre_id, local_today()
    within = datetime.timedelta(days=household.village.township.county.visited_days)
    others = (visit for visit in visits if visit.lead_id != cadre_id and today - visit.occurred_on <= within)
    return next(others, None) if within else None
