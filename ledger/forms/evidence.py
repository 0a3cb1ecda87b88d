"""Photos and PDFs in a form: several at once, each checked before anything is written."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.actions import evidence
from ledger.forms.fields import ClientIdField
from ledger.forms.saving import SavingForm
from ledger.rules.evidence import Prepared, harmless

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"
MOST_AT_ONCE = 9


class FilesInput(forms.FileInput):
    """A file field that takes several; a phone offers its camera."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": ACCEPT, "multiple": True, **(attrs or {})})


class EvidenceField(forms.FileField):
    """Cleans to a list of ``Prepared``; a bad file is refused with its name in the sentence."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Photos or PDF"))
        kwargs.setdefault("help_text", _("JPEG, PNG, WebP or PDF, at most 10 MB each. Place and device are removed."))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Prepared]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)d files at once.") % {"most": MOST_AT_ONCE})
        return [self._read(file) for file in files]

    def _read(self, file: Any) -> Prepared:
        try:
            return evidence.read(file)
        except forms.ValidationError as fault:
            raise forms.ValidationError(
                _("%(name)s: %(fault)s"), params={"name": harmless(str(file.name))[:60], "fault": fault.messages[0]}
            ) from fault

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


def readable(files: Any) -> tuple[list[Prepared], list[str]]:
    """What of a request's files can be kept, and the names of those that can't."""
    kept: list[Prepared] = []
    lost = []
    for file in (one for _name, several in sorted(files.lists()) for one in several):
        try:
            if len(kept) >= MOST_AT_ONCE:
                raise forms.ValidationError("")
            kept.append(evidence.read(file))
        except forms.ValidationError:
            lost.append(harmless(str(file.name))[:60])
    return kept, lost


class EvidenceForm(SavingForm):
    """Files of an issue that is already there."""

    files = EvidenceField()
    client_id = ClientIdField()
