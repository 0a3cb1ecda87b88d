"""微心愿: claim a wish, give it back. The matter itself moves by the steps of every issue."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.issue_moves import Effect, Move
from ledger.actions.issue_steps import EFFECTS
from ledger.actions.issue_writing import StaleIssue, read_issue, write_step
from ledger.actions.issues import StepRefused
from ledger.actions.wish_pool import into_pool_again
from ledger.models import Cadre, Issue, Organisation, PoolEnd, PublishedWish, WishClaim
from ledger.models.scope import scope_of
from ledger.queries.issue_desks import assignable_units
from ledger.queries.wishes import may_claim, may_claim_for_units, may_give_back, open_claim, own_units
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, State


@transaction.atomic
def claim(
    *, by: Any, issue: Issue, version: int, unit: Organisation | None = None, donor: str = ""
) -> WishClaim:  # fmt: skip
    """Take a wish on oneself, or enter that an organisation does; ``donor``: who gives, when that is somebody else.

    Raises StaleIssue when somebody was faster, StepRefused for who may not, ValidationError for a unit out of reach.
    """
    current, me = _current(issue, version), _cadre(by)
    if current.kind != IssueKind.WISH or current.is_sensitive or current.state != State.REGISTERED:
        raise StepRefused(_("This wish is not in the pool any more."))
    if not (may_claim(by, current) if unit is None else may_claim_for_units(by, current)):
        raise StepRefused(_("This step belongs to somebody else."))
    if unit is not None and not assignable_units(by, current).filter(pk=unit.pk).exists():
        raise ValidationError({"unit": _("Choose somebody within reach of your desk.")})
    return _claim(by, current, me, unit=unit, donor=donor, accept=unit is None)


@transaction.atomic
def claim_published(
    *, by: Any, published: PublishedWish, unit: Organisation | None = None, donor: str = ""
) -> WishClaim:  # fmt: skip
    """Take a wish of the township's pool on oneself, or on a unit that one handles matters for.

    ``published`` was read through ``visible_to``: that is who may. Raises StepRefused when it left the pool meanwhile,
    ValidationError for a unit that is not one's own, StaleIssue when it was changed at this very moment.
    """
    current, me = read_issue(published.issue_id), _cadre(by)
    still = PublishedWish.objects.filter(pk=published.pk, ended_at__isnull=True).exists()
    if not still or current.kind != IssueKind.WISH or current.is_sensitive or current.state != State.REGISTERED:
        raise StepRefused(_("This wish is not in the pool any more."))
    if unit is not None and not own_units(by, current.village.township).filter(pk=unit.pk).exists():
        raise ValidationError({"unit": _("Choose a unit of your own.")})
    return _claim(by, current, me, unit=unit, donor=donor, accept=True)


def _claim(
    by: Any, issue: Issue, me: Cadre, *, unit: Organisation | None, donor: str, accept: bool
) -> WishClaim:  # fmt: skip
    now = timezone.now()
    PublishedWish.objects.filter(issue=issue, ended_at__isnull=True).update(ended_at=now, how_ended=PoolEnd.CLAIMED)
    said = {"assignee": unit if unit is not None else me, "text": donor.strip()}
    _take(by, Move(issue, Step.ASSIGN, me, now, said))
    if accept:
        _take(by, Move(issue, Step.ACCEPT, me, now, {}))
    made: WishClaim = WishClaim.objects.create(
        issue=issue, cadre=me if unit is None else None, organisation=unit, donor=donor.strip(), claimed_at=now,
        claimed_by=me,
    )  # fmt: skip
    return made


@transaction.atomic
def give_back(*, by: Any, issue: Issue, version: int, reason: str) -> Issue:
    """Put a claimed wish back, with the reason; into the township's pool too if it came from there.

    Raises as ``claim`` does.
    """
    current, me = _current(issue, version), _cadre(by)
    if not may_give_back(by, current):
        raise StepRefused(_("This step belongs to somebody else."))
    if not reason.strip():
        raise ValidationError({"text": _("This field is needed.")})
    now, held = timezone.now(), open_claim(current)
    _take(by, Move(current, Step.RETURN, me, now, {"text": reason}))
    if held is not None:
        into_pool_again(by=by, issue=current, claimed_at=held.claimed_at, now=now)
    return current


def _take(by: Any, move: Move) -> None:
    """One step, marked as one of the pool; ``issue_writing`` ends the claim where the step ends it."""
    effect = EFFECTS[move.step](move)
    # Nobody assigns what waits in the pool: no date runs there.
    changes = effect.changes if move.step != Step.RETURN else {**effect.changes, "triage_due_on": None}
    row = {**effect.row, "due_on": changes.get("due_on"), "data": {**effect.row.get("data", {}), "claim": True}}
    write_step(move, Effect(changes, row, effect.supporting), by=by)


def _current(issue: Issue, version: int) -> Issue:
    current = read_issue(issue.pk)
    if current.version != version:
        raise StaleIssue.of(current, version)
    return current


def _cadre(by: Any) -> Cadre:
    if scope_of(by).cadre_id is None:
        raise StepRefused(_("Only somebody with a posting may do this."))
    cadre: Cadre = by.cadre
    return cadre
