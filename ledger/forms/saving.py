"""What a form does when saving is refused: the sentence at its field, the newer record beside what was typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.actions.submissions import SubmissionConflict
from ledger.actions.versions import StaleEdit
from ledger.forms.conflicts import sent_before
from ledger.forms.records import attempt


class SavingForm(forms.Form):
    """A form whose ``save_by`` never loses what was typed; ``status`` is the answer's HTTP status."""

    status = 200
    earlier_id: int | None = None
    """The record that an earlier sending of the same form made, when this one said something else (409)."""

    def save_by(self, act: Callable[[], Any]) -> Any:
        """What ``act`` returns; None when it was refused, and then the form says why."""

        def tried() -> Any:
            try:
                return act()
            except SubmissionConflict as conflict:
                raise sent_before(self, conflict) from conflict
            except StaleEdit as stale:
                raise self._overtaken(stale.current) from stale

        return attempt(self, tried)

    def version_of(self, current: Any) -> int:
        """What the form's hidden version is compared with."""
        return int(current.version)

    def shown_now(self, current: Any) -> list[str]:
        """What the record says by now, field by field, where it differs from what was typed."""
        return []

    def _overtaken(self, current: Any) -> ValidationError:
        self.status = 409
        self._replace("version", str(self.version_of(current)))
        sentences = [
            _("Somebody else saved this a moment ago. What you typed is below; save again to keep it."),
            *self.shown_now(current),
        ]
        return ValidationError(sentences)

    def _replace(self, name: str, value: str) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = value

    def differing(self, current: Any, names: list[str]) -> list[str]:
        """``Address: now “…”`` for each of the fields whose stored value is not the typed one."""
        lines = []
        for name in names:
            stored, typed = getattr(current, name), self.cleaned_data.get(name)
            if stored != typed and (stored or typed):
                display = getattr(current, f"get_{name}_display", None)
                shown = display() if display else stored
                values = {"field": self.fields[name].label, "value": "" if shown is None else shown}
                lines.append(_("%(field)s: now “%(value)s”") % values)
        return lines
