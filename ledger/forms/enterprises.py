"""企业: a company of a village, named once and chosen on each visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.forms.records import RecordForm
from ledger.models import Enterprise
from ledger.queries.visits import villages_of_visitor


class EnterpriseForm(RecordForm):
    """Village (of a new one), name and whom to ask for."""

    class Meta:
        model = Enterprise
        fields = ("village", "name", "code", "contact", "is_active")
        labels = {
            "village": _("Village"), "name": pgettext_lazy("unit", "name"), "code": _("Code (may stay empty)"),
            "contact": _("Whom to ask for"), "is_active": _("In use"),
        }  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["village"]
            return
        del self.fields["is_active"]
        field = self.fields["village"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = villages = villages_of_visitor(user)
        field.empty_label = str(_("Choose a village"))  # type: ignore[assignment]
        if len(only := villages[:2]) == 1:
            field.initial = only[0]
