"""The period picker of reports: this month, quarter, year, days of one's own; and the day as of which they stand."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ledger.queries.figures_window import Window
from ledger.rules.days import local_today

EARLIEST = datetime.date(1990, 1, 1)


class Period(TextChoices):
    """How far back from the last day."""

    MONTH = "month", _("This month")
    QUARTER = "quarter", _("This quarter")
    YEAR = "year", _("This year")
    CUSTOM = "custom", _("From a day on")


def first_of(period: str, last: datetime.date) -> datetime.date:
    """The first day of the month, quarter or year in which the last day lies."""
    if period == Period.YEAR:
        return last.replace(month=1, day=1)
    if period == Period.QUARTER:
        return last.replace(month=last.month - (last.month - 1) % 3, day=1)
    return last.replace(day=1)


class PeriodForm(forms.Form):
    """``?period=quarter&until=2026-06-30``, or ``?period=custom&since=…&until=…``."""

    period = forms.ChoiceField(label=_("Reporting period"), choices=Period.choices, required=False)
    since = forms.DateField(
        label=_("From"), required=False, validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    until = forms.DateField(
        label=_("As of"), required=False, validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Nothing chosen is this month; the last day is today at the latest."""
        cleaned: dict[str, Any] = super().clean() or {}
        last = cleaned.get("until") or local_today()
        if last > local_today():
            raise ValidationError({"until": _("Figures end today at the latest.")})
        period = cleaned.get("period") or Period.MONTH
        first = first_of(period, last)
        if period == Period.CUSTOM:
            first = cleaned.get("since") or first
        if first > last:
            raise ValidationError({"since": _("The first day is after the last.")})
        return cleaned | {"window": Window(first, last)}

    @property
    def window(self) -> Window:
        """The period asked for; this month where what was typed is none."""
        if self.is_valid():
            found: Window = self.cleaned_data["window"]
            return found
        return Window(local_today().replace(day=1), local_today())
