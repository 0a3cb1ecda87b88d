"""走访: log, correct, void. One form makes one visit with its issues and photos, in one transaction.

Only a household or night visit with result *met* moves a household's last contact, and never back: a late entry of
an earlier day leaves it alone.
"""

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import evidence
from ledger.actions import issues as issue_actions
from ledger.actions.actors import acting_cadre_id
from ledger.actions.audit import record
from ledger.actions.submissions import submit
from ledger.actions.versions import update_version
from ledger.actions.visit_points import rewrite_points, write_points
from ledger.models import Evidence, Household, Issue, Visit, VisitCorrection, VisitNote
from ledger.models.scope import scope_of
from ledger.queries.visits import TICKS, profession_of
from ledger.rules.issues import Source
from ledger.rules.visits import CONTACT_KINDS, Profession, VisitKind, VisitResult, is_contact

ROW_FIELDS = (
    "kind", "meeting_form", "result", "occurred_on", "occurred_time", "part_of_day", "device_at", "village", "group",
    "household", "enterprise", "place", "people_met", "opinions_heard", "content", "promise", "follow_up_on",
    "attendees", "speakers", "quantity", "unit",
)  # fmt: skip
LIST_FIELDS = ("companions", "topics", "other_households")
CORRECTABLE = (
    "kind", "result", "occurred_on", "part_of_day", "place", "people_met", "opinions_heard", "content", "promise",
    "follow_up_on", "attendees", "speakers", "quantity", "unit",
)  # fmt: skip
SOURCES: dict[str, str] = {
    VisitKind.MEETING: Source.MEETING, VisitKind.PHONE: Source.PHONE,
    VisitKind.RECEPTION: Source.RECEPTION, VisitKind.DUTY: Source.RECEPTION,
}  # fmt: skip
"""How an issue raised in such a contact reached us; all other kinds count as a visit."""


class IssueFault(Exception):
    """One of the issues in the form can't be registered, so nothing was written; ``index`` says which one."""

    def __init__(self, index: int, error: ValidationError) -> None:
        super().__init__(str(error))
        self.index = index
        self.error = error


def log_visit(
    *, by: Any, data: dict[str, Any], client_id: uuid.UUID | None = None, issues: Sequence[dict[str, Any]] = (),
    photos: Sequence[Any] = (),
) -> tuple[int, bool]:  # fmt: skip
    """Record a visit of the signed-in cadre, with the issues and photos of the same form.

    ``data`` holds ``ROW_FIELDS`` (``village`` or a ``household`` with its village) and ``LIST_FIELDS``; ``issues``
    what ``issues.register`` wants of each. Returns the visit's id and whether it is new: the same client id again
    is the same visit. Raises SubmissionConflict for the same id with another body, IssueFault for an issue that
    can't be registered.
    """
    body = {**data, "issues": list(issues), "photos": list(photos)}
    kept: list[Evidence] = []
    is_new = False
    try:
        made, is_new = submit(
            user=by, form="visit", client_id=client_id, body=body,
            write=lambda: _write(by, data, issues, photos, kept), look_first=bool(issues or photos),
        )  # fmt: skip
    finally:
        if not is_new:
            evidence.take_back(kept)
    return made, is_new


def _write(
    by: Any, data: dict[str, Any], issues: Sequence[dict[str, Any]], photos: Sequence[Any], kept: list[Evidence]
) -> int:
    household: Household | None = data.get("household")
    hold({each.pk for each in (household, *(issue.get("household") for issue in issues)) if each is not None})
    visit = store(by=by, data=data)
    raised = [register_raised(by, visit, index, issue) for index, issue in enumerate(issues)]
    # Last: files on the disk know no rollback.
    kept += evidence.store_all(by=by, files=photos, visit=visit)
    # Ordinary ones only: whoever reads this row of the trail may not know of the others.
    told(by=by, visit=visit, issues=sum(not issue.is_sensitive for issue in raised))
    return int(visit.pk)


