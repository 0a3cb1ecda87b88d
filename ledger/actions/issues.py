"""民情事项: register it, and move it by one step (``issue_writing`` does the writing)."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import evidence, guides
from ledger.actions.issue_checks import prepare
from ledger.actions.issue_company import bring_along, send_complaint
from ledger.actions.issue_kinds import begin_kind, check_outcomes
from ledger.actions.issue_moves import Move
from ledger.actions.issue_numbers import next_number
from ledger.actions.issue_steps import EFFECTS
from ledger.actions.issue_together import Together
from ledger.actions.issue_writing import StaleIssue, add_step, count_open, read_issue, write_step
from ledger.actions.submissions import submit
from ledger.models import Cadre, Evidence, Household, Issue, IssueStep, Village, Visit
from ledger.models.issue_scope import capacities, capacities_of_one
from ledger.models.scope import may, scope_of
from ledger.queries.calendar import calendar_of
from ledger.queries.issue_desks import lowest_desk
from ledger.queries.issue_standing import standing_of
from ledger.rules.days import local_day
from ledger.rules.issue_results import RESULT_FIELDS
from ledger.rules.issue_steps import ON_THE_SPOT, STEPS, Step, needs, refusal
from ledger.rules.issues import (
    MAY_BE_SENSITIVE,
    IssueKind,
    Source,
    State,
    Urgency,
    counts_as_open,
    must_be_sensitive,
)
from ledger.rules.permissions import LEVEL_RANK, Level, Permission


class StepRefused(Exception):
    """The step is not this person's to take now; the text of the exception is the sentence to show (403)."""


def register(*, by: Any, data: dict[str, Any], visit: Visit | None = None, client_id: uuid.UUID | None = None) -> Issue:
    """Register an issue and give it its ledger number; the same ``client_id`` again returns the same issue.

    ``data``: ``kind category title`` and ``household`` or ``village`` (needed); ``text urgency source group
    raised_by_name raised_by_phone about_cadre is_sensitive earlier_number files``; on the spot (当场办结) also
    ``on_spot=True outcomes result_text`` and what the outcomes need (``rules/issue_results``).

    Raises StepRefused when the place lies outside what the person may raise issues for, ValidationError (by
    field) for what does not fit together, SubmissionConflict when the client id came with another body.
    """
    written: list[Issue] = []
    kept: list[Evidence] = []
    is_new = False

    def write() -> int:
        written.append(_register(by, data, visit, kept))
        return int(written[0].pk)

    body = {**data, "visit": visit}
    try:
        made, is_new = submit(user=by, form="issue", client_id=client_id, body=body, write=write)
    finally:
        if not is_new:
            evidence.take_back(kept)
    return written[0] if is_new else read_issue(made)


@transaction.atomic
def _register(by: Any, data: dict[str, Any], visit: Visit | None, kept: list[Evidence]) -> Issue:
    now = timezone.now()
    issue = _draft(by, data, visit, now)
    if issue.household_id is not None:
        count_open(issue, before=False, after=counts_as_open(issue.state, sensitive=issue.is_sensitive))
    number = next_number(issue.township, issue.year)
    issue.serial, issue.number = number.serial, number.text
    issue.save(force_insert=True)
    add_step(
        issue, by=by, detail={"kind": issue.kind}, step=Step.REGISTER, to_state=State.REGISTERED,
        cadre=issue.registered_by, at=now, due_on=issue.triage_due_on,
        data={"level": issue.level, "category": issue.category.full_name},
    )  # fmt: skip
    begin_kind(issue, data)
    send_complaint(issue, now)
    if data.get("on_spot"):
        _settle_on_the_spot(by, issue, data, now)
    kept += evidence.store_all(by=by, files=data.get("files") or (), issue=issue)
    return issue


def _draft(by: Any, data: dict[str, Any], visit: Visit | None, now: datetime.datetime) -> Issue:
    """The issue as it will be stored, without its number."""
    _check_needs(Step.REGISTER, data)
    village, household = _place(by, data)
    kind, category, about = data["kind"], data["category"], data.get("about_cadre")
    if category.county_id != village.township.county_id:
        raise ValidationError({"category": _("Choose a category of the county.")})
    sensitive = must_be_sensitive(kind, restricted=category.restricts)
    if data.get("on_spot") and kind == IssueKind.COMPLAINT:
        raise ValidationError({"on_spot": _("A complaint goes to the discipline office: it can't be settled here.")})
    to_township = kind == IssueKind.COMPLAINT or category.restricts
    # A desk at the level the category begins at, or the next above it that somebody holds.
    floor = Level.TOWNSHIP if to_township else Level.VILLAGE
    lowest = max(floor, Level(category.starts_at), key=lambda level: LEVEL_RANK[level])
    return Issue(
        township=village.township, village=village, household=household,
        group=household.group if household is not None else data.get("group"),
        year=local_day(now).year, kind=kind, category=category, title=data["title"].strip(),
        text=(data.get("text") or "").strip(), source=data.get("source") or Source.VISIT,
        urgency=data.get("urgency") or Urgency.NORMAL, earlier_number=data.get("earlier_number") or "",
        raised_by_name=(data.get("raised_by_name") or "").strip(), raised_by_phone=data.get("raised_by_phone") or "",
        about_cadre=about if kind == IssueKind.COMPLAINT else None,
        is_sensitive=sensitive or (bool(data.get("is_sensitive")) and kind in MAY_BE_SENSITIVE),
        visit=visit, registered_by=_cadre(by), registered_at=now, state=State.REGISTERED,
        level=lowest_desk(village, at_least=lowest, without=about),
        triage_due_on=_triage_due_on(village, kind, data),
    )  # fmt: skip


