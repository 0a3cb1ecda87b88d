"""What is set up, and what is missing: counts for the index of setting up, and those beside its lists."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from ledger.models import (
    Cadre,
    Category,
    County,
    District,
    Household,
    HouseholdType,
    Organisation,
    Posting,
    Topic,
    Township,
    Village,
)
from ledger.models.scope import scope_of
from ledger.queries.postings import current
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.permissions import Permission

P = Permission


@dataclass(frozen=True)
class Counts:
    """What one person may set up; None where it is not theirs."""

    townships: int = 0
    villages: int = 0
    districts: int = 0
    organisations: int = 0
    cadres: int = 0
    accounts: int = 0
    categories: int | None = None
    household_types: int | None = None
    topics: int | None = None
    villages_without_district: int = 0
    cadres_without_account: int = 0
    cadres_without_posting: int = 0
    households_without_cadre: int = 0


def counts(user: Any) -> Counts:
    """The figures of the index, within the own territory. A fixed number of queries."""
    villages = Village.objects.visible_to(user, P.MANAGE_DISTRICTS).filter(successor__isnull=True)
    of_villages = villages.aggregate(all=Count("pk"), alone=Count("pk", filter=Q(district__isnull=True)))
    serving = Cadre.objects.visible_to(user, P.MANAGE_CADRES).filter(left_on__isnull=True)
    of_cadres = serving.aggregate(
        all=Count("pk"),
        accounts=Count("pk", filter=Q(user__is_active=True)),
        without=Count("pk", filter=Q(user__isnull=True)),
        idle=Count("pk", filter=~Exists(current().filter(cadre=OuterRef("pk")))),
    )
    households = Household.objects.visible_to(user, P.ASSIGN_HOUSEHOLDS).filter(
        cadre__isnull=True, status__in=COUNTED_STATUSES
    )
    return Counts(
        townships=Township.objects.visible_to(user, P.MANAGE_DISTRICTS).count(),
        villages=of_villages["all"],
        villages_without_district=of_villages["alone"],
        districts=District.objects.visible_to(user, P.MANAGE_DISTRICTS).count(),
        organisations=Organisation.objects.visible_to(user, P.MANAGE_ORGANISATIONS).filter(is_active=True).count(),
        cadres=of_cadres["all"],
        accounts=of_cadres["accounts"],
        cadres_without_account=of_cadres["without"],
        cadres_without_posting=of_cadres["idle"],
        households_without_cadre=households.count(),
        **_lists(user),
    )


def _lists(user: Any) -> dict[str, int]:
    if not scope_of(user).has(P.MANAGE_DEFAULTS):
        return {}
    mine = County.objects.visible_to(user, P.MANAGE_DEFAULTS).values("pk")
    return {
        "categories": Category.objects.filter(county__in=mine, is_active=True).count(),
        "household_types": HouseholdType.objects.filter(county__in=mine, is_active=True).count(),
        "topics": Topic.objects.filter(county__in=mine, is_active=True).count(),
    }


def with_cadre_counts(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """With township and village, and how many cadres serve there (``cadre_count``)."""
    serving = Count("cadres", filter=Q(cadres__left_on__isnull=True), distinct=True)
    return (
        organisations.select_related("township", "village")
        .annotate(cadre_count=serving)
        .order_by("township__sort_order", "sort_order", "pk")
    )


def with_postings(cadres: QuerySet[Cadre]) -> QuerySet[Cadre]:
    """With unit, account, the postings of today and later (``held``), and the number of households."""
    held = current().with_names().order_by("start_on", "pk")
    return (
        cadres.select_related("organisation", "township", "user")
        .prefetch_related(Prefetch("postings", queryset=held, to_attr="held"))
        .annotate(household_count=Count("households", distinct=True))
    )


def divisions(user: Any) -> list[Township]:
    """The townships one sets up, each with its villages in order (``places``, with district and household count)."""
    villages = (
        Village.objects.select_related("district")
        .annotate(household_count=Count("households", filter=Q(households__status__in=COUNTED_STATUSES)))
        .order_by("sort_order", "code")
    )
    return list(
        Township.objects.visible_to(user, P.MANAGE_DISTRICTS)
        .select_related("county")
        .prefetch_related(Prefetch("villages", queryset=villages, to_attr="places"))
        .order_by("county__sort_order", "county__code", "sort_order", "code")
    )


def districts(user: Any) -> list[Township]:
    """The townships one sets up, each with its districts and their villages and secretaries, and villages in none."""
    secretaries = current().filter(role="district_secretary").select_related("cadre")
    each = (
        District.objects.order_by("sort_order", "pk")
        .prefetch_related(
            Prefetch("villages", queryset=Village.objects.order_by("sort_order", "code")),
            Prefetch("postings", queryset=secretaries, to_attr="secretaries"),
        )
    )  # fmt: skip
    alone = Village.objects.filter(district__isnull=True, successor__isnull=True).order_by("sort_order", "code")
    return list(
        Township.objects.visible_to(user, P.MANAGE_DISTRICTS)
        .prefetch_related(
            Prefetch("districts", queryset=each, to_attr="parts"), Prefetch("villages", queryset=alone, to_attr="alone")
        )
        .order_by("sort_order", "code")
    )


def posting_history(cadre: Cadre) -> list[Posting]:
    """All postings of a cadre, those of today first, then the latest that ended."""
    return list(Posting.objects.filter(cadre=cadre).with_names().order_by("-end_on", "-start_on", "-pk"))
