"""Figures of households, as their status, cadre and village were on the last day of the period."""

import datetime
from functools import partial

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ledger.models import Assignment, Exclusion, Household, HouseholdCode, StatusPeriod, Visit
from ledger.queries.figures_visits import CONTACT
from ledger.queries.figures_window import ONE_DAY, STALE_DAYS, Figure, Source, Window, figure
from ledger.rules.households import COUNTED_STATUSES, HouseholdStatus

_households = partial(figure, Source.HOUSEHOLDS, is_stock=True)
_of_period = partial(figure, Source.HOUSEHOLDS)


def households_in(window: Window) -> QuerySet[Household]:
    """Every household with ``at_village``, ``at_cadre`` and the cadre's ``at_unit`` of the last day."""
    return placed(Household.objects.all(), window)


def placed(rows: QuerySet[Household], window: Window) -> QuerySet[Household]:
    """These households with ``at_village``, ``at_cadre`` and the cadre's ``at_unit`` of the last day."""
    if window.is_now:
        return rows.alias(at_village=F("village_id"), at_cadre=F("cadre_id"), at_unit=F("cadre__organisation_id"))
    codes = HouseholdCode.objects.open_on(window.last).filter(household=OuterRef("pk"))
    held = Assignment.objects.open_on(window.last).filter(household=OuterRef("pk"))
    return rows.alias(
        at_village=Coalesce(Subquery(codes.values("village_id")[:1]), F("village_id"), output_field=BigIntegerField()),
        at_cadre=Subquery(held.values("cadre_id")[:1]),
        at_unit=Subquery(held.values("cadre__organisation_id")[:1]),
    )


def with_status(window: Window, *statuses: str) -> Q:
    """Households that had one of these statuses on the last day."""
    if window.is_now:
        return Q(status__in=statuses)
    then = StatusPeriod.objects.open_on(window.last).filter(household=OuterRef("pk"), status__in=statuses)
    return Q(Exists(then))


def excluded_q(window: Window) -> Q:
    """Households left out of coverage with approval on the last day."""
    return Q(Exists(Exclusion.objects.open_on(window.last).filter(household=OuterRef("pk"))))


def met_q(first: datetime.date | None, window: Window) -> Q:
    """Households with a contact from ``first`` to the last day of the period, by whomever."""
    if window.is_now:
        return Q(last_met_on__gte=first) if first is not None else Q(last_met_on__isnull=False)
    days = Window(first, window.last).days("occurred_on")
    return Q(Exists(Visit.objects.filter(CONTACT, days, household=OuterRef("pk"))))


def counted_q(window: Window) -> Q:
    """The denominator of coverage: living here or away, and not excluded with approval."""
    return with_status(window, *COUNTED_STATUSES) & ~excluded_q(window)


@_households(
    "households", _("Households in contact"),
    _("Households living here or away on the last day, without approved exclusions."),
)  # fmt: skip
def households(window: Window) -> Q:
    return counted_q(window)


@_of_period(
    "visited", _("Households covered"),
    _("Of these households, those met at home at least once in the period, by whomever."),
)  # fmt: skip
def visited(window: Window) -> Q:
    return counted_q(window) & met_q(window.first, window)


@_of_period("unvisited", _("Households not covered"), _("Of these households, those not met at home in the period."))
def unvisited(window: Window) -> Q:
    return counted_q(window) & ~met_q(window.first, window)


@_households(
    "stale", _("Not met for 90 days"),
    _("Of these households, those last met more than 90 days before the last day, or never."),
)  # fmt: skip
def stale(window: Window) -> Q:
    return counted_q(window) & ~met_q(window.last - STALE_DAYS * ONE_DAY, window)


@_households(
    "without_cadre", _("Households without a cadre"),
    _("Of these households, those that no cadre was responsible for on the last day: this list must be empty."),
)  # fmt: skip
def without_cadre(window: Window) -> Q:
    return counted_q(window) & Q(at_cadre__isnull=True)


@_households(
    "excluded", _("Households excluded"),
    _("Living here or away, but left out of coverage on the last day with reason and approval."),
)  # fmt: skip
def excluded(window: Window) -> Q:
    return with_status(window, *COUNTED_STATUSES) & excluded_q(window)


@_households("closed_households", _("Closed households"), _("Households closed (struck from the roll) by then."))
def closed_households(window: Window) -> Q:
    return with_status(window, HouseholdStatus.CLOSED)


FIGURES: tuple[Figure, ...] = (households, visited, unvisited, stale, without_cadre, excluded, closed_households)
