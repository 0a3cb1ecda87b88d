"""Filters of the list of organisations."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from ledger.models import Organisation, OrganisationKind, Township
from ledger.rules.permissions import Permission


class TownshipFilter(django_filters.FilterSet):
    """A filter set for one user: its township choice knows only their townships, and goes where there is but one."""

    permission = Permission.MANAGE_ORGANISATIONS

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        townships = Township.objects.visible_to(user, self.permission)
        self.filters["township"].field.queryset = townships
        self.form.fields["township"].queryset = townships
        if townships[:2].count() < 2:
            del self.filters["township"]
            del self.form.fields["township"]


class OrganisationFilter(TownshipFilter):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name of the organisation"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.none(), label=_("Township"), empty_label=_("All townships")
    )
    kind = django_filters.ChoiceFilter(
        choices=OrganisationKind.choices, label=_("Kind of organisation"), empty_label=_("All kinds of organisation")
    )

    class Meta:
        model = Organisation
        fields: list[str] = []
