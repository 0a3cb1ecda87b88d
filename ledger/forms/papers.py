"""Printing a paper, and handing in a template of one's own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.exporting.word import MOST_UPLOADED, SENTENCES


class PrintForm(forms.Form):
    """What is asked at printing: the basis of a reply, the full phone on a covering document."""

    basis = forms.CharField(label=_("Basis of the reply"), max_length=500, required=False)
    with_phone = forms.BooleanField(label=_("With the full phone number"), required=False)


class TemplateForm(forms.Form):
    """A .docx; what it holds is looked at by a program of its own."""

    file = forms.FileField(label=_("Word document"), max_length=200)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_UPLOADED:
            raise forms.ValidationError(SENTENCES["too_large"])
        return file
