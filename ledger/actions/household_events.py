"""户的变动: a household splits, becomes part of another, moves to another village; members, cadre and open matters go
along. Each is one event with what reversing it needs (``actions/household_undo``)."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import assignments
from ledger.actions.audit import record
from ledger.actions.households import checked_code, next_code, save_new
from ledger.actions.versions import update_version
from ledger.models import (
    Assignment,
    Cadre,
    Group,
    Household,
    HouseholdCode,
    HouseholdEvent,
    Issue,
    Resident,
    StatusPeriod,
    Village,
)
from ledger.rules.days import local_today
from ledger.rules.household_events import EventKind
from ledger.rules.households import HouseholdStatus, Relation
from ledger.rules.issues import UNFINISHED_STATES, counts_as_open


@transaction.atomic
def split(
    *, by: Any, household: Household, version: int, on: datetime.date, reason: str, head: Resident,
    members: Sequence[Resident], issues: Sequence[Issue] = (), group: Group | None = None, address: str = "",
    code: str = "",
) -> Household:  # fmt: skip
    """Make a household of its own of some members; ``head`` leads it. Its cadre is the one of the household it leaves.

    Raises ValidationError for a head who stays head here, a day that does not fit and a code in use; StaleEdit.
    """
    held = _hold(household)
    _refuse_day(held, on)
    leaving = {member.pk: member for member in (*members, head)}
    current = {member.pk: member for member in held.residents.filter(left_on__isnull=True)}
    if not leaving.keys() <= current.keys() or any(current[pk].relation == Relation.HEAD for pk in leaving):
        raise ValidationError({"members": _("Choose members who live here; the head stays.")}, code="head")
    Village.objects.select_for_update(of=("self",)).get(pk=held.village_id)
    made = Household(
        village=held.village, group=group, address=address, head_name=head.name, pinyin=head.pinyin,
        initials=head.initials, population=len(leaving), code_is_generated=not code,
        code=checked_code(held.village, code) if code else next_code(held.village),
    )  # fmt: skip
    save_new(made)
    HouseholdCode.objects.create(household=made, code=made.code, start_on=on)
    StatusPeriod.objects.create(household=made, status=made.status, start_on=on, reason=reason)
    population = max((held.population or len(current)) - len(leaving), len(current) - len(leaving))
    update_version(Household.objects.all(), pk=held.pk, version=version, population=population)
    kept: dict[str, Any] = {"members": _move_members(leaving.values(), made, head=head), "population": held.population}
    kept["issues"] = _move_issues([issue for issue in issues if issue.household_id == held.pk], held, made)
    if held.cadre is not None:
        assignments.assign(by=by, household=made, cadre=held.cadre, on=on, reason=reason)
    _event(by, held, EventKind.SPLIT, on, reason, kept, other=made)
    detail = {"to": [made.pk, made.head_name], "members": len(leaving), "on": on.isoformat(), "reason": reason}
    record(verb="household.split", by=by, obj=held, detail=detail)
    return Household.objects.select_related("village__township").get(pk=made.pk)


@transaction.atomic
def merge(*, by: Any, household: Household, version: int, into: Household, on: datetime.date, reason: str) -> Household:
    """The household becomes part of another: its members and open matters go there, its cadre's duty ends.

    Raises ValidationError for itself, one of another township, one that is gone, a day that does not fit; StaleEdit.
    """
    held, target = _hold_two(household, into)
    _refuse_day(held, on)
    if target.pk == held.pk or target.status in assignments.GONE or held.status in assignments.GONE:
        raise ValidationError({"into": _("Choose another household that is still there.")}, code="gone")
    if target.village.township_id != held.village.township_id:
        raise ValidationError({"into": _("Choose a household of the same township.")}, code="elsewhere")
    current = list(held.residents.filter(left_on__isnull=True))
    kept: dict[str, Any] = {"population": target.population, "members": _move_members(current, target)}
    kept["issues"] = _move_issues(held.issues.filter(state__in=UNFINISHED_STATES), held, target)
    kept |= _end_term(by, held, on, str(HouseholdStatus.MERGED.label))
    kept |= _new_status(held, HouseholdStatus.MERGED, on, reason)
    update_version(
        Household.objects.all(), pk=held.pk, version=version, status=HouseholdStatus.MERGED, updated_at=timezone.now()
    )
    people = (target.population or 0) + len(current)
    Household.objects.filter(pk=target.pk).update(population=people, version=F("version") + 1)
    _event(by, held, EventKind.MERGE, on, reason, kept, other=target)
    detail = {"to": [target.pk, target.head_name], "members": len(current), "on": on.isoformat(), "reason": reason}
    record(verb="household.merged", by=by, obj=held, detail=detail)
    return target


@transaction.atomic
def move(
    *, by: Any, household: Household, version: int, village: Village, on: datetime.date, reason: str,
    group: Group | None = None, address: str = "", code: str = "", cadre: Cadre | None = None,
) -> Household:  # fmt: skip
    """The whole household lives in another village from ``on``; the code there is typed or made, that here is history.

    ``cadre`` looks after it from then on; None leaves a gap, which the list of gaps shows. Open matters stay where
    they lie, and go on belonging to the household. Raises ValidationError as ``merge`` does; StaleEdit.
    """
    held = _hold(household)
    _refuse_day(held, on)
    there = Village.objects.select_for_update(of=("self",)).select_related("township").get(pk=village.pk)
    if there.pk == held.village_id or there.successor_id is not None or held.status in assignments.GONE:
        raise ValidationError({"village": _("Choose another village.")}, code="same")
    wanted = checked_code(there, code) if code else next_code(there)
    old = HouseholdCode.objects.open().filter(household=held).first()
    kept: dict[str, Any] = {
        "village": held.village_id, "group": held.group_id, "address": held.address, "code": held.code,
        "generated": held.code_is_generated, "code_row": old.pk if old is not None else None,
    }  # fmt: skip
    values = {"village": there, "group": group, "code": wanted, "code_is_generated": not code, "address": address}
    update_version(Household.objects.all(), pk=held.pk, version=version, updated_at=timezone.now(), **values)
    HouseholdCode.objects.open().filter(household=held).update(end_on=on, village=held.village)
    HouseholdCode.objects.create(household=held, code=wanted, start_on=on)
    if there.township_id != held.village.township_id:
        held.residents.update(township=there.township_id)
    moved = Household.objects.select_related("village__township").get(pk=held.pk)
    kept |= _next_term(by, moved, cadre, on, reason)
    _event(by, moved, EventKind.MOVE, on, reason, kept, village=held.village)
    detail = {"from": held.village.name, "to": there.name, "on": on.isoformat(), "reason": reason}
    record(verb="household.moved", by=by, obj=moved, detail=detail)
    return moved


def _hold(household: Household) -> Household:
    rows = Household.objects.select_for_update(of=("self",)).select_related("village__township", "cadre")
    return rows.get(pk=household.pk)


def _hold_two(one: Household, other: Household) -> tuple[Household, Household]:
    """Both locked in the order of their ids."""
    rows = Household.objects.select_for_update(of=("self",)).select_related("village__township", "cadre")
    found = {row.pk: row for row in rows.filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    return found[one.pk], found[other.pk]


def _refuse_day(household: Household, on: datetime.date) -> None:
    if on > local_today():
        raise ValidationError({"on": _("The day lies ahead: enter the change on the day it happens.")})
    period = StatusPeriod.objects.open().filter(household=household).first()
    term = Assignment.objects.open().filter(household=household).first()
    first = max((row.start_on for row in (period, term) if row is not None), default=None)
    if first is not None and on < first:
        message = _("Something else has changed on %(day)s: choose that day or a later one.")
        raise ValidationError({"on": message % {"day": first.isoformat()}})


def _move_members(members: Any, to: Household, head: Resident | None = None) -> dict[str, list[Any]]:
    """The members belong to another household; what each was before, by id."""
    before = {}
    for member in members:
        before[str(member.pk)] = [member.relation, member.relation_text]
        relation = Relation.HEAD if head is not None and member.pk == head.pk else Relation.OTHER
        keeps = head is not None and relation != Relation.HEAD
        Resident.objects.filter(pk=member.pk).update(
            household=to, version=F("version") + 1, relation=member.relation if keeps else relation,
            relation_text=member.relation_text if keeps else "",
        )  # fmt: skip
    return before


def _move_issues(issues: Any, source: Household, to: Household) -> list[int]:
    """Matters that go along; the kept counts of open ones with them."""
    moved = list(issues)
    opened = sum(counts_as_open(issue.state, sensitive=issue.is_sensitive) for issue in moved)
    Issue.objects.filter(pk__in=[issue.pk for issue in moved]).update(household=to)
    Household.objects.filter(pk=source.pk).update(open_issues=F("open_issues") - opened)
    Household.objects.filter(pk=to.pk).update(open_issues=F("open_issues") + opened)
    return [issue.pk for issue in moved]


def _new_status(household: Household, status: str, on: datetime.date, reason: str) -> dict[str, Any]:
    before = StatusPeriod.objects.open().filter(household=household).first()
    StatusPeriod.objects.open().filter(household=household).update(end_on=on)
    made = StatusPeriod.objects.create(household=household, status=status, start_on=on, reason=reason)
    return {"period": made.pk, "period_before": before.pk if before is not None else None, "status": household.status}


def _end_term(by: Any, household: Household, on: datetime.date, reason: str) -> dict[str, Any]:
    term = Assignment.objects.open().filter(household=household).first()
    if term is not None:
        assignments.end(by=by, household=household, on=max(on, term.start_on), reason=reason, leaves_gap=True)
    return {"term_before": term.pk if term is not None else None}


def _next_term(by: Any, household: Household, cadre: Cadre | None, on: datetime.date, reason: str) -> dict[str, Any]:
    """Who looks after it in its new place."""
    term = Assignment.objects.open().filter(household=household).first()
    if cadre is None:
        return _end_term(by, household, on, reason)
    made = assignments.assign(by=by, household=household, cadre=cadre, on=on, reason=reason)
    if term is not None and made.pk == term.pk:
        return {}
    return {"term": made.pk, "term_before": term.pk if term is not None else None}


def _event(
    by: Any, household: Household, kind: str, on: datetime.date, reason: str, kept: dict[str, Any], **more: Any
) -> HouseholdEvent:  # fmt: skip
    made: HouseholdEvent = HouseholdEvent.objects.create(
        household=household, kind=kind, on=on, reason=reason, kept=kept, by=None if isinstance(by, str) else by,
        at=timezone.now(), **more,
    )  # fmt: skip
    return made
