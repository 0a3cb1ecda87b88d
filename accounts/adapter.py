"""allauth, closed: no sign-up, no e-mail, plain sentences, and every event reported."""

import math
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import lockout
from accounts.addresses import client_ip
from accounts.events import Event, report
from accounts.models import User, clean_number

CHOSEN_LANGUAGE = "chosen_language"
"""Session key: the language picked on the sign-in page, which becomes the account's own."""

RENEWED_ON = "renewed_on"
"""Session key: the local day on which the session was last prolonged (see ``middleware.remembered_device``)."""


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "The number or the password is not right. Check both; if you have forgotten the password, "
            "an administrator can give you a new one."
        ),
        "account_inactive": _("This account is closed. If you need it, ask an administrator to open it again."),
        "enter_current_password": _("This is not your present password."),
    }

    # -- what is closed ------------------------------------------------------------------------------------------

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's own greetings are not shown; the views say what needs saying."""

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a ``next`` stays on this host; other hosts and schemes are refused."""
        request = self.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    # -- sign-in and sign-out ------------------------------------------------------------------------------------

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return lockout.account_key(credentials.get("username", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse while locked out, and say until when."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            typed = credentials.get("username", "")
            seconds = lockout.seconds_left(request, typed)
            if lockout.is_new(request, typed, seconds):
                self._report(Event.LOCKED_OUT, request, typed, User.objects.signing_in_as(typed))
            raise ValidationError(_lockout_message(seconds), code="too_many_login_attempts") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user of this number and password. Only who knows the password hears that the account is closed."""
        user: User | None = super().authenticate(request, **credentials)
        if user and not user.is_active:
            self._report(Event.SIGN_IN_FAILED, request, credentials["username"], user)
            raise self.validation_error("account_inactive")
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        typed = credentials.get("username", "")
        self._report(Event.SIGN_IN_FAILED, request, typed, User.objects.signing_in_as(typed))

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[RENEWED_ON] = timezone.localdate().isoformat()
        chosen = request.session.pop(CHOSEN_LANGUAGE, None)
        if chosen in User.Language.values and chosen != user.language:
            user.language = chosen
            user.save(update_fields=["language"])
        self._report(Event.SIGNED_IN, request, user.username, user)

    def logout(self, request: HttpRequest) -> None:
        self._report(Event.SIGNED_OUT, request, request.user.username, request.user)
        super().logout(request)

    # -- password ------------------------------------------------------------------------------------------------

    def set_password(self, user: User, password: str) -> None:
        """Keep a password of the person's own choice; the hash is made before the transaction, it takes a while."""
        user.set_password(password)
        user.must_change_password = False
        user.password_changed_at = timezone.now()
        with transaction.atomic():
            user.save(update_fields=["password", "must_change_password", "password_changed_at"])
            self._report(Event.PASSWORD_CHANGED, self.request, user.username, user)

    def _report(self, event: Event, request: HttpRequest, typed: str, user: User | None) -> None:
        length = User._meta.get_field("username").max_length
        report(event, user=user, username=clean_number(typed)[:length], request=request)


def _lockout_message(seconds: float) -> str:
    minutes = max(1, math.ceil(seconds / 60))
    until = timezone.localtime(timezone.now() + timedelta(minutes=minutes))
    return ngettext(
        "Too many failed sign-ins. Try again in %(minutes)s minute, after %(time)s.",
        "Too many failed sign-ins. Try again in %(minutes)s minutes, after %(time)s.",
        minutes,
    ) % {"minutes": minutes, "time": f"{until:%H:%M}"}
