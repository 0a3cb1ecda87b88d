"""``?area=township-3&show=households``: one section of 漏项清单; the households of nobody unless chosen."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.models import County, Household, Issue, Village
from ledger.queries.gaps import rows_of
from ledger.rules.gaps import Gap
from ledger.rules.permissions import Permission


class GapFilter(django_filters.FilterSet):
    """Its rows are households, matters, villages or cadres, as the section has them."""

    area = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    show = django_filters.ChoiceFilter(label=_("Gaps"), choices=Gap.choices, method="unchanged")

    class Meta:
        model = Household
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def unchanged(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows

    @property
    def shown(self) -> Gap:
        """The section whose rows these are."""
        return Gap(self.form.cleaned_data.get("show") or Gap.HOUSEHOLDS) if self.form.is_valid() else Gap.HOUSEHOLDS

    @cached_property
    def villages(self) -> QuerySet[Village]:
        """Those of the area that the user may take lists of."""
        seen = Village.objects.visible_to(self.user, Permission.SEE_DASHBOARD)
        taken = Village.objects.visible_to(self.user, Permission.EXPORT).values("pk")
        found: QuerySet[Village] = seen.filter(area_q(self.data.get("area"), "pk"), pk__in=taken)
        return found

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        county = County.objects.filter(townships__villages__in=self.villages).first()
        most = county.list_most if county is not None else 0
        rows = rows_of(self.shown, user=self.user, villages=self.villages, most=most)
        if self.shown == Gap.ISSUES:
            rows = rows.filter(pk__in=Issue.objects.visible_to(self.user, Permission.EXPORT).order_by().values("pk"))
        return rows
