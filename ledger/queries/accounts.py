"""Whose accounts could be opened together, and where people work as one list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ledger.models import Cadre, County, Township
from ledger.queries.postings import manageable_cadres
from ledger.rules.permissions import Permission


@dataclass(frozen=True)
class Home:
    """Where cadres work: a township, or the county's own units."""

    key: str
    name: str
    township: int | None
    county: int

    def cadres(self, user: Any) -> QuerySet[Cadre]:
        """Its serving cadres whose accounts the user may manage, in list order."""
        return (
            manageable_cadres(user)
            .filter(county=self.county, township=self.township, left_on__isnull=True)
            .select_related("organisation", "user", "township")
            .order_by("organisation__sort_order", "sort_order", "pk")
        )


def homes(user: Any) -> list[Home]:
    """The places whose accounts somebody manages, townships in order, the county's own units last."""
    townships = Township.objects.visible_to(user, Permission.MANAGE_ACCOUNTS).order_by("sort_order", "code")
    counties = County.objects.visible_to(user, Permission.MANAGE_ACCOUNTS)
    return [
        *(Home(f"township-{t.pk}", t.name, t.pk, t.county_id) for t in townships),
        *(Home(f"county-{c.pk}", c.name, None, c.pk) for c in counties),
    ]


def without_account(cadres: QuerySet[Cadre]) -> QuerySet[Cadre]:
    """Those who have none yet."""
    return cadres.filter(user__isnull=True)


def never_signed_in(cadres: QuerySet[Cadre], but: int | None = None) -> QuerySet[Cadre]:
    """Those with an open account that nobody has used; their sheet may have got lost."""
    return cadres.filter(user__is_active=True, user__last_login__isnull=True).exclude(user=but)
