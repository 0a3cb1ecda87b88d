"""Which village a whole sheet is of, on the page of columns: asked of each that no column and no name places."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.importing.remembered import name_digest

Places = Callable[[], Iterable[tuple[str, str]]]
"""The villages that may be chosen: code and name."""
PREFIX = "v"


def add_villages(form: forms.Form, sheets: dict[int, str], places: Places, said: dict[str, str]) -> None:
    """A choice for each of these sheets (by its number in the block); ``said`` is what was chosen before, by name."""
    choices = [("", _("Choose …")), *places()] if sheets else []
    for number, name in sheets.items():
        label = gettext("Village of the sheet “%(name)s”") % {"name": name} if name else gettext("Village of the sheet")
        form.fields[f"{PREFIX}{number}"] = forms.ChoiceField(
            label=label, choices=choices, required=False, initial=said.get(name, ""),
            widget=forms.Select(attrs={"class": "form-select"}),
        )  # fmt: skip


def villages_of(form: Any, sheets: dict[int, str]) -> dict[str, str]:
    """Sheet → code of its village, of what was chosen."""
    picked = {name: form.cleaned_data.get(f"{PREFIX}{number}", "") for number, name in sheets.items()}
    return {name: code for name, code in picked.items() if code}


def kept_villages(villages: dict[str, str]) -> dict[str, str]:
    """What is remembered of it: under digests of names that say something."""
    return {digest: code for name, code in villages.items() if (digest := name_digest(name))}
