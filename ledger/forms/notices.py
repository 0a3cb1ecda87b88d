"""Which notices somebody wants, and when they may ring."""

from typing import Any

from django import forms
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from ledger.forms.widgets import Chips, ChipsMultiple
from ledger.models import County, NoticeChoice
from ledger.rules.notices import FIXED, Sort
from ledger.rules.quiet_hours import Quiet

CHOOSABLE = tuple(sort for sort in Sort if sort not in FIXED)


class NoticeChoiceForm(forms.Form):
    """Ticked is wanted; what can't be switched off is not asked."""

    wanted = forms.MultipleChoiceField(
        label=_("I want to be told of"), choices=[(sort.value, sort.label) for sort in CHOOSABLE], required=False,
        widget=ChipsMultiple,
    )  # fmt: skip
    quiet = forms.ChoiceField(
        label=_("Quiet hours"), choices=Quiet.choices, widget=Chips,
        help_text=_("What comes then is listed; the bell counts it from the morning on. Danger to life passes."),
    )  # fmt: skip
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, choice: NoticeChoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        county = County.objects.get(cadres=choice.cadre_id)
        self.fields["wanted"].initial = [sort for sort in CHOOSABLE if sort not in choice.muted]
        self.fields["quiet"].initial = choice.quiet
        self.fields["quiet_from"].initial = choice.quiet_from or county.quiet_from
        self.fields["quiet_until"].initial = choice.quiet_until or county.quiet_until
        hours = f"{time_format(county.quiet_from, 'H:i')}–{time_format(county.quiet_until, 'H:i')}"
        as_county = _("As in the whole county (%(hours)s)") % {"hours": hours}
        self.fields["quiet"].choices = [  # type: ignore[attr-defined]
            (value, as_county if value == Quiet.COUNTY else label) for value, label in Quiet.choices
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("quiet") == Quiet.OWN:
            for name in ("quiet_from", "quiet_until"):
                if name in found and found[name] is None:
                    self.add_error(name, _("Own quiet hours need a beginning and an end."))
            if found.get("quiet_from") and found.get("quiet_from") == found.get("quiet_until"):
                self.add_error("quiet_until", _("They end when they begin. Choose another time, or no quiet hours."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        """What is kept: the sorts not wanted, and hours only where they are one's own."""
        said = self.cleaned_data
        own = said["quiet"] == Quiet.OWN
        return {
            "muted": [sort.value for sort in CHOOSABLE if sort not in said["wanted"]], "quiet": said["quiet"],
            "quiet_from": said["quiet_from"] if own else None, "quiet_until": said["quiet_until"] if own else None,
        }  # fmt: skip
