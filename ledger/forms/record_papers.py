"""Of whom and of which days a paper of a period is."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.exporting.diary import Period, diary_cadres
from ledger.forms.fields import DayField
from ledger.models import Cadre
from ledger.models.scope import scope_of
from ledger.rules.days import local_today

LONGEST = 366


class DiaryForm(forms.Form):
    """This year of oneself, unless somebody or something else is chosen."""

    cadre = forms.ModelChoiceField(Cadre.objects.none(), label=_("Cadre"), required=False, empty_label=None)
    first = DayField(label=_("From"))
    last = DayField(label=pgettext_lazy("last day", "Until"))
    with_phones = forms.BooleanField(label=_("With the full phones of my own households"), required=False)

    def __init__(self, data: Any = None, *, user: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user, today = user, local_today()
        mine = scope_of(user).cadre_id
        people = diary_cadres(user).select_related("county", "township", "organisation").order_by("pinyin", "pk")
        self.fields["cadre"].queryset = people  # type: ignore[attr-defined]
        self.fields["cadre"].initial = mine
        self.fields["first"].initial, self.fields["last"].initial = today.replace(month=1, day=1), today
        if not people.exclude(pk=mine).exists():
            del self.fields["cadre"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and not first <= last <= first + datetime.timedelta(days=LONGEST):
            self.add_error("last", _("Between the first and the last day lies at most a year."))
        return data

    @property
    def whose(self) -> Cadre | None:
        """Whose diary; None for somebody without a cadre."""
        chosen = self.cleaned_data.get("cadre")
        mine = scope_of(self.user).cadre_id
        found: Cadre | None = chosen or diary_cadres(self.user).select_related(
            "county", "township", "organisation"
        ).filter(pk=mine).first()  # fmt: skip
        return found

    @property
    def period(self) -> Period:
        """The chosen days."""
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])
