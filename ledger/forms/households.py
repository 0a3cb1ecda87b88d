"""Forms of households and their members."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import (
    ClientIdField,
    DayField,
    HouseholdCodeField,
    IdNumberField,
    LineField,
    ManyField,
    NameField,
    PhoneField,
    TextField,
    VersionField,
)
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips, ChipsMultiple, Stepper
from ledger.models import Assignment, Cadre, Group, Household, HouseholdType, Resident, Village
from ledger.rules.days import local_today
from ledger.rules.household_events import BY_FORM
from ledger.rules.households import Gender, Relation
from ledger.rules.masking import mask_id, mask_phone
from ledger.rules.permissions import Permission

MOST_PEOPLE = 60
"""A household with more is a slip of the keyboard."""


class HouseholdForm(SavingForm):
    """What is recorded of a household in one village; without a code it gets a generated one."""

    group = forms.ModelChoiceField(
        label=_("Group"), queryset=Group.objects.none(), required=False, empty_label=_("No group")
    )
    address = LineField(label=_("Address"), max_length=200, required=False)
    population = forms.IntegerField(
        label=_("People"), min_value=0, max_value=MOST_PEOPLE, required=False, widget=Stepper
    )
    types = ManyField(
        label=_("Household types"), queryset=HouseholdType.objects.none(), required=False, widget=ChipsMultiple(shown=8)
    )
    code = HouseholdCodeField(
        label=_("Household code"), max_length=30, required=False, help_text=_("Left empty, the system makes one.")
    )
    registered_on = DayField(label=_("Registered on"), required=False)
    remark = TextField(label=_("Remark"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, village: Village, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = village.groups.all()
        self.fields["types"].queryset = HouseholdType.objects.filter(county=village.township.county_id, is_active=True)


class HouseholdCreateForm(HouseholdForm):
    """A new household with its head."""

    name = NameField(label=_("Head of household"), max_length=50)
    id_no = IdNumberField(label=_("ID number"), required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    client_id = ClientIdField()

    field_order = ("name", "phone", "id_no", "group", "address", "population", "types")

    def head(self) -> dict[str, Any]:
        """What belongs to the head."""
        return {name: self.cleaned_data[name] for name in ("name", "id_no", "phone")}

    def values(self) -> dict[str, Any]:
        """What belongs to the household."""
        others = {"name", "id_no", "phone", "client_id"}
        return {name: value for name, value in self.cleaned_data.items() if name not in others}


class HouseholdEditForm(HouseholdForm):
    """A change of a stored household."""

    version = VersionField()

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        self.household = household
        names = ("group", "address", "population", "code", "registered_on", "remark", "version")
        initial = {name: getattr(household, name) for name in names} | {"types": list(household.types.all())}
        super().__init__(*args, village=household.village, initial=initial, **kwargs)
        self.fields["code"].help_text = ""

    def clean_code(self) -> str:
        """A household always has a code: an emptied field keeps it."""
        return self.cleaned_data["code"] or self.household.code

    def shown_now(self, current: Household) -> list[str]:
        return self.differing(current, ["group", "address", "population", "code", "registered_on", "remark"])

    def values(self) -> dict[str, Any]:
        """The household's fields, types among them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class StatusForm(SavingForm):
    """From which day the household is away, moved, back…, and why."""

    status = forms.ChoiceField(label=_("Status"), choices=[(each.value, each.label) for each in BY_FORM], widget=Chips)
    on = DayField(label=_("Since"), initial=local_today)
    reason = LineField(label=_("Reason"), max_length=200)
    version = VersionField()


class ResidentForm(SavingForm):
    """A member. Recorded numbers are never put into the form: an empty field keeps them."""

    name = NameField(label=_("Name"), max_length=50)
    relation = forms.ChoiceField(label=_("Relation to the head"), choices=Relation.choices, widget=Chips(shown=6))
    gender = forms.ChoiceField(label=_("Gender"), choices=Gender.choices, required=False, widget=Chips)
    birth_on = DayField(label=_("Born on"), required=False)
    id_no = IdNumberField(label=_("ID number"), required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    remark = LineField(label=_("Remark"), max_length=200, required=False)

    def __init__(self, *args: Any, resident: Resident | None = None, **kwargs: Any) -> None:
        self.resident = resident
        if resident is not None:
            names = ("name", "relation", "gender", "birth_on", "remark", "version")
            kwargs["initial"] = {name: getattr(resident, name) for name in names}
        super().__init__(*args, **kwargs)
        if resident is not None:
            recorded = {"id_no": mask_id(resident.id_no), "phone": mask_phone(resident.phone)}
            for name, masked in recorded.items():
                if masked:
                    text = _("Recorded: %(number)s. Left empty, it stays.") % {"number": masked}
                    self.fields[name].help_text = text

    def values(self) -> dict[str, Any]:
        """The member's fields; numbers left empty are those already recorded."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "client_id"}}
        if self.resident is not None:
            data |= {name: data[name] or getattr(self.resident, name) for name in ("id_no", "phone")}
        return data


class ResidentCreateForm(ResidentForm):
    client_id = ClientIdField()


class ResidentEditForm(ResidentForm):
    version = VersionField()

    def shown_now(self, current: Resident) -> list[str]:
        """Without the numbers, which no page shows in full."""
        return self.differing(current, ["name", "relation", "gender", "birth_on", "remark"])


class ResidentLeaveForm(SavingForm):
    """Since when somebody no longer belongs to the household, and why."""

    on = DayField(label=_("Since"), initial=local_today)
    reason = LineField(label=_("Reason"), max_length=200)
    version = VersionField()


class AssignForm(SavingForm):
    """The next cadre of a household."""

    cadre = forms.ModelChoiceField(
        label=_("Household cadre"), queryset=Cadre.objects.none(), empty_label=_("Choose a cadre")
    )
    on = DayField(label=_("From"), initial=local_today)
    reason = LineField(label=_("Reason"), max_length=200, required=False)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = household.assignments.filter(end_on__isnull=True).first()
        self.fields["version"].initial = 0 if current is None else current.pk
        self.fields["cadre"].queryset = (
            Cadre.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS)
            .filter(township=household.village.township_id, left_on__isnull=True)
            .order_by("pinyin", "pk")
        )
        self.fields["cadre"].label_from_instance = lambda cadre: " · ".join(
            part for part in (cadre.name, cadre.organisation.name if cadre.organisation else "", cadre.cadre_no) if part
        )
        self.fields["cadre"].queryset = self.fields["cadre"].queryset.select_related("organisation")

    def version_of(self, current: Assignment) -> int:
        """An assignment never changes: the next one is another row."""
        return current.pk

    def shown_now(self, current: Assignment) -> list[str]:
        return self.differing(current, ["cadre"])


class RevealForm(forms.Form):
    """Why somebody needs to see a number in full; the reason is kept."""

    field = forms.ChoiceField(choices=[("phone", _("Phone")), ("id_no", _("ID number"))], widget=forms.HiddenInput)
    reason = LineField(label=_("What do you need it for?"), min_length=2, max_length=100)
