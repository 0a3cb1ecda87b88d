"""Failed sign-ins are counted per account, however it is spelt, and per address (``ACCOUNT_RATE_LIMITS``)."""

import time

from allauth.core.internal.ratelimit import get_cache_key, get_rates
from django.core.cache import cache
from django.http import HttpRequest

from accounts.models import User, clean_number

APP, ACTION = "allauth.account", "login_failed"


def account_key(typed: str) -> str:
    """What failures are counted under: the account that is meant, so that another spelling is no fresh start."""
    user = User.objects.signing_in_as(typed)
    return f"user:{user.pk}" if user else f"typed:{clean_number(typed).lower()}"


def seconds_left(request: HttpRequest, typed: str) -> float:
    """How long sign-in stays refused for this account and address; 0 when it is not."""
    now, left, account = time.time(), 0.0, account_key(typed)
    for rate in get_rates(app=APP, action=ACTION):
        failures = cache.get(get_cache_key(request, app=APP, action=ACTION, rate=rate, key=account), [])
        if len(failures) >= rate.amount:  # newest first; room again when the amount-th newest runs out
            left = max(left, failures[rate.amount - 1] + rate.duration - now)
    return left


def is_new(request: HttpRequest, typed: str, seconds: float) -> bool:
    """Whether this is the first refusal of this lock-out, so that a hammering client is reported once."""
    return cache.add(f"accounts:locked:{account_key(typed)}", True, timeout=max(1, int(seconds)))


def forget(user: User) -> None:
    """Let a person try again at once whose password an administrator has just reset."""
    for rate in get_rates(app=APP, action=ACTION):
        if rate.per == "key":
            cache.delete(get_cache_key(None, app=APP, action=ACTION, rate=rate, key=f"user:{user.pk}"))