def store(*, by: Any, data: dict[str, Any]) -> Visit:
    """The visit's own row, its lists and its household's dates; the caller holds the transaction and says ``told``."""
    household: Household | None = data.get("household")
    visit = Visit(
        lead_id=acting_cadre_id(by), recorded_by=by, profession=profession_of(scope_of(by)),
        **{name: data[name] for name in ROW_FIELDS if name in data},
    )  # fmt: skip
    if household is not None:
        visit.village, visit.group_id = household.village, household.group_id
    visit.save(force_insert=True)
    _write_lists(visit, data)
    if data.get("note") and visit.profession != Profession.CADRE:
        VisitNote.objects.create(visit=visit, profession=visit.profession, **data["note"])
    write_points(visit, data.get("points") or ())
    if household is not None:
        _move_dates(household, visit)
    return visit


def told(*, by: Any, visit: Visit, issues: int = 0) -> None:
    """The row of the trail for a visit that was just stored."""
    detail = {"kind": visit.kind, "result": visit.result, "on": visit.occurred_on.isoformat(), "issues": issues}
    record(verb="visit.logged", by=by, obj=visit, label=_label(visit), detail=detail)


def hold(named: Collection[int]) -> None:
    """Lock the households whose rows will be written, when there are several, always in the same order.

    Two meetings that name the same households in another order would else wait for each other.
    """
    if len(named) > 1:
        list(Household.objects.select_for_update(no_key=True).filter(pk__in=named).order_by("pk").values_list("pk"))


@transaction.atomic
def correct_visit(*, by: Any, visit: Visit, version: int, data: dict[str, Any], reason: str) -> Visit:
    """Change a visit and keep what it said before, with reason and author.

    ``data`` may hold ``CORRECTABLE``, ``LIST_FIELDS``, ``points`` and a ``note`` of its profession, which stays sealed.
    Raises StaleEdit when somebody was faster, ValidationError for a void visit.
    """
    before = Visit.objects.select_related("household", "village__township").get(pk=visit.pk)
    _refuse_void(before)
    changed = {name: data[name] for name in CORRECTABLE if name in data and data[name] != getattr(before, name)}
    old = {name: _kept(getattr(before, name)) for name in changed}
    lists = {name: sorted(item.pk for item in data[name]) for name in LIST_FIELDS if name in data}
    for name in lists:
        held = sorted(getattr(before, name).values_list("pk", flat=True))
        if held != lists[name]:
            old[name] = [str(item) for item in getattr(before, name).all()]
    if "points" in data and (said := rewrite_points(before, data["points"])) is not None:
        old[TICKS] = said
    note = _note_before(before, data.get("note"))
    if not old and note is None:
        return before
    update_version(Visit.objects.all(), pk=before.pk, version=version, **changed)
    for name in old.keys() & lists.keys():
        getattr(before, name).set(lists[name])
    if note is not None:
        VisitNote.objects.update_or_create(visit=before, defaults={**data["note"], "profession": before.profession})
    sealed = json.dumps(note, ensure_ascii=False) if note else ""
    VisitCorrection.objects.create(visit=before, old=old, old_note=sealed, reason=reason, by_id=acting_cadre_id(by))
    if before.household_id is not None and changed.keys() & {"kind", "result", "occurred_on"}:
        refresh_dates([before.household_id])
    detail = {"fields": sorted([*old, *(["note"] if note is not None else [])]), "reason": reason}
    record(verb="visit.corrected", by=by, obj=before, label=_label(before), detail=detail)
    return Visit.objects.get(pk=before.pk)


def _note_before(visit: Visit, note: dict[str, str] | None) -> dict[str, str] | None:
    """What the note said until now, of the fields that change; None when nothing of it does."""
    if note is None or visit.profession == Profession.CADRE:
        return None
    held = VisitNote.objects.filter(visit=visit).first() or VisitNote()
    if all(getattr(held, name) == said for name, said in note.items()):
        return None
    return {name: getattr(held, name) for name, said in note.items() if getattr(held, name) not in ("", said)}


