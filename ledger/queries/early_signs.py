"""苗头隐患: the signs of one's circle, what is to be looked at again, and the same cause in several places."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import Cadre, EarlySign, Issue, Posting
from ledger.models.issue_scope import capacities
from ledger.models.scope import scope_of
from ledger.queries.issues import LISTED
from ledger.rules.days import local_today
from ledger.rules.early_signs import Colour, next_review
from ledger.rules.issue_steps import Capacity
from ledger.rules.issues import OPEN_STATES, UNFINISHED_STATES, IssueKind
from ledger.rules.permissions import DESK_ROLES, Level, Permission, roles_with

MOST_CAUSES = 50
REVIEWERS = frozenset({Capacity.HANDLER, Capacity.DESK, Capacity.LEADER})


def sign_of(issue: Issue) -> EarlySign:
    """How it stands; yellow, due in a week and not stored, when nothing was said yet."""
    found: EarlySign | None = EarlySign.objects.filter(issue=issue).select_related("reviewer").first()
    if found is not None:
        return found
    return EarlySign(issue=issue, review_on=next_review(Colour.YELLOW, local_today()), version=0)


def signs(user: Any) -> QuerySet[Issue]:
    """The open signs of one's circle, the worst first."""
    rows: QuerySet[Issue] = (
        Issue.objects.visible_to(user)
        .filter(kind=IssueKind.EARLY_SIGN, state__in=OPEN_STATES)
        .select_related(*LISTED, "village__township", "early_sign__reviewer")
        .order_by("early_sign__colour", "early_sign__review_on", "pk")
    )
    return rows


@dataclass(frozen=True)
class CauseGroup:
    """One cause and where it shows."""

    cause: str
    count: int
    households: int
    villages: list[str]
    colour: Colour
    review_on: datetime.date

    @property
    def is_spread(self) -> bool:
        """Whether it shows in more than one place: then it is no matter of one household."""
        return self.count > 1


def causes(rows: QuerySet[Issue]) -> list[CauseGroup]:
    """The causes of these signs, the most frequent first: one query whatever their number."""
    found: dict[str, list[Issue]] = defaultdict(list)
    for issue in rows.exclude(early_sign__cause="").filter(early_sign__isnull=False):
        found[issue.early_sign.cause].append(issue)
    groups = [
        CauseGroup(
            cause, len(issues), len({issue.household_id for issue in issues if issue.household_id}),
            sorted({str(issue.village) for issue in issues}), Colour(min(i.early_sign.colour for i in issues)),
            min(issue.early_sign.review_on for issue in issues),
        )
        for cause, issues in found.items()
    ]  # fmt: skip
    return sorted(groups, key=lambda group: (-group.count, group.colour, group.cause))


def named_causes(user: Any) -> list[str]:
    """Causes of open signs in one's own circle, to be written alike: those named most first."""
    return [group.cause for group in causes(signs(user))][:MOST_CAUSES]


def due_reviews(user: Any) -> QuerySet[Issue]:
    """Signs to be looked at today or before: one's own to look at, or nobody's in particular at one's desk."""
    me = scope_of(user).cadre_id
    at_desk = Issue.objects.visible_to(user, Permission.DESK).filter(kind=IssueKind.EARLY_SIGN)
    mine = Q(early_sign__reviewer__isnull=True, pk__in=at_desk)
    if me is not None:
        mine |= Q(early_sign__reviewer_id=me)
    return signs(user).filter(mine, early_sign__review_on__lte=local_today())


def may_review(user: Any, issue: Issue) -> bool:
    """Whether somebody may note how the sign stands now."""
    if issue.kind != IssueKind.EARLY_SIGN or issue.state not in UNFINISHED_STATES:
        return False
    if not Issue.objects.visible_to(user).filter(pk=issue.pk).exists():
        return False
    me = scope_of(user).cadre_id
    named = me is not None and EarlySign.objects.filter(issue=issue, reviewer_id=me).exists()
    return named or bool(capacities(user, issue) & REVIEWERS)


def possible_reviewers(issue: Issue) -> QuerySet[Cadre]:
    """Who is in the circle of this sign and could look at it again: leaders, the desk in charge, handler, raiser."""
    over_it = (
        Q(village=issue.village_id)
        | Q(district_id=issue.village.district_id, district__isnull=False)
        | Q(township_id=issue.township_id)
        | Q(county_id=issue.township.county_id)
    )
    roles = roles_with(Permission.LEAD) | DESK_ROLES[Level(issue.level)]
    held = Posting.objects.open_on(local_today()).filter(over_it, role__in=roles)
    people = Q(pk__in=held.values("cadre_id")) | Q(pk__in=[issue.handler_id or 0, issue.registered_by_id or 0])
    found: QuerySet[Cadre] = Cadre.objects.filter(people, left_on__isnull=True)
    return found.select_related("organisation").order_by("pinyin", "pk")
