"""The second factor: a code of an authenticator app (TOTP, RFC 6238), and ten recovery codes for a lost phone.

The app's secret is sealed (``accounts.sealing``), recovery codes are kept as hashes; each code opens once, also when
sent twice at one moment. allauth keeps the rows and asks for the code at sign-in (``mfa.stages.AuthenticateStage``).
"""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe

from accounts.actions import LETTERS
from accounts.models import User
from accounts.sealing import Unreadable, seal, unseal

TOTP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
PENDING = "second_factor_secret"
"""Session key: the sealed secret that the page shows until a code of it was typed."""
LABEL = "account.second_factor"
RECOVERY_CODES, HALF = 10, 4


@dataclass(frozen=True)
class State:
    """How somebody's second factor stands."""

    since: datetime
    last_used_at: datetime | None
    codes_left: int


def is_required(user: User) -> bool:
    """Whether the roles of this person must have one (``settings.MFA_FORCED_FOR``, asked of whom it names)."""
    if not settings.MFA_FORCED_FOR:
        return False
    return "all" in settings.MFA_FORCED_FOR or bool(import_string(settings.MFA_HOLDS)(user, settings.MFA_FORCED_FOR))


def pending_secret(request: HttpRequest) -> str:
    """The secret on offer in this session: the same until it is taken, so that a reload spoils no scan."""
    if PENDING in request.session:
        with suppress(Unreadable):  # the keys have been rotated since
            return unseal(LABEL, request.session[PENDING])
    secret: str = generate_totp_secret()
    request.session[PENDING] = seal(LABEL, secret)
    return secret


def address_of(user: User, secret: str) -> str:
    """What the app reads from the picture, and opens by itself on the phone: ``otpauth://totp/…``."""
    issuer = str(settings.PRODUCT_NAME)
    label = urlencode({"": f"{issuer}:{user.username}"})[1:].replace("+", "%20")
    return f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": issuer}).replace("+", "%20")


def picture_of(address: str) -> SafeString:
    """The address as a QR code, an SVG for the page: it has no style and no script of its own."""
    # segno draws digits of its own making; nothing of the address is in the markup.
    return mark_safe(segno.make(address, error="m").svg_inline(scale=5, border=2, omitsize=True))  # noqa: S308


def matching_counter(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step whose code this is: now, or one before or after for clocks that differ; none up to ``after``."""
    typed = normalize_user_code(code)
    for counter in yield_hotp_counters_from_time():
        if counter > after and constant_time_compare(typed, format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


def turn_on(user: User, secret: str, counter: int) -> list[str]:
    """Keep the secret whose code was just typed; returns the recovery codes, which are shown this once."""
    codes = make_codes()
    kept = hash_codes(codes)
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        Authenticator.objects.create(user=user, type=TOTP, data={"secret": seal(LABEL, secret), "counter": counter})
        Authenticator.objects.create(user=user, type=RECOVERY, data=kept)
        user.second_factor_at = timezone.now()
        user.save(update_fields=["second_factor_at"])
    return codes


@transaction.atomic
def turn_off(user: User) -> bool:
    """Forget secret and recovery codes; returns whether there were any."""
    Authenticator.objects.filter(user=user).delete()
    changed = User.objects.filter(pk=user.pk, second_factor_at__isnull=False).update(second_factor_at=None)
    user.second_factor_at = None
    return changed == 1


def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more."""
    codes = make_codes()
    Authenticator.objects.filter(user=user, type=RECOVERY).update(data=hash_codes(codes))
    return codes


def accepts(user: User, code: str) -> bool:
    """Whether the code opens now, as one of the app or as a recovery code; it is used up by asking."""
    typed = normalize_user_code(code)
    used = _use_totp(user, typed) if typed.isdigit() and len(typed) == 6 else _use_recovery(user, typed)
    if used:
        Authenticator.objects.filter(user=user, type=TOTP).update(last_used_at=timezone.now())
    return used


def state_of(user: User) -> State | None:
    rows = {row.type: row for row in Authenticator.objects.filter(user=user)}
    if TOTP not in rows:
        return None
    left = rows[RECOVERY].data["hashes"] if RECOVERY in rows else []
    return State(rows[TOTP].created_at, rows[TOTP].last_used_at, len(left))


def sealed_otherwise(start: str) -> list[int]:
    """The rows whose sealed secret begins otherwise: with another key than the one that is meant."""
    rows = Authenticator.objects.filter(type=TOTP).values_list("pk", "data")
    return [pk for pk, data in rows if not data["secret"].startswith(start)]


def reseal(start: str) -> tuple[int, int]:
    """Seal those secrets anew, as a step of key rotation: how many were, and how many no key opens."""
    done = unreadable = 0
    for pk in sealed_otherwise(start):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            try:
                if row is not None:
                    _keep(row, row.data | {"secret": seal(LABEL, unseal(LABEL, row.data["secret"]))})
                    done += 1
            except Unreadable:
                unreadable += 1
    return done, unreadable


def make_codes() -> list[str]:
    """Recovery codes such as ``k7mp-x3wd``: 39 bits each, none of whose characters is taken for another."""
    halves = ["".join(secrets.choice(LETTERS) for _i in range(HALF)) for _j in range(2 * RECOVERY_CODES)]
    return [f"{first}-{second}" for first, second in zip(halves[::2], halves[1::2], strict=True)]


def hash_codes(codes: list[str]) -> dict[str, Any]:
    """Hashed like passwords (on all cores, as those of many accounts), all with one salt: what is typed is then
    hashed once to be looked up among them."""
    salt = secrets.token_hex(16)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        hashes = list(threads.map(lambda code: make_password(normalize_user_code(code), salt), codes))
    return {"salt": salt, "hashes": hashes}


@transaction.atomic
def _use_totp(user: User, typed: str) -> bool:
    row = Authenticator.objects.select_for_update().filter(user=user, type=TOTP).first()
    if row is None:
        return False
    counter = matching_counter(unseal(LABEL, row.data["secret"]), typed, after=row.data["counter"])
    if counter is None:
        return False
    _keep(row, row.data | {"counter": counter})
    return True


def _use_recovery(user: User, typed: str) -> bool:
    """The hash is made before the transaction: it takes a fifth of a second, and SQLite has one writer."""
    row = Authenticator.objects.filter(user=user, type=RECOVERY).first()
    if row is None or not row.data["hashes"]:
        return False
    wanted = make_password(typed, row.data["salt"])
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(pk=row.pk).first()
        if held is None or wanted not in held.data["hashes"]:
            return False
        _keep(held, held.data | {"hashes": [each for each in held.data["hashes"] if each != wanted]})
    return True


def _keep(row: Authenticator, data: dict[str, Any]) -> None:
    Authenticator.objects.filter(pk=row.pk).update(data=data)
