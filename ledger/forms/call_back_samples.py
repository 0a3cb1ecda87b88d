"""What was found when a dissatisfied answer of a sample was looked into."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField, TextField


class ReviewForm(forms.Form):
    """``handler`` is the id of the handler the answer was about."""

    handler = LineField(widget=forms.HiddenInput, max_length=20)
    text = TextField(label=_("What was found, and why the others stand"), max_length=1000,
                     widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
