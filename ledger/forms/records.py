"""Forms of setting up: a client id on those that create, a fingerprint on those that edit."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _

from ledger.actions.records import Overtaken, fingerprint
from ledger.actions.submissions import SubmissionConflict
from ledger.forms.conflicts import sent_before

LAST_PLACE = 99_999
"""The largest number that orders a list."""


class OnceForm(forms.Form):
    """A form that creates: sent twice, it makes one record."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    status = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_id"].initial = uuid.uuid4

    @property
    def body(self) -> dict[str, Any]:
        """What was sent, without the id it was sent under."""
        return {name: value for name, value in self.cleaned_data.items() if name != "client_id"}

    def attempt(self, act: Callable[[], Any]) -> Any:
        """What ``act`` returns; None when it was refused, and then the form says why."""
        return attempt(self, act)


class RecordForm(forms.ModelForm[Any]):
    """A form for one plain record. Uniqueness is left to the act itself, so that a repeated form is recognised."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    status = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sort_order" in self.fields:
            self._limit(self.fields["sort_order"], LAST_PLACE)
        if self.instance.pk is None:
            del self.fields["version"]
            self.fields["client_id"].initial = uuid.uuid4
        else:
            del self.fields["client_id"]
            # Asked for when the page is drawn: a form for one kind of record may still leave out fields.
            self.fields["version"].initial = lambda: fingerprint(self.instance, self.stored_fields)
            self.fields["version"].required = True

    @staticmethod
    def _limit(field: forms.Field, most: int) -> None:
        """SQLite would take any number, and PostgreSQL fail on it when the data moves there."""
        field.validators.append(MaxValueValidator(most))
        field.widget.attrs["max"] = most

    @property
    def stored_fields(self) -> list[str]:
        """The fields that the form writes to the record itself."""
        own = {field.name for field in self._meta.model._meta.fields}
        return [name for name in self.fields if name in own]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.stored_fields}

    @property
    def body(self) -> dict[str, Any]:
        """What was sent, without the id it was sent under."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"client_id", "version"}}

    def validate_unique(self) -> None:
        """The database decides, when the record is written."""

    def validate_constraints(self) -> None:
        """The database decides, when the record is written."""

    def attempt(self, act: Callable[[], Any]) -> Any:
        """What ``act`` returns; None when it was refused, and then the form says why."""
        try:
            return attempt(self, act)
        except Overtaken as overtaken:
            self.show_current(overtaken.current)
            return None

    def show_current(self, current: Any) -> None:
        """Say what the record holds by now; what was typed stays, and saving once more keeps it."""
        self.status = 409
        now = [
            f"{self.fields[name].label} “{self._shown(current, name)}”"
            for name in self.stored_fields
            if self._differs(current, name)
        ]
        said = _(
            "Somebody else saved this a moment ago. It now says: %(values)s. "
            "What you typed is below; save again to keep it."
        )
        self.add_error(None, said % {"values": ", ".join(now) or str(current)})
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = fingerprint(current, self.stored_fields)

    def _differs(self, current: Any, name: str) -> bool:
        return bool(getattr(current, name) != self.cleaned_data.get(name))

    @staticmethod
    def _shown(current: Any, name: str) -> str:
        display = getattr(current, f"get_{name}_display", None)
        value = display() if display else getattr(current, name)
        return "" if value is None else str(value)


def attempt(form: Any, act: Callable[[], Any]) -> Any:
    """What ``act`` returns; None when it was refused with a sentence, which the form then shows."""
    try:
        return act()
    except ValidationError as error:
        _add(form, error)
    except SubmissionConflict as conflict:
        form.add_error(None, sent_before(form, conflict))
    return None


def _add(form: Any, error: ValidationError) -> None:
    """Each sentence at its field; those of fields that the form does not show, at the top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
