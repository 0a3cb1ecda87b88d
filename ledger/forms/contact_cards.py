"""Which cards to print: a place, then what changed, all of it, or the ticked ones."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ManyField
from ledger.models import Cadre, Group, Household, Organisation, Township, Village

CHANGED, ALL, TICKED = "changed", "all", "ticked"
WHICH = ((CHANGED, _("New and changed")), (ALL, _("All again")), (TICKED, _("The ticked ones")))


class CardPlaceForm(forms.Form):
    """``?township= village= group=`` among the households whose cards somebody prints."""

    township = forms.ModelChoiceField(Township.objects.none(), label=_("Township"), required=False, empty_label=None)
    village = forms.ModelChoiceField(
        Village.objects.none(), label=_("Village"), required=False, empty_label=_("All villages")
    )
    group = forms.ModelChoiceField(Group.objects.none(), label=_("Group"), required=False, empty_label=_("All groups"))

    def __init__(self, data: Any, *, households: QuerySet[Household]) -> None:
        super().__init__(data)
        self.households = households
        villages = Village.objects.filter(pk__in=households.order_by().values("village"))
        self.townships = Township.objects.filter(pk__in=villages.values("township"))
        self._choose("township", self.townships)
        self._choose("village", villages)
        self._choose("group", Group.objects.filter(pk__in=households.order_by().values("group")))

    def _choose(self, name: str, rows: QuerySet[Any]) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def rows(self) -> QuerySet[Household]:
        """The households of the chosen place; none for a place that is not theirs."""
        if not self.is_valid():
            return self.households.none()
        data, rows = self.cleaned_data, self.households
        if data["group"] is not None:
            return rows.filter(group=data["group"])
        if data["village"] is not None:
            return rows.filter(village=data["village"])
        township = data["township"] or self.townships.first()
        return rows.filter(village__township=township)


class CardPrintForm(CardPlaceForm):
    """What the page of cards posts."""

    which = forms.ChoiceField(label=_("Which"), choices=WHICH)
    household = ManyField(Household.objects.none(), label=_("Households"), required=False)

    def __init__(self, data: Any, *, households: QuerySet[Household]) -> None:
        super().__init__(data, households=households)
        self._choose("household", households)


class BadgePlaceForm(forms.Form):
    """``?organisation=`` among the cadres whose badges somebody prints."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), required=False, empty_label=_("All organisations")
    )

    def __init__(self, data: Any, *, user: Any, cadres: QuerySet[Cadre]) -> None:
        super().__init__(data)
        self.cadres = cadres
        self.fields["organisation"].queryset = Organisation.objects.visible_to(user)  # type: ignore[attr-defined]

    def rows(self) -> QuerySet[Cadre]:
        """The cadres of the chosen unit; none for one that is not theirs."""
        if not self.is_valid():
            return self.cadres.none()
        unit = self.cleaned_data["organisation"]
        return self.cadres.filter(organisation=unit) if unit is not None else self.cadres


class BadgePrintForm(BadgePlaceForm):
    cadre = ManyField(Cadre.objects.none(), label=_("Cadres"))

    def __init__(self, data: Any, *, user: Any, cadres: QuerySet[Cadre]) -> None:
        super().__init__(data, user=user, cadres=cadres)
        self.fields["cadre"].queryset = cadres  # type: ignore[attr-defined]
