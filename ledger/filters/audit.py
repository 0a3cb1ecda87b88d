"""Filters of the audit trail."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.models import AuditRow
from ledger.rules.audit import GROUPS, verbs_of
from ledger.rules.days import day_start

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
DAY = forms.DateInput(attrs={"type": "date"})


class AuditFilter(django_filters.FilterSet):
    """By who did it, what kind of act, which household, and the days."""

    q = django_filters.CharFilter(method="about", label=_("Who did it, or to whom"))
    group = django_filters.ChoiceFilter(
        choices=list(GROUPS.items()), method="of_group", label=_("Kind of act"), empty_label=_("All acts")
    )
    since = django_filters.DateFilter(method="from_day", label=_("From"), widget=DAY)
    until = django_filters.DateFilter(method="to_day", label=_("Up to"), widget=DAY)
    household = django_filters.NumberFilter(
        field_name="household_id", widget=forms.HiddenInput, min_value=1, max_value=2**53
    )

    class Meta:
        model = AuditRow
        fields: list[str] = []

    def about(self, rows: QuerySet[AuditRow], name: str, value: str) -> QuerySet[AuditRow]:
        return rows.filter(Q(actor__contains=value.strip()) | Q(label__contains=value.strip()))

    def of_group(self, rows: QuerySet[AuditRow], name: str, value: str) -> QuerySet[AuditRow]:
        condition = Q(pk__in=())
        for noun in verbs_of(value):
            condition |= Q(verb__startswith=f"{noun}.")
        return rows.filter(condition)

    def from_day(self, rows: QuerySet[AuditRow], name: str, value: Any) -> QuerySet[AuditRow]:
        return rows.filter(at__gte=day_start(_within(value)))

    def to_day(self, rows: QuerySet[AuditRow], name: str, value: Any) -> QuerySet[AuditRow]:
        return rows.filter(at__lt=day_start(_within(value) + timedelta(days=1)))


def _within(day: date) -> date:
    """A day that a moment can be made of, whatever was typed: nothing was recorded before or will be after."""
    return min(max(day, FIRST_DAY), LAST_DAY)
