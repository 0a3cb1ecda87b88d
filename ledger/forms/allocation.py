"""分配联系户: who takes part with how much of a list, and a wish about one household."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ledger.actions.allocation_people import WEIGHTS, Part
from ledger.forms.records import attempt
from ledger.importing.allocation_workbook import MAX_BYTES
from ledger.models import Cadre, Household, TieKind, Village
from ledger.rules.allocation_score import Hand
from ledger.rules.permissions import Permission

SHARES = {
    100: pgettext_lazy("share of a list", "full"), 75: pgettext_lazy("share of a list", "three quarters"),
    50: pgettext_lazy("share of a list", "half"), 25: pgettext_lazy("share of a list", "a quarter"),
    0: pgettext_lazy("share of a list", "takes no part"),
}  # fmt: skip


class PartsForm(forms.Form):
    """A choice for each cadre who takes part or was said not to, and one more cadre to add."""

    add = forms.ModelChoiceField(
        Cadre.objects.none(), label=gettext_lazy("Add a cadre"), required=False,
        empty_label=gettext_lazy("Nobody else"),
    )  # fmt: skip
    status = 200

    def __init__(self, *args: Any, user: Any, village: Village, hands: list[Hand], idle: list[Cadre]) -> None:
        super().__init__(*args)
        self.before = {hand.key: hand.weight for hand in hands} | {cadre.pk: 0 for cadre in idle}
        self.elsewhere = {hand.key: hand.elsewhere for hand in hands}
        serving = Cadre.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS).filter(left_on__isnull=True)
        self.people = list(Cadre.objects.filter(pk__in=self.before).select_related("organisation"))
        near = serving.filter(township=village.township_id).exclude(pk__in=self.before)
        self.fields["add"].queryset = near.order_by("pinyin", "pk")  # type: ignore[attr-defined]
        for cadre in self.people:
            weight = self.before[cadre.pk]
            choices = [(share, SHARES[share]) for share in (*WEIGHTS, 0)]
            if weight not in SHARES:
                choices.insert(0, (weight, f"{weight}%"))
            self.fields[f"part-{cadre.pk}"] = forms.TypedChoiceField(
                label=cadre.name,
                choices=choices,
                coerce=int,
                initial=weight,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def lines(self) -> list[tuple[Cadre, Any, int]]:
        """Cadre, the field, and the households of other villages."""
        return [(cadre, self[f"part-{cadre.pk}"], self.elsewhere.get(cadre.pk, 0)) for cadre in self.people]

    @property
    def changed(self) -> dict[int, Part]:
        """What differs from before."""
        said = {pk: self.cleaned_data[f"part-{pk}"] for pk in self.before}
        parts = {pk: Part(weight) for pk, weight in said.items() if weight != self.before[pk]}
        if self.cleaned_data.get("add") is not None:
            parts[self.cleaned_data["add"].pk] = Part(100)
        return parts

    def attempt(self, act: Any) -> Any:
        return attempt(self, act)


class TieForm(forms.Form):
    """A household of the village, by its head's name or its code, and the cadre it stays with or must not have."""

    household = forms.CharField(label=gettext_lazy("Head's name or household code"), max_length=50)
    kind = forms.ChoiceField(label=pgettext_lazy("wish about a household", "wish"), choices=TieKind.choices)
    cadre = forms.ModelChoiceField(
        Cadre.objects.none(), label=gettext_lazy("Cadre"), empty_label=gettext_lazy("Choose a cadre")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=100, required=False)
    status = 200

    def __init__(self, *args: Any, user: Any, village: Village) -> None:
        super().__init__(*args)
        self.village = village
        serving = Cadre.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS).filter(left_on__isnull=True)
        people = serving.filter(township=village.township_id)
        self.fields["cadre"].queryset = people.order_by("pinyin", "pk")  # type: ignore[attr-defined]

    def clean_household(self) -> Household:
        said = self.cleaned_data["household"].strip()
        inside = Household.objects.filter(village=self.village)
        found = list(inside.filter(code=said)[:1]) or list(inside.filter(head_name=said)[:2])
        if not found:
            raise ValidationError(_("No household of this village has this head or code."), code="unknown")
        if len(found) > 1:
            raise ValidationError(_("Several households have this head: type the household code."), code="several")
        return found[0]

    def attempt(self, act: Any) -> Any:
        return attempt(self, act)


class WorkbookForm(forms.Form):
    """The workbook of a proposal, handed in again."""

    file = forms.FileField(
        label=gettext_lazy("Workbook of the proposal (.xlsx)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Check that you chose the right one."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(n)s MB.") % {"n": MAX_BYTES // 1024 // 1024})
        return file
