"""批量补记: which households are offered to tick, and who was there the same day already."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import Household, Visit
from ledger.models.scope import scope_of
from ledger.queries.households import own_q, with_line
from ledger.rules.permissions import Permission

MOST_OFFERED = 200
MOST_FOUND = 20
ROAD_ORDER = ("village__sort_order", "village_id", "group__number", "house_order", "code")


def walkable(user: Any) -> QuerySet[Household]:
    """The households one may log a visit of, in the order of the road."""
    rows: QuerySet[Household] = Household.objects.visible_to(user, Permission.LOG_VISIT)
    return rows.order_by(*ROAD_ORDER)


def offered(user: Any, found: Q | None = None, ticked: Iterable[int] = ()) -> list[Household]:
    """The own households, those a search found and those already ticked."""
    own = own_q(scope_of(user).cadre_id)
    rows = list(with_line(walkable(user).filter(own | Q(pk__in=list(ticked))))[:MOST_OFFERED])
    if found is None:
        return rows
    more = with_line(walkable(user).filter(found).exclude(pk__in=[row.pk for row in rows]))
    return [*more[:MOST_FOUND], *rows]


def same_day(households: Iterable[int], day: datetime.date) -> list[Visit]:
    """Visits of that day to these households which still stand, whoever made them.

    Not narrowed to the scope of who asks: each of these households is theirs to visit, and so are its visits to read.
    """
    rows = Visit.objects.filter(household__in=list(households), occurred_on=day, voided_at__isnull=True)
    return list(rows.select_related("household", "lead").order_by("household_id", "pk"))
