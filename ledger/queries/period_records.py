"""What a quarter's or a year's paper tells beside the figures: visits by kind, and households that nobody met."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, Sum

from ledger.models import Cadre, Village, Visit
from ledger.queries.figures_households import counted_q, households_in, met_q
from ledger.queries.figures_visits import visits_in
from ledger.queries.figures_window import Source, Window

Only = Mapping[Source, Q]


def only_of(unit: int | None, cadre: Cadre | None) -> Only:
    """What narrows the rows of figures to a unit, or to what one cadre holds, led or joined, registered or handles."""
    if cadre is not None:
        joined = Visit.companions.through._base_manager.filter(cadre_id=cadre.pk).values("visit_id")
        return {
            Source.HOUSEHOLDS: Q(at_cadre=cadre.pk), Source.VISITS: Q(lead=cadre) | Q(pk__in=joined),
            Source.ISSUES: Q(registered_by=cadre) | Q(handler=cadre),
        }  # fmt: skip
    return dict.fromkeys(Source, Q(at_unit=unit)) if unit is not None else {}


def visits_by_kind(villages: list[int], window: Window, only: Only) -> list[tuple[str, int, int]]:
    """Kind, number, people met: the most frequent first."""
    rows = visits_in(window).filter(only.get(Source.VISITS, Q()), village__in=villages).order_by()
    sums = rows.values("kind").annotate(n=Count("pk"), people=Sum("people_met")).order_by("-n", "kind")
    return list(sums.values_list("kind", "n", "people"))


def not_met(
    villages: list[int], window: Window, only: Only, *, by_group: bool
) -> list[tuple[str, int | None, int, int]]:
    """Village, group, households in contact that nobody met at home in the period, those of them never met."""
    rows: Any = households_in(window)
    rows = rows.filter(counted_q(window) & ~met_q(window.first, window), only.get(Source.HOUSEHOLDS, Q()))
    rows = rows.filter(at_village__in=villages).order_by().annotate(part=F("at_village"))
    places = Village._base_manager.in_bulk(villages)
    order = {pk: at for at, pk in enumerate(sorted(places, key=lambda pk: (places[pk].sort_order, places[pk].code)))}
    never = Count("pk", filter=~met_q(None, window))
    columns = ("part", "group__number") if by_group else ("part",)
    found = rows.values(*columns).annotate(n=Count("pk"), never=never)
    lines = [(line["part"], line.get("group__number"), line["n"], line["never"]) for line in found]
    lines.sort(key=lambda line: (order[line[0]], line[1] or 0))
    return [(str(places[pk].name), group, n, never) for pk, group, n, never in lines]
