"""Forms of the calendar: a day of the county's own, a whole year as the notice gives it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import OnceForm
from ledger.importing.lists import MAX_BYTES

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_NOTICE = 20_000


class CalendarDayForm(OnceForm):
    """A day on which the county's offices do otherwise than the official calendar says."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    is_working = forms.TypedChoiceField(
        label=_("On this day offices"), choices=((0, _("are closed")), (1, _("work"))), coerce=lambda text: text == "1",
        widget=forms.RadioSelect, initial=0,
    )  # fmt: skip
    note = forms.CharField(label=_("What for (optional)"), max_length=60, required=False)

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(gettext("Choose a day of this century."))
        return day


class CalendarYearForm(forms.Form):
    """The State Council's notice for one year: a table, or the text of the notice."""

    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    text = forms.CharField(
        label=_("Paste the notice or a table"), required=False, max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Or choose a file"), required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.ods,.txt"}),
        error_messages={"empty": _("The file is empty. Check that you chose the right one.")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One of the two; the file counts when both are there."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("file") and not cleaned.get("text", "").strip():
            raise ValidationError(gettext("Paste the notice, or choose a file."))
        return cleaned

    @property
    def data_given(self) -> bytes | str:
        """The file's bytes, else the pasted text."""
        upload = self.cleaned_data.get("file")
        return upload.read(MAX_BYTES + 1) if upload else self.cleaned_data["text"]
