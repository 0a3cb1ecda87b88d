"""代管: who stands in, from when to when, and why."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import DayField, LineField
from ledger.forms.records import OnceForm
from ledger.models import Cadre
from ledger.queries.substitutions import candidates
from ledger.rules.days import local_today


class SubstitutionForm(OnceForm):
    substitute = forms.ModelChoiceField(
        label=_("Who stands in"), queryset=Cadre.objects.none(), empty_label=_("Choose a cadre")
    )
    start_on = DayField(label=_("First day"), ahead=True)
    last_on = DayField(label=_("Last day"), ahead=True, help_text=_("It ends by itself after this day."))
    reason = LineField(label=_("Reason"), max_length=100)

    def __init__(self, *args: Any, user: Any, absent: Cadre, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = local_today()
        self.fields["start_on"].initial = today
        self.fields["last_on"].initial = today + datetime.timedelta(days=6)
        field = self.fields["substitute"]
        field.queryset = candidates(user, absent).select_related("organisation").order_by("pinyin", "pk")
        field.label_from_instance = lambda cadre: " · ".join(
            part for part in (cadre.name, str(cadre.organisation or ""), cadre.title) if part
        )
