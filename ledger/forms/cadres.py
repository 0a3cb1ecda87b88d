"""The form of a cadre."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import RecordForm
from ledger.forms.widgets import Chips
from ledger.models import Cadre, County, Organisation, Township
from ledger.rules.cleaning import clean_name, clean_number
from ledger.rules.permissions import Permission
from ledger.rules.phones import normalise_phone, phone_fault


class GroupedOrganisations(forms.ModelChoiceField):
    """Organisations under the name of their township, when several townships are offered."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.township.name}" if obj.township_id and self.several else str(obj.name)

    several = False


class CadreForm(RecordForm):
    """Who somebody is and where they work. The number of a cadre with an account stays: one signs in with it."""

    organisation = GroupedOrganisations(
        label=_("Unit"), queryset=Organisation.objects.none(), required=False, empty_label=_("No unit")
    )

    class Meta:
        model = Cadre
        fields = (
            "name", "cadre_no", "township", "organisation", "title", "phone", "profession", "sort_order", "left_on",
        )  # fmt: skip
        widgets = {
            "profession": Chips,
            "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
            "left_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        labels = {
            "name": _("Name"), "cadre_no": _("Cadre number"), "township": _("Township"), "title": _("Title"),
            "phone": _("Work phone"), "profession": _("Profession"), "left_on": _("Left the service on"),
            "sort_order": _("Place in lists (small numbers first)"),
        }  # fmt: skip
        help_texts = {
            "cadre_no": _("One signs in with it."),
            "phone": _("A mobile number serves to sign in too. Colleagues see it."),
            "left_on": _("Fill this in only when somebody leaves for good: the account is closed with it."),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counties = County.objects.visible_to(user, Permission.MANAGE_CADRES)
        townships = Township.objects.visible_to(user, Permission.MANAGE_CADRES).select_related("county")
        self._offer_townships(townships)
        self._offer_units(townships)
        if self.instance.pk is None:
            del self.fields["left_on"]
        elif self.instance.user_id is not None:
            del self.fields["cadre_no"]

    def _offer_townships(self, townships: Any) -> None:
        field = self.fields["township"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = townships
        field.required = not self.counties
        field.empty_label = str(gettext("The county itself") if self.counties else gettext("Choose"))
        only = list(townships[:2])
        if len(only) == 1 and not self.counties:
            field.initial = only[0]
            field.widget = forms.HiddenInput()

    def _offer_units(self, townships: Any) -> None:
        field = self.fields["organisation"]
        assert isinstance(field, GroupedOrganisations)
        rows = Organisation.objects.filter(
            Q(township__in=townships.values("pk")) | Q(township__isnull=True, county__in=self.counties.values("pk"))
        )
        field.queryset = (
            rows.filter(Q(is_active=True) | Q(pk=self.instance.organisation_id))
            .select_related("township")
            .order_by("township__sort_order", "sort_order", "pk")
        )
        field.several = townships[:2].count() > 1

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_cadre_no(self) -> str:
        return clean_number(self.cleaned_data["cadre_no"])

    def clean_phone(self) -> str:
        phone = normalise_phone(self.cleaned_data["phone"])
        if phone and phone_fault(phone):
            raise ValidationError(gettext("Not a mobile number of 11 digits, nor a land line with its area code."))
        return phone

    def clean(self) -> dict[str, Any]:
        """The unit lies where the cadre works."""
        cleaned = super().clean() or self.cleaned_data
        township, unit = cleaned.get("township"), cleaned.get("organisation")
        if unit is not None and "township" not in self.errors:
            at_home = unit.township_id in {None, township.pk if township else None}
            if not at_home:
                self.add_error("organisation", gettext("This unit belongs to another township."))
        if self.instance.pk is None:
            county = township.county if township else self.counties.first()
            if county is not None:
                self.instance.county = county
        elif township is not None and township.county_id != self.instance.county_id:
            self.add_error("township", gettext("The township lies in another county."))
        return cleaned


class ListUploadForm(forms.Form):
    """A list of cadres or divisions to look through before it is loaded."""

    file = forms.FileField(
        label=_("List (.csv or .xlsx)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.ods,.txt"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Check that you chose the right one."),
        },
    )
