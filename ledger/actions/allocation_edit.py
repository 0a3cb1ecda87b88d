"""Changing an open proposal by hand: households go to another list; nothing of anybody changes before it is applied."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ledger.actions.allocation import StaleProposal
from ledger.models import Allocation, AllocationState, Cadre, HouseholdTie, TieKind, Village
from ledger.queries.allocation_drafts import figures_of
from ledger.rules.allocation_figures import total


@transaction.atomic
def move(
    *, by: Any, allocation: Allocation, version: int, village: Village, households: Collection[int], cadre: int
) -> int:
    """Give households of the village to the list of ``cadre``; returns how many moved.

    Raises StaleProposal when the proposal was changed or closed since ``version``, ValidationError for somebody who
    takes no part there, and for a household that is pinned to another or that this cadre must not have.
    """
    taken = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.OPEN, version=version)
    if taken.update(version=F("version") + 1) != 1:
        raise StaleProposal
    taker = Cadre.objects.filter(pk__in=allocation.lists.filter(village=village).values("cadre"), pk=cadre).first()
    if taker is None:
        raise ValidationError(_("Choose somebody who takes part in this village."), code="no_list")
    rows = allocation.rows.filter(village=village, household__in=households)
    pinned = rows.filter(is_pinned=True).exclude(after=taker).select_related("household", "after").first()
    if pinned is not None:
        said = _("The household of %(head)s stays with %(cadre)s: lift that first.")
        words = {"head": pinned.household.head_name, "cadre": str(pinned.after or "")}
        raise ValidationError(said % words, code="pinned")
    kin = HouseholdTie.objects.filter(kind=TieKind.AVOID, cadre=taker, household__in=rows.values("household"))
    avoided = kin.select_related("household").first()
    if avoided is not None:
        said = _("%(cadre)s must not have the household of %(head)s.")
        raise ValidationError(said % {"cadre": taker.name, "head": avoided.household.head_name}, code="avoided")
    moved = rows.exclude(after=taker).update(after=taker) + rows.filter(after__isnull=True).update(after=taker)
    allocation.refresh_from_db()
    Allocation.objects.filter(pk=allocation.pk).update(figures=total(figures_of(allocation).values()).as_json())
    return moved
