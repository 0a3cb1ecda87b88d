"""抽样回访: draw a sample, note what was looked into, strike off the rest on its strength."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.audit import record
from ledger.actions.issue_moves import Effect, Move
from ledger.actions.issue_writing import StaleIssue, write_step
from ledger.actions.issues import StepRefused
from ledger.models import Cadre, CallBackSample, Issue, SampledIssue, SampleReview
from ledger.models.issue_scope import capacities
from ledger.models.scope import scope_of
from ledger.queries.call_back_samples import Standing, standings, waiting_for_a_sample
from ledger.rules.call_back_samples import draw, sample_size
from ledger.rules.issue_steps import Capacity, Step
from ledger.rules.issues import CloseBasis, State


@dataclass
class Closed:
    """What became of the rest: struck off, and left because somebody moved it meanwhile."""

    done: list[Issue] = field(default_factory=list)
    moved: list[Issue] = field(default_factory=list)


def draw_sample(*, by: Any) -> list[CallBackSample]:
    """Draw among what waits at the user's desks: one sample a township, by the county's share.

    Raises ValidationError when nothing waits, or somebody drew a moment earlier.
    """
    try:
        with transaction.atomic():
            return _draw(by)
    except IntegrityError as fault:
        raise ValidationError(_("Somebody drew a sample of these a moment ago: look at it below.")) from fault


def _draw(by: Any) -> list[CallBackSample]:
    waiting: dict[int, list[Issue]] = defaultdict(list)
    for issue in waiting_for_a_sample(by).select_related("township__county", "resolved_by").order_by("pk"):
        waiting[issue.township_id].append(issue)
    if not waiting:
        raise ValidationError(_("Nothing that was settled on the spot waits for a sample."))
    return [_sample(by, issues) for issues in waiting.values()]


def _sample(by: Any, issues: list[Issue]) -> CallBackSample:
    township = issues[0].township
    county = township.county
    sample = CallBackSample.objects.create(
        township=township, drawn_by=_cadre(by), drawn_at=timezone.now(), percent=county.sample_percent,
        least=county.sample_least, seed=secrets.token_hex(8),
    )  # fmt: skip
    size = sample_size(len(issues), percent=sample.percent, least=sample.least)
    drawn = set(draw([issue.number for issue in issues], seed=sample.seed, size=size))
    SampledIssue.objects.bulk_create(
        SampledIssue(
            sample=sample, issue=issue, round=issue.round, handler=issue.resolved_by,
            is_drawn=issue.number in drawn,
        )
        for issue in issues
    )  # fmt: skip
    detail = {"sample": sample.pk, "seed": sample.seed, "matters": len(issues), "drawn": sorted(drawn)}
    record(verb="sample.drawn", by=by, obj=sample, detail=detail)
    return sample


@transaction.atomic
def review(*, by: Any, sample: CallBackSample, handler: int, text: str) -> SampleReview:
    """Note that a dissatisfied answer about a handler was looked into; never by the handler. ``handler`` is an id.

    Raises ValidationError when nothing of that handler is held up, or the text is empty.
    """
    held_up = {cadre.pk: cadre for cadre in _standing(by, sample).complained_of}
    me = _cadre(by)
    if handler not in held_up:
        raise ValidationError(_("Nothing of this handler is held up any more."))
    if handler == me.pk:
        raise ValidationError(_("Somebody else looks into what you settled yourself."))
    if not text.strip():
        raise ValidationError(_("Say what was found."))
    try:
        with transaction.atomic():
            made = SampleReview.objects.create(
                sample=sample, handler=held_up[handler], text=text.strip(), by=me, at=timezone.now()
            )
    except IntegrityError as fault:
        raise ValidationError(_("Nothing of this handler is held up any more.")) from fault
    record(verb="sample.reviewed", by=by, obj=sample, detail={"name": held_up[handler].name})
    return made


@transaction.atomic
def close_rest(*, by: Any, sample: CallBackSample) -> Closed:
    """Strike off what was not drawn, with ``close_basis`` sampled: each with its own step and audit row.

    What the user settled, and what a dissatisfied answer holds up, stays. Raises ValidationError while a drawn matter
    has not been called back, and when nothing can be struck off.
    """
    standing, me = _standing(by, sample), _cadre(by)
    unasked = len(standing.unanswered) + standing.elsewhere_unanswered
    if unasked:
        said = ngettext(
            "%(n)s drawn matter has not been called back yet.", "%(n)s drawn matters have not been called back yet.",
            unasked,
        )  # fmt: skip
        raise ValidationError(said % {"n": unasked})
    rows = standing.closable(me.pk)
    if not rows:
        raise ValidationError(_("Nothing here can be struck off by you now."))
    result = Closed()
    for row in rows:
        try:
            with transaction.atomic():
                close_sampled(by=by, issue=row.issue, sample=sample)
            result.done.append(row.issue)
        except (StaleIssue, StepRefused):
            result.moved.append(row.issue)
    detail = {"sample": sample.pk, "numbers": [issue.number for issue in result.done]}
    record(verb="sample.closed", by=by, obj=sample, detail=detail)
    return result


def close_sampled(*, by: Any, issue: Issue, sample: CallBackSample) -> None:
    """Strike off one matter without a call-back of its own, on the strength of the sample.

    Raises StaleIssue when it was moved since ``issue`` was read, StepRefused for who has no desk over it, for who
    settled it, and for what a leader supervises.
    """
    cadre = _cadre(by)
    mine = issue.resolved_by_id == cadre.pk or Capacity.DESK not in capacities(by, issue)
    if mine or issue.is_supervised or issue.state != State.RESOLVED:
        raise StepRefused(_("This step belongs to somebody else."))
    now = timezone.now()
    changes = {"closed_at": now, "closed_by": cadre, "close_basis": CloseBasis.SAMPLED}
    row = {"data": {"basis": CloseBasis.SAMPLED.value, "sample": sample.pk}}
    write_step(Move(issue, Step.CLOSE, cadre, now, {}), Effect(changes, row), by=by)


def _standing(by: Any, sample: CallBackSample) -> Standing:
    return standings(by, [sample])[0]


def _cadre(by: Any) -> Cadre:
    if scope_of(by).cadre_id is None:
        raise ValidationError(_("Only somebody with a posting may do this."))
    cadre: Cadre = by.cadre
    return cadre
