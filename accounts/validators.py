"""What a password must not be: what colleagues could guess, and what the profile forbids (``accounts.profiles``)."""

import re
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, clean_mobile, clean_number

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")


class LongEnoughValidator:
    """Refuses a password shorter than the profile's."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < settings.SECURITY.password_length:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        count = settings.SECURITY.password_length
        return ngettext("At least %(count)s character", "At least %(count)s characters", count) % {"count": count}


class MixedEnoughValidator:
    """Refuses a password of fewer classes of characters than the profile's; the default asks for none."""

    def validate(self, password: str, user: User | None = None) -> None:
        if sum(bool(re.search(each, password)) for each in CLASSES) < settings.SECURITY.password_classes:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        if not settings.SECURITY.password_classes:
            return ""
        return _("Mixed of at least %(count)s of these: small letters, capitals, figures, other characters") % {
            "count": settings.SECURITY.password_classes
        }


class NotUsedBeforeValidator:
    """Refuses the last few passwords of the person, as many as the profile's; the default keeps none."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None or not settings.SECURITY.history:
            return
        former = user.former_passwords.values_list("hashed", flat=True)[: settings.SECURITY.history]
        if any(check_password(password, hashed) for hashed in former):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        count = settings.SECURITY.history
        if not count:
            return ""
        return ngettext("Not your last one", "None of your last %(count)s", count) % {"count": count}


class NotADateValidator:
    """Refuses a date, such as a birthday: eight figures that anybody would try first."""

    def validate(self, password: str, user: User | None = None) -> None:
        figures = re.fullmatch(r"(\d{4})\D?(\d\d?)\D?(\d\d?)\D?", clean_number(password))
        if figures is None:
            return
        try:
            date(*(int(part) for part in figures.groups()))
        except ValueError:
            return
        raise ValidationError(self.get_help_text(), code="password_is_a_date")

    def get_help_text(self) -> str:
        return _("Not a date, such as a birthday")


class NotOwnNumberValidator:
    """Refuses a password that contains the person's cadre number or mobile number, whatever stands around it."""

    def validate(self, password: str, user: User | None = None) -> None:
        numbers = [user.username, user.mobile or ""] if user else []
        plain = clean_number(clean_mobile(password)).lower()
        if any(len(number) > 3 and number.lower() in plain for number in numbers):
            raise ValidationError(
                _("The password must not contain your cadre number or mobile number."), code="contains_number"
            )

    def get_help_text(self) -> str:
        return _("The password must not contain your cadre number or mobile number.")


def rules_in_words() -> list[str]:
    """What the profile asks of a password, for the page where one is chosen."""
    asked = (LongEnoughValidator(), MixedEnoughValidator(), NotADateValidator(), NotUsedBeforeValidator())
    return [text for validator in asked if (text := validator.get_help_text())]
