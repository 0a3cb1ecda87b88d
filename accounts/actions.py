"""What administrators do to accounts. The ledger's actions wrap these, check the right and write the audit row."""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import lockout
from accounts.models import User, clean_mobile, clean_number
from accounts.sessions import end_sessions

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which are taken for one another on paper."""

GROUPS, GROUP_LENGTH = 3, 4


@dataclass(frozen=True)
class OneTimePassword:
    """A password to print once, and its hash to keep."""

    text: str
    hashed: str


def make_one_time_password() -> str:
    """Twelve readable random characters in groups of four, such as ``k7mp-x3wd-9rta`` (59 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _i in range(GROUP_LENGTH)) for _j in range(GROUPS))


def prepare_passwords(count: int) -> list[OneTimePassword]:
    """One-time passwords with their hashes, made on all cores: a hash takes a fifth of a second.

    For a whole township call this before the transaction, not inside: SQLite has one writer.
    """
    texts = [make_one_time_password() for _i in range(count)]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        return [
            OneTimePassword(text, hashed) for text, hashed in zip(texts, threads.map(make_password, texts), strict=True)
        ]


def create_account(
    *, username: str, name: str, mobile: str | None, by: User | None, password: OneTimePassword | None = None
) -> tuple[User, str]:
    """Open an account that must choose its own password at first sign-in.

    ``username`` is the cadre number; ``by`` is None for the system. Give ``password`` from ``prepare_passwords``
    when many are made. Returns the account and its one-time password. Raises ValidationError with a sentence for
    each field that will not do: missing, too long, or taken.
    """
    one_time = password or prepare_passwords(1)[0]
    user = User(
        username=clean_number(username),
        name=name.strip(),
        mobile=clean_mobile(mobile or "") or None,
        password=one_time.hashed,
    )
    with transaction.atomic():
        _check(user)
        user.save()
    return user, one_time.text


@transaction.atomic
def update_account(*, user: User, name: str, mobile: str | None, by: User | None) -> User:
    """Keep the account in step with its cadre's name and mobile number; raises ValidationError as above."""
    user.name, user.mobile = name.strip(), clean_mobile(mobile or "") or None
    _check(user)
    user.save(update_fields=["name", "mobile"])
    return user


def reset_password(*, user: User, by: User | None, password: OneTimePassword | None = None) -> str:
    """Give a new one-time password: all sessions of the account end, a lock-out is lifted. Returns the password."""
    one_time = password or prepare_passwords(1)[0]
    user.password, user.must_change_password = one_time.hashed, True
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        end_sessions(user)
        lockout.forget(user)
    return one_time.text


def set_active(*, user: User, active: bool, by: User | None) -> User:
    """Close an account, which ends its sessions for good, or open it again.

    Raises ValidationError when somebody would close the account they are using.
    """
    if not active and by is not None and by.pk == user.pk:
        raise ValidationError(_("You cannot close your own account."), code="own_account")
    user.is_active = active
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        if not active:
            end_sessions(user)
    return user


def _check(user: User) -> None:
    """Each field by itself, and that no number signs in two people: a mobile must not be another's cadre number."""
    user.full_clean()
    others = User.objects.exclude(pk=user.pk)
    if others.filter(mobile=user.username).exists():
        raise ValidationError({"username": _("This number is somebody else's mobile number.")}, code="taken")
    if user.mobile and others.named(user.mobile).exists():
        raise ValidationError({"mobile": _("This number is somebody else's cadre number.")}, code="taken")
