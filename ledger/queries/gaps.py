"""漏项清单: the rows of each gap in an area, and how many there are in each township."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ledger.models import Assignment, Cadre, Household, Issue, LinkKind, Posting, Township, Village, VillageLink
from ledger.rules.days import local_today
from ledger.rules.gaps import Gap
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.issues import HANDED_STATES, State
from ledger.rules.permissions import Permission, Role, roles_with

LEADERS = (LinkKind.TOWNSHIP_LEADER, LinkKind.COUNTY_LEADER)
COUNTED = Q(status__in=COUNTED_STATUSES)


def households(villages: QuerySet[Village]) -> QuerySet[Household]:
    """Counted households of nobody, of somebody who has left, or whose account is closed."""
    gone = Q(cadre__isnull=True) | Q(cadre__left_on__lte=local_today()) | Q(cadre__user__is_active=False)
    return Household.objects.filter(COUNTED, gone, village__in=villages)


def idle(villages: QuerySet[Village]) -> QuerySet[Cadre]:
    """Who is posted in these villages as household cadre and looks after none of their households."""
    today = local_today()
    posted = Posting.objects.open_on(today).filter(cadre=OuterRef("pk"), role=Role.HOUSEHOLD_CADRE)
    own = Household.objects.filter(COUNTED, cadre=OuterRef("pk"), village__in=villages)
    return serving(today).filter(Exists(posted.filter(village__in=villages)), ~Exists(own))


def overloaded(villages: QuerySet[Village], most: int) -> QuerySet[Any]:
    """Who looks after more than ``most`` households there (``load``)."""
    inside = Q(households__in=Household.objects.filter(COUNTED, village__in=villages).values("pk"))
    rows: QuerySet[Any] = serving(local_today()).filter(inside).annotate(load=Count("households"))
    return rows.filter(load__gt=most)


def without_leader(villages: QuerySet[Village]) -> QuerySet[Village]:
    """Villages that still are one and have no leader on duty."""
    today = local_today()
    tied = VillageLink.objects.open_on(today).filter(village=OuterRef("pk"), kind__in=LEADERS)
    on_duty = tied.filter(Q(cadre__left_on__isnull=True) | Q(cadre__left_on__gt=today))
    return villages.filter(~Exists(on_duty), successor__isnull=True)


def issues(villages: QuerySet[Village], visible: QuerySet[Issue]) -> QuerySet[Issue]:
    """Matters in somebody's hands who is gone, or in those of a unit where nobody could take them."""
    today = local_today()
    posted = Posting.objects.open_on(today).filter(cadre=OuterRef("handler"))
    owns = Assignment.objects.filter(cadre=OuterRef("handler"), end_on__isnull=True)
    gone = Q(handler__left_on__lte=today) | Q(handler__user__is_active=False) | (~Exists(posted) & ~Exists(owns))
    handlers = Posting.objects.open_on(today).filter(
        organisation=OuterRef("lead_organisation"), role__in=roles_with(Permission.HANDLE_ISSUE),
        cadre__left_on__isnull=True,
    )  # fmt: skip
    ownerless = Q(handler__isnull=False) & gone | Q(handler__isnull=True) & ~Exists(handlers)
    return visible.filter(ownerless, village__in=villages, state__in=(*HANDED_STATES, State.DEFERRED))


def serving(today: datetime.date) -> QuerySet[Cadre]:
    """Cadres who have not left."""
    return Cadre.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=today))


def rows_of(gap: str, *, user: Any, villages: QuerySet[Village], most: int) -> QuerySet[Any]:
    """The rows of one section with everything its lines print, in the order of the list."""
    if gap == Gap.HOUSEHOLDS:
        found = households(villages).select_related("village", "group", "cadre__user")
        return found.order_by("village__sort_order", "village", "group__number", "house_order", "code")
    if gap == Gap.ISSUES:
        seen = issues(villages, Issue.objects.visible_to(user))
        return seen.select_related("village", "group", "handler", "lead_organisation").order_by("assigned_at", "pk")
    if gap == Gap.VILLAGES:
        return without_leader(villages).select_related("township", "district").order_by("township", "sort_order", "pk")
    people: QuerySet[Any] = overloaded(villages, most) if gap == Gap.OVERLOADED else idle(villages)
    people = people.select_related("organisation", "township")
    return people.order_by("-load", "pinyin", "pk") if gap == Gap.OVERLOADED else people.order_by("pinyin", "pk")


def by_township(townships: Iterable[Township], most: int) -> dict[int, dict[str, int]]:
    """Township → gap → how many, of what its administrator may see; a query for each gap, however many there are."""
    found: dict[int, dict[str, int]] = {town.pk: {str(gap): 0 for gap in Gap} for town in townships}
    villages = Village.objects.filter(township__in=found)

    def add(gap: str, rows: Iterable[tuple[int, int]]) -> None:
        for township, count in rows:
            found[township][gap] = count

    add(Gap.HOUSEHOLDS, grouped(households(villages), "village__township"))
    add(Gap.ISSUES, grouped(issues(villages, Issue.objects.filter(is_sensitive=False)), "village__township"))
    add(Gap.VILLAGES, grouped(without_leader(villages), "township"))
    add(Gap.OVERLOADED, _overloaded(villages, most))
    add(Gap.IDLE, _idle(villages))
    return found


def grouped(rows: QuerySet[Any], path: str) -> list[tuple[int, int]]:
    """(value of the path, how many rows)."""
    return list(rows.order_by().values_list(path).annotate(count=Count("pk")))


def _overloaded(villages: QuerySet[Village], most: int) -> list[tuple[int, int]]:
    """A cadre of two townships is counted in each by the households there."""
    serving_now = serving(local_today()).values("pk")
    loads = Household.objects.filter(COUNTED, village__in=villages, cadre__in=serving_now).order_by()
    above = loads.values_list("village__township", "cadre").annotate(load=Count("pk")).filter(load__gt=most)
    return _tally(township for township, _cadre, _load in above)


def _idle(villages: QuerySet[Village]) -> list[tuple[int, int]]:
    posted = Posting.objects.open_on(local_today()).filter(
        role=Role.HOUSEHOLD_CADRE, village__in=villages, cadre__in=serving(local_today()).values("pk")
    )
    own = Household.objects.filter(
        COUNTED, cadre=OuterRef("cadre"), village__township=OuterRef("village__township")
    )  # fmt: skip
    pairs = posted.filter(~Exists(own)).order_by().values_list("village__township", "cadre").distinct()
    return _tally(township for township, _cadre in pairs)


def _tally(townships: Iterable[int]) -> list[tuple[int, int]]:
    counts: dict[int, int] = {}
    for township in townships:
        counts[township] = counts.get(township, 0) + 1
    return list(counts.items())
