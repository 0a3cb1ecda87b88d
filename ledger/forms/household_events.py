"""户的变动: the forms of a split, a merge, a move; and of leaving a household out of coverage."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.forms.fields import DayField, HouseholdCodeField, LineField, RowsField, VersionField
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import ChipsMultiple
from ledger.models import Cadre, Group, Household, Issue, Resident, Village
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import Permission


class EventForm(SavingForm):
    """What every event says: since when, and why."""

    on = DayField(label=gettext_lazy("Since"), initial=local_today)
    reason = LineField(label=gettext_lazy("Reason"), max_length=200)
    version = VersionField()

    def __init__(self, *args: Any, user: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.household = user, household
        self.fields["version"].initial = household.version

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of the act."""
        return dict(self.cleaned_data)


class PlacedForm(EventForm):
    """Where the household is from then on."""

    number = forms.IntegerField(
        label=gettext_lazy("Group (its number)"), min_value=1, max_value=999, required=False
    )  # fmt: skip
    address = LineField(label=gettext_lazy("Address"), max_length=200, required=False)
    code = HouseholdCodeField(
        label=gettext_lazy("Household code"), max_length=30, required=False,
        help_text=gettext_lazy("Left empty, the system makes one."),
    )  # fmt: skip

    def group(self, village: Village) -> Group | None:
        """The group of that number; an error at its field when the village has none."""
        number = self.cleaned_data.pop("number", None)
        if number is None:
            return None
        found: Group | None = Group.objects.filter(village=village, number=number).first()
        if found is None:
            raise ValidationError({"number": _("The village has no group of this number.")})
        return found


class SplitForm(PlacedForm):
    """Who leaves, who leads the new household, which matters go along."""

    head = forms.ModelChoiceField(
        label=gettext_lazy("Head of the new household"), queryset=Resident.objects.none(),
        empty_label=gettext_lazy("Choose"),
    )  # fmt: skip
    members = RowsField(
        label=gettext_lazy("Who goes along"), queryset=Resident.objects.none(), required=False, widget=ChipsMultiple
    )
    issues = RowsField(
        label=gettext_lazy("Matters that go along"), queryset=Issue.objects.none(), required=False,
        widget=ChipsMultiple, help_text=gettext_lazy("The others stay with this household."),
    )  # fmt: skip

    field_order = ("head", "members", "issues", "number", "address", "code", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].initial = self.household.group.number if self.household.group is not None else None
        people = self.household.residents.filter(left_on__isnull=True).exclude(relation=Relation.HEAD)
        self.fields["head"].queryset = self.fields["members"].queryset = people
        issues = Issue.objects.visible_to(self.user).filter(household=self.household, state__in=UNFINISHED_STATES)
        self.fields["issues"].queryset = issues
        if not issues.exists():
            del self.fields["issues"]

    @property
    def values(self) -> dict[str, Any]:
        said = super().values
        said.pop("number", None)
        return {**said, "group": self.group(self.household.village)}


class MergeForm(EventForm):
    """Into which household: by its code, or by the name of its head where only one has it."""

    into = LineField(
        label=gettext_lazy("Into which household"), max_length=50,
        help_text=gettext_lazy("The household code, or the name of its head."),
    )  # fmt: skip

    field_order = ("into", "on", "reason")

    def clean_into(self) -> Household:
        said = self.cleaned_data["into"]
        reach = Household.objects.visible_to(self.user, Permission.EDIT_HOUSEHOLD).exclude(pk=self.household.pk)
        here = reach.filter(village__township=self.household.village.township_id)
        found = list(here.filter(village=self.household.village_id, code=said)[:2])
        found = found or list(here.filter(village=self.household.village_id, head_name=said)[:2])
        found = found or list(here.filter(code=said)[:2]) or list(here.filter(head_name=said)[:2])
        if not found:
            raise ValidationError(_("No household of the township has this code or head."))
        if len(found) > 1:
            raise ValidationError(_("Several households fit: type the household code."))
        made: Household = found[0]
        return made


class MoveForm(PlacedForm):
    """Into which village, and who looks after it there."""

    village = forms.ModelChoiceField(
        label=gettext_lazy("Village"), queryset=Village.objects.none(), empty_label=gettext_lazy("Choose")
    )
    cadre = forms.ModelChoiceField(
        label=gettext_lazy("Household cadre"), queryset=Cadre.objects.none(), required=False,
        empty_label=gettext_lazy("Not known yet"),
        help_text=gettext_lazy("Without one the household stands in the list of gaps until somebody is chosen."),
    )  # fmt: skip

    field_order = ("village", "number", "address", "code", "cadre", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Village.objects.visible_to(self.user, Permission.EDIT_HOUSEHOLD).filter(successor__isnull=True)
        self.fields["village"].queryset = villages.exclude(pk=self.household.village_id).order_by(
            "township__sort_order", "sort_order", "code"
        )
        cadres = Cadre.objects.visible_to(self.user, Permission.ASSIGN_HOUSEHOLDS).filter(left_on__isnull=True)
        self.fields["cadre"].queryset = cadres.select_related("organisation").order_by("pinyin", "pk")
        self.fields["cadre"].initial = self.household.cadre_id
        self.fields["cadre"].label_from_instance = lambda cadre: " · ".join(
            part for part in (cadre.name, str(cadre.organisation or ""), cadre.cadre_no) if part
        )

    @property
    def values(self) -> dict[str, Any]:
        said = super().values
        said.pop("number", None)
        return {**said, "group": self.group(said["village"])}


class ExclusionForm(forms.Form):
    """Why a household is left out of coverage."""

    reason = LineField(label=gettext_lazy("Reason"), max_length=200)
    status = 200
