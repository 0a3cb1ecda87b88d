"""Filters of the household list; all in the URL, their choices narrowed to what the person may see."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.figures import counted_rows
from ledger.models import Assignment, Cadre, Group, Household, HouseholdType, Village
from ledger.models.scope import scope_of
from ledger.queries.dashboard import band_q, counted_households, covered_since
from ledger.queries.figures_window import Source
from ledger.queries.household_search import search_q, token_q
from ledger.rules.days import local_today
from ledger.rules.freshness import Band
from ledger.rules.households import COUNTED_STATUSES, HouseholdStatus

PRESENT = (*COUNTED_STATUSES, HouseholdStatus.VACANT)
"""What the list shows unless a status is chosen: households that are still somewhere."""
EVERY = "all"


def villages_in_scope(request: Any) -> QuerySet[Village]:
    """The villages somebody may see rows of."""
    villages: QuerySet[Village] = Village.objects.visible_to(request.user)
    return villages


def groups_of_village(request: Any) -> QuerySet[Group]:
    """The groups of the village chosen beside it; none without one."""
    chosen = request.GET.get("village", "")
    return Group.objects.filter(village__in=villages_in_scope(request), village=int(chosen) if is_id(chosen) else None)


def types_in_scope(request: Any) -> QuerySet[HouseholdType]:
    """The household types of the counties somebody sees villages of."""
    counties = villages_in_scope(request).values("township__county")
    return HouseholdType.objects.filter(county__in=counties, is_active=True)


class HouseholdFilter(django_filters.FilterSet):
    """``?q= village= group= type= band= cadre= status=``; ``area counted covered number`` come from other pages."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), empty_label=_("All villages"), queryset=villages_in_scope
    )
    group = django_filters.ModelChoiceFilter(label=_("Group"), empty_label=_("All groups"), queryset=groups_of_village)
    type = django_filters.ModelChoiceFilter(
        label=_("Household type"), empty_label=_("All types"), field_name="types", queryset=types_in_scope
    )
    band = django_filters.ChoiceFilter(
        label=_("Last met"), empty_label=_("Whenever met"), choices=Band.choices, method="in_band"
    )
    cadre = django_filters.ChoiceFilter(label=_("Household cadre"), empty_label=_("All cadres"), method="of_cadre")
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        empty_label=_("Still there"),
        choices=[*HouseholdStatus.choices, (EVERY, _("All statuses"))],
        method="of_status",
    )
    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)
    counted = django_filters.CharFilter(method="that_count", widget=forms.HiddenInput)
    covered = django_filters.CharFilter(method="that_are_covered", widget=forms.HiddenInput)
    number = django_filters.CharFilter(method="with_number", widget=forms.HiddenInput)
    order = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    figure = django_filters.CharFilter(method="that_figure_counts", widget=forms.HiddenInput)
    since = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    until = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    of_unit = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)

    class Meta:
        model = Household
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = scope_of(self.request.user)
        if not scope.by_territory().territories:
            # Own households only: a few dozen, in one village or two; and those of whom one stands in for.
            for name in ("village", "group", "status", *(() if scope.absents else ("cadre",))):
                del self.filters[name]
            if scope.absents:
                self.filters["cadre"].extra["choices"] = self._cadres()
            return
        self.filters["cadre"].extra["choices"] = self._cadres()
        if not is_id(self.data.get("village", "")):
            del self.filters["group"]

    def _cadres(self) -> list[tuple[str, Any]]:
        """Who looks after households that the person may see; oneself first."""
        user = self.request.user
        mine = scope_of(user).cadre_id
        held = Assignment.objects.open().filter(cadre=OuterRef("pk"))
        others = Cadre.objects.visible_to(user).filter(Exists(held)).exclude(pk=mine).order_by("pinyin", "pk")
        listed = [(str(pk), name) for pk, name in others.values_list("pk", "name")]
        return [("mine", _("My households")), ("none", _("Without a cadre")), *listed]

    def search(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows.filter(search_q(value))

    def with_number(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows.filter(token_q(value))

    def in_band(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows.filter(band_q(value, local_today()))

    def of_cadre(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        if value == "none":
            return rows.filter(cadre__isnull=True)
        return rows.filter(cadre_id=scope_of(self.request.user).cadre_id if value == "mine" else int(value))

    def of_status(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows if value == EVERY else rows.filter(status=value)

    def in_area(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        """A figure says itself where its households lived on that day."""
        return rows if self.data.get("figure") else rows.filter(area_q(value))

    def that_figure_counts(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        """Exactly what a figure of the statistics counted, whatever became of it since."""
        return counted_rows(rows, self.data, Source.HOUSEHOLDS)

    def that_count(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows.filter(counted_households(local_today()))

    def that_are_covered(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        """Met within the county's window (``yes``), or not (``no``); only together with an area."""
        village = Village.objects.filter(area_q(self.data.get("area"), "pk")).select_related("township__county").first()
        met = covered_since(local_today(), village.township.county.coverage_days) if village else Q(pk__in=())
        return rows.filter(met) if value == "yes" else rows.exclude(met)

    def unchanged(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        return rows

    def filter_queryset(self, queryset: QuerySet[Household]) -> QuerySet[Household]:
        found: QuerySet[Household] = super().filter_queryset(queryset)
        cleaned = self.form.cleaned_data
        return found if cleaned.get("status") or cleaned.get("figure") else found.filter(status__in=PRESENT)


def is_id(text: str) -> bool:
    """Whether a text in an address can be the id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= 12
