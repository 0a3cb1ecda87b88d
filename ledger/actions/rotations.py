"""轮流挂钩: planning where a unit goes, and stopping a plan."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Group, Organisation, Rotation, RotationStop, Village
from ledger.rules.days import local_today
from ledger.rules.rotations import LONGEST_MONTHS, fits, stops


@transaction.atomic
def plan(
    *, by: Any, organisation: Organisation, villages: Sequence[Village], months: int, start_on: datetime.date
) -> Rotation:  # fmt: skip
    """Send the unit through all groups of these villages, in the order of the villages and of their numbers.

    A plan that has been through all of its groups makes room.

    Raises ValidationError when one still runs, when the villages have no groups, and when it would
    take longer than two years.
    """
    groups = list(Group.objects.filter(village__in=villages).order_by("village__sort_order", "village__code", "number"))
    if not groups:
        raise ValidationError({"villages": _("These villages have no groups yet.")}, code="no_groups")
    if not fits(len(groups), months):
        message = _(
            "%(groups)d groups at %(months)d months each take longer than %(most)d months: choose fewer villages."
        )
        values = {"groups": len(groups), "months": months, "most": LONGEST_MONTHS}
        raise ValidationError({"villages": message % values}, code="too_long")
    _close_finished(organisation)
    try:
        with transaction.atomic():
            made: Rotation = Rotation.objects.create(
                organisation=organisation, months=months, start_on=start_on, made_by=by, made_at=timezone.now()
            )
    except IntegrityError as error:
        raise ValidationError(_("This unit has a plan that runs: stop it first."), code="running") from error
    RotationStop.objects.bulk_create(
        RotationStop(rotation=made, group_id=group, start_on=first, end_on=until)
        for group, first, until in stops([group.pk for group in groups], start_on, months)
    )
    record(verb="rotation.planned", by=by, obj=organisation, detail={"start_on": start_on.isoformat(),
           "villages": "、".join(village.name for village in villages)})  # fmt: skip
    return made


def _close_finished(organisation: Organisation) -> None:
    running = Rotation.objects.filter(organisation=organisation, stopped_on__isnull=True)
    for each in running.annotate(until=Max("stops__end_on")).filter(until__lte=local_today()):
        Rotation.objects.filter(pk=each.pk, stopped_on__isnull=True).update(stopped_on=each.until)


@transaction.atomic
def stop(*, by: Any, rotation: Rotation) -> bool:
    """The plan ends today: what lies ahead goes, what has been made stays. False when it was stopped before."""
    today = local_today()
    if Rotation.objects.filter(pk=rotation.pk, stopped_on__isnull=True).update(stopped_on=today) != 1:
        return False
    RotationStop.objects.filter(rotation=rotation, start_on__gte=today).delete()
    RotationStop.objects.filter(rotation=rotation, end_on__gt=today).update(end_on=today)
    record(verb="rotation.stopped", by=by, obj=rotation.organisation, detail={"end_on": today.isoformat()})
    return True