def _triage_due_on(village: Village, kind: str, data: dict[str, Any]) -> datetime.date | None:
    """By when the desk assigns it; a wish waits in its pool until somebody claims it."""
    if kind == IssueKind.WISH:
        return None
    due: datetime.date = calendar_of(village.township.county).triage_due_on(data.get("urgency") or Urgency.NORMAL)
    return due


def _place(by: Any, data: dict[str, Any]) -> tuple[Village, Household | None]:
    """Where the matter lies, checked against what the person may raise issues for."""
    household = data.get("household")
    place = household if household is not None else data.get("village")
    if place is None:
        raise ValidationError({"village": _("Choose a village or a household.")})
    if not may(by, Permission.RAISE_ISSUE, place):
        raise StepRefused(_("You register matters of your own villages and households only."))
    village_id = household.village_id if household is not None else place.pk
    village = Village.objects.select_related("township__county").filter(pk=village_id)[0]
    group = data.get("group")
    if household is None and group is not None and group.village_id != village.pk:
        raise ValidationError({"group": _("This group belongs to another village.")})
    return village, household


def _settle_on_the_spot(by: Any, issue: Issue, data: dict[str, Any], now: datetime.datetime) -> None:
    """当场办结: assigned to the registrant, accepted and resolved at once; somebody else still calls back."""
    if issue.registered_by is None:
        raise StepRefused(_("Only a cadre settles a matter on the spot."))
    said = {
        "assignee": issue.registered_by, "outcomes": data.get("outcomes"), "text": data.get("result_text"),
    }  # fmt: skip
    said |= {name: data.get(name) for name in (*RESULT_FIELDS, "files")}
    missing = {"outcomes": "outcomes", "text": "result_text"}
    faults = {
        name: _("Needed when the matter is settled on the spot.") for key, name in missing.items() if not said[key]
    }
    if faults:
        raise ValidationError(faults)
    check_outcomes(issue, said["outcomes"])
    for step in ON_THE_SPOT:
        text = said["text"] if step == Step.RESOLVE else ""
        move = Move(issue, step, issue.registered_by, now, {**said, "text": text})
        row = write_step(move, EFFECTS[step](move), by=by, on_spot=True)
    guides.give(by=by, issue=issue, step=row, guides=data.get("guides") or ())


@transaction.atomic
def transition(
    *, by: Any, issue: Issue, step: str, version: int, data: dict[str, Any], marks: dict[str, Any] | None = None
) -> Issue:
    """Take one step of ``rules/issue_steps.STEPS`` on the issue, as the form of ``version`` saw it.

    ``data`` holds what the step needs: ``assignee`` (a Cadre or an Organisation), ``due_on``, ``supporting``,
    ``text``, ``outcomes`` and what they need (``rules/issue_results``), ``answer``, ``files``; ``level``, ``leader``,
    ``instructed_on``, ``wanted_on``, ``granted_on``, ``deferred_until``, ``review_on``, ``report_every``, ``master``,
    ``kind``, ``category``, ``about_cadre``. ``marks`` go into the timeline row: where it was decided. Returns the
    issue as it is afterwards.

    Raises StaleIssue when somebody moved it since, StepRefused (with the sentence) when it is not this person's
    to take, ValidationError (by field) when something is missing or does not fit. Nothing is written then.
    """
    current = read_issue(issue.pk)
    row = take_step(by=by, current=current, step=step, version=version, data=data, marks=marks)
    evidence.store_all(by=by, files=data.get("files") or (), issue=current, step=row)
    guides.give(by=by, issue=current, step=row, guides=data.get("guides") or ())
    return current


def take_step(
    *, by: Any, current: Issue, step: str, version: int, data: dict[str, Any], marks: dict[str, Any] | None = None,
    together: Together | None = None,
) -> IssueStep:  # fmt: skip
    """Check the step against the table and write it; ``current`` was just read and is brought along. Raises as
    ``transition`` does, before anything is written. The caller's transaction holds it together."""
    if current.version != version:
        raise StaleIssue.of(current, version)
    # Of a bulk act, what the desks above say is asked once for all in ``together.prepare``.
    standing = current.standing if together else standing_of(current)
    held = capacities(by, current) if together else capacities_of_one(by, current)
    why_not = refusal(step, standing, held)
    if why_not is not None:
        raise StepRefused(str(why_not))
    data = together.prepare(by, current, step, data) if together else prepare(by, current, step, data)
    _check_needs(step, data, needs(step, call_back=current.call_back, answer=str(data.get("answer") or "")))
    if step == Step.RESOLVE:
        check_outcomes(current, data.get("outcomes"))
    move = Move(current, step, _cadre(by), timezone.now(), data, together.calendar(current) if together else None)
    marks = {**(marks or {}), **({"batch": together.batch} if together else {})}
    row = write_step(move, EFFECTS[step](move), by=by, marks=marks, audited=together is None)
    bring_along(move, by=by)
    if together is not None:
        together.steps.append(row)
    return row


def _cadre(by: Any) -> Cadre | None:
    return by.cadre if scope_of(by).cadre_id is not None else None


def _check_needs(step: str, data: dict[str, Any], fields: tuple[str, ...] | None = None) -> None:
    """Everything the step needs is there; the due date has a default."""
    names = fields if fields is not None else STEPS[step].needs
    empty = [name for name in names if name != "due_on" and not _filled(data.get(name))]
    if empty:
        raise ValidationError({name: _("This field is needed.") for name in empty})


def _filled(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)
