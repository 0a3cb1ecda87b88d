"""专题: the filter of the list, and that of a campaign's households: figure, unit, cadre."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.households import is_id
from ledger.models import Campaign, CampaignVillage, Household
from ledger.models.scope import scope_of
from ledger.queries.campaigns import at_end, campaigns, figure_q
from ledger.rules.campaigns import Reach
from ledger.rules.days import local_today

PAST = "past"


class CampaignFilter(django_filters.FilterSet):
    """``?state=past``; those that run or will, unless chosen."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=[(PAST, _("Over"))], method="that_are_over")

    class Meta:
        model = Campaign
        fields: list[str] = []

    def that_are_over(self, rows: QuerySet[Campaign], name: str, value: str) -> QuerySet[Campaign]:
        return rows.filter(Q(last_on__lt=local_today()) | Q(ended_at__isnull=False))

    def filter_queryset(self, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        rows: QuerySet[Campaign] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else _now(rows).order_by("last_on", "pk")


def _now(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return rows.filter(last_on__gte=local_today(), ended_at__isnull=True)


class _OfCampaign(django_filters.FilterSet):
    """``?campaign=`` is one that somebody may read; without one there are no rows."""

    campaign = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput)
    area = django_filters.CharFilter(method="in_area", widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self._given = user, campaign

    @cached_property
    def chosen(self) -> Campaign | None:
        """The campaign whose rows these are."""
        if self._given is not None:
            return self._given
        asked = self.data.get("campaign", "")
        found: Campaign | None = campaigns(self.user).filter(pk=int(asked)).first() if is_id(asked) else None
        return found

    def unchanged(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows

    def in_area(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(area_q(value))


class CampaignHomeFilter(_OfCampaign):
    """``?reach=open&area=village-3&cadre=12``; of all cadres, all households meant, unless chosen.

    Village and cadre are those of the campaign's last day once it is over, as in its figures.
    """

    reach = django_filters.ChoiceFilter(
        label=_("Which households"), empty_label=None, choices=Reach.choices, method="unchanged"
    )
    cadre = django_filters.CharFilter(method="of_cadre", widget=forms.HiddenInput)

    class Meta:
        model = Household
        fields: list[str] = []

    def in_area(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(area_q(value, "at_village"))

    def of_cadre(self, rows: QuerySet[Household], name: str, value: str) -> QuerySet[Household]:
        if value == "mine":
            return rows.filter(scope_of(self.user).own_households("cadre_id"))
        if value == "none":
            return rows.filter(at_cadre__isnull=True)
        return rows.filter(at_cadre=int(value) if is_id(value) else 0)

    @property
    def reached(self) -> str:
        """The figure whose rows these are."""
        return str(self.form.cleaned_data.get("reach") or Reach.MEANT) if self.form.is_valid() else Reach.MEANT

    def filter_queryset(self, queryset: QuerySet[Household]) -> QuerySet[Household]:
        if self.chosen is None:
            return queryset.none()
        rows: QuerySet[Household] = super().filter_queryset(at_end(self.chosen, queryset))
        return rows.filter(figure_q(self.chosen, self.reached))


class CampaignUnitFilter(_OfCampaign):
    """``?campaign=3&area=township-2``: the villages of a campaign's progress."""

    class Meta:
        model = CampaignVillage
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[CampaignVillage]) -> QuerySet[CampaignVillage]:
        rows: QuerySet[CampaignVillage] = super().filter_queryset(queryset)
        return rows.filter(campaign=self.chosen) if self.chosen is not None else rows.none()
