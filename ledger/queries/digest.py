"""今日摘要: what waits for one person now, as handler and as desk; and who has anything waiting at all."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ledger.models import County, Issue
from ledger.queries.calendar import Calendar
from ledger.queries.desk import at_own_level, desks_of, on_desk
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


def parts(calendar: Calendar) -> list[Part]:
    """In the order of what presses."""
    handed, today, late = Q(state__in=HANDED_STATES), calendar.today, overdue_q(calendar.today)
    soon = handed & Q(due_on__gt=today, due_on__lte=calendar.near_until)
    review = Q(state=State.DEFERRED, review_on__lte=today)
    return [
        Part("own_overdue", gettext_lazy("Mine, overdue"), "late", late),
        Part("own_today", gettext_lazy("Mine, due today"), "due", handed & Q(due_on=today)),
        Part("own_near", gettext_lazy("Mine, near due"), "due", soon),
        Part("own_new", gettext_lazy("Mine, new, to be accepted"), "due", Q(state=State.ASSIGNED)),
        Part("to_assign", gettext_lazy("My desk, new, to be assigned"), "due", Q(state=State.REGISTERED), "to_assign"),
        Part("overdue", gettext_lazy("My desk, overdue"), "late", late, "overdue"),
        Part("near", gettext_lazy("My desk, due today or soon"), "due", soon | handed & Q(due_on=today), "near"),
        Part(
            "to_call_back", gettext_lazy("My desk, to be called back"), "calm", Q(state=State.RESOLVED), "to_call_back"
        ),
        Part("review", gettext_lazy("My desk, deferred, to be reviewed"), "due", review, "deferred"),
    ]


def digest(user: Any, calendar: Calendar) -> list[Waiting]:
    """What waits for the user now; parts with nothing are left out. Two counts and a query for each part shown."""
    desks = desks_of(user)
    own = Issue.objects.visible_to(user).filter(handled(user))
    desk = on_desk(user, desks).filter(at_own_level(desks)) if desks else Issue.objects.none()
    found = []
    for rows, chosen in ((own, [p for p in parts(calendar) if not p.lane]),
                         (desk, [p for p in parts(calendar) if p.lane])):  # fmt: skip
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
    pressing = issues.filter(
        Q(state__in=HANDED_STATES, due_on__lte=calendar.near_until) | Q(state=State.ASSIGNED)
        | overdue_q(calendar.today)
    )  # fmt: skip
    found = set(pressing.filter(handler__isnull=False).values_list("handler", flat=True).distinct())
    plain = Q(about_cadre__isnull=True)
    for unit in pressing.filter(plain, handler__isnull=True).values_list("lead_organisation", flat=True).distinct():
        found.update(people.handlers(unit, without=None))
    # What the desk's parts count; what is in progress in good time waits for nobody's desk.
    at_desk = issues.filter(
        plain & (Q(state__in=(State.REGISTERED, State.RESOLVED)) | Q(state__in=HANDED_STATES,
                 due_on__lte=calendar.near_until) | Q(state=State.DEFERRED, review_on__lte=calendar.today)
                 | overdue_q(calendar.today))
    )  # fmt: skip
    columns = ("village", "village__district", "township", "level")
    for village, district, township, level in at_desk.values_list(*columns).distinct():
        found.update(people.desk(Place(village, district, township, county.pk), level, without=None)[1])
    return found
