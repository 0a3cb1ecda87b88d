"""Accounts of cadres: opening, new passwords, closing; and what the trail keeps of signing in.

One-time passwords exist in clear in the answer to one request only; neither the database nor the trail has them.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import actions as accounts
from accounts import lockout, second_factor, sessions
from accounts.addresses import client_ip
from accounts.models import User
from ledger.actions.audit import record
from ledger.actions.postings import lock_county
from ledger.actions.submissions import SubmissionConflict, SubmissionRace, remember, replayed
from ledger.models import Cadre
from ledger.queries.postings import county_admins, current, manageable_cadres
from ledger.rules.permissions import Role
from ledger.rules.phones import is_mobile

FORM = "account-sheet"
VISITOR = "visitor"
"""The named actor of a sign-in that belongs to no account."""


@dataclass(frozen=True)
class Slip:
    """One line of the printed sheet. ``fault`` says why there is no password."""

    cadre: Cadre
    username: str = ""
    mobile: str = ""
    password: str = ""
    fault: str = ""


class ShownBefore(Exception):
    """This very form made passwords before: they were shown then and can't be shown again."""


def open_account(
    *, by: Any, cadre: Cadre, password: accounts.OneTimePassword | None = None, client_id: uuid.UUID | None = None
) -> Slip:
    """Open the account of one cadre, signed in to by cadre number or mobile.

    Raises PermissionDenied when the cadre's roles are beyond the user's own, ValidationError with a sentence when
    there is an account already or the number is somebody else's, ShownBefore for a form sent again.
    """
    one_time = password or accounts.prepare_passwords(1)[0]
    with _shown_once(by, client_id, "open", [cadre]):
        return _open(by=by, cadre=_locked(by, [cadre])[0], one_time=one_time)


def open_accounts(*, by: Any, cadres: Iterable[Cadre], client_id: uuid.UUID | None = None) -> list[Slip]:
    """Open the accounts of many cadres; one that can't be opened is named with its reason, the others are.

    The passwords are hashed before the transaction: that takes a fifth of a second each, and SQLite has one writer.
    """
    wanted = list(cadres)
    passwords = accounts.prepare_passwords(len(wanted))
    slips = []
    with _shown_once(by, client_id, "open", wanted):
        for cadre, one_time in zip(_locked(by, wanted), passwords, strict=True):
            try:
                slips.append(_open(by=by, cadre=cadre, one_time=one_time))
            except ValidationError as error:
                slips.append(Slip(cadre, fault=" ".join(error.messages)))
    return slips


@transaction.atomic
def _open(*, by: Any, cadre: Cadre, one_time: accounts.OneTimePassword) -> Slip:
    if cadre.user_id is not None:
        raise ValidationError(_("%(name)s has an account already."), code="exists", params={"name": cadre.name})
    if cadre.left_on is not None:
        raise ValidationError(_("%(name)s has left the service."), code="left", params={"name": cadre.name})
    mobile = cadre.phone if is_mobile(cadre.phone) and not User.objects.filter(mobile=cadre.phone).exists() else ""
    user, text = accounts.create_account(
        username=cadre.cadre_no, name=cadre.name, mobile=mobile or None, by=_user(by), password=one_time
    )
    Cadre.objects.filter(pk=cadre.pk).update(user=user)
    record(verb="account.opened", by=by, obj=cadre)
    return Slip(cadre, user.username, mobile, text)


def reset_password(*, by: Any, cadre: Cadre, client_id: uuid.UUID | None = None) -> Slip:
    """Give the cadre's account a new one-time password; its sessions end. Raises as ``open_account`` does."""
    return reset_passwords(by=by, cadres=[cadre], client_id=client_id)[0]


def reset_passwords(*, by: Any, cadres: Iterable[Cadre], client_id: uuid.UUID | None = None) -> list[Slip]:
    """New one-time passwords for many accounts, all or none of them. Raises as ``open_account`` does."""
    wanted = list(cadres)
    passwords = accounts.prepare_passwords(len(wanted))
    slips = []
    with _shown_once(by, client_id, "reset", wanted):
        for cadre, one_time in zip(_locked(by, wanted), passwords, strict=True):
            user = _account(cadre)
            _refuse_own(by, user)
            text = accounts.reset_password(user=user, by=_user(by), password=one_time)
            record(verb="account.password_reset", by=by, obj=cadre)
            slips.append(Slip(cadre, user.username, user.mobile or "", text))
    return slips


@transaction.atomic
def set_active(*, by: Any, cadre: Cadre, active: bool) -> None:
    """Close or open the cadre's account; raises as ``open_account`` does, and for the last county administrator."""
    cadre = _locked(by, [cadre])[0]
    user = _account(cadre)
    if user.is_active == active:
        return
    if not active:
        _refuse_last_admin(cadre)
    accounts.set_active(user=user, active=active, by=_user(by))
    record(verb="account.reopened" if active else "account.closed", by=by, obj=cadre)


