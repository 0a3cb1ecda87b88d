"""Filters of the list of cadres."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.organisations import TownshipFilter
from ledger.models import Cadre, Township
from ledger.queries.postings import current
from ledger.rules.permissions import Permission, Role
from ledger.rules.pinyin import pinyin_prefixes, search_key

NO_ACCOUNT, CLOSED, NO_POSTING, LEFT = "no_account", "closed", "no_posting", "left"


class CadreFilter(TownshipFilter):
    """By name, pinyin, number, phone or unit; by role; by what is missing. Who has left is shown on request."""

    permission = Permission.MANAGE_CADRES

    q = django_filters.CharFilter(method="search", label=_("Name, pinyin, number, unit"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.none(), label=_("Township"), empty_label=_("All townships")
    )
    role = django_filters.ChoiceFilter(
        choices=Role.choices, method="holding", label=_("Role"), empty_label=_("All roles")
    )
    state = django_filters.ChoiceFilter(
        choices=(
            (NO_ACCOUNT, _("Without an account")),
            (CLOSED, _("Account closed")),
            (NO_POSTING, _("Without a posting")),
            (LEFT, _("Left the service")),
        ),
        method="standing",
        label=_("Account and posting"),
        empty_label=_("In service"),
    )

    class Meta:
        model = Cadre
        fields: list[str] = []

    def search(self, rows: QuerySet[Cadre], name: str, value: str) -> QuerySet[Cadre]:
        """People who are searched for come by pinyin."""
        typed = value.strip()
        key = search_key(typed)
        condition = (
            Q(name__contains=typed) | Q(cadre_no__istartswith=typed) | Q(organisation__name__contains=typed)
            | Q(phone__startswith=typed)
        )  # fmt: skip
        if key.isascii() and key.isalpha():
            condition |= Q(initials__startswith=key) | Q(initials__contains=f" {key}")
            for prefix in pinyin_prefixes(typed):
                condition |= Q(pinyin__startswith=prefix)
        return rows.filter(condition).order_by("pinyin", "pk")

    def holding(self, rows: QuerySet[Cadre], name: str, value: str) -> QuerySet[Cadre]:
        return rows.filter(Exists(current().filter(cadre=OuterRef("pk"), role=value)))

    def standing(self, rows: QuerySet[Cadre], name: str, value: str) -> QuerySet[Cadre]:
        conditions: dict[str, Any] = {
            NO_ACCOUNT: Q(user__isnull=True),
            CLOSED: Q(user__is_active=False),
            NO_POSTING: ~Exists(current().filter(cadre=OuterRef("pk"))),
            LEFT: Q(left_on__isnull=False),
        }
        return rows.filter(conditions[value])

    def filter_queryset(self, queryset: QuerySet[Cadre]) -> QuerySet[Cadre]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") == LEFT else rows.filter(left_on__isnull=True)
