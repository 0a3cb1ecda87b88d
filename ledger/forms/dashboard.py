"""Which period the dashboard shows."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.queries.figures_window import Window
from ledger.rules.days import local_today
from ledger.rules.periods import Period, days_of

EARLIEST = datetime.date(1990, 1, 1)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})
    return forms.DateField(label=label, required=False, widget=widget)


class PeriodForm(forms.Form):
    """``?period=custom&from=&to=``; without a period, this month. ``to`` alone shows how it stood on that day."""

    period = forms.ChoiceField(label=gettext_lazy("period"), choices=Period.choices, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["from"] = _day(gettext_lazy("From"))
        self.fields["to"] = _day(gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("period") != Period.CUSTOM or self.errors:
            return cleaned
        today = local_today()
        last = cleaned.get("to") or today
        first = cleaned.get("from") or last.replace(day=1)
        if not EARLIEST <= first <= last <= today:
            self.add_error("from", _("Choose a first day before the last, and no day ahead of today."))
        cleaned |= {"first": first, "last": last}
        return cleaned

    @property
    def window(self) -> Window:
        """The days that are shown; this month where what was asked for is none."""
        cleaned = self.cleaned_data if self.is_valid() else {}
        if cleaned.get("period") == Period.CUSTOM:
            return Window(cleaned["first"], cleaned["last"])
        days = days_of(cleaned.get("period") or Period.MONTH, local_today())
        return Window(days.first, days.last)

    @property
    def query(self) -> str:
        """The period as an address says it; nothing for this month."""
        if self.chosen == Period.CUSTOM:
            days = {"from": self.window.first.isoformat(), "to": self.window.last.isoformat()}  # type: ignore[union-attr]
            return urlencode({"period": Period.CUSTOM, **days})
        return urlencode({"period": self.chosen}) if self.chosen != Period.MONTH else ""

    @property
    def chosen(self) -> str:
        """The period that is shown."""
        return (self.cleaned_data.get("period") if self.is_valid() else "") or str(Period.MONTH)
