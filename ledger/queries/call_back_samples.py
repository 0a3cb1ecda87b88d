"""What waits for a sample, and how far a sample has come. Everything is narrowed to who asks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.models import Cadre, CallBackSample, Issue, IssueStep, SampledIssue, SampleReview
from ledger.queries.desk import on_desk
from ledger.queries.issues import LISTED
from ledger.rules.call_back_samples import Verdict, verdict
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from ledger.rules.permissions import Permission

SHOWN_SAMPLES = 20


def settled_on_the_spot() -> Q:
    """Resolved at once, in the round that stands."""
    rows = IssueStep._base_manager.filter(
        issue=OuterRef("pk"), step=Step.RESOLVE, round=OuterRef("round"), data__on_spot=True
    )
    return Q(Exists(rows))


def waiting_for_a_sample(user: Any) -> QuerySet[Issue]:
    """Settled on the spot, at a desk of the user, not called back and in no sample yet.

    Sensitive and supervised ones are left out: each of them is called back and struck off by itself.
    """
    drawn = SampledIssue._base_manager.filter(issue=OuterRef("pk"), round=OuterRef("round"))
    rows: QuerySet[Issue] = on_desk(user).filter(
        settled_on_the_spot(), ~Exists(drawn), state=State.RESOLVED, answer="", is_sensitive=False,
        is_supervised=False, resolved_by__isnull=False,
    )  # fmt: skip
    return rows


@dataclass(frozen=True)
class Row:
    """One matter of a sample as it stands now."""

    issue: Issue
    handler: Cadre
    verdict: Verdict
    is_open: bool
    """Still resolved in the round of the draw: neither reopened nor struck off."""
    answer: str = ""


@dataclass
class Standing:
    """A sample as it stands: what was drawn, the rest by handler, whose rest is held up."""

    sample: CallBackSample
    drawn: list[Row] = field(default_factory=list)
    rest: list[Row] = field(default_factory=list)
    reviews: list[SampleReview] = field(default_factory=list)
    elsewhere_unanswered: int = 0
    """Drawn in places that are not this person's to see, and not asked yet: the sample is one."""
    elsewhere_held_up: set[int] = field(default_factory=set)
    """Handlers (ids) of whom somebody elsewhere was dissatisfied."""

    @cached_property
    def unanswered(self) -> list[Row]:
        """Drawn and not asked yet."""
        return [row for row in self.drawn if not row.verdict.is_answered]

    @cached_property
    def complained_of(self) -> list[Cadre]:
        """Handlers with a dissatisfied answer in the sample that nobody has looked into."""
        reviewed = {review.handler_id for review in self.reviews}
        found = {row.handler.pk: row.handler for row in self.drawn if row.verdict.is_dissatisfied}
        return [cadre for pk, cadre in found.items() if pk not in reviewed]

    @property
    def is_answered(self) -> bool:
        """Whether every drawn matter was called back, here and elsewhere."""
        return not self.unanswered and not self.elsewhere_unanswered

    @property
    def held_up(self) -> set[int]:
        """Handlers (ids) whose rest stays until somebody has looked into it."""
        reviewed = {review.handler_id for review in self.reviews}
        return {cadre.pk for cadre in self.complained_of} | self.elsewhere_held_up - reviewed

    @property
    def open_rest(self) -> list[Row]:
        """What could still be struck off by the sample."""
        return [row for row in self.rest if row.is_open and not row.answer]

    def closable(self, cadre_id: int | None) -> list[Row]:
        """What this person may strike off now: none while a drawn one is unasked; never their own; none held up."""
        if not self.is_answered or cadre_id is None:
            return []
        return [row for row in self.open_rest if row.handler.pk not in self.held_up | {cadre_id}]

    @property
    def is_done(self) -> bool:
        """Whether nothing of it waits any more."""
        return self.is_answered and not self.open_rest


def samples_of(user: Any) -> list[Standing]:
    """The latest samples of the user's desks, with where they stand: the same queries for one and for twenty."""
    samples = CallBackSample.objects.visible_to(user, Permission.DESK).select_related("drawn_by", "township__county")
    return standings(user, list(samples[:SHOWN_SAMPLES]))


def standings(user: Any, samples: Sequence[CallBackSample]) -> list[Standing]:
    """Where these samples stand, as far as their matters are the user's to see."""
    found = {sample.pk: Standing(sample) for sample in samples}
    rows = list(SampledIssue.objects.filter(sample__in=found).select_related("handler"))
    named = [row.issue_id for row in rows]
    listed = Issue.objects.select_related(*LISTED, "village__township").filter(pk__in=named)
    issues = {issue.pk: issue for issue in listed}
    mine = set(Issue.objects.visible_to(user, Permission.DESK).filter(pk__in=named).values_list("pk", flat=True))
    answers = _answers([row for row in rows if row.is_drawn])
    for row in rows:
        issue, said = issues[row.issue_id], answers.get((row.issue_id, row.round), [])
        is_open = issue.state == State.RESOLVED and issue.round == row.round
        judged = verdict(said, was_reopened=issue.round > row.round)
        standing = found[row.sample_id]
        if row.issue_id not in mine:
            if row.is_drawn:
                standing.elsewhere_unanswered += not judged.is_answered
                standing.elsewhere_held_up |= {row.handler_id} if judged.is_dissatisfied else set()
            continue
        answer = (said[-1] if said else "") if row.is_drawn else (issue.answer if is_open else "")
        (standing.drawn if row.is_drawn else standing.rest).append(Row(issue, row.handler, judged, is_open, answer))
    for review in SampleReview.objects.filter(sample__in=found).select_related("handler", "by"):
        found[review.sample_id].reviews.append(review)
    return list(found.values())


def drawn_answers(rows: Sequence[SampledIssue]) -> dict[int, str]:
    """Row → the last answer of its call-backs in the round that was drawn; one question for any number of rows."""
    said = _answers(rows)
    return {row.pk: found[-1] for row in rows if (found := said.get((row.issue_id, row.round), []))}


def _answers(rows: Sequence[SampledIssue]) -> dict[tuple[int, int], list[str]]:
    """(issue, round) → the answers of its call-backs, the oldest first."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    steps = IssueStep.objects.filter(issue__in=[row.issue_id for row in rows], step=Step.CALL_BACK).order_by("pk")
    for issue, round_, data in steps.values_list("issue_id", "round", "data"):
        found[issue, round_].append(str(data.get("answer", "")))
    return found
