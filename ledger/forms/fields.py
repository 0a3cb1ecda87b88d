"""Fields that several forms share: the hidden keys, days, texts, and personal numbers that say what is wrong."""

import datetime
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.rules.cleaning import clean_line, clean_name, clean_text, is_storable
from ledger.rules.days import local_today
from ledger.rules.identity import IdFault, id_fault, normalise_id
from ledger.rules.masking import holds_number
from ledger.rules.phones import PhoneFault, is_mobile, normalise_phone, phone_fault

OLDEST_DAY = datetime.date(1900, 1, 1)


class ClientIdField(forms.UUIDField):
    """The hidden id that makes a form sent twice one record; a mangled one counts as none."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, initial=uuid.uuid4, **kwargs)

    def to_python(self, value: Any) -> uuid.UUID | None:
        try:
            parsed: uuid.UUID | None = super().to_python(value)
        except ValidationError:
            return None
        return parsed


class DeviceClockField(forms.DateTimeField):
    """What the device's clock said, hidden: a claim that is kept and decides nothing. A mangled one counts as none."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> datetime.datetime | None:
        try:
            said: datetime.datetime | None = super().to_python(value)
        except (ValidationError, OverflowError, ValueError):
            return None
        return said if said is not None and 2000 <= said.year < 2100 else None


class VersionField(forms.IntegerField):
    """The hidden version of the record that the form was opened on."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)


class DayField(forms.DateField):
    """A day in the browser's own calendar; not ahead of today unless ``ahead`` is allowed."""

    def __init__(self, *, ahead: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)
        self.ahead = ahead

    def validate(self, value: datetime.date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < OLDEST_DAY or value.year > local_today().year + 20:
            raise ValidationError(_("Check the year."), code="year")
        if not self.ahead and value > local_today():
            raise ValidationError(_("This day lies ahead of today."), code="ahead")


class ManyField(forms.ModelMultipleChoiceField):
    """Several rows; an id longer than any database keeps is a missing one, too."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as fault:  # from SQLite, of numbers beyond 64 bits
            shown = next((str(v)[:40] for v in value if len(str(v)) > 18), "")
            text = self.error_messages["invalid_choice"]
            raise ValidationError(text, code="invalid_choice", params={"value": shown}) from fault


class RowsField(ManyField):
    """Several rows, cleaned to a list. With none chosen nothing is asked, not even which there are."""

    def clean(self, value: Any) -> list[Any]:
        return list(super().clean(value)) if value or self.required else []


class _Stored(forms.CharField):
    """Text that a database can hold."""

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value)
        if not is_storable(text):
            raise ValidationError(_("The text holds a character that can't be stored."), code="unstorable")
        return text


class LineField(_Stored):
    """One line of text."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value))


class TextField(_Stored):
    """Several lines of text."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value))


class NameField(_Stored):
    """A person's name, without the spaces that pad short names."""

    def to_python(self, value: Any) -> str:
        name = clean_name(super().to_python(value))
        if holds_number(name):
            raise ValidationError(_("This is a number: it belongs into its own field."), code="number")
        return name


class HouseholdCodeField(LineField):
    """A household's code, which stands on every list: nobody's ID number or mobile."""

    def to_python(self, value: Any) -> str:
        code = super().to_python(value)
        if is_mobile(code) or (code and id_fault(normalise_id(code), local_today()) is None):
            raise ValidationError(_("A household code must not be somebody's ID number or mobile."), code="personal")
        return code


class IdNumberField(_Stored):
    """A resident's ID number, checked by its check digit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 30}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        number = normalise_id(super().to_python(value))
        fault = id_fault(number, local_today()) if number else None
        if fault:
            raise ValidationError(IdFault(fault).label, code=str(fault.value))
        return number


class PhoneField(_Stored):
    """A mobile or a land line with its area code."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "off", "maxlength": 30}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        phone = normalise_phone(super().to_python(value))
        fault = phone_fault(phone) if phone else None
        if fault:
            raise ValidationError(PhoneFault(fault).label, code=str(fault.value))
        return phone
