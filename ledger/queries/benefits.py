"""享受政策 of a household: what it receives on a day, what it received before."""

import datetime
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ledger.models import Household, HouseholdBenefit


def received(day: datetime.date) -> Q:
    """Those that are received on that day; one without a beginning was always there."""
    begun = Q(start_on__isnull=True) | Q(start_on__lte=day)
    return begun & (Q(end_on__isnull=True) | Q(end_on__gt=day))


def benefits_of(household: Household) -> list[HouseholdBenefit]:
    """All of a household that somebody may read, those of the past too, by the county's order (one query)."""
    rows = HouseholdBenefit.objects.filter(household=household).select_related("kind")
    return list(rows.order_by("kind__sort_order", "kind", "start_on", "pk"))


def benefits_received(households: Iterable[int], day: datetime.date) -> QuerySet[HouseholdBenefit]:
    """Those of these households on that day."""
    rows: QuerySet[HouseholdBenefit] = HouseholdBenefit.objects.filter(received(day), household__in=list(households))
    return rows.select_related("kind").order_by("household_id", "kind__sort_order", "pk")
