"""包户: who is responsible for a household. The only writer of ``Assignment`` and of ``Household.cadre``.

A household is never left without a cadre by an act of ours: an assignment ends because the next one begins, or
because the household itself is gone (merged, moved away, closed).
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import DateField, F, OuterRef, Subquery, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.versions import StaleEdit
from ledger.models import Assignment, Cadre, Household
from ledger.rules.days import local_today
from ledger.rules.households import HouseholdStatus

GONE = frozenset({HouseholdStatus.MERGED, HouseholdStatus.MOVED, HouseholdStatus.CLOSED})
"""Statuses in which a household needs no cadre any more."""

CHUNK = 5_000
"""Ids in one statement: below the least number of parameters a database of ours takes (SQLite 32,766)."""


@dataclass(frozen=True)
class Change:
    """One household whose cadre changed; ids, ``before`` None when it had none."""

    household: int
    before: int | None
    after: int


@transaction.atomic
def assign(
    *, by: Any, household: Household, cadre: Cadre, on: datetime.date | None = None, reason: str = "",
    version: int | None = None,
) -> Assignment:  # fmt: skip
    """Make ``cadre`` responsible from the day ``on`` (today by default), ending whoever was until then.

    The same cadre again changes nothing. Raises ValidationError for a cadre of elsewhere or who has left, a day
    ahead of today (plans for later days are not kept here), and a day before the current assignment began.
    ``version`` is the id of the assignment that was looked at, 0 for none; StaleEdit when another holds by now.
    """
    day = on or local_today()
    held = Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)
    current = Assignment.objects.open().filter(household=held).select_related("cadre").first()
    if current is not None and current.cadre_id == cadre.pk:
        return current
    if version is not None and current is not None and current.pk != version:
        raise StaleEdit(current)
    _refuse_wrong_cadre(held, cadre)
    _refuse_wrong_day(day, current)
    if current is not None:
        Assignment.objects.open().filter(pk=current.pk).update(end_on=day)
    Assignment.objects.bulk_create([Assignment(household=held, cadre=cadre, start_on=day, reason=reason)])
    Household.objects.filter(pk=held.pk).update(cadre=cadre)
    household.cadre = cadre
    record(
        verb="assignment.changed", by=by, obj=held,
        detail={
            "from": [current.cadre_id, current.cadre.name] if current else None, "to": [cadre.pk, cadre.name],
            "on": day.isoformat(), "reason": reason,
        },
    )  # fmt: skip
    return Assignment.objects.open().get(household=held)


@transaction.atomic
def assign_many(
    *, by: Any, pairs: Iterable[tuple[int, int]], on: datetime.date, batch: Any = None, reason: str = ""
) -> list[Change]:
    """Give many households (``(household id, cadre id)``) their cadre from ``on``, in a few statements.

    Pairs that hold already change nothing. Where the current assignment began after ``on``, the new one begins on
    that same day. With ``batch`` (an import) the caller's own audit row stands for all of it; without one this
    writes a single row. The caller has checked that cadres and households belong together.
    """
    wanted = dict(pairs)
    changes: list[Change] = []
    starts: dict[int, datetime.date] = {}
    for chunk in _chunks(wanted):
        _lock(chunk)
        opened = Assignment.objects.open().filter(household__in=chunk)
        held = {
            h: (pk, cadre, start)
            for pk, h, cadre, start in opened.values_list("pk", "household_id", "cadre_id", "start_on")
        }
        moved = [h for h in chunk if h not in held or held[h][1] != wanted[h]]
        changes += [Change(h, held[h][1] if h in held else None, wanted[h]) for h in moved]
        starts |= {h: max(on, held[h][2]) if h in held else on for h in moved}
        closing = Assignment.objects.filter(pk__in=[held[h][0] for h in moved if h in held])
        closing.update(end_on=Greatest(F("start_on"), Value(on, output_field=DateField())))
    Assignment.objects.bulk_create(
        [
            Assignment(household_id=c.household, cadre_id=c.after, start_on=starts[c.household], reason=reason)
            for c in changes
        ],
        batch_size=CHUNK,
    )
    refresh_cadres(c.household for c in changes)
    if changes and batch is None:
        record(
            verb="assignment.changed_many",
            by=by,
            detail={"households": len(changes), "on": on.isoformat(), "reason": reason},
        )
    return changes


@transaction.atomic
def end(
    *, by: Any, household: Household, on: datetime.date | None = None, reason: str = "", leaves_gap: bool = False
) -> None:  # fmt: skip
    """End the open assignment of a household that is gone.

    Raises ValidationError while people live there: nobody is left without a cadre, so name the next one instead.
    ``leaves_gap``: it was said that nobody follows yet; the household then stands in the list of gaps.
    """
    day = on or local_today()
    held = Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)
    if held.status not in GONE and not leaves_gap:
        raise ValidationError(
            _("The household would be left without a cadre: choose who takes over."), code="ownerless"
        )
    current = Assignment.objects.open().filter(household=held).select_related("cadre").first()
    if current is None:
        return
    _refuse_wrong_day(day, current)
    Assignment.objects.open().filter(pk=current.pk).update(end_on=day)
    Household.objects.filter(pk=held.pk).update(cadre=None)
    household.cadre = None
    record(
        verb="assignment.ended", by=by, obj=held,
        detail={"from": [current.cadre_id, current.cadre.name], "on": day.isoformat(), "reason": reason},
    )  # fmt: skip


@transaction.atomic
def take_back_many(*, pairs: Iterable[tuple[int, int | None]]) -> None:
    """Undo changes of cadres: of each (assignment, the one before it) the first goes and the other is open again.

    For an import that is undone, whose own audit row stands for it; the caller has checked that the first is the
    open one and that nothing came after it.
    """
    listed = list(pairs)
    for at in range(0, len(listed), CHUNK):
        chunk = listed[at : at + CHUNK]
        wrong = Assignment.objects.open().filter(pk__in=[pk for pk, _before in chunk])
        households = list(wrong.values_list("household_id", flat=True))
        wrong.delete()
        Assignment.objects.filter(pk__in=[before for _pk, before in chunk if before]).update(end_on=None)
        refresh_cadres(households)


def refresh_cadres(households: Iterable[int]) -> None:
    """Write ``Household.cadre`` again from the open assignments of these households."""
    current = Assignment.objects.open().filter(household=OuterRef("pk")).values("cadre_id")[:1]
    for chunk in _chunks(households):
        Household.objects.filter(pk__in=chunk).update(cadre_id=Subquery(current))


def _refuse_wrong_cadre(household: Household, cadre: Cadre) -> None:
    township = household.village.township
    elsewhere = cadre.county_id != township.county_id or cadre.township_id not in {None, township.pk}
    if elsewhere:
        raise ValidationError(_("%(cadre)s works in another township."), code="elsewhere", params={"cadre": cadre.name})
    if cadre.left_on is not None and cadre.left_on <= local_today():
        raise ValidationError(_("%(cadre)s has left the service."), code="left", params={"cadre": cadre.name})


def _refuse_wrong_day(day: datetime.date, current: Assignment | None) -> None:
    if day > local_today():
        raise ValidationError(_("The day lies ahead: enter the change on the day it happens."), code="future")
    if current is not None and day < current.start_on:
        raise ValidationError(
            _("%(cadre)s has looked after the household since %(day)s: choose that day or a later one."),
            code="before_start", params={"cadre": current.cadre.name, "day": current.start_on.isoformat()},
        )  # fmt: skip


def _lock(households: list[int]) -> None:
    """Make those follow each other who give the same households away; always in one order, so that none waits for ever.

    Where the database has one writer at a time there is nothing to wait for.
    """
    if connection.features.has_select_for_update:
        list(Household.objects.select_for_update(of=("self",)).filter(pk__in=households).order_by("pk").values("pk"))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = list(ids)
    for at in range(0, len(listed), CHUNK):
        yield listed[at : at + CHUNK]
