"""今日摘要: what waits for one person now, as handler and as desk; and who has anything waiting at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ledger.models import County, Issue
from ledger.queries.calendar import Calendar
from ledger.queries.desk import Desk, at_own_level, desks_of, lane_conditions, on_desk
from ledger.queries.issue_dates import overdue_q
from ledger.queries.issues import LISTED, handled
from ledger.queries.notice_people import People, Place
from ledger.rules.issues import HANDED_STATES, UNFINISHED_STATES, State

SHOWN = 5
"""Rows of each part; the rest stands behind its link."""


@dataclass(frozen=True)
class Part:
    """One part of a digest: what of one's own matters, or of one's desk, it counts."""

    key: str
    label: Promise | str
    state: str
    condition: Q
    lane: str = ""
    """The lane of the desk with all of them; empty for what one handles oneself."""


@dataclass(frozen=True)
class Waiting:
    """A part with what waits in it now."""

    part: Part
    count: int
    open_count: int
    """Of these, the ones that are not sensitive: what may be said in a chat group."""
    issues: list[Issue] = field(default_factory=list)


def own_parts(calendar: Calendar) -> list[Part]:
    """What one handles oneself, in the order of what presses."""
    handed, today = Q(state__in=HANDED_STATES), calendar.today
    soon = handed & Q(due_on__gt=today, due_on__lte=calendar.near_until)
    return [
        Part("own_overdue", gettext_lazy("Mine, overdue"), "late", overdue_q(today)),
        Part("own_today", gettext_lazy("Mine, due today"), "due", handed & Q(due_on=today)),
        Part("own_near", gettext_lazy("Mine, near due"), "due", soon),
        Part("own_new", gettext_lazy("Mine, new, to be accepted"), "due", Q(state=State.ASSIGNED)),
    ]


def desk_parts(calendar: Calendar, desks: Sequence[Desk]) -> list[Part]:
    """What lies on one's desks: their lanes, so that a part and its lane count the same."""
    lanes = lane_conditions(calendar, desks)
    return [Part(lane, label, state, lanes[lane], lane) for lane, label, state in DESK_PARTS]


DESK_PARTS: tuple[tuple[str, Promise | str, str], ...] = (
    ("to_assign", gettext_lazy("My desk, new, to be assigned"), "due"),
    ("overdue", gettext_lazy("My desk, overdue"), "late"),
    ("near", gettext_lazy("My desk, due today or soon"), "due"),
    ("to_call_back", gettext_lazy("My desk, to be called back"), "calm"),
    ("to_review", gettext_lazy("My desk, deferred, to be reviewed"), "due"),
    ("reports_late", gettext_lazy("My desk, supervised, report late"), "late"),
)


def digest(user: Any, calendar: Calendar) -> list[Waiting]:
    """What waits for the user now; parts with nothing are left out. Two counts and a query for each part shown."""
    desks = desks_of(user)
    own = Issue.objects.visible_to(user).filter(handled(user))
    desk = on_desk(user, desks).filter(at_own_level(desks)) if desks else Issue.objects.none()
    found = []
    for rows, chosen in ((own, own_parts(calendar)), (desk, desk_parts(calendar, desks))):
        counts = _counts(rows, chosen)
        for part in chosen:
            if counts[part.key]:
                shown = rows.filter(part.condition).select_related(*LISTED, "village__township")
                first = list(shown.order_by("due_on", "registered_at", "pk")[:SHOWN])
                found.append(Waiting(part, counts[part.key], counts[f"{part.key}_open"], first))
    return found


def _counts(rows: QuerySet[Issue], chosen: list[Part]) -> dict[str, int]:
    wanted = {}
    for part in chosen:
        wanted[part.key] = Count("pk", filter=part.condition)
        wanted[f"{part.key}_open"] = Count("pk", filter=part.condition & Q(is_sensitive=False))
    counts: dict[str, int] = rows.order_by().aggregate(**wanted)
    return counts


def chat_digest(waiting: list[Waiting]) -> str:
    """The digest for a chat group: counts alone, without what is sensitive; empty when nothing is left."""
    said = ""
    for each in waiting:
        if each.open_count:
            one = f"{each.part.label} {each.open_count}"
            said = pgettext("two sentences", "%(one)s; %(two)s") % {"one": said, "two": one} if said else one
    return _("[Village Ledger] today: %(parts)s.") % {"parts": said} if said else ""


def with_something_waiting(county: County, calendar: Calendar, people: People) -> set[int]:
    """The cadres whose digest of today would not be empty: three queries, however many issues there are.

    A matter about a cadre gives nobody a digest: whoever it is about must not learn of it by one.
    """
    issues = Issue.objects.filter(township__county=county, state__in=UNFINISHED_STATES).order_by()
    given = issues.filter(_any(own_parts(calendar)))
    found = set(given.filter(handler__isnull=False).values_list("handler", flat=True).distinct())
    plain = Q(about_cadre__isnull=True)
    for unit in given.filter(plain, handler__isnull=True).values_list("lead_organisation", flat=True).distinct():
        found.update(people.handlers(unit, without=None))
    columns = ("village", "village__district", "township", "level")
    at_desk = issues.filter(plain, _any(desk_parts(calendar, ())))
    for village, district, township, level in at_desk.values_list(*columns).distinct():
        found.update(people.desk(Place(village, district, township, county.pk), level, without=None)[1])
    return found


def _any(chosen: list[Part]) -> Q:
    return reduce(or_, (part.condition for part in chosen))
