"""待办台: the desks somebody holds, what lies on them, and the lanes in which it waits. Narrowed to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models import Issue, IssueStep, Village
from ledger.models.issue_scope import desk_levels, in_charge
from ledger.models.scope import NOTHING, Scope, Territory, scope_of
from ledger.queries.calendar import Calendar
from ledger.queries.issue_dates import overdue_q
from ledger.queries.issues import allowed_steps
from ledger.rules.issue_steps import Step
from ledger.rules.issues import HANDED_STATES, OPEN_STATES, UNFINISHED_STATES, Answer, IssueKind, State, Urgency
from ledger.rules.permissions import LEVEL_RANK, Level, Permission


@dataclass(frozen=True)
class Desk:
    """One desk somebody holds: a level over a territory."""

    level: str
    territory: Territory

    @property
    def key(self) -> str:
        """What names it in an address: the posting that gives it."""
        return str(self.territory.posting)

    @property
    def villages(self) -> QuerySet[Village]:
        """The villages it covers."""
        scope = Scope(territories=(self.territory,))
        found: QuerySet[Village] = Village.objects.filter(Village.scope_condition(scope, Permission.DESK))
        return found


def desks_of(user: Any) -> list[Desk]:
    """The desks the user holds, lowest level first; two postings over the same territory are one desk."""
    found: dict[tuple[Any, ...], Desk] = {}
    for level, held in desk_levels(scope_of(user)).items():
        for territory in held:
            place = (level, territory.county, territory.township, territory.district, territory.village)
            found.setdefault(place, Desk(level, territory))
    return list(found.values())


def on_desk(user: Any, desks: Sequence[Desk] | None = None) -> QuerySet[Issue]:
    """What a desk of the user (one of ``desks``) is in charge of: of its own level or below, in its territory."""
    charge = NOTHING
    for desk in desks_of(user) if desks is None else desks:
        levels = [each for each, rank in LEVEL_RANK.items() if rank <= LEVEL_RANK[Level(desk.level)]]
        charge |= Q(village__in=desk.villages, level__in=levels)
    issues: QuerySet[Issue] = Issue.objects.visible_to(user, Permission.DESK).filter(charge)
    return issues


def at_own_level(desks: Sequence[Desk]) -> Q:
    """What these desks themselves are in charge of: of their own level, or left to them by vacant desks below."""
    own = NOTHING
    for desk in desks:
        own |= Q(village__in=desk.villages) & in_charge(desk.level)
    return own


@dataclass(frozen=True)
class Lane:
    """One lane of the desk: what waits for what."""

    key: str
    label: Promise | str
    definition: Promise | str
    order: tuple[Any, ...]
    state: str = ""
    is_rare: bool = False
    """Shown only while something waits in it."""


PRESSING = Case(
    When(urgency=Urgency.URGENT, then=Value(0)), When(urgency=Urgency.LONG, then=Value(2)), default=Value(1),
    output_field=IntegerField(),
)  # fmt: skip
"""Urgent before normal before long-term."""
_FIRST = (F("is_supervised").desc(), PRESSING)
_BY_DUE = (*_FIRST, F("due_on").asc(nulls_last=True), "registered_at", "pk")
_TO_ASSIGN = (*_FIRST, F("triage_due_on").asc(nulls_last=True), "registered_at", "pk")
LANES: dict[str, Lane] = {
    lane.key: lane
    for lane in (
        Lane("to_assign", _("To be assigned"),
             _("Registered and given to nobody yet. A desk has one working day for it."), _TO_ASSIGN),
        Lane("passed_up", _("Passed up"),
             _("To be assigned by you because a desk below has escalated it, or nobody holds that desk."), _TO_ASSIGN,
             "due", is_rare=True),
        Lane("to_accept", _("To be accepted"), _("Given to somebody who has not accepted it yet."), _BY_DUE),
        Lane("in_progress", _("In progress"), _("Accepted by its handler and not resolved yet."), _BY_DUE),
        Lane("near", _("Near due"), _("Assigned or in progress, with few working days left, today included."), _BY_DUE,
             "due"),
        Lane("overdue", _("Overdue"),
             _("Past the due date, deferred ones past their planned date. Due today is not overdue."), _BY_DUE, "late"),
        Lane("extensions", _("Extensions to decide"),
             _("Its handler asks for a later date, and you decide. Who handles a matter never decides on it."),
             _BY_DUE, "due", is_rare=True),
        Lane("to_review", _("To be reviewed"),
             _("Deferred, and the day of the review has come or the planned date has passed."),
             (*_FIRST, "review_on", "pk"), "due", is_rare=True),
        Lane("deferred", _("Deferred, kept on the list"),
             _("Put off because of an obstacle, with a planned date; the clock stands still until then."),
             (*_FIRST, "deferred_until", "pk")),
        Lane("to_call_back", _("To be called back"),
             _("Resolved; the household is asked by somebody other than who resolved it, then it is struck off."),
             (*_FIRST, "resolved_at", "pk")),
        Lane("wishes", _("Small wishes"),
             _("Wishes that are not struck off yet; they stand in no other lane of the daily work."), _BY_DUE,
             is_rare=True),
        Lane("supervised", pgettext_lazy("lane", "Supervised"),
             _("Under supervision by a leader and not struck off yet."), _BY_DUE, is_rare=True),
        Lane("reports_late", _("Reports late"),
             _("Under supervision and not resolved, and the day of the next progress report has passed."),
             (PRESSING, "report_due_on", "pk"), "late", is_rare=True),
    )
}  # fmt: skip
"""In the order of the desk; within a lane the supervised come first, then by urgency and date."""


FLOW = frozenset({"to_assign", "passed_up", "to_accept", "in_progress", "near", "overdue", "to_call_back"})
"""Lanes that a wish does not stand in, since it has its own; what waits for a decision waits there all the same."""


def lane_conditions(calendar: Calendar, desks: Sequence[Desk] = ()) -> dict[str, Q]:
    """What each lane counts today; ``desks`` are whose own work is told from that of the desks below."""
    handed = Q(state__in=HANDED_STATES)
    registered = Q(state=State.REGISTERED)
    wish = Q(kind=IssueKind.WISH)
    conditions = {
        "to_assign": registered,
        "passed_up": registered & _passed_up(desks),
        "to_accept": Q(state=State.ASSIGNED),
        "in_progress": Q(state=State.IN_PROGRESS),
        "near": handed & Q(due_on__range=(calendar.today, calendar.near_until)),
        "overdue": overdue_q(calendar.today),
        "extensions": _to_decide(desks),
        "to_review": Q(state=State.DEFERRED)
        & (Q(review_on__lte=calendar.today) | Q(deferred_until__lt=calendar.today)),
        "deferred": Q(state=State.DEFERRED),
        "to_call_back": Q(state=State.RESOLVED),
        "supervised": Q(is_supervised=True, state__in=UNFINISHED_STATES),
        "reports_late": Q(is_supervised=True, state__in=OPEN_STATES, report_due_on__lt=calendar.today),
    }
    apart = {key: ~wish & each if key in FLOW else each for key, each in conditions.items()}
    return apart | {"wishes": wish & Q(state__in=UNFINISHED_STATES)}


def _passed_up(desks: Sequence[Desk]) -> Q:
    """At a desk because one below escalated it, or because all desks from its own level up to there are vacant."""
    sent_down = IssueStep.objects.filter(issue=OuterRef("issue"), step=Step.SEND_DOWN, pk__gt=OuterRef("pk"))
    escalated = Exists(
        IssueStep.objects.filter(issue=OuterRef("pk"), round=OuterRef("round"), step=Step.ESCALATE).exclude(
            Exists(sent_down)
        )
    )
    found = NOTHING
    for desk in desks:
        if desk.level != Level.VILLAGE:
            left = in_charge(desk.level) & ~Q(level=desk.level)
            found |= Q(village__in=desk.villages) & (left | Q(escalated, level=desk.level))
    return found


def _to_decide(desks: Sequence[Desk]) -> Q:
    """Extensions asked for at these desks or at those below them."""
    found = NOTHING
    for desk in desks:
        levels = [each for each, rank in LEVEL_RANK.items() if rank <= LEVEL_RANK[Level(desk.level)]]
        found |= Q(village__in=desk.villages, extension_level__in=levels)
    return found & Q(state__in=OPEN_STATES)


def lane_counts(issues: QuerySet[Issue], conditions: dict[str, Q]) -> dict[str, int]:
    """How many of these issues wait in each lane: one query, of what is unfinished."""
    unfinished = issues.filter(state__in=UNFINISHED_STATES)
    counts: dict[str, int] = unfinished.order_by().aggregate(
        **{key: Count("pk", filter=condition) for key, condition in conditions.items()}
    )
    return counts


TO_ASSIGN = frozenset({"to_assign", "passed_up"})
"""Lanes of what is given to nobody yet."""
USUAL: dict[str, tuple[Step, ...]] = {
    **dict.fromkeys(TO_ASSIGN, (Step.ASSIGN,)),
    **dict.fromkeys(("to_accept", "in_progress", "near", "overdue", "supervised", "reports_late"), (Step.REMIND,)),
    "extensions": (Step.GRANT_EXTENSION,),
    "to_review": (Step.RESUME, Step.DEFER),
    "deferred": (Step.RESUME,),
    "to_call_back": (Step.CALL_BACK, Step.CLOSE, Step.REOPEN),
    "wishes": (Step.ASSIGN, Step.CALL_BACK, Step.CLOSE),
}
"""Lane → the steps a desk usually takes there, the first that is allowed counts."""


def usual_acts(user: Any, issues: Sequence[Issue], lane: str) -> dict[int, Step]:
    """Issue id → the row's one usual step for this user; an issue without one has none."""
    found = {}
    for issue in issues:
        allowed = {rule.step for rule in allowed_steps(user, issue)}
        wanted = USUAL.get(lane, ())
        # After "dissatisfied" a leader may strike off, but what is usual is to open it again.
        for step in reversed(wanted) if issue.answer == Answer.DISSATISFIED else wanted:
            if step in allowed:
                found[issue.pk] = step
                break
    return found


_CHASE = (Step.REMIND, Step.ASSIGN)
BULK_BY_LANE: dict[str, tuple[Step, ...]] = {
    **dict.fromkeys(TO_ASSIGN, (Step.ASSIGN, Step.ESCALATE)),
    **dict.fromkeys(("to_accept", "in_progress", "near", "overdue", "supervised", "reports_late"), _CHASE),
    "to_review": (Step.DEFER, Step.REMIND),
    "deferred": (Step.DEFER, Step.REMIND),
}
"""Lane → what a desk may do there to many at once. A call-back never is: each household is asked by itself."""
BULK_LABELS: dict[str, Promise | str] = {Step.DEFER: _("Put off the review")}
"""Where a step means less in bulk than its name says."""


def bulk_label(step: str) -> str:
    """What a step is called when it is taken on many."""
    return str(BULK_LABELS.get(step) or Step(step).label)


BULK_STEPS = frozenset(step for steps in BULK_BY_LANE.values() for step in steps)
