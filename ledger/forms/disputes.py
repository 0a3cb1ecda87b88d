"""A dispute: who mediates, what was agreed, its parties; follow-up visits."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.forms.fields import DayField, LineField, NameField, PhoneField, TextField
from ledger.forms.picks import number_of
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips
from ledger.models import DisputeParty, DisputeSettlement, Household, Issue
from ledger.rules.disputes import MOST_PARTIES, Side
from ledger.rules.masking import mask_phone


class SettlementForm(SavingForm):
    """Mediator, agreement, day. ``version`` 0: nothing is on record yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    mediator = LineField(
        label=gettext_lazy("Who mediates"), max_length=80, required=False,
        help_text=gettext_lazy("Name and unit."),
    )  # fmt: skip
    agreement = TextField(
        label=gettext_lazy("What was agreed"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    agreed_on = DayField(label=gettext_lazy("Agreed on"), required=False)

    def __init__(self, *args: Any, settlement: DisputeSettlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("version", "mediator", "agreement", "agreed_on"):
            self.fields[name].initial = getattr(settlement, name)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("agreed_on") and not data.get("agreement") and "agreement" not in self.errors:
            self.add_error("agreement", _("Write down what was agreed on that day."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """What ``note_settlement`` is told beside the parties."""
        return {name: self.cleaned_data[name] for name in ("mediator", "agreement", "agreed_on")}

    def shown_now(self, current: DisputeSettlement) -> list[str]:
        return self.differing(current, ["mediator", "agreement", "agreed_on"])


class PartyForm(forms.Form):
    """One party; an empty block is none."""

    use_required_attribute = False

    name = NameField(label=gettext_lazy("Name"), max_length=50, required=False)
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=Side.choices, widget=Chips, required=False)
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    household = LineField(label=gettext_lazy("Household code, if known"), max_length=40, required=False)
    remove = forms.BooleanField(label=gettext_lazy("Remove this party"), required=False)

    def __init__(self, *args: Any, user: Any, issue: Issue, party: DisputeParty | None, number: int, **kwargs: Any):
        super().__init__(*args, prefix=f"party-{number}", **kwargs)
        self.user, self.issue, self.party, self.number = user, issue, party, number
        if party is None:
            self.fields["side"].initial = Side.SECOND if number == 1 else Side.FIRST if number == 0 else Side.OTHER
            del self.fields["remove"]
            return
        self.fields["name"].initial, self.fields["side"].initial = party.name, party.side
        self.fields["household"].initial = party.household.code if party.household is not None else ""
        if party.phone:
            shown = _("%(phone)s is on record; left empty it stays.") % {"phone": mask_phone(party.phone)}
            self.fields["phone"].help_text = shown

    def clean_household(self) -> Household | None:
        code = self.cleaned_data["household"]
        if not code:
            return None
        stored = self.party.household if self.party is not None else None
        if stored is not None and stored.code == code:
            return stored
        mine = Household.objects.visible_to(self.user).filter(village__township=self.issue.township_id, code=code)
        found: Household | None = mine.first()
        if found is None:
            raise forms.ValidationError(_("No household of your area has this code."))
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        written = self.party is not None or data.get("phone") or data.get("household")
        if written and not data.get("name") and not data.get("remove") and "name" not in self.errors:
            self.add_error("name", _("A party has a name."))
        if data.get("name") and not data.get("side") and "side" not in self.errors:
            self.add_error("side", _("Say on which side."))
        return data

    @property
    def said(self) -> dict[str, Any] | None:
        """What ``note_settlement`` is told; None for an empty block."""
        if self.party is None and not self.cleaned_data.get("name"):
            return None
        return {**self.cleaned_data, "id": self.party.pk if self.party is not None else None}


def party_forms(data: Any, *, user: Any, issue: Issue) -> list[PartyForm]:
    """A block for each party on record, then empty ones; each block names its party (``party-0-id``)."""
    stored = {party.pk: party for party in issue.parties.select_related("household")}
    if data is None:
        shown: list[DisputeParty | None] = [*stored.values()]
        shown += [None] * (2 - len(shown) if not shown else min(1, MOST_PARTIES - len(shown)))
        return [PartyForm(user=user, issue=issue, party=party, number=n) for n, party in enumerate(shown)]
    found = []
    for number in range(MOST_PARTIES + 2):
        if f"party-{number}-name" in data:
            party = stored.get(number_of(str(data.get(f"party-{number}-id") or "")))
            found.append(PartyForm(data, user=user, issue=issue, party=party, number=number))
    return found


class FollowUpForm(SavingForm):
    planned_on = DayField(label=gettext_lazy("Next visit on"), ahead=True)


class FollowUpDoneForm(SavingForm):
    done_on = DayField(label=gettext_lazy("Visited on"))
    text = TextField(label=gettext_lazy("What was found"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
