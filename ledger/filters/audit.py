"""Filters of the audit trail."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.models import AuditRow, Cadre
from ledger.rules.audit import GROUPS, READS, SIGN_IN_FAILURES, verbs_of
from ledger.rules.days import day_start

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
DAY = forms.DateInput(attrs={"type": "date"})
MOST = 2**53


class AuditFilter(django_filters.FilterSet):
    """By who did it, what kind of act, whether it was a look, which household or account, and the days."""

    q = django_filters.CharFilter(method="about", label=_("Who did it, or to whom"))
    group = django_filters.ChoiceFilter(
        choices=list(GROUPS.items()), method="of_group", label=_("Kind of act"), empty_label=_("All acts")
    )
    reads = django_filters.BooleanFilter(method="only_reads", label=_("Only who looked"), widget=forms.CheckboxInput)
    since = django_filters.DateFilter(method="from_day", label=_("From"), widget=DAY)
    until = django_filters.DateFilter(method="to_day", label=_("Up to"), widget=DAY)
    household = django_filters.NumberFilter(
        field_name="household_id", widget=forms.HiddenInput, min_value=1, max_value=MOST
    )
    account = django_filters.NumberFilter(
        method="by_account", widget=forms.HiddenInput, min_value=1, max_value=MOST
    )  # fmt: skip

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

    def only_reads(self, rows: QuerySet[AuditRow], name: str, value: bool) -> QuerySet[AuditRow]:
        return rows.filter(verb__in=READS) if value else rows

    def by_account(self, rows: QuerySet[AuditRow], name: str, value: Any) -> QuerySet[AuditRow]:
        """What the account of a cadre did, and who failed to sign in with it."""
        account = Cadre.objects.visible_to(self.request.user).filter(pk=value, user__isnull=False)
        tried = Q(object_type="cadre", object_id=value, verb__in=SIGN_IN_FAILURES)
        user = account.values_list("user_id", flat=True).first()
        return rows.filter(Q(user_id=user) | tried) if user is not None else rows.none()

    def from_day(self, rows: QuerySet[AuditRow], name: str, value: Any) -> QuerySet[AuditRow]:
        return rows.filter(at__gte=day_start(_within(value)))

    def to_day(self, rows: QuerySet[AuditRow], name: str, value: Any) -> QuerySet[AuditRow]:
        return rows.filter(at__lt=day_start(_within(value) + timedelta(days=1)))


def _within(day: date) -> date:
    """A day that a moment can be made of, whatever was typed: nothing was recorded before or will be after."""
    return min(max(day, FIRST_DAY), LAST_DAY)
