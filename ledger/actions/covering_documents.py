"""交办(转办)单: its number, given once for each assignment, without gaps in a township's year."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from ledger.models import CoveringCounter, CoveringDocument, Issue, IssueStep
from ledger.models.scope import scope_of
from ledger.rules.days import local_day
from ledger.rules.issue_steps import Step


def assignment_of(issue: Issue) -> IssueStep | None:
    """The assignment that stands now: the last of the round, unless it was given back or settled on the spot."""
    last = issue.steps.filter(step__in=[Step.ASSIGN, Step.RETURN], round=issue.round).order_by("-pk").first()
    if last is None or last.step == Step.RETURN or last.data.get("on_spot"):
        return None
    return last


def covering_document(*, by: Any, issue: Issue, step: IssueStep) -> CoveringDocument:
    """The document of this assignment; made with the township's next number the first time it is printed.

    ``issue.township`` is read. Two who print at one moment get the same number.
    """
    known = _known(step)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _numbered(by, issue, step)
    except IntegrityError:
        return CoveringDocument.objects.select_related("township").get(step=step)


def _known(step: IssueStep) -> CoveringDocument | None:
    found: CoveringDocument | None = CoveringDocument.objects.filter(step=step).select_related("township").first()
    return found


def _numbered(by: Any, issue: Issue, step: IssueStep) -> CoveringDocument:
    now = timezone.now()
    year = local_day(now).year
    counter = CoveringCounter.objects.filter(township=issue.township, year=year)
    if not counter.update(last=F("last") + 1):
        CoveringCounter.objects.get_or_create(township=issue.township, year=year)
        counter.update(last=F("last") + 1)
    serial = counter.values_list("last", flat=True)[0]
    made: CoveringDocument = CoveringDocument.objects.create(
        issue=issue, step=step, township=issue.township, year=year, serial=serial, made_at=now,
        made_by=by.cadre if scope_of(by).cadre_id is not None else None,
    )  # fmt: skip
    return made
