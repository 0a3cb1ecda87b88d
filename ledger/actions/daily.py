"""The day's notices of a county: what the calendar says of each issue, the digests, and what is old enough to go.

May run beside users, twice, or be killed at any point: each thousand issues are a transaction of their own, and what
was said is not said again. A day that was missed is made up by what holds today, not by a notice for each day.
"""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ledger.actions.audit import SYSTEM, record
from ledger.actions.notices import BATCH, Key, notice
from ledger.models import County, Issue, Notice
from ledger.queries.calendar import Calendar, calendar_of
from ledger.queries.digest import with_something_waiting
from ledger.queries.notice_people import People, Place, Told, meant, supporting_of, told
from ledger.rules.issues import HANDED_STATES, OPEN_STATES, UNFINISHED_STATES, State
from ledger.rules.notices import CLOCK_RULES, FIXED, KEPT_DAYS, Clock, Days, Sort, clock_sorts

CHUNK = 1000


@dataclass
class Day:
    """What one run did: notices by sort, digests, and how many old ones went."""

    raised: Counter[str] = field(default_factory=Counter)
    digests: int = 0
    removed: int = 0

    def __add__(self, other: "Day") -> "Day":
        return Day(self.raised + other.raised, self.digests + other.digests, self.removed + other.removed)


def run_day(county: County) -> Day:
    """Raise what the day says in this county; a second run on the same day finds nothing more to say."""
    now, calendar = timezone.now(), calendar_of(county)
    days = Days(calendar.today, calendar.near_until, county.escalate_days)
    people, able = People.of_county(county), told(None, county)
    done = Day()
    for issues in _chunks(county, days):
        done.raised += _raise(county, issues, days, people, able, now)
    done.digests = _digests(county, calendar, people, able, now)
    done.removed = _remove_old(county, now)
    return done


def _chunks(county: County, days: Days) -> Iterator[list[Issue]]:
    """The issues of which the calendar says anything, a thousand at a time."""
    since, last = days.oldest, 0
    pressing = Issue.objects.filter(township__county=county).filter(
        Q(state__in=HANDED_STATES, due_on__range=(since, days.near_until))
        | Q(state=State.DEFERRED, deferred_until__range=(since, days.near_until))
        | Q(state=State.DEFERRED, review_on__range=(since, days.today))
        | Q(state=State.REGISTERED, triage_due_on__range=(since, days.today))
        | Q(state__in=OPEN_STATES, is_supervised=True, report_due_on__range=(since, days.today))
    )  # fmt: skip
    columns = (
        "state", "level", "urgency", "is_sensitive", "about_cadre", "handler", "lead_organisation", "supervised_by",
        "is_supervised", "due_on", "deferred_until", "review_on", "report_due_on", "triage_due_on",
        "village__district", "village__township__county",
    )  # fmt: skip
    rows = pressing.select_related("village__township").only(*columns).order_by("pk")
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


@transaction.atomic
def _raise(
    county: County, issues: list[Issue], days: Days, people: People, able: dict[int, Told], now: datetime.datetime
) -> Counter[str]:
    wanted: dict[Key, Notice] = {}
    people.supporting = supporting_of(issue.pk for issue in issues)
    for issue in issues:
        place, about = Place.of(issue.village), issue.about_cadre_id
        late: set[int] = set()
        for sort, day in clock_sorts(_clock(issue), days):
            audiences = CLOCK_RULES[sort]
            cadres = {cadre for audience in audiences for cadre in meant(audience, issue, people, place)} - {about}
            if sort == Sort.OVERDUE:
                late = cadres
            elif sort == Sort.OVERDUE_SUPPORTED:  # whose it is, is told that and no more
                cadres -= late
            for cadre in cadres:
                if cadre in able and (sort in FIXED or sort not in able[cadre].muted):
                    made = notice(cadre, able[cadre], now, sort=sort, mark=day.isoformat(), issue=issue)
                    wanted[cadre, issue.pk, sort, made.mark] = made
    said = Notice.objects.filter(issue__in=[issue.pk for issue in issues], sort__in=CLOCK_RULES)
    for key in said.values_list("cadre_id", "issue_id", "sort", "mark"):
        wanted.pop(key, None)
    raised = Counter(each.sort for each in wanted.values())
    if wanted:
        # Another run at this moment may say the same: its word stands.
        Notice.objects.bulk_create(wanted.values(), batch_size=BATCH, ignore_conflicts=True)
        record(verb="notice.raised", by=SYSTEM, obj=county, detail=dict(raised))
    return raised


def _clock(issue: Issue) -> Clock:
    due = issue.deferred_until if issue.state == State.DEFERRED else issue.due_on
    report = issue.report_due_on if issue.is_supervised else None
    return Clock(issue.state, due, issue.review_on, report, issue.triage_due_on)


@transaction.atomic
def _digests(county: County, calendar: Calendar, people: People, able: dict[int, Told], now: datetime.datetime) -> int:
    """One notice a day for everybody for whom something waits; that of an earlier day gives way to it."""
    day = calendar.today.isoformat()
    todays = Notice.objects.filter(sort=Sort.DIGEST, cadre__county=county, mark=day)
    wanted = with_something_waiting(county, calendar, people) & able.keys()
    wanted = {cadre for cadre in wanted if Sort.DIGEST not in able[cadre].muted}
    wanted -= set(todays.values_list("cadre_id", flat=True))
    if not wanted:
        return 0
    made = [notice(cadre, able[cadre], now, sort=Sort.DIGEST, mark=day) for cadre in sorted(wanted)]
    Notice.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    earlier = Notice.objects.filter(sort=Sort.DIGEST, cadre__county=county, mark__lt=day)
    earlier.filter(read_at__isnull=True).update(read_at=now)
    record(verb="notice.raised", by=SYSTEM, obj=county, detail={Sort.DIGEST.value: len(made)})
    return len(made)


@transaction.atomic
def _remove_old(county: County, now: datetime.datetime) -> int:
    """What was read so long ago; but what a date said of an unfinished matter stays, or it would be said again."""
    old = Notice.objects.filter(cadre__county=county, read_at__lt=now - datetime.timedelta(days=KEPT_DAYS))
    gone, _by_model = old.exclude(sort__in=CLOCK_RULES, issue__state__in=UNFINISHED_STATES).delete()
    if gone:
        record(verb="notice.removed", by=SYSTEM, obj=county, detail={"removed": gone})
    return gone
