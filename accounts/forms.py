"""The forms of sign-in and password change."""

from datetime import timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context, ratelimit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PASSWORD_MAX_LENGTH = 128
FRESH_SIGN_IN = timedelta(minutes=15)


def _limit_password(field: forms.Field) -> None:
    """No hashing of megabytes; and the label says enough, a placeholder would vanish while typing."""
    field.validators.append(MaxLengthValidator(PASSWORD_MAX_LENGTH))
    field.widget.attrs["maxlength"] = PASSWORD_MAX_LENGTH
    field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):  # type: ignore[misc]
    """Number or mobile, password, and whether this device is remembered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number, password = self.fields["login"], self.fields["password"]
        number.label = _("Cadre number or mobile number")
        number.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        number.error_messages["required"] = _("Enter your cadre number or mobile number.")
        password.label, password.help_text = _("Password"), ""
        password.error_messages["required"] = _("Enter your password.")
        remember = self.fields["remember"]
        remember.label, remember.initial = _("Remember me on this device"), True
        remember.help_text = _("For %(days)s days without use. Not on a computer that others use too.") % {
            "days": settings.SESSION_COOKIE_AGE // 86400
        }
        number.widget.attrs.pop("placeholder")
        _limit_password(password)


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """A new password of one's own.

    The present one is asked for, except right after signing in with a one-time password: it has just been typed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.user
        if user.must_change_password and user.last_login and timezone.now() - user.last_login < FRESH_SIGN_IN:
            del self.fields["oldpassword"]
        labels = {
            "oldpassword": _("One-time password") if user.must_change_password else _("Present password"),
            "password1": _("New password"),
            "password2": _("New password once more"),
        }
        for name, field in self.fields.items():
            field.label, field.help_text = labels[name], ""
            _limit_password(field)
        self.fields["password1"].widget.attrs["aria-describedby"] = "password-rules"

    def clean_oldpassword(self) -> str:
        """The present password; a few wrong ones a minute are allowed (``ACCOUNT_RATE_LIMITS``)."""
        limit = {"request": context.request, "action": "change_password", "user": self.user}
        if not ratelimit.consume(**limit, dry_run=True):
            raise ValidationError(_("Too many wrong passwords. Try again in a minute."), code="rate_limited")
        try:
            password: str = super().clean_oldpassword()
        except ValidationError:
            ratelimit.consume(**limit)
            raise
        return password

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if self.user.check_password(password):
            raise ValidationError(_("Choose a password other than the present one."), code="same_as_current")
        return password
