"""Filters of the list of visits."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.figures import counted_rows
from ledger.filters.households import is_id, villages_in_scope
from ledger.models import Visit
from ledger.models.scope import scope_of
from ledger.queries.figures_window import Source
from ledger.queries.visits import mine_q, said_q
from ledger.rules.days import local_today, month_limits
from ledger.rules.visits import VisitKind, VisitResult

LONGEST = 60
MONTHS = 24
"""As far back as the filter offers; older visits are found by search."""


class VisitFilter(django_filters.FilterSet):
    """``?q= whose= kind= result= village= month=``; ``area household`` come from other pages."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    whose = django_filters.ChoiceFilter(
        label=_("Whose visits"), empty_label=_("Everybody's"), choices=[("mine", _("Mine"))], method="of_whom"
    )
    kind = django_filters.ChoiceFilter(label=_("How"), empty_label=_("All ways"), choices=VisitKind.choices)
    result = django_filters.ChoiceFilter(label=_("Result"), empty_label=_("All results"), choices=VisitResult.choices)
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), empty_label=_("All villages"), queryset=villages_in_scope
    )
    month = django_filters.ChoiceFilter(label=_("Month"), empty_label=_("All months"), method="in_month")
    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)
    household = django_filters.CharFilter(method="of_household", widget=forms.HiddenInput)
    figure = django_filters.CharFilter(method="that_count", widget=forms.HiddenInput)
    since = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    until = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    of_unit = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)

    class Meta:
        model = Visit
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["month"].extra["choices"] = _months(local_today())
        if not scope_of(self.request.user).by_territory().territories:
            # A household cadre's diary: the own visits and those to the own households.
            del self.filters["village"]

    def search(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        """The household's head or pinyin initials by their beginning, what was said by any part."""
        return rows.filter(said_q(value.strip()[:LONGEST]))

    def of_whom(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(mine_q(self.request.user))

    def of_household(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(household=int(value)) if is_id(value) else rows.none()

    def in_month(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(occurred_on__range=month_limits(datetime.date.fromisoformat(f"{value}-01")))

    def in_area(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(area_q(value))

    def that_count(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        """Exactly what a figure of the statistics counted."""
        return counted_rows(rows, self.data, Source.VISITS)

    def unchanged(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        """Read together with the figure."""
        return rows


def _months(today: datetime.date) -> list[tuple[str, str]]:
    """The last months as ``2026-11``, this one first."""
    first, found = today.replace(day=1), []
    for _back in range(MONTHS):
        found.append((f"{first:%Y-%m}", date_format(first, "YEAR_MONTH_FORMAT")))
        first = (first - datetime.timedelta(days=1)).replace(day=1)
    return found
