"""Changing an open proposal by hand: households go to another list; nothing of anybody changes before it is applied."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ledger.actions.allocation import CHUNK, StaleProposal
from ledger.models import Allocation, AllocationRow, AllocationState, Cadre, HouseholdTie, TieKind, Village
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
    _take_turn(allocation, version)
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
    _count_again(allocation)
    return moved


def _take_turn(allocation: Allocation, version: int) -> None:
    taken = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.OPEN, version=version)
    if taken.update(version=F("version") + 1) != 1:
        raise StaleProposal


def _count_again(allocation: Allocation) -> None:
    allocation.refresh_from_db()
    Allocation.objects.filter(pk=allocation.pk).update(figures=total(figures_of(allocation).values()).as_json())


@transaction.atomic
def take_over(*, by: Any, allocation: Allocation, version: int, given: Mapping[int, int]) -> int:
    """Change many households of the proposal at once, as a workbook says (household → cadre, ids); returns how many.

    All or none: raises StaleProposal when the proposal was changed or closed since ``version``, ValidationError for a
    household that is not in it, somebody who takes no part in its village, one that is pinned or that this cadre must
    not have.
    """
    _take_turn(allocation, version)
    rows = [row for row in allocation.rows.order_by("pk") if row.household_id in given]
    if len(rows) != len(given) or not _may_all(allocation, rows, given):
        raise ValidationError(
            _("Wishes, or who takes part, have changed since the workbook was read: hand it in again."), code="unfit"
        )
    by_cadre: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.after_id != given[row.household_id]:
            by_cadre[given[row.household_id]].append(row.pk)
    for cadre, keys in by_cadre.items():
        for at in range(0, len(keys), CHUNK):
            AllocationRow.objects.filter(pk__in=keys[at : at + CHUNK]).update(after=cadre)
    _count_again(allocation)
    return sum(map(len, by_cadre.values()))


def _may_all(allocation: Allocation, rows: Collection[AllocationRow], given: Mapping[int, int]) -> bool:
    """Whether each may go to whom it is given."""
    parts = set(allocation.lists.values_list("village", "cadre"))
    avoided = HouseholdTie.objects.filter(kind=TieKind.AVOID, household__village__in={row.village_id for row in rows})
    never = set(avoided.values_list("household", "cadre"))
    return all(
        (row.village_id, given[row.household_id]) in parts
        and (row.household_id, given[row.household_id]) not in never
        and (not row.is_pinned or row.after_id == given[row.household_id])
        for row in rows
    )
