"""How an early sign stands now, who looks at it again and when."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import DayField, LineField, TextField
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips
from ledger.models import Cadre, EarlySign, Issue
from ledger.queries.early_signs import possible_reviewers
from ledger.rules.days import local_today
from ledger.rules.early_signs import Colour, next_review


class ReviewerField(forms.ModelChoiceField):
    """People with their unit: a name alone is not enough to choose by."""

    def label_from_instance(self, obj: Cadre) -> str:
        unit = obj.organisation.name if obj.organisation is not None else ""
        return " · ".join(part for part in (obj.name, unit, obj.title) if part)


class SignForm(SavingForm):
    """``version`` 0: nothing was noted yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    text = TextField(label=_("How it stands"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    colour = forms.ChoiceField(label=_("Colour"), choices=Colour.choices, widget=Chips)
    cause = LineField(
        label=_("Cause, in a few words"), max_length=60, required=False,
        help_text=_("Written alike, the same cause in several places is seen together."),
    )  # fmt: skip
    review_on = DayField(
        label=_("Look at it again on"), ahead=True, required=False,
        help_text=_("Left empty: red tomorrow, orange in 3 days, yellow in a week, blue in a month."),
    )  # fmt: skip
    reviewer = ReviewerField(
        label=_("Who looks"), queryset=Cadre.objects.none(), required=False, empty_label=_("The desk in charge")
    )

    def __init__(self, *args: Any, sign: EarlySign, issue: Issue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("version", "colour", "cause"):
            self.fields[name].initial = getattr(sign, name)
        self.fields["cause"].widget.attrs["list"] = "causes"
        self.fields["reviewer"].initial = sign.reviewer_id
        self.fields["reviewer"].queryset = possible_reviewers(issue)

    @property
    def said(self) -> dict[str, Any]:
        """What ``review_sign`` is told."""
        data = dict(self.cleaned_data)
        day: datetime.date | None = data["review_on"]
        return {**data, "review_on": day if day is not None else next_review(data["colour"], local_today())}

    def shown_now(self, current: EarlySign) -> list[str]:
        return self.differing(current, ["colour", "cause", "review_on", "reviewer"])
