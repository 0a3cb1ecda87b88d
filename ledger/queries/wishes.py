"""微心愿: the pool of wishes, narrowed to who asks."""

from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Issue, WishClaim
from ledger.models.issue_scope import capacities
from ledger.models.scope import may
from ledger.queries.issues import LISTED
from ledger.rules.issue_steps import Capacity
from ledger.rules.issues import HANDED_STATES, IssueKind, State
from ledger.rules.permissions import Permission

ENDED = frozenset({State.RESOLVED, State.CLOSED})
TABS: dict[str, tuple[Promise | str, Q, tuple[str, ...]]] = {
    "open": (_("To be claimed"), Q(state=State.REGISTERED), ("registered_at", "pk")),
    "claimed": (_("Claimed"), Q(state__in=[*HANDED_STATES, State.DEFERRED]), ("assigned_at", "pk")),
    "fulfilled": (
        _("Fulfilled"), Q(state__in=ENDED, results__round=F("round"), results__is_fulfilled=True),
        ("-resolved_at", "-pk"),
    ),
    "otherwise": (
        _("Ended otherwise"), Q(state__in=ENDED, results__round=F("round"), results__is_fulfilled=False),
        ("-resolved_at", "-pk"),
    ),
}  # fmt: skip
"""Key → label, which wishes, in which order."""


def wishes(user: Any) -> QuerySet[Issue]:
    """The wishes somebody may see; restricted ones are no matter of the pool."""
    claims = WishClaim.objects.select_related("cadre", "organisation").order_by("-pk")
    rows: QuerySet[Issue] = (
        Issue.objects.visible_to(user)
        .filter(kind=IssueKind.WISH, is_sensitive=False)
        .select_related(*LISTED, "village__township")
        .prefetch_related(Prefetch("claims", claims, to_attr="last_claims"), "results")
    )
    return rows


def tab_counts(rows: QuerySet[Issue]) -> dict[str, int]:
    """How many wishes each tab holds: one query."""
    figures = {key: Count("pk", filter=tab[1], distinct=True) for key, tab in TABS.items()}
    counts: dict[str, int] = rows.order_by().aggregate(**figures)
    return counts


def may_claim(user: Any, issue: Issue) -> bool:
    """Whether somebody may take a wish on: who raises issues there (also for the own households), or leads there."""
    place = issue.household if issue.household is not None else issue.village
    return may(user, Permission.RAISE_ISSUE, place) or may(user, Permission.LEAD, issue)


def may_claim_for_units(user: Any, issue: Issue) -> bool:
    """Whether somebody may enter that an organisation has claimed it: the desk in charge."""
    return Capacity.DESK in capacities(user, issue)


def open_claim(issue: Issue) -> WishClaim | None:
    """The claim that stands."""
    claim: WishClaim | None = (
        issue.claims.filter(ended_at__isnull=True).select_related("cadre", "organisation").first()
    )  # fmt: skip
    return claim


def may_give_back(user: Any, issue: Issue) -> bool:
    """Whether somebody may put a claimed wish back into the pool: who claimed it, or the desk."""
    held = capacities(user, issue) & {Capacity.HANDLER, Capacity.DESK}
    return issue.state in HANDED_STATES and bool(held) and open_claim(issue) is not None
