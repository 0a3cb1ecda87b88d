"""Figures of visits and meetings. A void entry counts nowhere; a joint visit counts once for its place."""

from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.models import Visit
from ledger.queries.figures_window import Figure, Measure, Source, Window, figure
from ledger.rules.visits import CONTACT_KINDS, VisitKind, VisitResult

PEOPLE = Measure("people_met", is_sum=True)
CONTACT = Q(kind__in=CONTACT_KINDS, result=VisitResult.MET, voided_at__isnull=True)
"""A household or night visit with result *met*, not void (design.md 6)."""
_visits = partial(figure, Source.VISITS)


def visits_in(window: Window) -> QuerySet[Visit]:
    """The entries that stand, of the local days of the period, whenever they were recorded or brought in.

    ``at_unit`` is where the visitor works.
    """
    rows: QuerySet[Visit] = Visit.objects.filter(window.days("occurred_on"), voided_at__isnull=True)
    return rows.alias(at_unit=F("lead__organisation_id"))


@_visits("events", _("Visits and meetings"), _("All entries of the period, of every kind; void ones count nowhere."))
def events(window: Window) -> Q:
    return Q()


@_visits(
    "household_visits", _("Household visits (times)"),
    _("Household and night visits of the period, whoever was met; a visit made together counts once."),
)  # fmt: skip
def household_visits(window: Window) -> Q:
    return Q(kind__in=CONTACT_KINDS)


@_visits("visit_people", _("People met at home"), _("People met, added up over the household visits."), PEOPLE)
def visit_people(window: Window) -> Q:
    return Q(kind__in=CONTACT_KINDS)


@_visits("meetings", _("Meetings"), _("Meetings of every form in the period."))
def meetings(window: Window) -> Q:
    return Q(kind=VisitKind.MEETING)


@_visits("meeting_people", _("People at meetings"), _("People who came, added up over the meetings."), PEOPLE)
def meeting_people(window: Window) -> Q:
    return Q(kind=VisitKind.MEETING)


@_visits("talk_people", _("People in heart-to-heart talks"), _("People spoken with, added up over the talks."), PEOPLE)
def talk_people(window: Window) -> Q:
    return Q(kind=VisitKind.TALK)


@_visits(
    "enterprises", _("Enterprises visited"), _("Different enterprises visited in the period, each counted once."),
    Measure("enterprise", is_distinct=True),
)  # fmt: skip
def enterprises(window: Window) -> Q:
    return Q(kind=VisitKind.ENTERPRISE, enterprise__isnull=False)


@_visits(
    "opinions", _("People asked for their opinion"),
    _("People whose opinion was heard, added up over all visits and meetings."),
    Measure("opinions_heard", is_sum=True),
)  # fmt: skip
def opinions(window: Window) -> Q:
    return Q(opinions_heard__gt=0)


@_visits("joint", _("Joint visits"), _("Entries of the period in which somebody went along; each counts once."))
def joint(window: Window) -> Q:
    return Q(Exists(Visit.companions.through._base_manager.filter(visit_id=OuterRef("pk"))))


FIGURES: tuple[Figure, ...] = (
    events, household_visits, visit_people, meetings, meeting_people, talk_people, enterprises, opinions, joint,
)  # fmt: skip
