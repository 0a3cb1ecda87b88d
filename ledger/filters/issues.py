"""Filters of the desk; they live in the URL, and every choice is narrowed to who asks."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.models import Category, County, Issue, Village
from ledger.queries.calendar import Calendar
from ledger.queries.issue_search import search_q
from ledger.rules.issues import Source


def categories_of(county_ids: list[int]) -> QuerySet[Category]:
    """The categories in use of these counties, parents beside their children."""
    return (
        Category.objects.filter(county_id__in=county_ids, is_active=True)
        .select_related("parent")
        .order_by("parent__sort_order", "parent_id", "sort_order", "pk")
    )


class DeskFilter(django_filters.FilterSet):
    """Search, category, village, source."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=60)
    category = django_filters.ModelChoiceFilter(
        label=_("category"), empty_label=_("All categories"), queryset=Category.objects.none(), method="by_category"
    )
    village = django_filters.ModelChoiceFilter(
        label=_("village"), empty_label=_("All villages"), queryset=Village.objects.none()
    )
    source = django_filters.ChoiceFilter(label=_("source"), empty_label=_("All sources"), choices=Source)

    lane = django_filters.CharFilter(method="by_lane", widget=forms.HiddenInput, max_length=20)

    kept_when_cleared: tuple[str, ...] = ("lane",)
    """Names that say where one is, not what one looks for."""

    class Meta:
        model = Issue
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, calendar: Calendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.calendar = user, calendar
        villages = Village.objects.visible_to(user)
        self.filters["village"].field.queryset = villages
        if len(villages[:2]) < 2:
            del self.filters["village"]
        counties = County.objects.filter(cadres__user=user).values_list("pk", flat=True)
        self.filters["category"].field.queryset = Category.objects.filter(
            county_id__in=list(counties), parent__isnull=True, is_active=True
        )

    def search(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """By number, words, household, pinyin initials."""
        return rows.filter(search_q(value))

    def by_lane(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """The desk has chosen the lane's rows already; the name only stays in the URL."""
        return rows

    @property
    def is_narrowed(self) -> bool:
        """Whether a choice beside the search is made; what "Handled by me" brings along is none."""
        given = {"state": "unfinished"} if self.data.get("mine") in {"handled", "supported"} else {}
        names = [field.name for field in self.form.visible_fields() if field.name != "q"]
        return any(self.data.get(name) not in (None, "", given.get(name)) for name in names)

    @property
    def cleared(self) -> str:
        """The address without the choices made: of the same lane and desk."""
        kept = {name: self.data[name] for name in self.kept_when_cleared if self.data.get(name)}
        return f"?{urlencode(kept)}" if kept else ""

    def by_category(self, rows: QuerySet[Issue], name: str, value: Category | None) -> QuerySet[Issue]:
        """A parent stands for its children too."""
        return rows.filter(Q(category=value) | Q(category__parent=value)) if value is not None else rows
