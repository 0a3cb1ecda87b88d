"""The form of an organisation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import RecordForm
from ledger.forms.widgets import Chips
from ledger.models import County, Organisation, OrganisationKind, Township
from ledger.rules.permissions import Permission


class OrganisationForm(RecordForm):
    """Name, kind and place in the list; a new one also says whose it is."""

    class Meta:
        model = Organisation
        fields = ("township", "name", "kind", "is_discipline", "is_active", "sort_order")
        widgets = {"kind": Chips}
        labels = {
            "township": _("Township"), "name": _("Name of the organisation"), "kind": _("Kind of organisation"),
            "is_discipline": _("Discipline office: complaints go straight to it"), "is_active": _("In use"),
            "sort_order": _("Place in lists (small numbers first)"),
        }  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counties = County.objects.visible_to(user, Permission.MANAGE_ORGANISATIONS)
        townships = Township.objects.visible_to(user, Permission.MANAGE_ORGANISATIONS)
        if self.instance.pk is not None:
            del self.fields["township"]
        else:
            self._offer(townships)
            del self.fields["is_active"]
        if self.instance.village_id is not None:
            del self.fields["kind"], self.fields["is_discipline"]
        else:
            self._offer_kinds()

    def _offer_kinds(self) -> None:
        """Village committees come with the divisions; county units are for who sets up the county."""
        offered = [kind for kind in OrganisationKind if kind not in {OrganisationKind.VILLAGE, OrganisationKind.COUNTY}]
        if self.instance.pk is not None and self.instance.township_id is None:
            offered = [OrganisationKind.COUNTY]
        elif self.instance.pk is None and self.counties:
            offered.append(OrganisationKind.COUNTY)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(kind), kind.label) for kind in offered]

    def _offer(self, townships: Any) -> None:
        field = self.fields["township"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = townships.select_related("county")
        field.empty_label = str(_("The county itself") if self.counties else _("Choose"))
        field.required = not self.counties
        only = list(townships[:2])
        if len(only) == 1 and not self.counties:
            field.initial = only[0]
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """A county unit belongs to the county, every other kind to a township."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            self._place(cleaned)
        kind = cleaned.get("kind", self.instance.kind)
        county_unit = kind == OrganisationKind.COUNTY
        if county_unit != (self.instance.township_id is None) and not {"township", "kind"} & self.errors.keys():
            self.add_error("kind", _("County units belong to the county itself, all other kinds to a township."))
        return cleaned

    def _place(self, cleaned: dict[str, Any]) -> None:
        township = cleaned.get("township")
        self.instance.township = township
        county = township.county if township else self.counties.first()
        if county is not None:
            self.instance.county = county
