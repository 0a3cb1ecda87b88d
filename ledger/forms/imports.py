"""The form that hands in a roster."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ManyField
from ledger.forms.records import OnceForm
from ledger.forms.widgets import ChipsMultiple
from ledger.importing.batches import ROSTER
from ledger.importing.files import FileRefused
from ledger.importing.history import KIND as HISTORY
from ledger.importing.reading import check_file
from ledger.models import Township
from ledger.rules.permissions import Permission

ACCEPTED = ".xlsx,.xlsm,.xls,.et,.ods,.csv,.txt"


class KindField(forms.ChoiceField):
    """What is handed in: a roster, unless it says that it brings the past. Nobody sees the field to correct it."""

    def clean(self, value: Any) -> str:
        return HISTORY if value == HISTORY else ROSTER


class ImportForm(OnceForm):
    """A file, and the townships it may touch; ``status`` is what an invalid one answers."""

    file = forms.FileField(
        label=_("Roster"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": _("Choose the file of the roster."), "empty": _("The file is empty.")},
    )
    kind = KindField(choices=[(ROSTER, ROSTER), (HISTORY, HISTORY)], required=False, widget=forms.HiddenInput)
    townships = ManyField(
        label=_("For which townships"), queryset=Township.objects.none(), widget=ChipsMultiple,
        help_text=_("Rows of villages elsewhere are refused."),
    )  # fmt: skip
    field_order = ("file", "kind", "townships")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        townships = Township.objects.visible_to(user, Permission.IMPORT_HOUSEHOLDS)
        field = self.fields["townships"]
        assert isinstance(field, ManyField)
        field.queryset = townships
        listed = list(townships)
        field.initial = [township.pk for township in listed]
        if len(listed) == 1:
            field.widget = forms.MultipleHiddenInput()
        self.data_read = b""

    def clean_file(self) -> Any:
        """The size, then the kind of the file by its bytes, in the reader's own process."""
        upload = self.cleaned_data["file"]
        limit = settings.ROSTER_MAX_BYTES
        if upload.size > limit:
            self.status = 413
            said = gettext("The file has %(size)s MB; the limit is %(limit)s MB. Send it village by village.")
            megabyte = 1024 * 1024
            raise ValidationError(said % {"size": -(-upload.size // megabyte), "limit": limit // megabyte})
        self.data_read = upload.read()
        try:
            check_file(self.data_read)
        except FileRefused as refusal:
            self.status = 422
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal
        return upload
