"""``?area=township-3``: the part of the map that a figure counted, so that its link opens the same rows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import County, District, Township, Village
from ledger.models.scope import ScopedQuerySet
from ledger.rules.permissions import Level, Permission

MODELS: dict[str, Any] = {
    Level.COUNTY: County,
    Level.TOWNSHIP: Township,
    Level.DISTRICT: District,
    Level.VILLAGE: Village,
}
PATHS = {
    Level.COUNTY: "township__county_id",
    Level.TOWNSHIP: "township_id",
    Level.DISTRICT: "district_id",
    Level.VILLAGE: "pk",
}


@dataclass(frozen=True)
class Area:
    """One county, township, district or village."""

    level: str
    pk: int
    name: str

    @property
    def key(self) -> str:
        """The value of the URL parameter."""
        return f"{self.level}-{self.pk}"

    def villages(self) -> QuerySet[Village]:
        """The villages of the area."""
        return Village.objects.filter(**{PATHS[Level(self.level)]: self.pk})


def area_q(key: str | None, path: str = "village") -> Q:
    """The condition on rows whose village (at ``path``) lies in the area; a malformed key matches nothing."""
    if not key:
        return Q()
    level, _, number = key.partition("-")
    if level not in PATHS or not number.isascii() or not number.isdigit() or len(number) > 12:
        return Q(pk__in=())
    villages = Village.objects.filter(**{PATHS[Level(level)]: int(number)})
    return Q(**{f"{path}__in": villages.values("pk")})


def find_area(user: Any, key: str | None, permission: Permission) -> Area | None:
    """The area of that key when a posting that gives the permission covers it; None otherwise."""
    level, _, number = (key or "").partition("-")
    if level not in MODELS or not number.isascii() or not number.isdigit() or len(number) > 12:
        return None
    rows: ScopedQuerySet = MODELS[level].objects.visible_to(user, permission)
    row = rows.filter(pk=int(number)).first()
    return Area(level, row.pk, str(row)) if row is not None else None
