"""What the bell, the page of notices and the chat text say. All of it is read through the scope of today."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ledger.models import Campaign, Issue, Notice
from ledger.models.scope import scope_of
from ledger.queries.kept_entries import kept_entries, outcome
from ledger.rules.days import local_day
from ledger.rules.issues import HANDED_STATES, State
from ledger.rules.notices import SORTS, Sort

MOST_COUNTED = 99
"""The bell counts no further."""
SHOWN = (
    "issue__village", "issue__township", "issue__category__parent", "issue__group", "issue__handler",
    "issue__lead_organisation", "step__by",
)  # fmt: skip


def own_notices(user: Any) -> QuerySet[Notice]:
    """One's own notices whose matters one may open."""
    notices: QuerySet[Notice] = Notice.objects.visible_to(user)
    return notices


def unread(user: Any) -> QuerySet[Notice]:
    """Not read yet, also those that the quiet hours hold back from the bell: a list hides nothing."""
    return own_notices(user).filter(read_at__isnull=True)


def rung(user: Any) -> int:
    """What the bell counts: unread, and ringing by now; one past ``MOST_COUNTED`` stands for more.

    Whoever has none of their own, seen or not, is told so by the index alone: building the scope's query costs more.
    """
    ringing = Q(read_at__isnull=True, rings_at__lte=timezone.now())
    if not Notice.objects.filter(ringing, cadre=scope_of(user).cadre_id).exists():
        return 0
    return own_notices(user).filter(ringing).order_by().values("pk")[: MOST_COUNTED + 1].count()


@dataclass(frozen=True)
class Line:
    """A notice as it is shown."""

    notice: Notice
    title: str
    """The title of the matter; for a sensitive one only that it is one."""
    where: str
    colour: str
    label: str
    said: str
    chat: str
    """The text to paste into a chat group; empty where there is none."""
    waits_until: datetime.datetime | None = None
    """When it rings, while the quiet hours hold it back."""


def lines(notices: Iterable[Notice], user: Any) -> Iterator[tuple[datetime.date, list[Line]]]:
    """By local day, in the order given."""
    for day, group in groupby(worded(notices, user), key=lambda one: local_day(one.notice.at)):
        yield day, list(group)


def worded(notices: Iterable[Notice], user: Any) -> list[Line]:
    """Each as it is shown, in the order given; campaigns and entries named, as far as one reads them today."""
    rows = list(notices)
    names = {Sort.CAMPAIGN: _campaigns(rows, user), Sort.ENTRY_DECIDED: _entries(rows, user)}
    return [line(one, names.get(Sort(one.sort), {}).get(one.mark, "")) for one in rows]


def _marks(rows: list[Notice], sort: Sort) -> set[int]:
    return {int(one.mark) for one in rows if one.sort == sort}


def _campaigns(rows: list[Notice], user: Any) -> dict[str, str]:
    marks = _marks(rows, Sort.CAMPAIGN)
    seen = Campaign.objects.visible_to(user).filter(pk__in=marks) if marks else ()
    return {str(campaign.pk): campaign.name for campaign in seen}


def _entries(rows: list[Notice], user: Any) -> dict[str, str]:
    """What became of each, with the household where it names one."""
    marks = _marks(rows, Sort.ENTRY_DECIDED)
    entries = kept_entries(user).filter(pk__in=marks) if marks else ()
    return {str(entry.pk): outcome(entry) for entry in entries}


def line(notice: Notice, name: str = "") -> Line:
    """How a notice is worded (``SHOWN`` is read); ``name`` of what it speaks of, where that is no matter."""
    rule, issue = SORTS[notice.sort], notice.issue
    held_back = notice.rings_at if notice.read_at is None and notice.rings_at > timezone.now() else None
    label = str(notice.get_sort_display())
    if issue is None:
        return Line(notice, name or label, "", rule.colour, label, str(rule.said), "", held_back)
    title = _("Sensitive matter") if issue.is_sensitive else issue.title
    where = [issue.printed_number]
    if not issue.is_sensitive:
        where.append(f"{issue.village} {issue.group}" if issue.group is not None else str(issue.village))
    if notice.step is not None and notice.step.by is not None:
        where.append(notice.step.by.name)
    if (due := running_day(issue)) is not None:
        where.append(_("due %(day)s") % {"day": date_format(due, "MONTH_DAY_FORMAT")})
    said = str(rule.said)
    if rule.names_handler:
        said = said % {"handler": issue.handler or issue.lead_organisation or _("Its desk")}
    chat = chat_text(issue, rule.in_chat or rule.said)
    return Line(notice, title, " · ".join(where), rule.colour, label, said, chat, held_back)


def chat_text(issue: Issue, said: Promise | str) -> str:
    """What may stand in a chat group: number, what it is in general words, village, date, what to do.

    Nobody's name or phone, neither title nor text; of a sensitive matter the number alone.
    """
    if issue.is_sensitive:
        return _("[Village Ledger] %(number)s: %(said)s See the ledger for what it is.") % {
            "number": issue.printed_number, "said": said,
        }  # fmt: skip
    category = issue.category.parent or issue.category
    due = running_day(issue)
    values = {
        "number": issue.printed_number, "village": issue.village, "kind": issue.get_kind_display(),
        "category": category, "said": said, "day": date_format(due, "MONTH_DAY_FORMAT") if due is not None else "",
    }  # fmt: skip
    if due is None:
        return _("[Village Ledger] %(number)s, %(village)s, %(kind)s (%(category)s): %(said)s") % values
    return _("[Village Ledger] %(number)s, %(village)s, %(kind)s (%(category)s), due %(day)s: %(said)s") % values


def running_day(issue: Issue) -> datetime.date | None:
    """The date that runs: the desk's for assigning, else the handler's; none where no clock runs."""
    if issue.state == State.REGISTERED:
        return issue.triage_due_on
    return issue.due_on if issue.state in HANDED_STATES else None


def sorts_of(user: Any) -> list[Sort]:
    """The sorts that one's own notices have, in the order of ``Sort``: what the filter offers."""
    held = set(own_notices(user).order_by().values_list("sort", flat=True).distinct())
    return [sort for sort in Sort if sort in held]
