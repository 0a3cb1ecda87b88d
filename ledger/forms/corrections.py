"""A cadre's proposal: the household's or a member's form, of which only what differs is sent on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ClientIdField, DayField, LineField, ManyField
from ledger.forms.households import MOST_PEOPLE, ResidentForm
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips, ChipsMultiple, Stepper
from ledger.models import Group, Household, HouseholdType, Resident
from ledger.rules.households import HouseholdStatus


class HouseholdCorrectionForm(SavingForm):
    """What is wrong with the household's entry."""

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
    status = forms.ChoiceField(label=_("Status"), choices=HouseholdStatus.choices, widget=Chips)
    reason = LineField(label=_("How do you know?"), max_length=200)
    client_id = ClientIdField()

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        self.household = household
        names = ("group", "address", "population", "status")
        initial = {name: getattr(household, name) for name in names} | {"types": list(household.types.all())}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["group"].queryset = household.village.groups.all()
        self.fields["types"].queryset = HouseholdType.objects.filter(
            county=household.village.township.county_id, is_active=True
        )

    def differences(self) -> dict[str, Any]:
        """The fields whose value is another one now."""
        names = ("group", "address", "population", "status")
        found = {n: self.cleaned_data[n] for n in names if self.cleaned_data[n] != getattr(self.household, n)}
        types = list(self.cleaned_data["types"])
        if {kind.pk for kind in types} != {kind.pk for kind in self.household.types.all()}:
            found["types"] = types
        return found


class MemberCorrectionForm(ResidentForm):
    """What is wrong with a member's entry, or who is missing. A recorded number stays unless another is typed."""

    left_on = DayField(label=_("Left the household on"), required=False)
    reason = LineField(label=_("How do you know?"), max_length=200)
    client_id = ClientIdField()
    field_order = ("name", "relation", "phone", "id_no", "birth_on", "gender", "left_on", "reason")

    def __init__(self, *args: Any, resident: Resident | None = None, **kwargs: Any) -> None:
        super().__init__(*args, resident=resident, **kwargs)
        del self.fields["remark"]
        if resident is None:
            del self.fields["left_on"]
            self.fields["relation"].initial = "child"

    def differences(self) -> dict[str, Any]:
        """The fields whose value is another one now; of a new member all that is filled in."""
        names = [n for n in ("name", "relation", "gender", "birth_on", "id_no", "phone", "left_on") if n in self.fields]
        typed = {name: self.cleaned_data[name] for name in names}
        if self.resident is None:
            return {name: value for name, value in typed.items() if value}
        numbers = {"id_no", "phone"}
        return {
            name: value
            for name, value in typed.items()
            if value != getattr(self.resident, name) and (value or name not in numbers)
        }


class DecisionForm(forms.Form):
    """Accept or refuse; a refusal says why."""

    answer = LineField(label=_("Answer to the cadre"), max_length=200, required=False)

    def __init__(self, *args: Any, refuses: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = refuses
