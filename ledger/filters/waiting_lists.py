"""The filters of what waits for somebody: notices, imports, kept entries, signs, follow-ups, samples; exclusions."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.households import is_id
from ledger.models import Exclusion, FollowUp, ImportBatch, Issue, KeptEntry, Notice, SampledIssue
from ledger.queries.kept_entries import decided, waiting
from ledger.rules.notices import Sort

READ, DECIDED = "read", "decided"


class NoticeFilter(django_filters.FilterSet):
    """``?state=read&sort=…``; the unread ones unless chosen."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=[(READ, _("Read"))], method="unchanged")
    sort = django_filters.ChoiceFilter(label=_("Sort of notice"), choices=Sort.choices)

    class Meta:
        model = Notice
        fields: list[str] = []

    def unchanged(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows

    def filter_queryset(self, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        rows: QuerySet[Notice] = super().filter_queryset(queryset)
        return rows.filter(read_at__isnull=self.form.cleaned_data.get("state") != READ)


class ImportFilter(django_filters.FilterSet):
    """All imports of one's townships."""

    class Meta:
        model = ImportBatch
        fields: list[str] = []


class KeptEntryFilter(django_filters.FilterSet):
    """``?state=decided``; those that wait unless chosen."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=[(DECIDED, _("Decided"))], method="unchanged")

    class Meta:
        model = KeptEntry
        fields: list[str] = []

    def unchanged(self, rows: QuerySet[KeptEntry], name: str, value: str) -> QuerySet[KeptEntry]:
        return rows

    def filter_queryset(self, queryset: QuerySet[KeptEntry]) -> QuerySet[KeptEntry]:
        rows: QuerySet[KeptEntry] = super().filter_queryset(queryset)
        return decided(rows) if self.form.cleaned_data.get("state") else waiting(rows)


class SignFilter(django_filters.FilterSet):
    """``?cause=``: one cause as it was written."""

    cause = django_filters.CharFilter(label=_("cause"), field_name="early_sign__cause")

    class Meta:
        model = Issue
        fields: list[str] = []


class FollowUpFilter(django_filters.FilterSet):
    """Visits that are due or were missed."""

    class Meta:
        model = FollowUp
        fields: list[str] = []


class WaitingForSampleFilter(django_filters.FilterSet):
    """What was settled on the spot and is in no sample yet."""

    class Meta:
        model = Issue
        fields: list[str] = []


class SampleFilter(django_filters.FilterSet):
    """``?sample=3``: the matters of one draw; of all draws without it."""

    sample = django_filters.CharFilter(method="of_sample", widget=forms.HiddenInput)

    class Meta:
        model = SampledIssue
        fields: list[str] = []

    def of_sample(self, rows: QuerySet[SampledIssue], name: str, value: str) -> QuerySet[SampledIssue]:
        return rows.filter(sample=int(value) if is_id(value) else 0)


class ExclusionFilter(django_filters.FilterSet):
    """``?area=``: a part of the map."""

    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)

    class Meta:
        model = Exclusion
        fields: list[str] = []

    def in_area(self, rows: QuerySet[Exclusion], name: str, value: Any) -> QuerySet[Exclusion]:
        return rows.filter(area_q(value, "household__village"))
