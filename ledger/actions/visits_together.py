"""批量补记: the households somebody has just walked, each its own visit, all or none."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.actions import visits
from ledger.actions.submissions import replayed, submit
from ledger.models import Household, Visit
from ledger.queries.visits_together import same_day
from ledger.rules.visits import VisitResult

FORM = "visits"
LEAVE, ALL = "leave", "all"
"""What is to become of households where somebody was the same day: left out, or logged all the same."""


@dataclass(frozen=True)
class Walked:
    """One household of the walk: what came of it, and a line of its own (else what is written for all)."""

    household: Household
    result: str = VisitResult.MET
    line: str = ""
    points: tuple[dict[str, Any], ...] = ()
    """What it says of points of campaigns, as ``log_visit`` wants it."""


@dataclass
class Logged:
    """What became of the walk: how many visits there are now, how many households were left out."""

    count: int = 0
    left_out: int = 0
    is_new: bool = True


@dataclass
class SomebodyWasThere(Exception):
    """Of some of the households there is a visit of that day already; nothing was written."""

    visits: list[Visit] = field(default_factory=list)


def log_together(
    *, by: Any, data: dict[str, Any], walked: list[Walked], doubles: str = "", client_id: uuid.UUID | None = None
) -> Logged:
    """One visit for each of ``walked``, all with the day, kind, companions and topics of ``data``.

    Raises SomebodyWasThere until ``doubles`` says what is to become of those, SubmissionConflict for the same client
    id with another walk, ValidationError when nothing is left.
    """
    body = {**data, "doubles": doubles, "walked": [_body(one) for one in walked]}
    sent = {"user": by, "form": FORM, "client_id": client_id, "body": body}
    logged = Logged()
    try:
        _first, logged.is_new = submit(**sent, write=lambda: _write(by, data, walked, doubles, logged))
    except SomebodyWasThere:
        # The twin of this form may have been faster: then it is those visits that stand there.
        if replayed(**sent) is None:
            raise
        logged.is_new = False
    return logged


def _write(by: Any, data: dict[str, Any], walked: list[Walked], doubles: str, logged: Logged) -> int:
    visits.hold({one.household.pk for one in walked})
    there = same_day([one.household.pk for one in walked], data["occurred_on"])
    if there and doubles not in {LEAVE, ALL}:
        raise SomebodyWasThere(there)
    left_out = {visit.household_id for visit in there} if doubles == LEAVE else set()
    rest = [one for one in walked if one.household.pk not in left_out]
    if not rest:
        raise ValidationError(_("Somebody was at each of these households that day: there is nothing to log."))
    stored = [visits.store(by=by, data=_data(data, one)) for one in rest]
    for visit in stored:
        visits.told(by=by, visit=visit)
    logged.count, logged.left_out = len(stored), len(walked) - len(stored)
    return int(stored[0].pk)


def _body(one: Walked) -> list[Any]:
    """As an earlier version sent it, where nothing is said of points: waiting phones send what it hashed."""
    return [one.household, one.result, one.line, *([one.points] if one.points else [])]


def _data(data: dict[str, Any], one: Walked) -> dict[str, Any]:
    met = one.result == VisitResult.MET
    said = one.line or (data["content"] if met else "")
    row = {"household": one.household, "result": one.result, "content": said, "people_met": int(met)}
    return {**data, **row, "points": one.points}
