"""The form that decides a held row."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import OnceForm
from ledger.importing.compared import Choice


class HeldRowForm(OnceForm):
    """One of the answers that are offered, on what was ``seen``."""

    answer = forms.ChoiceField(error_messages={
        "required": _("Choose what it is."), "invalid_choice": _("Choose one of the answers below.")
    })  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = choices
        field = self.fields["answer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(choice.value, choice.title) for choice in choices]

    @property
    def chosen(self) -> tuple[str, int | None]:
        """The decision, and the household it is about."""
        decision, _dash, other = self.cleaned_data["answer"].partition("-")
        return decision, int(other) if other else None
