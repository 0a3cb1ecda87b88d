"""微心愿: the desk publishes a wish into its township's pool in words that name nobody, and withdraws it."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.actors import acting_cadre_id
from ledger.actions.audit import record
from ledger.actions.issue_writing import StaleIssue, read_issue
from ledger.actions.issues import StepRefused
from ledger.models import Issue, PoolEnd, PublishedWish
from ledger.queries.wishes import household_of, may_publish, open_publication
from ledger.rules.issues import IssueKind, State
from ledger.rules.wishes import betrays


@transaction.atomic
def publish(*, by: Any, issue: Issue, version: int, text: str) -> PublishedWish:
    """Put a wish into the pool of its township as ``text`` says it; the same text sent again changes nothing.

    Raises StaleIssue when the matter moved meanwhile, StepRefused for who may not or when it stands there in other
    words, ValidationError for a text that says whose wish it is.
    """
    # Whoever claims it at this moment waits for this row, or is waited for.
    Issue.objects.select_for_update(of=("self",)).filter(pk=issue.pk).values_list("pk").first()
    current = read_issue(issue.pk)
    if current.version != version:
        raise StaleIssue.of(current, version)
    if current.kind != IssueKind.WISH or current.is_sensitive or current.state != State.REGISTERED:
        raise StepRefused(_("This wish is not in the pool any more."))
    if not may_publish(by, current):
        raise StepRefused(_("This step belongs to somebody else."))
    said = text.strip()
    if not said:
        raise ValidationError({"text": _("This field is needed.")})
    if found := betrays(said, household_of(current)):
        words = _("The whole township reads this, and it says whose wish it is: take out %(found)s.")
        raise ValidationError({"text": words % {"found": ", ".join(f"“{each}”" for each in found)}})
    there = open_publication(current)
    if there is not None:
        if there.text == said:
            return there
        raise StepRefused(_("This wish is in the pool already: withdraw it before you word it anew."))
    return _store(by=by, issue=current, text=said, cadre=acting_cadre_id(by), now=timezone.now())


@transaction.atomic
def withdraw(*, by: Any, issue: Issue) -> bool:
    """Take a wish out of the pool; False when it was not there. Raises StepRefused for who may not."""
    current = read_issue(issue.pk)
    there = open_publication(current)
    if there is None:
        return False
    if not may_publish(by, current):
        raise StepRefused(_("This step belongs to somebody else."))
    changed = PublishedWish.objects.filter(pk=there.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), how_ended=PoolEnd.WITHDRAWN
    )
    if changed:
        record(verb="wish.withdrawn", by=by, obj=current, label=current.number, detail={"publication": there.pk})
    return bool(changed)


def into_pool_again(
    *, by: Any, issue: Issue, claimed_at: datetime.datetime, now: datetime.datetime
) -> None:  # fmt: skip
    """What was taken out of the pool by the claim of that moment stands there as before, in the desk's words."""
    last = issue.publications.filter(how_ended=PoolEnd.CLAIMED, ended_at=claimed_at).first()
    if last is not None:
        _store(by=by, issue=issue, text=last.text, cadre=last.published_by_id, now=now)


def _store(*, by: Any, issue: Issue, text: str, cadre: int, now: datetime.datetime) -> PublishedWish:
    made: PublishedWish = PublishedWish.objects.create(issue=issue, text=text, published_at=now, published_by_id=cadre)
    record(verb="wish.published", by=by, obj=issue, label=issue.number, detail={"publication": made.pk})
    return made
