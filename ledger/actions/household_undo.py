"""A wrong entry is reversed: the latest event of a household, while nobody has built on it. It stays on record."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ledger.actions import assignments
from ledger.actions.audit import record
from ledger.models import (
    Assignment,
    Household,
    HouseholdCode,
    HouseholdEvent,
    Issue,
    Resident,
    StatusPeriod,
    Village,
)
from ledger.queries.household_events import standing_in_the_way
from ledger.rules.household_events import EventKind
from ledger.rules.issues import counts_as_open


@transaction.atomic
def undo(*, by: Any, event: HouseholdEvent) -> None:
    """Put everything back as it was before the event. Raises ValidationError with what stands in the way; a second
    time nothing is left to reverse."""
    ids = sorted(pk for pk in (event.household_id, event.other_id) if pk is not None)
    locked = Household.objects.select_for_update(of=("self",)).select_related("village__township").order_by("pk")
    held = {household.pk: household for household in locked.filter(pk__in=ids)}
    current = HouseholdEvent.objects.select_related("household", "other", "village").get(pk=event.pk)
    fault = standing_in_the_way(current)
    if fault:
        raise ValidationError(fault, code="built_on")
    household = held[current.household_id]
    label = str(household)
    HouseholdEvent.objects.filter(pk=current.pk).update(reversed_at=timezone.now(), reversed_by=by)
    acts: dict[str, Callable[[HouseholdEvent, Household, Household | None], None]] = {
        EventKind.STATUS: _status, EventKind.SPLIT: _split, EventKind.MERGE: _merge, EventKind.MOVE: _move,
    }  # fmt: skip
    acts[current.kind](current, household, held.get(current.other_id or 0))
    Household.objects.filter(pk=household.pk).update(version=F("version") + 1)
    record(verb="household.event_reversed", by=by, obj=household, label=label,
           detail={"kind": current.kind, "on": current.on.isoformat()})  # fmt: skip


def _status(event: HouseholdEvent, household: Household, other: Household | None) -> None:
    _status_back(event.kept, household)
    _term_back(event.kept, household)


def _split(event: HouseholdEvent, household: Household, made: Household | None) -> None:
    assert made is not None
    _members_back(event.kept, household)
    _issues_back(event.kept, made, household)
    Household.objects.filter(pk=household.pk).update(population=event.kept["population"])
    HouseholdEvent.objects.filter(pk=event.pk).update(other=None)
    made.delete()


def _merge(event: HouseholdEvent, household: Household, target: Household | None) -> None:
    assert target is not None
    _members_back(event.kept, household)
    _issues_back(event.kept, target, household)
    Household.objects.filter(pk=target.pk).update(population=event.kept["population"], version=F("version") + 1)
    _status_back(event.kept, household)
    _term_back(event.kept, household)


def _move(event: HouseholdEvent, household: Household, other: Household | None) -> None:
    kept = event.kept
    back = Village.objects.select_related("township").get(pk=kept["village"])
    HouseholdCode.objects.open().filter(household=household).delete()
    HouseholdCode.objects.filter(pk=kept["code_row"]).update(end_on=None, village=None)
    if back.township_id != household.village.township_id:
        household.residents.update(township=back.township_id)
    Household.objects.filter(pk=household.pk).update(
        village=back, group_id=kept["group"], address=kept["address"], code=kept["code"],
        code_is_generated=kept["generated"],
    )  # fmt: skip
    _term_back(kept, household)


def _status_back(kept: dict[str, Any], household: Household) -> None:
    StatusPeriod.objects.filter(pk=kept["period"]).delete()
    StatusPeriod.objects.filter(pk=kept["period_before"]).update(end_on=None)
    Household.objects.filter(pk=household.pk).update(status=kept["status"])


def _term_back(kept: dict[str, Any], household: Household) -> None:
    """The assignment that the event ended is open again; the one it began goes."""
    if kept.get("term"):
        assignments.take_back_many(pairs=[(kept["term"], kept.get("term_before"))])
    elif kept.get("term_before"):
        Assignment.objects.filter(pk=kept["term_before"]).update(end_on=None)
        assignments.refresh_cadres([household.pk])


def _members_back(kept: dict[str, Any], household: Household) -> None:
    for pk, (relation, text) in kept["members"].items():
        Resident.objects.filter(pk=int(pk)).update(
            household=household, relation=relation, relation_text=text, version=F("version") + 1
        )


def _issues_back(kept: dict[str, Any], source: Household, to: Household) -> None:
    moved = list(Issue.objects.filter(pk__in=kept["issues"]))
    opened = sum(counts_as_open(issue.state, sensitive=issue.is_sensitive) for issue in moved)
    Issue.objects.filter(pk__in=kept["issues"]).update(household=to)
    Household.objects.filter(pk=source.pk).update(open_issues=F("open_issues") - opened)
    Household.objects.filter(pk=to.pk).update(open_issues=F("open_issues") + opened)
