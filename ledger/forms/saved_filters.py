"""The name of a saved filter."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SavedFilterForm(forms.Form):
    """Only the name is typed; what it finds is in the address the form is sent to."""

    name = forms.CharField(label=_("Name of the filter"), max_length=20, strip=True)
