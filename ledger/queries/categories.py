"""The county's own lists, with how often each word is used."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ledger.models import Category, County, HouseholdType, Issue, Topic
from ledger.models.scope import scope_of


def categories(county: County) -> list[Category]:
    """The upper categories in order, each with its ``parts``; every one with its ``used`` count of issues.

    What a part counts, its upper category counts too.
    """
    uses = Issue.objects.filter(category=OuterRef("pk")).order_by().values("category").annotate(n=Count("pk"))
    rows = Category.objects.filter(county=county).annotate(used=Coalesce(Subquery(uses.values("n")), 0))
    found = list(rows.order_by("sort_order", "pk"))
    tops: dict[int, Any] = {row.pk: row for row in found if row.parent_id is None}
    for top in tops.values():
        top.parts = []
    for row in found:
        if row.parent_id in tops:
            tops[row.parent_id].parts.append(row)
            tops[row.parent_id].used += row.used
    return list(tops.values())


def words_in_use(model: type[Category] | type[Topic], user: Any) -> QuerySet[Any]:
    """What the county in which somebody serves offers to choose from; nothing for who serves nowhere."""
    cadre_id = scope_of(user).cadre_id
    rows: QuerySet[Any] = model.objects.filter(is_active=True)
    return rows.filter(county__cadres=cadre_id) if cadre_id is not None else rows.none()


def household_types(county: County) -> QuerySet[HouseholdType]:
    return HouseholdType.objects.filter(county=county).annotate(used=Count("households"))


def topics(county: County) -> QuerySet[Topic]:
    return Topic.objects.filter(county=county).annotate(used=Count("visits"))
