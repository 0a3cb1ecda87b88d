"""What the drop-downs of a blank template offer: names of the own area, words of its counties."""

from typing import Any

from ledger.models import Category, HouseholdType, Organisation, Village
from ledger.rules.permissions import Permission

MOST = 1_500
"""Names in one drop-down: nobody looks through more, and Excel grows slow."""


def template_lists(user: Any) -> dict[str, tuple[str, ...]]:
    """Villages and units that ``user`` imports for, and the county's own types and categories in use."""
    villages = Village.objects.visible_to(user, Permission.IMPORT_HOUSEHOLDS).filter(successor=None)
    counties = list(villages.values_list("township__county_id", flat=True).distinct())
    names = list(villages.order_by("township__sort_order", "sort_order").values_list("name", "township__name"))
    twice = {name for name, _township in names if [other for other, _t in names].count(name) > 1} if names else set()
    units = Organisation.objects.filter(
        township__in=villages.values("township"), village=None, is_active=True
    ).order_by("sort_order")
    return {
        "villages": _unique(f"{township}{name}" if name in twice else name for name, township in names),
        "types": _unique(_words(HouseholdType, counties)),
        "categories": _unique(_words(Category, counties)),
        "units": _unique(units.values_list("name", flat=True)),
    }


def _words(model: Any, counties: list[int]) -> Any:
    rows = model.objects.filter(county__in=counties, is_active=True)
    return rows.order_by("sort_order", "pk").values_list("name", flat=True)


def _unique(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:MOST]
