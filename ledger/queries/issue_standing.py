"""How an issue stands with all the rules ask of it, and whom a step may name: one issue at a time, for its own page."""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ledger.models import Cadre, Extension, Issue, LinkKind, Posting, VillageLink
from ledger.models.issue_scope import capacities
from ledger.models.scope import scope_of
from ledger.queries.issue_desks import desks_above, desks_below, held_levels
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Capacity, Standing
from ledger.rules.issues import OPEN_STATES
from ledger.rules.permissions import Permission, roles_with


def standing_of(issue: Issue) -> Standing:
    """``issue.standing`` with the desks above and below and the issues merged into it (two queries while open)."""
    if issue.state not in OPEN_STATES:
        return issue.standing
    held = held_levels(issue.village, without_id=issue.about_cadre_id)
    return replace(
        issue.standing, has_desk_above=bool(desks_above(issue, held)), has_desk_below=bool(desks_below(issue, held)),
        has_merged=issue.merged_issues.exists(),
    )  # fmt: skip


def leaders_over(user: Any, issue: Issue) -> QuerySet[Cadre]:
    """The leaders in whose name the user may put an instruction on record: the desk for any, a leader for themselves.

    Whom a complaint is about instructs nothing. The village's own leaders come first, the others in the order that the
    county gives them.
    """
    village = issue.village
    over_it = Q(township_id=village.township_id) | Q(county_id=village.township.county_id)
    leading = Posting.objects.open_on(local_today()).filter(over_it, role__in=roles_with(Permission.LEAD))
    leaders: QuerySet[Cadre] = Cadre.objects.filter(pk__in=leading.values("cadre_id"), left_on__isnull=True)
    if issue.about_cadre_id is not None:
        leaders = leaders.exclude(pk=issue.about_cadre_id)
    if Capacity.DESK not in capacities(user, issue):
        leaders = leaders.filter(pk=scope_of(user).cadre_id or 0)
    own = VillageLink.objects.open_on(local_today()).filter(
        village_id=village.pk, kind__in=[LinkKind.TOWNSHIP_LEADER, LinkKind.COUNTY_LEADER], cadre=OuterRef("pk")
    )
    order = ("-is_own", F("township_id").asc(nulls_last=True), "sort_order", "pinyin", "pk")
    return leaders.select_related("organisation").annotate(is_own=Exists(own)).order_by(*order)


def possible_masters(user: Any, issue: Issue) -> QuerySet[Issue]:
    """Issues of the same township, open, in reach of the user's desk, into which this one may be merged.

    None that is itself merged; a restricted one only into one of the same circle, a complaint only into one about the
    same person.
    """
    masters: QuerySet[Issue] = Issue.objects.visible_to(user, Permission.DESK).filter(
        township_id=issue.township_id, state__in=OPEN_STATES, is_sensitive=issue.is_sensitive,
        about_cadre_id=issue.about_cadre_id,
    )  # fmt: skip
    return masters.exclude(pk=issue.pk)


def undecided(issue: Issue) -> Extension | None:
    """The request that waits for its decision."""
    asked: Extension | None = (
        issue.extensions.filter(decided_at__isnull=True).select_related("requested_by__organisation").first()
    )
    return asked
