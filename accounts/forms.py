"""The forms of sign-in, password and second factor."""

import math
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import lockout, second_factor
from accounts.adapter import lockout_message
from accounts.models import User
from accounts.sessions import is_fresh

PASSWORD_MAX_LENGTH = 128


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
        if settings.SECURITY.remembered_idle > settings.SECURITY.idle:
            remember = self.fields["remember"]
            remember.label, remember.initial = _("Remember me on this device"), True
            remember.help_text = _("For %(days)s days without use. Not on a computer that others use too.") % {
                "days": settings.SECURITY.remembered_idle // (24 * 60)
            }
        else:
            self.fields["remember"].widget = forms.HiddenInput()
        number.widget.attrs.pop("placeholder")
        _limit_password(password)


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """A new password of one's own.

    The present one is asked for, except right after signing in with a one-time password: it has just been typed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.user
        if user.must_change_password and is_fresh(context.request):
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
        """The present password; wrong ones are counted like failed sign-ins."""
        password: str = self.cleaned_data["oldpassword"]
        check_own_password(self.user, password)
        return password

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if self.user.check_password(password):
            raise ValidationError(_("Choose a password other than the present one."), code="same_as_current")
        return password


def check_own_password(user: User, password: str) -> None:
    """Raise ValidationError unless this is the person's present password; whoever guesses is stopped after a few."""
    taken = lockout.of_own_password(user)
    if taken.refused_until:
        minutes = max(1, math.ceil((taken.refused_until - timezone.now()).total_seconds() / 60))
        said = ngettext(
            "Too many wrong passwords. Try again in %(minutes)s minute.",
            "Too many wrong passwords. Try again in %(minutes)s minutes.",
            minutes,
        )
        raise ValidationError(said % {"minutes": minutes}, code="rate_limited")
    if not user.check_password(password):
        raise get_adapter().validation_error("enter_current_password")
    taken.give_back()


class ConfirmForm(forms.Form):
    """An act on one's own account, confirmed by the password unless it was typed in this session a moment ago."""

    password = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = request.user
        _limit_password(self.fields["password"])
        if is_fresh(request):
            del self.fields["password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        check_own_password(self.user, password)
        return password


def _code_field(label: Any, *, figures: bool) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    if figures:
        attrs["inputmode"] = "numeric"
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attrs))


class TurnOnForm(ConfirmForm):
    """The first code of the app: it shows that the app has the secret."""

    code = _code_field(_("The six figures that the app shows now"), figures=True)
    field_order = ["code", "password"]

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret
        self.counter = -1

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        counter = second_factor.matching_counter(self.secret, code)
        if counter is None:
            raise ValidationError(WRONG_CODE, code="incorrect_code")
        self.counter = counter
        return code


WRONG_CODE = _(
    "This code does not open, or has been used. Type the one that the app shows now; does the phone's clock go right?"
)


class CodeForm(forms.Form):
    """A code at sign-in, of the app or a recovery code; wrong ones are counted like wrong passwords."""

    code = _code_field(_("Code of the app, or a recovery code"), figures=False)

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        taken = lockout.of_second_factor(self.user, self.request)
        if taken.refused_until:
            raise ValidationError(lockout_message(taken.refused_until), code="too_many_login_attempts")
        if not second_factor.accepts(self.user, code):
            get_adapter().report_failure(self.request, self.user.username, self.user, taken)
            raise ValidationError(WRONG_CODE, code="incorrect_code")
        taken.give_back()
        return code
