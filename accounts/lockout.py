"""Tries at the door, counted before the password is looked at, so that many at one moment are no more than the limit.

A try is taken, and given back when it was right. Whoever takes the last one locks the key at once; a failure of theirs
leaves it locked. It opens by itself, or by an administrator.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.addresses import client_ip
from accounts.models import SignInTries, User, clean_number

CLEARED_AT_ONCE = 200


@dataclass(frozen=True)
class Counted:
    """A key, how many tries it has, and for how long they count and a lock holds."""

    key: str
    tries: int
    lock: timedelta


@dataclass(frozen=True)
class Taken:
    """A try: refused until a moment, or to be given back when it was right; ``last`` when a failure locks."""

    counted: tuple[Counted, ...]
    refused_until: datetime | None = None
    last: bool = False

    def give_back(self) -> None:
        """It was right: it counts for nothing."""
        with transaction.atomic():
            for row, counted in _rows(self.counted):
                row.tries = max(0, row.tries - 1)
                if row.tries < counted.tries:
                    row.locked_until = None
                row.save()


def take(*wanted: Counted) -> Taken:
    """Take one try of each key, or of none where one is locked."""
    now = timezone.now()
    with transaction.atomic():
        rows = _rows(wanted)
        locks = [row.locked_until for row, _counted in rows if row.locked_until and row.locked_until > now]
        if locks:
            return Taken(wanted, refused_until=max(locks))
        last = False
        for row, counted in rows:
            if row.locked_until is not None or row.since + counted.lock <= now:
                row.tries, row.since, row.locked_until = 0, now, None
            row.tries += 1
            if row.tries >= counted.tries:
                last, row.locked_until = True, now + counted.lock
            row.expires_at = now + counted.lock
            row.save()
    _clear(now)
    return Taken(wanted, last=last)


def at_the_door(request: HttpRequest, typed: str) -> Taken:
    """A try to sign in: counted for the account that is meant, however it is spelt, and for the address."""
    return take(_account(account_key(typed)), _address(request))


def of_second_factor(user: User, request: HttpRequest) -> Taken:
    """A try of a code, by somebody who knew the password."""
    return take(_account(f"code:{user.pk}"), _address(request))


def of_own_password(user: User) -> Taken:
    """A try of one's present password, by somebody who holds the session."""
    return take(_account(f"password:{user.pk}"))


def locked_until(user: User) -> datetime | None:
    """Until when nobody can sign in to the account; None when it is not locked."""
    rows = SignInTries.objects.filter(key__in=_keys(user), locked_until__gt=timezone.now())
    return max((row.locked_until for row in rows if row.locked_until), default=None)


def forget(user: User) -> None:
    """Let the person try again at once, with all tries."""
    SignInTries.objects.filter(key__in=_keys(user)).delete()


def account_key(typed: str) -> str:
    """What failures are counted under: the account that is meant, so that another spelling is no fresh start.

    What is nobody's number is kept as a hash: people type their password into the wrong field.
    """
    user = User.objects.signing_in_as(typed)
    return f"user:{user.pk}" if user else "typed:" + hashlib.sha256(clean_number(typed).lower().encode()).hexdigest()


def _keys(user: User) -> list[str]:
    return [f"user:{user.pk}", f"code:{user.pk}", f"password:{user.pk}"]


def _account(key: str) -> Counted:
    return Counted(key, settings.SECURITY.tries, timedelta(minutes=settings.SECURITY.lock))


def _address(request: HttpRequest) -> Counted:
    """One caller: an IPv4 address, or the /64 that one IPv6 subscriber may choose from freely."""
    text = client_ip(request)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        network = text
    else:
        network = str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else text
    rules = settings.SECURITY
    return Counted(f"address:{network}", rules.address_tries, timedelta(minutes=rules.address_lock))


def _rows(wanted: Iterable[Counted]) -> list[tuple[SignInTries, Counted]]:
    """The rows of the keys, made where they lack, locked in one order so that nobody waits in a circle."""
    by_key = {counted.key: counted for counted in sorted(wanted, key=lambda counted: counted.key)}
    now = timezone.now()
    fresh = [SignInTries(key=key, since=now, expires_at=now + by_key[key].lock) for key in by_key]
    while True:
        SignInTries.objects.bulk_create(fresh, ignore_conflicts=True)
        rows = list(SignInTries.objects.select_for_update().filter(key__in=by_key).order_by("key"))
        if len(rows) == len(by_key):  # else one was cleared away between the two
            return [(row, by_key[row.key]) for row in rows]


def _clear(now: datetime) -> None:
    """Rows whose time is over; those that somebody holds are left to the next."""
    with transaction.atomic():
        old = SignInTries.objects.select_for_update(skip_locked=True).filter(expires_at__lt=now)
        keys = list(old.values_list("pk", flat=True)[:CLEARED_AT_ONCE])
        if keys:
            SignInTries.objects.filter(pk__in=keys).delete()
