"""不计入覆盖率: a leader's approval that a household is left out, with the reason; and the end of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Exclusion, Household
from ledger.rules.days import local_today
from ledger.rules.households import COUNTED_STATUSES


@transaction.atomic
def approve(*, by: Any, household: Household, reason: str) -> Exclusion:
    """Leave the household out of coverage from today. Raises ValidationError when it is out, or never counted."""
    held = Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)
    if held.status not in COUNTED_STATUSES:
        raise ValidationError(_("Only households living here or away count in coverage."), code="not_counted")
    try:
        with transaction.atomic():
            made: Exclusion = Exclusion.objects.create(
                household=held, reason=reason, start_on=local_today(), approved_by=by, approved_at=timezone.now()
            )
    except IntegrityError as error:
        raise ValidationError(_("The household is left out already."), code="excluded") from error
    record(verb="exclusion.approved", by=by, obj=held, detail={"reason": reason})
    return made


@transaction.atomic
def end(*, by: Any, exclusion: Exclusion) -> bool:
    """The household counts again from today. False when it does already."""
    still = Exclusion.objects.filter(pk=exclusion.pk, end_on__isnull=True)
    if still.update(end_on=max(local_today(), exclusion.start_on)) != 1:
        return False
    record(verb="exclusion.ended", by=by, obj=exclusion.household, detail={"reason": exclusion.reason})
    return True
