"""The name under which a table is frozen."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SnapshotForm(forms.Form):
    """Only the name is typed; which table it is stands in the address the form is sent to."""

    name = forms.CharField(label=_("Name of the report"), max_length=40, strip=True)
