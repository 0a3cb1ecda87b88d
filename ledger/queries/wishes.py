"""微心愿: the wishes of one's area, and the pool of the townships one serves in; narrowed to who asks."""

from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Issue, Organisation, PublishedWish, Resident, Township, WishClaim
from ledger.models.issue_scope import capacities
from ledger.models.scope import may, scope_of
from ledger.models.wishes import served_by
from ledger.queries.issues import LISTED
from ledger.rules.issue_steps import Capacity
from ledger.rules.issues import HANDED_STATES, IssueKind, State
from ledger.rules.permissions import Permission
from ledger.rules.wishes import Household

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
    published = PublishedWish.objects.filter(ended_at__isnull=True)
    rows: QuerySet[Issue] = (
        Issue.objects.visible_to(user)
        .filter(kind=IssueKind.WISH, is_sensitive=False)
        .select_related(*LISTED, "village__township")
        .prefetch_related(
            Prefetch("claims", claims, to_attr="last_claims"),
            "results",
            Prefetch("publications", published, to_attr="in_pool"),
        )
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


def may_publish(user: Any, issue: Issue) -> bool:
    """Whether somebody may put a wish into its township's pool, or take it out: the desk in charge."""
    return issue.state == State.REGISTERED and not issue.is_sensitive and may_claim_for_units(user, issue)


def pool(user: Any) -> QuerySet[PublishedWish]:
    """What waits in the pools of the townships where somebody takes matters on, the oldest first."""
    waiting: QuerySet[PublishedWish] = PublishedWish.objects.visible_to(user).filter(
        ended_at__isnull=True, issue__state=State.REGISTERED, issue__kind=IssueKind.WISH
    )
    return waiting.select_related("issue__village__township", "issue__category__parent").order_by("published_at", "pk")


def served(user: Any) -> list[Township]:
    """The townships whose pool somebody reads."""
    return list(Township.objects.filter(served_by(scope_of(user))))


def open_publication(issue: Issue) -> PublishedWish | None:
    """The wording that stands in the pool."""
    published: PublishedWish | None = issue.publications.filter(ended_at__isnull=True).first()
    return published


def own_units(user: Any, township: Township) -> QuerySet[Organisation]:
    """The units of a township for which somebody handles matters, and so may claim."""
    mine = scope_of(user).ids("organisation", Permission.HANDLE_ISSUE)
    units: QuerySet[Organisation] = Organisation.objects.filter(pk__in=mine, township=township, is_active=True)
    return units


def household_of(issue: Issue) -> Household:
    """Whom a wording must not betray: everybody who ever belonged to the household, and who told of the wish."""
    people = Resident.objects.filter(household=issue.household_id) if issue.household_id is not None else ()
    names, numbers = {issue.raised_by_name}, {issue.raised_by_phone}
    for each in people:
        names.add(each.name)
        numbers |= {each.phone, each.id_no}
    home = issue.household
    if home is not None:
        names.add(home.head_name)
    return Household(
        frozenset(names - {""}), frozenset(numbers - {""}), address=home.address if home is not None else ""
    )
