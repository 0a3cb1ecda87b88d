"""Lists of households: rows with what a line prints, and a cadre's own in order of need."""

import datetime
from typing import Any

from django.db.models import DateField, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from ledger.models import Household, HouseholdType
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.permissions import Permission

PLACE_ORDER = ("village_id", "pinyin", "id")
NEED_ORDER = ("met_key", "id")
LONG_AGO = datetime.date(1900, 1, 1)
"""Stands for "never met" where a list is sorted by need: before every real day."""
MOST_COUNTED = 10_000
"""Beyond this a list says "more than", since counting a million rows takes longer than showing thirty."""


def household_rows(user: Any, permission: Permission = Permission.VIEW) -> QuerySet[Household]:
    """Households in scope with everything a line prints, types in two queries for any number of rows."""
    rows: QuerySet[Household] = Household.objects.visible_to(user, permission)
    return with_line(rows)


def with_line(rows: QuerySet[Household]) -> QuerySet[Household]:
    """The same rows with village, group, cadre and types read along."""
    types = Prefetch("types", queryset=HouseholdType.objects.order_by("sort_order", "pk"))
    return rows.select_related("village__township", "group", "cadre").prefetch_related(types)


def by_need(rows: QuerySet[Household]) -> QuerySet[Household]:
    """Never met first, then longest ago; for keyset pages over ``NEED_ORDER``."""
    key = Coalesce(F("last_met_on"), Value(LONG_AGO), output_field=DateField())
    return rows.annotate(met_key=key).order_by(*NEED_ORDER)


def own_q(cadre_id: int | None) -> Q:
    """A cadre's own households that count: living here or away."""
    return Q(cadre_id=cadre_id, status__in=COUNTED_STATUSES) if cadre_id is not None else Q(pk__in=())


def count_up_to(rows: QuerySet[Any], most: int = MOST_COUNTED) -> tuple[int, bool]:
    """How many rows, and whether there are more than ``most``."""
    found = rows.order_by()[: most + 1].count()
    return min(found, most), found > most
