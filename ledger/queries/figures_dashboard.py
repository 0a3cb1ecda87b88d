"""Figures that only the dashboard shows, in the manner of the others (``queries/figures_window``)."""

from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledger.models import IssueStep
from ledger.queries.figures_households import counted_q, met_q
from ledger.queries.figures_window import Figure, Source, Window, figure
from ledger.rules.issue_steps import Step
from ledger.rules.issues import OPEN_STATES, IssueKind, State
from ledger.rules.permissions import Level

_stock = partial(figure, is_stock=True)
_NOT_WISH = ~Q(kind=IssueKind.WISH)


@_stock(
    Source.HOUSEHOLDS, "never", _("Never visited"),
    _("Of these households, those that nobody had met at home by the last day."),
)  # fmt: skip
def never(window: Window) -> Q:
    return counted_q(window) & ~met_q(None, window)


@_stock(
    Source.ISSUES, "call_back", _("To be called back"),
    _("Resolved, and the household has not been asked yet or the matter is not struck off yet."),
)  # fmt: skip
def call_back(window: Window) -> Q:
    return _NOT_WISH & Q(at_state=State.RESOLVED)


@_stock(
    Source.ISSUES, "supervised", _("Supervised"), _("Not resolved, and under a leader's supervision on the last day.")
)
def supervised(window: Window) -> Q:
    return _NOT_WISH & Q(at_state__in=OPEN_STATES, at_supervised=True)


_DESKS = (Step.REGISTER, Step.ESCALATE, Step.SEND_DOWN)


def _never_above(levels: tuple[str, ...], window: Window) -> Q:
    """Matters that lay on no desk but of these levels: by their columns, or by the steps up to a past day."""
    now = Q(highest_level__in=levels) | Q(highest_level="", level__in=levels)
    if window.is_now:
        return now
    steps = IssueStep.objects.filter(issue=OuterRef("pk"))
    moved_since = steps.filter(at__gte=window.end, step__in=(Step.ESCALATE, Step.SEND_DOWN))
    above = [str(level) for level in Level if level not in levels]
    was_above = steps.filter(at__lt=window.end, step__in=_DESKS, data__level__in=above)
    return Q(~Exists(moved_since)) & now | Q(Exists(moved_since)) & ~Q(Exists(was_above))


def _closed_at(*levels: str) -> Figure:
    name = _("Struck off in the village") if len(levels) == 1 else _("Struck off in the township")
    sentence = (
        _("Of those struck off in the period, the ones that never lay on a desk above the village's.")
        if len(levels) == 1
        else _("Of those struck off in the period, the ones that never lay on the county's desk.")
    )

    @figure(Source.ISSUES, f"contained_{levels[-1]}", name, sentence)
    def contained(window: Window) -> Q:
        closed = _NOT_WISH & Q(at_state=State.CLOSED) & window.moments("at_closed")
        return closed & _never_above(levels, window)

    return contained


FIGURES: tuple[Figure, ...] = (
    never, call_back, supervised, _closed_at(Level.VILLAGE),
    _closed_at(Level.VILLAGE, Level.DISTRICT, Level.TOWNSHIP),
)  # fmt: skip
