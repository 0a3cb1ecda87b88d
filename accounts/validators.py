"""What colleagues could guess: a password built on the numbers that everybody in the office knows."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User, clean_mobile, clean_number


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
