"""Forms of accounts: what is done to whom is in the address; the form only says that it is done once."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import OnceForm

OPEN, RENEW = "open", "renew"


class ResetForm(OnceForm):
    """A new one-time password; pressed twice, the first one printed stays good."""

    @staticmethod
    def fresh_id() -> uuid.UUID:
        return uuid.uuid4()


class SheetForm(OnceForm):
    """Open the accounts that are missing, or give new passwords to those who never signed in."""

    act = forms.ChoiceField(choices=((OPEN, _("Open accounts")), (RENEW, _("New passwords"))), widget=forms.HiddenInput)
    home = forms.CharField(max_length=20, widget=forms.HiddenInput)
