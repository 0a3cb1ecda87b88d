"""Who takes part in an allocation, with how much of a list; households that stay, or must not, with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Cadre, CadreShare, Household, HouseholdTie, Village

WEIGHTS = (100, 75, 50, 25)


@dataclass(frozen=True)
class Part:
    """What somebody takes on: ``weight`` in per cent of a full list, 0 for nothing."""

    weight: int


@transaction.atomic
def save_parts(*, by: Any, village: Village, parts: Mapping[int, Part]) -> int:
    """Keep what the cadres (ids) take on in the village; returns how many changed.

    The caller says only what differs from before, so that nobody is tied to a village by a form that was looked at.
    """
    for cadre, part in sorted(parts.items()):
        CadreShare.objects.update_or_create(
            cadre_id=cadre, defaults={"takes_part": part.weight > 0, "weight": part.weight or 100, "village": village}
        )
    if parts:
        names = list(Cadre.objects.filter(pk__in=parts).order_by("sort_order", "pk").values_list("name", flat=True))
        record(verb="allocation.people_changed", by=by, obj=village, detail={"cadres": len(parts), "name": names})
    return len(parts)


@transaction.atomic
def tie(*, by: Any, household: Household, cadre: Cadre, kind: str, reason: str = "") -> HouseholdTie:
    """A household stays with a cadre, or must not be theirs. Raises ValidationError where another wish holds."""
    row = HouseholdTie(household=household, cadre=cadre, kind=kind, reason=reason)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(
            _("There is a wish about this household already: take it back first."), code="tied"
        ) from error
    record(verb="allocation.tied", by=by, obj=household, detail={"to": [cadre.pk, cadre.name]})
    return row


@transaction.atomic
def untie(*, by: Any, tie: HouseholdTie) -> None:
    """Take a wish back; twice is once."""
    gone, _each = HouseholdTie.objects.filter(pk=tie.pk).delete()
    if gone:
        record(verb="allocation.untied", by=by, obj=tie.household, detail={"from": [tie.cadre_id, tie.cadre.name]})