@transaction.atomic
def void_visit(*, by: Any, visit: Visit, version: int, reason: str) -> None:
    """Mark a wrong entry; it counts nowhere from now on. The issues it raised stay, with their own course."""
    before = Visit.objects.select_related("household", "village__township").get(pk=visit.pk)
    _refuse_void(before)
    update_version(
        Visit.objects.filter(voided_at__isnull=True), pk=before.pk, version=version, voided_at=timezone.now(),
        voided_by=by, void_reason=reason,
    )  # fmt: skip
    if before.household_id is not None:
        refresh_dates([before.household_id])
    record(verb="visit.voided", by=by, obj=before, label=_label(before), detail={"reason": reason})


def refresh_dates(households: Iterable[int]) -> None:
    """Write ``last_met_on`` and ``last_visit_on`` of these households again from their visits."""
    counted = Visit.objects.filter(household=OuterRef("pk"), voided_at__isnull=True).order_by().values("household")
    met = counted.filter(kind__in=CONTACT_KINDS, result=VisitResult.MET)
    latest = Max("occurred_on")
    # Locked first: a visit that is stored at this moment has moved the dates, and would not be read without waiting.
    held = Household.objects.select_for_update(of=("self",)).filter(pk__in=list(households)).order_by("pk")
    Household.objects.filter(pk__in=list(held.values_list("pk", flat=True))).update(
        last_met_on=Subquery(met.annotate(day=latest).values("day")),
        last_visit_on=Subquery(counted.annotate(day=latest).values("day")),
    )


def _move_dates(household: Household, visit: Visit) -> None:
    """Forward only, in one statement and without reading the history.

    Written out: the ORM needs ten times as long to say "the later of both, where NULL is earlier than any day".
    """
    day = connection.ops.adapt_datefield_value(visit.occurred_on)
    names = ["last_visit_on", "last_met_on"] if is_contact(visit.kind, visit.result) else ["last_visit_on"]
    sets = ", ".join(f"{name} = CASE WHEN {name} >= %s THEN {name} ELSE %s END" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE ledger_household SET {sets} WHERE id = %s",  # noqa: S608  # names of our own
            [*[day, day] * len(names), household.pk],
        )


def _write_lists(visit: Visit, data: dict[str, Any]) -> None:
    """The lists of a visit that has none yet: one statement each, nothing read."""
    for name in LIST_FIELDS:
        rows = {row.pk for row in data.get(name) or ()}
        if rows:
            relation = Visit._meta.get_field(name)
            through, column = relation.remote_field.through, relation.m2m_reverse_name()  # type: ignore[union-attr]
            through.objects.bulk_create(through(visit_id=visit.pk, **{column: pk}) for pk in sorted(rows))


def register_raised(by: Any, visit: Visit, index: int, issue: dict[str, Any]) -> Issue:
    """Register an issue of a visit that was just stored: where and from whom it comes is what the visit says.

    Raises IssueFault with ``index`` when it can't be registered.
    """
    household = visit.household
    data = {
        "source": SOURCES.get(visit.kind, Source.VISIT), "village": visit.village, "group": visit.group,
        "household": household, "raised_by_name": household.head_name if household else "",
        **{name: value for name, value in issue.items() if name != "household" or value is not None},
    }  # fmt: skip
    try:
        return issue_actions.register(by=by, data=data, visit=visit)
    except ValidationError as error:
        raise IssueFault(index, error) from error
    except issue_actions.StepRefused as error:
        raise IssueFault(index, ValidationError(str(error))) from error


def _refuse_void(visit: Visit) -> None:
    if visit.voided_at is not None:
        raise ValidationError(_("The visit is void: log it anew."), code="void")


def _label(visit: Visit) -> str:
    return visit.household.head_name if visit.household else visit.place or visit.village.name


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
