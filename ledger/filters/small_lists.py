"""The filters of lists that have one choice, a word to search for or nothing to choose."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.models import Correction, CorrectionState, Enterprise, Guide, HandOver, Issue, Substitution, Village
from ledger.queries.guides import found
from ledger.queries.wishes import TABS

DECIDED = "decided"


class WishFilter(django_filters.FilterSet):
    """``?state=``: what became of them; those to be claimed unless something else is chosen."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=[(key, tab[0]) for key, tab in TABS.items()],
                                        method="on_tab")  # fmt: skip

    class Meta:
        model = Issue
        fields: list[str] = []

    def on_tab(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        return rows.filter(TABS[value][1]).order_by(*TABS[value][2])

    def filter_queryset(self, queryset: QuerySet[Issue]) -> QuerySet[Issue]:
        rows: QuerySet[Issue] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else self.on_tab(rows, "state", "open")


class CorrectionFilter(django_filters.FilterSet):
    """``?state=decided``; those that wait unless chosen."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=[(DECIDED, _("Decided"))], method="that_stand")

    class Meta:
        model = Correction
        fields: list[str] = []

    def that_stand(self, rows: QuerySet[Correction], name: str, value: str) -> QuerySet[Correction]:
        return rows.exclude(state=CorrectionState.PENDING)

    def filter_queryset(self, queryset: QuerySet[Correction]) -> QuerySet[Correction]:
        rows: QuerySet[Correction] = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("state"):
            return rows
        return rows.filter(state=CorrectionState.PENDING).order_by("proposed_at", "pk")


class GuideFilter(django_filters.FilterSet):
    """``?q=``: a word of the guide."""

    q = django_filters.CharFilter(label=_("Search"), method="with_word")

    class Meta:
        model = Guide
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def with_word(self, rows: QuerySet[Guide], name: str, value: str) -> QuerySet[Guide]:
        return found(self.user, value)


class VillageRegisterFilter(django_filters.FilterSet):
    """``?area=``: a county, township, district or village of the 包村表."""

    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)

    class Meta:
        model = Village
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def in_area(self, rows: QuerySet[Village], name: str, value: str) -> QuerySet[Village]:
        return rows.filter(area_q(value, "pk"))


class EnterpriseFilter(django_filters.FilterSet):
    """``?q=``: any part of the name."""

    q = django_filters.CharFilter(label=_("Search"), field_name="name", lookup_expr="icontains")

    class Meta:
        model = Enterprise
        fields: list[str] = []


class HandOverFilter(django_filters.FilterSet):
    """All hand-overs of the own territory."""

    class Meta:
        model = HandOver
        fields: list[str] = []


class SubstitutionFilter(django_filters.FilterSet):
    """Those that hold or will hold."""

    class Meta:
        model = Substitution
        fields: list[str] = []