@transaction.atomic
def lift_lock(*, by: Any, cadre: Cadre) -> None:
    """Let the cadre try again at once after too many failed sign-ins; raises as ``open_account`` does."""
    cadre = _locked(by, [cadre])[0]
    user = _account(cadre)
    if lockout.locked_until(user) is None:
        return
    lockout.forget(user)
    record(verb="account.unlocked", by=by, obj=cadre)


@transaction.atomic
def end_sessions(*, by: Any, cadre: Cadre) -> int:
    """Sign the cadre out everywhere, as for a lost phone; returns of how many devices. Raises as ``open_account``."""
    cadre = _locked(by, [cadre])[0]
    ended = sessions.end_sessions(_account(cadre))
    if ended:
        record(verb="account.sessions_ended", by=by, obj=cadre)
    return ended


@transaction.atomic
def reset_second_factor(*, by: Any, cadre: Cadre) -> None:
    """Take the second factor of a cadre whose phone and recovery codes are lost away, and end the sessions.

    Raises as ``open_account`` does. Where the role must have one, the next sign-in leads to a new one.
    """
    cadre = _locked(by, [cadre])[0]
    user = _account(cadre)
    if not isinstance(by, str) and by.pk == user.pk:
        raise ValidationError(_("Change your own second factor on the page “Me”."), code="own_account")
    if second_factor.turn_off(user):
        sessions.end_sessions(user)
        record(verb="account.second_factor_reset", by=by, obj=cadre)


def record_sign_in(event: str, *, user: User | None, username: str, request: HttpRequest | None) -> None:
    """The listener of ``settings.ACCOUNT_EVENTS``: one audit row for a sign-in, a failure, a lock-out, a new password.

    What was typed is not kept where it is nobody's number: people type their password into the wrong field.
    """
    cadre = Cadre.objects.filter(user=user).select_related("township").first() if user is not None else None
    record(
        verb=f"account.{event}",
        by=user if user is not None and event not in FAILURES else VISITOR,
        obj=cadre,
        label=user.name if user is not None and cadre is None else "",
        detail={"address": client_ip(request)} if request is not None else {},
    )


FAILURES = frozenset({"sign_in_failed", "locked_out"})
"""Events in which whoever is at the keyboard has not shown to be the account's owner."""


@contextmanager
def _shown_once(by: Any, client_id: uuid.UUID | None, act: str, cadres: list[Cadre]) -> Iterator[None]:
    """One transaction around passwords that are shown once; raises ShownBefore when the form's id has made some.

    The list of people is no part of what is compared: after the first time it is another one.
    """
    with transaction.atomic():
        try:
            if not isinstance(by, str) and replayed(user=by, form=FORM, client_id=client_id, body={"act": act}):
                raise ShownBefore
            yield
            if not isinstance(by, str):
                made = cadres[0].pk if cadres else by.pk
                remember(user=by, form=FORM, client_id=client_id, body={"act": act}, object_id=made)
        except (SubmissionConflict, SubmissionRace) as error:
            raise ShownBefore from error


def _locked(by: Any, cadres: Iterable[Cadre]) -> list[Cadre]:
    """The cadres in the order given, locked: two people who open the same account at one moment follow each other.

    Raises PermissionDenied when one of them is not the user's to manage.
    """
    wanted = [cadre.pk for cadre in cadres]
    rows = Cadre.objects.select_for_update(of=("self",)).select_related("user", "township", "organisation")
    found: dict[int, Cadre] = {cadre.pk: cadre for cadre in rows.filter(pk__in=wanted).order_by("pk")}
    if not isinstance(by, str) and manageable_cadres(by).filter(pk__in=wanted).count() != len(found):
        raise PermissionDenied
    return [found[pk] for pk in wanted]


def _account(cadre: Cadre) -> User:
    if cadre.user is None:
        raise ValidationError(_("%(name)s has no account yet."), code="missing", params={"name": cadre.name})
    user: User = cadre.user
    return user


def _refuse_own(by: Any, user: User) -> None:
    if not isinstance(by, str) and by.pk == user.pk:
        raise ValidationError(_("Change your own password on the page “Me”."), code="own_account")


def _refuse_last_admin(cadre: Cadre) -> None:
    lock_county(cadre.county_id)
    for posting in current().filter(cadre=cadre, role=Role.COUNTY_ADMIN):
        mine = Cadre.objects.get(pk=cadre.pk).postings.values_list("pk", flat=True)
        if not county_admins(posting.county_id or 0, without=mine).exists():
            raise ValidationError(
                _("This is the county's last administrator. Appoint another first."), code="last_admin"
            )


def _user(by: Any) -> User | None:
    return None if isinstance(by, str) else by
