"""Claiming a wish, for oneself or for an organisation; giving it back; wording it for the pool."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField, TextField, VersionField
from ledger.forms.saving import SavingForm
from ledger.models import Issue, Organisation, PublishedWish
from ledger.queries.issue_desks import assignable_units
from ledger.queries.wishes import may_claim, may_claim_for_units, own_units


class DonorField(LineField):
    """Who gives what is wished for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Who gives (may be left empty)"), max_length=80, required=False,
            help_text=_("A company, a party member, a neighbour, when it is not who claims it."), **kwargs,
        )  # fmt: skip


class ClaimForm(SavingForm):
    """``unit`` only for a desk; left empty, the claim is one's own."""

    version = VersionField()
    unit = forms.ModelChoiceField(
        label=_("Who claims it"), queryset=Organisation.objects.none(), required=False,
        empty_label=_("Claimed by myself"),
    )  # fmt: skip
    donor = DonorField()

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


class PoolClaimForm(SavingForm):
    """``unit`` only for who handles matters for one of the township; left empty, the claim is one's own."""

    unit = forms.ModelChoiceField(
        label=_("Who claims it"), queryset=Organisation.objects.none(), required=False,
        empty_label=_("Claimed by myself"),
    )  # fmt: skip
    donor = DonorField()

    def __init__(self, *args: Any, user: Any, published: PublishedWish, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = own_units(user, published.issue.village.township)
        if units:
            self.fields["unit"].queryset = units
        else:
            del self.fields["unit"]


class PublishForm(SavingForm):
    """Begins empty: what the household said is for its own circle, not for the township."""

    version = VersionField()
    text = LineField(label=_("Wording for the pool"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, issue: Issue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = issue.version
        self.fields["text"].help_text = _(
            "Read by everybody in %(township)s who takes matters on: cadres, village officials, the units' handlers. "
            "They see these words, the village, the category and the date, nothing else. Say what is wished for, "
            "nobody's name, number or address."
        ) % {"township": issue.village.township}
