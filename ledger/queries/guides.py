"""Which guides somebody reads, and which fit a matter."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.models import Category, GivenGuide, Guide, Issue
from ledger.rules.cleaning import is_storable
from ledger.rules.permissions import Permission

LONGEST = 60


def readable(user: Any) -> QuerySet[Guide]:
    """The guides in use of the county in which somebody serves, and those they manage."""
    managed = Guide.objects.visible_to(user, Permission.MANAGE_GUIDES).values("pk")
    rows: QuerySet[Guide] = Guide.objects.visible_to(user).filter(Q(is_active=True) | Q(pk__in=managed))
    return rows.select_related("township")


def found(user: Any, text: str) -> QuerySet[Guide]:
    """Those that a typed text may mean: title, who may apply, what to bring, steps, category."""
    typed = text.strip()[:LONGEST]
    rows = readable(user)
    if typed and not is_storable(typed):
        return rows.none()
    if typed:
        names = Category.objects.filter(Q(name__contains=typed) | Q(parent__name__contains=typed)).values("pk")
        rows = rows.filter(
            Q(title__icontains=typed) | Q(audience__icontains=typed) | Q(materials__icontains=typed)
            | Q(steps__icontains=typed) | Q(categories__in=names)
        ).distinct()  # fmt: skip
    return rows.order_by("-is_active", "sort_order", "pk")


def fitting(issue: Issue) -> QuerySet[Guide]:
    """Guides of the issue's category (or the one above it), of its county or its township."""
    return offered(issue).filter(_fits(issue))


def offered(issue: Issue) -> QuerySet[Guide]:
    """All guides that may go with a reply to the issue, those of its category first."""
    mine = Q(township__isnull=True) | Q(township_id=issue.township_id)
    rows: QuerySet[Guide] = Guide.objects.filter(mine, county_id=issue.township.county_id, is_active=True)
    return rows.annotate(fits=_fits(issue)).order_by("-fits", "sort_order", "pk")


def _fits(issue: Issue) -> Exists:
    above = [pk for pk in (issue.category_id, issue.category.parent_id) if pk is not None]
    return Exists(Guide.categories.through.objects.filter(guide=OuterRef("pk"), category__in=above))


def given(issue: Issue) -> list[GivenGuide]:
    """What was given with replies to it, oldest first."""
    return list(GivenGuide.objects.filter(issue=issue).select_related("given_by").order_by("pk"))
