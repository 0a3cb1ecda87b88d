"""allauth, closed: no sign-up, no e-mail, plain sentences, and every event reported."""

import math
from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
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
from accounts.models import FormerPassword, User, clean_number
from accounts.sessions import clear_expired, current, end_sessions

CHOSEN_LANGUAGE = "chosen_language"
"""Cookie: the language picked on the sign-in page, which becomes the account's own."""

KNEW_PASSWORD_OF = "knew_password_of"  # noqa: S105  the name of a key
"""Session key between password and code: the account as it was then, so that a reset meanwhile ends the sign-in."""


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

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take a try of the account and of the address, or refuse and say until when."""
        self.taken = lockout.at_the_door(request, credentials.get("username", ""))
        if self.taken.refused_until:
            raise ValidationError(lockout_message(self.taken.refused_until), code="too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth's name for: the password was right."""
        self.taken.give_back()

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user of this number and password. Only who knows the password hears that the account is closed."""
        user: User | None = super().authenticate(request, **credentials)
        if user and not user.is_active:
            self.report(Event.SIGN_IN_FAILED, request, credentials["username"], user)
            raise self.validation_error("account_inactive")
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        typed = credentials.get("username", "")
        self.report_failure(request, typed, User.objects.signing_in_as(typed), self.taken)

    def report_failure(self, request: HttpRequest, typed: str, user: User | None, taken: lockout.Taken) -> None:
        """A wrong password or code; the one that used up the last try is reported as the lock-out it began, too."""
        self.report(Event.SIGN_IN_FAILED, request, typed, user)
        if taken.last:
            self.report(Event.LOCKED_OUT, request, typed, user)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if user.second_factor_at:
            request.session[KNEW_PASSWORD_OF] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session.pop(KNEW_PASSWORD_OF, None)
        chosen = request.COOKIES.get(CHOSEN_LANGUAGE)
        if chosen in User.Language.values and chosen != user.language:
            user.language = chosen
            user.save(update_fields=["language"])
        clear_expired()
        self.report(Event.SIGNED_IN, request, user.username, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        response.delete_cookie(CHOSEN_LANGUAGE)
        return response

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        self.report(Event.SIGNED_OUT, request, request.user.username, request.user)
        super().logout(request)

    # -- password ------------------------------------------------------------------------------------------------

    def set_password(self, user: User, password: str) -> None:
        """Keep a password of the person's own choice and end the other sessions.

        The hash is made before the transaction, it takes a while.
        """
        former = "" if user.must_change_password else user.password
        user.set_password(password)
        user.must_change_password = False
        user.password_changed_at = timezone.now()
        with transaction.atomic():
            user.save(update_fields=["password", "must_change_password", "password_changed_at"])
            _keep_former(user, former)
            end_sessions(user, but=current(self.request))
            self.report(Event.PASSWORD_CHANGED, self.request, user.username, user)

    def report(self, event: Event, request: HttpRequest, typed: str, user: User | None) -> None:
        length = User._meta.get_field("username").max_length
        report(event, user=user, username=clean_number(typed)[:length], request=request)


def lockout_message(until: datetime) -> str:
    minutes = max(1, math.ceil((until - timezone.now()).total_seconds() / 60))
    return ngettext(
        "Too many failed sign-ins. Try again in %(minutes)s minute, after %(time)s.",
        "Too many failed sign-ins. Try again in %(minutes)s minutes, after %(time)s.",
        minutes,
    ) % {"minutes": minutes, "time": f"{timezone.localtime(until):%H:%M}"}


def _keep_former(user: User, hashed: str) -> None:
    """As many as the profile forbids to choose again, and no more."""
    count = settings.SECURITY.history
    if hashed and count:
        FormerPassword.objects.create(user=user, hashed=hashed, replaced_at=timezone.now())
    kept = list(user.former_passwords.values_list("pk", flat=True)[:count])
    user.former_passwords.exclude(pk__in=kept).delete()
