"""管区: villages put together under one secretary."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.records import change, taken
from ledger.actions.submissions import once
from ledger.models import District, Village


def create(
    *, by: Any, district: District, villages: Iterable[Village], client_id: uuid.UUID | None, body: dict[str, Any]
) -> District:
    """A new district with its villages; the same form sent again gives the first one.

    Raises ValidationError when the name is taken in the township.
    """

    def write() -> int:
        district.clean_fields()
        with transaction.atomic():
            district.save(force_insert=True)
        names = _take(district, villages)
        record(verb="district.created", by=by, obj=district, detail={"villages": names})
        return int(district.pk)

    try:
        made = once(user=by, form="new-district", client_id=client_id, body=body, write=write)
    except IntegrityError as error:
        raise taken() from error
    return District.objects.get(pk=made)


@transaction.atomic
def edit(
    *, by: Any, district: District, values: dict[str, Any], villages: Iterable[Village], seen: str | None
) -> District:
    """Rename a district and say which villages it has; villages ticked here leave their former district.

    Raises Overtaken and ValidationError as ``records.change`` does.
    """
    saved: District = change(by=by, row=district, values=values, seen=seen, verb="district.changed")
    wanted = list(villages)
    before = set(Village.objects.filter(district=saved).values_list("pk", flat=True))
    if before != {village.pk for village in wanted}:
        Village.objects.filter(district=saved).exclude(pk__in=[v.pk for v in wanted]).update(district=None)
        record(verb="district.villages_changed", by=by, obj=saved, detail={"villages": _take(saved, wanted)})
    return saved


@transaction.atomic
def remove(*, by: Any, district: District) -> None:
    """Take a district away that nobody ever held a posting over; its villages then lie in none.

    Raises ValidationError otherwise: the postings are history and name it.
    """
    held = District.objects.select_for_update(of=("self",)).select_related("township").get(pk=district.pk)
    if held.postings.exists():
        raise ValidationError(
            _("Somebody holds or held a posting over this district, so it stays. Rename it or empty it instead."),
            code="has_postings",
        )
    record(verb="district.removed", by=by, obj=held)
    Village.objects.filter(district=held).update(district=None)
    held.delete()


def _take(district: District, villages: Iterable[Village]) -> list[str]:
    """Give the district its villages; only those of its own township can be meant."""
    wanted = list(villages)
    rows = Village.objects.filter(pk__in=[village.pk for village in wanted], township=district.township_id)
    rows.update(district=district)
    return [village.name for village in wanted]
