"""享受政策 in the form of a household: a row for each benefit, and some empty ones."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.forms.fields import DayField, LineField
from ledger.models import BenefitKind, Household
from ledger.queries.benefits import benefits_of
from ledger.rules.benefits import BLANK_ROWS, LONGEST_AMOUNT, LONGEST_SOURCE, MOST_BENEFITS


class BenefitForm(forms.Form):
    """One benefit. Without a kind it is none, and goes when it was one."""

    use_required_attribute = False

    kind = forms.ModelChoiceField(
        label=_("Benefit"),
        queryset=BenefitKind.objects.none(),
        required=False,
        empty_label=pgettext_lazy("benefit", "None"),
    )  # fmt: skip
    amount = LineField(
        label=_("How much (optional)"), max_length=LONGEST_AMOUNT, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("for instance 450 yuan a month")}),
    )  # fmt: skip
    start_on = DayField(label=_("Received since"), required=False)
    end_on = DayField(label=_("No longer received from"), required=False, ahead=True)
    source = LineField(label=_("By whose list"), max_length=LONGEST_SOURCE, required=False)

    def __init__(self, *args: Any, kinds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = kinds

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begun, ended = data.get("start_on"), data.get("end_on")
        if data.get("kind") is None and "kind" not in self.errors and any(data.values()):
            self.add_error("kind", _("Choose which benefit it is, or empty the row."))
        if begun and ended and ended <= begun:
            self.add_error("end_on", _("It ends before it begins."))
        return data


class Benefits:
    """The rows of one form; sent none of their fields, nothing is said of them."""

    def __init__(self, data: Any, *, household: Household) -> None:
        self.data, self.household = data, household
        self.is_sent = data is not None and any(name.startswith("benefit-") for name in data)

    @cached_property
    def rows(self) -> list[BenefitForm]:
        held = [] if self.is_sent else benefits_of(self.household)
        count = MOST_BENEFITS if self.is_sent else min(len(held) + BLANK_ROWS, max(MOST_BENEFITS, len(held)))
        kinds = BenefitKind.objects.filter(county=self.household.village.township.county_id)
        used = self.household.benefits.order_by().values("kind")
        offered = kinds.filter(is_active=True) | kinds.filter(pk__in=used)
        rows = []
        for index in range(count):
            name = f"benefit-{index}"
            if self.is_sent and f"{name}-kind" not in self.data:
                continue
            initial = None
            if index < len(held):
                initial = {field: getattr(held[index], field) for field in BenefitForm.base_fields}
            rows.append(BenefitForm(self.data if self.is_sent else None, prefix=name, initial=initial, kinds=offered))
        return rows

    @property
    def has_kinds(self) -> bool:
        """Whether the county has a list to choose from."""
        return bool(self.rows) and self.rows[0].fields["kind"].queryset.exists()  # type: ignore[attr-defined]

    @property
    def is_open(self) -> bool:
        """Whether a fault must be seen."""
        return self.is_sent and any(row.errors for row in self.rows)

    def is_valid(self) -> bool:
        faults = [row.errors for row in self.rows]
        return not self.is_sent or not any(faults)

    def values(self) -> dict[str, Any]:
        """What ``edit_household`` wants."""
        if not self.is_sent:
            return {}
        return {"benefits": [row.cleaned_data for row in self.rows if row.cleaned_data.get("kind") is not None]}
