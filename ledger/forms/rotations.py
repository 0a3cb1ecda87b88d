"""轮流挂钩: which unit goes through which villages, how long at each group, from when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import DayField, ManyField
from ledger.forms.records import OnceForm
from ledger.forms.widgets import Chips, ChipsMultiple
from ledger.models import Organisation, Village
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission


class RotationForm(OnceForm):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("Choose")
    )
    villages = ManyField(label=_("Villages"), queryset=Village.objects.none(), widget=ChipsMultiple)
    months = forms.TypedChoiceField(
        label=_("At each group"), choices=[("1", _("one month")), ("2", _("two months"))], coerce=int, initial="1",
        widget=Chips,
    )  # fmt: skip
    start_on = DayField(label=_("From"), ahead=True, initial=local_today)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Organisation.objects.visible_to(user, Permission.MANAGE_ORGANISATIONS)
        self.fields["organisation"].queryset = units.filter(is_active=True, village__isnull=True)
        villages = Village.objects.visible_to(user, Permission.MANAGE_DISTRICTS).filter(successor__isnull=True)
        self.fields["villages"].queryset = villages.order_by("sort_order", "code")
