"""户: make, change, and date what is dated (code, status)."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import assignments, benefits
from ledger.actions.audit import record
from ledger.actions.residents import add_resident
from ledger.actions.versions import update_version
from ledger.models import Household, HouseholdCode, HouseholdEvent, StatusPeriod, Village
from ledger.rules.days import local_today
from ledger.rules.household_events import EventKind
from ledger.rules.households import (
    GENERATED_CODE_PREFIX,
    HouseholdStatus,
    Relation,
    generated_code,
    generated_number,
    is_generated_code,
)

FIELDS = ("code", "group", "address", "population", "registered_on", "house_order", "remark")
"""What ``edit_household`` writes on the row; types come beside them, the status has its own act."""


@transaction.atomic
def create_household(
    *, by: Any, village: Village, data: dict[str, Any], head: dict[str, Any], cadre: Any = None
) -> Household:
    """Make a household with its head; without a code it gets a generated one.

    ``data`` holds ``FIELDS`` and ``types``, ``head`` the fields of a member. Raises ValidationError for a code the
    village has already and for an ID number the township knows.
    """
    today = local_today()
    place = Village.objects.select_for_update(of=("self",)).select_related("township").get(pk=village.pk)
    values = {name: data[name] for name in FIELDS if name in data}
    typed = values.get("code", "")
    values["code"] = checked_code(place, typed) if typed else next_code(place)
    household = Household(village=place, code_is_generated=not typed, head_name=head["name"], **values)
    save_new(household)
    household.types.set(data.get("types", ()))
    HouseholdCode.objects.create(household=household, code=household.code, start_on=today)
    StatusPeriod.objects.create(household=household, status=household.status, start_on=today)
    record(verb="household.created", by=by, obj=household, detail={"code": household.code})
    add_resident(by=by, household=household, data={**head, "relation": Relation.HEAD})
    if cadre is not None:
        assignments.assign(by=by, household=household, cadre=cadre)
    household.refresh_from_db()
    return household


@transaction.atomic
def edit_household(*, by: Any, household: Household, version: int, data: dict[str, Any]) -> Household:
    """Change a household; fields that ``data`` lacks stay. Raises StaleEdit when somebody was faster."""
    before = Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)
    changed = {name: data[name] for name in FIELDS if name in data and data[name] != getattr(before, name)}
    old_types, types = _types(before, data)
    received = benefits.differing(before, data["benefits"]) if "benefits" in data else None
    if not changed and old_types == types and received is None:
        return before
    if "code" in changed:
        checked_code(before.village, changed["code"], but=before)
        changed["code_is_generated"] = False
    update_version(Household.objects.all(), pk=before.pk, version=version, updated_at=timezone.now(), **changed)
    if "code" in changed:
        _date_code(before, changed["code"])
    if old_types != types:
        before.types.set(types)
    detail = {name: [_told(getattr(before, name)), _told(value)] for name, value in changed.items()}
    if old_types != types:
        detail["types"] = [", ".join(t.name for t in old_types), ", ".join(t.name for t in types)]
    if received is not None:
        detail["benefits"] = ["; ".join(received), "; ".join(benefits.write(before, data["benefits"]))]
    record(verb="household.changed", by=by, obj=before, detail={"changes": detail})
    return Household.objects.select_related("village__township").get(pk=before.pk)


@transaction.atomic
def change_status(
    *, by: Any, household: Household, version: int, status: str, on: datetime.date, reason: str
) -> Household:
    """Give the household another status from the day ``on``; the earlier one keeps its days.

    A household that is gone (merged, moved away, closed) ends its assignment with it. Raises ValidationError for a
    day ahead, or one before the present status began; StaleEdit when somebody was faster.
    """
    before = Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)
    if before.status == status:
        return before
    if on > local_today():
        raise ValidationError({"on": _("The day lies ahead: enter the change on the day it happens.")})
    current = StatusPeriod.objects.open().filter(household=before).first()
    if current is not None and on < current.start_on:
        message = _("The present status began on %(day)s: choose that day or a later one.")
        raise ValidationError({"on": message % {"day": current.start_on.isoformat()}})
    update_version(Household.objects.all(), pk=before.pk, version=version, status=status, updated_at=timezone.now())
    StatusPeriod.objects.open().filter(household=before).update(end_on=on)
    period = StatusPeriod.objects.create(household=before, status=status, start_on=on, reason=reason)
    kept: dict[str, Any] = {
        "period": period.pk, "period_before": current.pk if current is not None else None, "status": before.status
    }  # fmt: skip
    term = before.assignments.open().first()
    if status in assignments.GONE and term is not None:
        kept["term_before"] = term.pk
    HouseholdEvent.objects.create(
        household=before, kind=EventKind.STATUS, on=on, reason=reason, kept=kept, at=timezone.now(),
        by=None if isinstance(by, str) else by,
    )  # fmt: skip
    record(
        verb="household.status_changed", by=by, obj=before,
        detail={"from": before.status, "to": status, "on": on.isoformat(), "reason": reason},
    )  # fmt: skip
    if status in assignments.GONE:
        _end_assignment(by, before, on, status)
    return Household.objects.select_related("village__township").get(pk=before.pk)


def next_code(village: Village) -> str:
    """The next generated code of a village; numbers once given, also to a household recoded since, stay given."""
    here = Q(village=village) | Q(village=None, household__village=village)
    given = HouseholdCode.objects.filter(here, code__startswith=GENERATED_CODE_PREFIX)
    return generated_code(1 + max((generated_number(code) for code in given.values_list("code", flat=True)), default=0))


def _end_assignment(by: Any, household: Household, on: datetime.date, status: str) -> None:
    """The cadre's duty ends with the household, on the day it began at the earliest."""
    current = household.assignments.open().first()
    if current is not None:
        reason = str(HouseholdStatus(status).label)
        assignments.end(by=by, household=household, on=max(on, current.start_on), reason=reason)


def checked_code(village: Village, code: str, but: Household | None = None) -> str:
    """The typed code, which nobody else has in the village; raises ValidationError."""
    if is_generated_code(code):
        message = _("Codes that begin with “%(prefix)s” are made by the system: leave the field empty for one.")
        raise ValidationError({"code": message % {"prefix": GENERATED_CODE_PREFIX}})
    holders = Household.objects.filter(village=village, code=code)
    twin = (holders.exclude(pk=but.pk) if but is not None else holders).first()
    if twin is not None:
        message = _("The household of %(head)s has this code in the village already.")
        raise ValidationError({"code": message % {"head": twin.head_name}})
    return code


def save_new(household: Household) -> None:
    """Store it; raises ValidationError when somebody took its code at the same moment."""
    try:
        with transaction.atomic():
            household.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError({"code": _("The village has a household with this code already.")}) from error


def _date_code(household: Household, code: str) -> None:
    """The code until now stays on record with its days."""
    today = local_today()
    HouseholdCode.objects.open().filter(household=household).update(end_on=today)
    HouseholdCode.objects.create(household=household, code=code, start_on=today)


def _types(household: Household, data: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    old = sorted(household.types.all(), key=lambda kind: kind.pk)
    return old, sorted(data["types"], key=lambda kind: kind.pk) if "types" in data else old


def _told(value: Any) -> str:
    return "" if value is None else str(value)
