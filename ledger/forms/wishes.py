"""Claiming a wish, for oneself or for an organisation; giving it back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField, TextField, VersionField
from ledger.forms.saving import SavingForm
from ledger.models import Issue, Organisation
from ledger.queries.issue_desks import assignable_units
from ledger.queries.wishes import may_claim, may_claim_for_units


class ClaimForm(SavingForm):
    """``unit`` only for a desk; left empty, the claim is one's own."""

    version = VersionField()
    unit = forms.ModelChoiceField(
        label=_("Who claims it"), queryset=Organisation.objects.none(), required=False,
        empty_label=_("Claimed by myself"),
    )  # fmt: skip
    donor = LineField(
        label=_("Who gives (may be left empty)"), max_length=80, required=False,
        help_text=_("A company, a party member, a neighbour, when it is not who claims it."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, issue: Issue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = issue.version
        if not may_claim_for_units(user, issue):
            del self.fields["unit"]
            return
        self.fields["unit"].queryset = assignable_units(user, issue).filter(village__isnull=True)
        if not may_claim(user, issue):
            self.fields["unit"].required = True
            self.fields["unit"].empty_label = _("Choose a unit")


class GiveBackForm(SavingForm):
    version = VersionField()
    text = TextField(label=_("Why it is given back"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, issue: Issue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = issue.version
