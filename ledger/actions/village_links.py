"""包村: leaders, units and cadres tied to a village, dated."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Organisation, Village, VillageLink


@transaction.atomic
def link(*, by: Any, village: Village, kind: str, who: Any, start_on: datetime.date) -> VillageLink:
    """Tie a cadre or (for the kinds of units) an organisation to the village from a day on.

    Raises ValidationError when the same one is tied to it already.
    """
    tied = {"organisation": who} if isinstance(who, Organisation) else {"cadre": who}
    row = VillageLink(village=village, kind=kind, start_on=start_on, **tied)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(
            _("%(name)s is tied to this village already."), code="tied", params={"name": who.name}
        ) from error
    record(
        verb="village_link.made", by=by, obj=row, label=village.name,
        detail={"kind": kind, "name": who.name, "start_on": start_on.isoformat()},
    )  # fmt: skip
    return row


@transaction.atomic
def unlink(*, by: Any, link: VillageLink, end_on: datetime.date) -> None:
    """End a tie: from ``end_on`` on it no longer holds. Ending it twice is once."""
    last = max(end_on, link.start_on)
    if VillageLink.objects.open().filter(pk=link.pk).update(end_on=last) != 1:
        return
    record(
        verb="village_link.ended", by=by, obj=link, label=link.village.name,
        detail={"kind": link.kind, "name": str(link.cadre or link.organisation), "end_on": last.isoformat()},
    )  # fmt: skip
