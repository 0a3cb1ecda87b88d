"""A cadre proposes, the township admin decides: changes of a household, of a member, a new member, one who left.

What is proposed is kept encrypted as ``{field: new value}`` in plain JSON. Without a member and with a name it is a
new member; with a member and ``left_on`` the member left.
"""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import households, residents
from ledger.actions.actors import acting_cadre_id
from ledger.actions.audit import record
from ledger.models import Correction, CorrectionState, Household, Resident
from ledger.queries.corrections import proposed_values
from ledger.rules.days import local_day

HOUSEHOLD_FIELDS = ("group", "address", "population", "types", "status")
MEMBER_FIELDS = ("name", "relation", "gender", "birth_on", "id_no", "phone", "left_on")


class AlreadyDecided(Exception):
    """Somebody else accepted or refused the correction a moment earlier."""


@transaction.atomic
def propose(
    *, by: Any, household: Household, data: dict[str, Any], reason: str, resident: Resident | None = None
) -> Correction:
    """Keep a proposal. ``data`` holds only what differs from today. Raises ValidationError when nothing does."""
    allowed = MEMBER_FIELDS if resident is not None or "name" in data else HOUSEHOLD_FIELDS
    values = {name: _plain(data[name]) for name in allowed if name in data}
    if not values:
        raise ValidationError(_("Nothing is different from what is recorded."), code="unchanged")
    correction = Correction.objects.create(
        household=household, resident=resident, proposed=json.dumps(values, ensure_ascii=False), reason=reason,
        proposed_by_id=acting_cadre_id(by),
    )  # fmt: skip
    record(
        verb="correction.proposed", by=by, obj=correction, label=_label(correction), detail={"fields": sorted(values)}
    )
    return correction


@transaction.atomic
def accept(*, by: Any, correction: Correction, answer: str = "") -> None:
    """Apply the proposal to the household or member as it stands now.

    Raises AlreadyDecided, or ValidationError when it no longer fits (the code or ID number is taken since).
    """
    _decide(by, correction, CorrectionState.ACCEPTED, answer)
    values = proposed_values(correction)
    if correction.resident is not None:
        _apply_to_member(by, correction, correction.resident, values)
    elif "name" in values:
        residents.add_resident(by=by, household=correction.household, data=values)
    else:
        _apply_to_household(by, correction, values)


@transaction.atomic
def refuse(*, by: Any, correction: Correction, answer: str) -> None:
    """Leave everything as it is and tell the cadre why. Raises AlreadyDecided."""
    _decide(by, correction, CorrectionState.REFUSED, answer)


def _decide(by: Any, correction: Correction, state: str, answer: str) -> None:
    waiting = Correction.objects.filter(pk=correction.pk, state=CorrectionState.PENDING)
    if waiting.update(state=state, decided_by=by, decided_at=timezone.now(), answer=answer) != 1:
        raise AlreadyDecided
    record(verb=f"correction.{state}", by=by, obj=correction, label=_label(correction), detail={"answer": answer})


def _apply_to_household(by: Any, correction: Correction, values: dict[str, Any]) -> None:
    household = Household.objects.get(pk=correction.household_id)
    status = values.pop("status", None)
    if values:
        household = households.edit_household(by=by, household=household, version=household.version, data=values)
    if status is not None:
        on, reason = local_day(correction.proposed_at), correction.reason
        households.change_status(
            by=by, household=household, version=household.version, status=status, on=on, reason=reason
        )


def _apply_to_member(by: Any, correction: Correction, resident: Resident, values: dict[str, Any]) -> None:
    left_on = values.pop("left_on", None)
    if values:
        resident = residents.edit_resident(by=by, resident=resident, version=resident.version, data=values)
    if left_on is not None:
        residents.leave(by=by, resident=resident, version=resident.version, on=left_on, reason=correction.reason)


def _label(correction: Correction) -> str:
    return correction.household.head_name


def _plain(value: Any) -> Any:
    """A form's cleaned value as JSON: records by their ids, days as text."""
    if hasattr(value, "pk"):
        return value.pk
    if isinstance(value, (str, int, type(None))):
        return value
    return [item.pk for item in value] if hasattr(value, "__iter__") else value.isoformat()
