"""Tells the rest of the project what happens to accounts, without knowing who listens.

``settings.ACCOUNT_EVENTS`` names one function, ``(event, *, user, username, request) -> None``; empty: nobody listens.
It runs in the transaction of the change that it reports.
"""

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts.models import User


class Event(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a name, not a secret
    LOCKED_OUT = "locked_out"
    SESSIONS_ENDED = "sessions_ended"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"


def report(event: Event, *, user: User | None, username: str, request: HttpRequest | None) -> None:
    """Pass an event on. ``username`` is what was typed, cleaned and cut to the length of a number."""
    if settings.ACCOUNT_EVENTS:
        import_string(settings.ACCOUNT_EVENTS)(str(event), user=user, username=username, request=request)
