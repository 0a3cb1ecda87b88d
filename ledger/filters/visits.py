"""Filters of the list of visits."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.households import villages_in_scope
from ledger.models import Visit
from ledger.models.scope import scope_of
from ledger.queries.visits import mine_q
from ledger.rules.cleaning import is_storable
from ledger.rules.pinyin import search_key
from ledger.rules.visits import VisitKind, VisitResult

LONGEST = 60


class VisitFilter(django_filters.FilterSet):
    """``?q= whose= kind= result= village= from= until= area= void=``"""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    whose = django_filters.ChoiceFilter(
        label=_("Whose visits"), empty_label=_("Everybody's"), choices=[("mine", _("Mine"))], method="of_whom"
    )
    kind = django_filters.ChoiceFilter(label=_("How"), empty_label=_("All kinds"), choices=VisitKind.choices)
    result = django_filters.ChoiceFilter(label=_("Result"), empty_label=_("All results"), choices=VisitResult.choices)
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), empty_label=_("All villages"), queryset=villages_in_scope
    )
    since = django_filters.DateFilter(
        label=_("From"), field_name="occurred_on", lookup_expr="gte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    until = django_filters.DateFilter(
        label=_("Until"), field_name="occurred_on", lookup_expr="lte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)
    household = django_filters.NumberFilter(field_name="household", widget=forms.HiddenInput)

    class Meta:
        model = Visit
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not scope_of(self.request.user).by_territory().territories:
            # A household cadre's diary: the own visits and those to the own households.
            del self.filters["village"]

    def search(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        """The household's head or pinyin initials by their beginning, what was said by any part."""
        typed = value.strip()[:LONGEST]
        if not is_storable(typed):
            return rows.none()
        key = search_key(typed)
        condition = Q(content__icontains=typed) | Q(place__icontains=typed) | Q(household__head_name__startswith=key)
        if key and key.isascii():
            condition |= Q(household__initials__startswith=key) | Q(household__initials__contains=f" {key}")
        return rows.filter(condition)

    def of_whom(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(mine_q(self.request.user))

    def in_area(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(area_q(value))
