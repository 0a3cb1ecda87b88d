"""Figures that only the dashboard shows, in the manner of the others (``queries/figures_window``)."""

from functools import partial

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.queries.figures_households import counted_q, met_q
from ledger.queries.figures_window import Figure, Source, Window, figure
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


def _closed_at(*levels: str) -> Figure:
    name = _("Struck off in the village") if len(levels) == 1 else _("Struck off in the township")
    sentence = (
        _("Of those struck off in the period, the ones at the village's own level.")
        if len(levels) == 1
        else _("Of those struck off in the period, the ones at the level of village, district or township.")
    )

    @figure(Source.ISSUES, f"contained_{levels[-1]}", name, sentence)
    def contained(window: Window) -> Q:
        return _NOT_WISH & Q(at_state=State.CLOSED, level__in=levels) & window.moments("at_closed")

    return contained


FIGURES: tuple[Figure, ...] = (
    never, call_back, supervised, _closed_at(Level.VILLAGE),
    _closed_at(Level.VILLAGE, Level.DISTRICT, Level.TOWNSHIP),
)  # fmt: skip
