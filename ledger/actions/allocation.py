"""分配联系户: keep a proposal, apply it in one transaction, take it back.

An applied proposal is one audit row that names it (decision 0019); its rows say who had each household before, and are
what taking it back reads.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import assignments, planner
from ledger.actions.audit import record
from ledger.models import (
    Allocation,
    AllocationList,
    AllocationRow,
    AllocationState,
    Assignment,
    Cadre,
    County,
    Household,
    Township,
    Village,
)
from ledger.queries.allocation import Drawn, draw, grounds_at, villages_of
from ledger.queries.dashboard import counted_households
from ledger.rules.allocation_figures import total
from ledger.rules.days import local_day, local_today

CHUNK = 5_000
REASON = "allocation"
Tell = Callable[[int], None]


class StaleProposal(Exception):
    """Households, or who looks after them, have changed since the proposal was drawn: nothing was written."""


def begin(*, by: Any, place: County | Township | Village, anew: bool | None = None) -> Allocation:
    """A proposal that is yet to be drawn (``fill``); what was open there before is discarded by it."""
    covers = _covers(place)
    made_by = None if isinstance(by, str) else by
    villages = len(villages_of(place))
    return Allocation.objects.create(**covers, anew=anew, made_by=made_by, total=villages)


def _covers(place: County | Township | Village) -> dict[str, Any]:
    if isinstance(place, Village):
        return {"village": place, "township": place.township, "county": place.township.county}
    if isinstance(place, Township):
        return {"township": place, "county": place.county}
    return {"county": place}


def fill(allocation: Allocation, tell: Tell = lambda done: None) -> list[Drawn]:
    """Draw the proposal and keep its rows, all or none; ``tell`` hears how many villages are done."""
    villages = villages_of(allocation.place)
    drawn: list[Drawn] = []
    for place, each in enumerate(draw(grounds_at(allocation.place), anew=allocation.anew), start=1):
        drawn.append(each)
        tell(place)
    with transaction.atomic():
        held = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.DRAWING)
        kept = {"state": AllocationState.OPEN, "digest": digest_of(villages), "done": len(villages)}
        if held.update(**kept, figures=total(each.figures for each in drawn).as_json()) != 1:
            return drawn
        _keep(allocation, drawn)
        _discard_others(allocation)
    allocation.refresh_from_db()
    return drawn


def _keep(allocation: Allocation, drawn: Sequence[Drawn]) -> None:
    rows, lists = [], []
    for each in drawn:
        village, given = each.ground.village, each.given
        first = {cadre: each.proposal.lists[cadre][0] for cadre in each.proposal.lists if each.proposal.lists[cadre]}
        at = {house.key: place for place, house in enumerate(each.ground.houses)}
        order = sorted(each.ground.hands, key=lambda hand: at.get(first.get(hand.key, -1), len(at)))
        lists += [
            AllocationList(allocation=allocation, village=village, cadre_id=hand.key, weight=hand.weight,
                           elsewhere=hand.elsewhere, place=place)
            for place, hand in enumerate(order)
        ]  # fmt: skip
        rows += [
            AllocationRow(allocation=allocation, village=village, household_id=house.key, place=at[house.key],
                          before_id=house.cadre, after_id=given.get(house.key), is_pinned=house.key in each.ground.pins)
            for house in each.ground.houses
        ]  # fmt: skip
    AllocationList.objects.bulk_create(lists, batch_size=CHUNK)
    AllocationRow.objects.bulk_create(rows, batch_size=CHUNK)


def _discard_others(allocation: Allocation) -> None:
    """One open proposal for each place: an earlier one has nothing to say any more."""
    same = Allocation.objects.filter(
        county=allocation.county, township=allocation.township, village=allocation.village, state=AllocationState.OPEN
    )
    same.exclude(pk=allocation.pk).update(state=AllocationState.DROPPED, version=F("version") + 1)


@transaction.atomic
def apply(*, by: Any, allocation: Allocation, version: int | None = None, on: datetime.date | None = None) -> int:
    """Make the proposal so from today on; returns how many households changed hands.

    Raises StaleProposal when it is not open any more, was edited since ``version``, or when households or who looks
    after them have changed since it was drawn; nothing is written then.
    """
    day = on or local_today()
    held = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.OPEN)
    if version is not None:
        held = held.filter(version=version)
    said = {"applied_at": timezone.now(), "applied_by": _name(by), "version": F("version") + 1}
    if held.update(state=AllocationState.APPLIED, **said) != 1:
        raise StaleProposal
    villages = villages_of(allocation.place)
    _lock(villages)
    if digest_of(villages) != allocation.digest:
        raise StaleProposal
    changed = _write(by, allocation, day)
    record(
        verb="allocation.applied", by=by, obj=allocation, label=str(allocation.place),
        detail={"households": changed, "cadres": allocation.lists.count(), "on": day.isoformat()},
        county_id=allocation.county_id, township_id=allocation.township_id,
    )  # fmt: skip
    if changed:
        planner.after_bulk_write()
    allocation.refresh_from_db()
    return changed


def _lock(villages: Sequence[Village]) -> None:
    """Whoever gives one of these households to somebody meanwhile waits, and finds it given."""
    rows = Household.objects.filter(village__in=villages).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _write(by: Any, allocation: Allocation, day: datetime.date) -> int:
    moved = Q(before__isnull=True) | ~Q(after=F("before"))
    rows = allocation.rows.filter(moved, after__isnull=False)
    pairs = list(rows.values_list("household_id", "after_id"))
    _refuse_gone({cadre for _household, cadre in pairs})
    now_open = Subquery(Assignment.objects.open().filter(household=OuterRef("household")).values("pk")[:1])
    rows.update(former=now_open)
    assignments.assign_many(by=by, pairs=pairs, on=day, batch=allocation)
    rows.update(made=now_open)
    return len(pairs)


def _refuse_gone(cadres: set[int]) -> None:
    gone = Cadre.objects.filter(pk__in=cadres, left_on__lte=local_today()).first()
    if gone is not None:
        raise ValidationError(_("%(cadre)s has left the service."), code="left", params={"cadre": gone.name})


def _open_of(households: Iterable[int]) -> Iterable[tuple[int, int]]:
    listed = list(households)
    for at in range(0, len(listed), CHUNK):
        rows = Assignment.objects.open().filter(household__in=listed[at : at + CHUNK])
        yield from rows.values_list("household_id", "pk")


@transaction.atomic
def take_back(*, by: Any, allocation: Allocation) -> tuple[int, int]:
    """Undo an applied proposal: (households given back, those left because somebody has changed them since).

    On the day it was applied it is as if it had not been. Later its days stay on record and a household goes back to
    whom it was with from today on; one that had nobody stays where it is. Once only; raises StaleProposal for the
    second.
    """
    held = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.APPLIED)
    said = {"taken_back_at": timezone.now(), "taken_back_by": _name(by), "version": F("version") + 1}
    if held.update(state=AllocationState.TAKEN_BACK, **said) != 1:
        raise StaleProposal
    rows = list(allocation.rows.filter(made__isnull=False).order_by("household_id"))
    households = [row.household_id for row in rows]
    for at in range(0, len(households), CHUNK):
        named = Household.objects.filter(pk__in=households[at : at + CHUNK]).order_by("pk")
        list(named.select_for_update(of=("self",), no_key=True).values_list("pk"))
    now = dict(_open_of(households))
    untouched = [row for row in rows if now.get(row.household_id) == row.made]
    given_back = _undo(by, allocation, untouched)
    left = len(rows) - given_back
    record(
        verb="allocation.taken_back", by=by, obj=allocation, label=str(allocation.place),
        detail={"households": given_back, "refused": left}, county_id=allocation.county_id,
        township_id=allocation.township_id,
    )  # fmt: skip
    allocation.refresh_from_db()
    return given_back, left


def _undo(by: Any, allocation: Allocation, rows: Sequence[AllocationRow]) -> int:
    assert allocation.applied_at is not None
    today = local_today()
    if local_day(allocation.applied_at) == today:
        assignments.take_back_many(pairs=[(row.made, row.former) for row in rows if row.made])
        return len(rows)
    before = Cadre.objects.filter(pk__in={row.before_id for row in rows})
    serving = set(before.exclude(left_on__lte=today).values_list("pk", flat=True))
    pairs = [(row.household_id, row.before_id) for row in rows if row.before_id in serving]
    assignments.assign_many(by=by, pairs=pairs, on=today, batch=allocation)
    return len(pairs)


@transaction.atomic
def discard(*, by: Any, allocation: Allocation) -> bool:
    """Throw an open proposal away; False when it is not open any more."""
    held = Allocation.objects.filter(
        pk=allocation.pk, state__in=[AllocationState.OPEN, AllocationState.DRAWING, AllocationState.FAILED]
    )
    return held.update(state=AllocationState.DROPPED, version=F("version") + 1) == 1


def digest_of(villages: Sequence[Village]) -> str:
    """Names the households to cover of some villages and who looks after each."""
    rows = Household.objects.filter(counted_households(local_today()), village__in=villages).order_by("pk")
    text = ",".join(f"{pk}:{cadre}" for pk, cadre in rows.values_list("pk", "cadre_id"))
    return hashlib.sha256(text.encode()).hexdigest()


def _name(by: Any) -> str:
    return (by if isinstance(by, str) else getattr(by, "name", "") or str(by))[:80]
