"""What a county or township may word itself about its places."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import RecordForm
from ledger.models import County, Township, Village
from ledger.rules.contact_cards import MOST_PHONES, phone_lines

LONGEST_NAME = 12
"""Signs of the name of a phone that fit on a card."""
LARGEST = {
    "coverage_days": 730, "near_due_days": 30, "urgent_days": 30, "long_days": 365, "assign_days": 30,
    "return_days": 30, "escalate_days": 365, "sample_percent": 100, "sample_least": 50,
    "list_least": 500, "list_most": 500, "visited_days": 90,
}  # fmt: skip


LONGEST_LIST = 2000
"""Signs of all phones as they are typed, blank lines and wide spaces included."""


def phones_field(label: Promise) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=LONGEST_LIST, widget=forms.Textarea)


class CountyForm(RecordForm):
    card_phones = phones_field(_("Phones on the back of every contact card: one a line, name and number"))

    class Meta:
        model = County
        fields = (
            "coverage_days", "urgent_days", "long_days", "assign_days", "return_days", "near_due_days", "escalate_days",
            "sample_percent", "sample_least", "list_least", "list_most", "visited_days", "quiet_from", "quiet_until",
            "card_phones", "card_address",
        )  # fmt: skip
        labels = {
            "escalate_days": _("The next desk up is told of what is overdue for so many days (0: never)"),
            "visited_days": _("Before a visit, say so when a colleague was there within so many days (0: never)"),
            "quiet_from": _("Notices don't ring from"),
            "quiet_until": _("Notices ring again from"),
            "coverage_days": _("Households count as covered for so many days after a visit"),
            "near_due_days": _("Matters are near their date so many working days before"),
            "urgent_days": _("Urgent matters have so many working days, unless their category has fewer"),
            "long_days": _("Long-term matters have so many working days"),
            "assign_days": _("A desk assigns what was registered within so many working days"),
            "return_days": _("A desk assigns what was returned within so many working days"),
            "sample_percent": _("Of what was settled on the spot, so many in a hundred are called back"),
            "sample_least": _("and never fewer than"),
            "list_least": _("A household cadre looks after at least so many households"),
            "list_most": _("and at most"),
            "card_address": _("Address that the QR code of a contact card begins with"),
        }
        help_texts = {"card_address": _("Left empty, the cards have no QR code.")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, most in LARGEST.items():
            least = 0 if name in {"escalate_days", "visited_days"} else 1
            self.fields[name] = forms.IntegerField(label=self.fields[name].label, min_value=least, max_value=most)
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("list_least"), cleaned.get("list_most")
        if least is not None and most is not None and most < least:
            self.add_error("list_most", _("Not fewer than the least."))
        return cleaned

    def clean_card_phones(self) -> str:
        return clean_phones(self.cleaned_data["card_phones"])


class TownshipForm(RecordForm):
    card_phones = phones_field(_("Own phones on the contact card: one a line, name and number"))

    class Meta:
        model = Township
        fields = ("short_name", "duty_phone", "supervision_phone", "card_phones", "sort_order")
        labels = {
            "short_name": _("Short name, leads every ledger number"), "duty_phone": _("Duty phone"),
            "supervision_phone": _("Supervision phone"), "sort_order": _("Place in lists (small numbers first)"),
        }  # fmt: skip
        help_texts = {"short_name": _("Numbers given already keep the short name they were given with.")}

    def clean_card_phones(self) -> str:
        return clean_phones(self.cleaned_data["card_phones"])


def clean_phones(typed: str) -> str:
    """One phone a line, its name and then its number; raises ValidationError with the line that is none."""
    try:
        lines = phone_lines(typed)
    except ValueError as broken:
        raise forms.ValidationError(
            _("This line has no number at its end: %(line)s"), params={"line": str(broken)[:60]}
        ) from None
    if len(lines) > MOST_PHONES:
        raise forms.ValidationError(_("At most %(n)s phones fit on a card."), params={"n": MOST_PHONES})
    if any(len(name) > LONGEST_NAME for name, _number in lines):
        raise forms.ValidationError(_("A name has at most %(n)s signs."), params={"n": LONGEST_NAME})
    return "\n".join(f"{name} {number}" for name, number in lines)


class VillageForm(RecordForm):
    class Meta:
        model = Village
        fields = ("aliases", "sort_order")
        labels = {
            "aliases": _("Other names in rosters (、 between them)"),
            "sort_order": _("Place in lists (small numbers first)"),
        }
