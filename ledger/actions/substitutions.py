"""代管: appointing who stands in for an absent cadre, and ending it early. The only writer of ``Substitution``."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Cadre, Substitution
from ledger.queries.substitutions import candidates, may_appoint
from ledger.rules.days import local_today

LONGEST = datetime.timedelta(days=366)


@transaction.atomic
def appoint(
    *, by: Any, absent: Cadre, substitute: Cadre, start_on: datetime.date, last_on: datetime.date, reason: str
) -> Substitution:
    """Let ``substitute`` see and do what ``absent`` may, from ``start_on`` to ``last_on``, both included.

    Raises PermissionDenied for who may not appoint here, ValidationError for somebody from outside, for oneself, for
    days that do not fit, and for chains: who stands in for somebody can't be absent, who is absent can't stand in.
    """
    # Both locked in one order: two appointments that would make a chain follow each other.
    locked = Cadre.objects.select_for_update(of=("self",)).filter(pk__in=[absent.pk, substitute.pk]).order_by("pk")
    people = {cadre.pk: cadre for cadre in locked}
    if not may_appoint(by, absent):
        raise PermissionDenied
    if substitute.pk == absent.pk:
        raise ValidationError({"substitute": _("Nobody stands in for themselves.")}, code="oneself")
    if substitute.user_id == by.pk and absent.user_id != by.pk:
        raise ValidationError({"substitute": _("Nobody appoints themselves. Ask another administrator.")}, code="own")
    if not candidates(by, absent).filter(pk=substitute.pk).exists():
        raise ValidationError(
            {"substitute": _("Choose a colleague of the same township with an open account.")}, code="outside"
        )
    _refuse_days(start_on, last_on)
    end_on = last_on + datetime.timedelta(days=1)
    _refuse_chain(people[absent.pk], people[substitute.pk], start_on, end_on)
    made: Substitution = Substitution.objects.create(
        absent=absent, substitute=substitute, start_on=start_on, end_on=end_on, reason=reason, appointed_by=by,
        appointed_at=timezone.now(),
    )  # fmt: skip
    _record("substitution.appointed", by, made)
    return made


@transaction.atomic
def end(*, by: Any, substitution: Substitution) -> bool:
    """From today on it no longer holds; one that has not begun never will. False when it is over already."""
    is_back = substitution.absent.user_id == by.pk
    if not is_back and not may_appoint(by, substitution.absent):
        raise PermissionDenied
    day = max(local_today(), substitution.start_on)
    if Substitution.objects.filter(pk=substitution.pk, end_on__gt=day).update(end_on=day) != 1:
        return False
    substitution.end_on = day
    _record("substitution.ended", by, substitution)
    return True


def _refuse_days(start_on: datetime.date, last_on: datetime.date) -> None:
    if start_on < local_today():
        raise ValidationError({"start_on": _("It begins today at the earliest.")}, code="past")
    if last_on < start_on:
        raise ValidationError({"last_on": _("It ends after it has begun.")}, code="before_start")
    if last_on - start_on > LONGEST:
        raise ValidationError({"last_on": _("A year at most. Hand over what lasts longer.")}, code="too_long")


def _refuse_chain(absent: Cadre, substitute: Cadre, start_on: datetime.date, end_on: datetime.date) -> None:
    """One at a time for each absent cadre, and nobody on both sides at one time."""
    then = Substitution.objects.filter(start_on__lt=end_on, end_on__gt=start_on).exclude(end_on=F("start_on"))
    taken = then.filter(absent=absent).select_related("substitute").first()
    if taken is not None:
        message = _("%(name)s stands in at that time already.") % {"name": taken.substitute.name}
        raise ValidationError({"start_on": message}, code="taken")
    chained = then.filter(Q(substitute=absent) | Q(absent=substitute)).select_related("absent", "substitute").first()
    if chained is None:
        return
    if chained.substitute_id == absent.pk:
        values = {"name": absent.name, "other": chained.absent.name}
        message = _("%(name)s stands in for %(other)s at that time: end that first.") % values
    else:
        message = _("%(name)s is absent at that time.") % {"name": substitute.name}
    raise ValidationError({"substitute": message}, code="chain")


def _record(verb: str, by: Any, made: Substitution) -> None:
    record(
        verb=verb, by=by, obj=made.absent, label=made.absent.name,
        detail={"name": made.substitute.name, "start_on": made.start_on.isoformat(), "end_on": str(made.end_on)},
    )  # fmt: skip
