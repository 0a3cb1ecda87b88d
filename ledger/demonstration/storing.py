"""Writes visits and issues in bulk, then what is kept beside the households."""

import datetime
import random
from collections import defaultdict
from itertools import groupby

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ledger.actions.visits import refresh_dates
from ledger.demonstration.courses import Course
from ledger.demonstration.homes import Home
from ledger.demonstration.issues import Told
from ledger.demonstration.visits import Contact
from ledger.models import (
    County,
    Extension,
    Household,
    Issue,
    IssueResult,
    IssueRound,
    IssueStep,
    NumberCounter,
    Topic,
    Visit,
    VisitQuestion,
)
from ledger.rules.days import SHANGHAI
from ledger.rules.issues import OPEN_STATES
from ledger.rules.visits import PartOfDay

CHUNK = 2_000
HANDS = ("handler", "lead_organisation", "assigned_at", "accepted_at", "due_on", "extension_level")
"""What a merged issue gives out of its hands."""
ENTERED = {PartOfDay.MORNING: (12, 20), PartOfDay.AFTERNOON: (18, 5), PartOfDay.EVENING: (21, 40)}
"""When the notes of a part of the day are typed in."""


def store_contacts(
    contacts: list[Contact], now: datetime.datetime, rng: random.Random, county: County
) -> None:  # fmt: skip
    """Visits in order of time, their topics and companions."""
    Visit.objects.bulk_create([contact.row for contact in contacts], batch_size=CHUNK)
    for (day, part), group in groupby(contacts, key=lambda c: (c.row.occurred_on, c.row.part_of_day)):
        rows = [contact.row.pk for contact in group]
        hour, minute = ENTERED[PartOfDay(part)]
        late = datetime.timedelta(days=rng.choices((0, 1, 3), (90, 7, 3))[0])
        at = datetime.datetime.combine(day, datetime.time(hour, minute), tzinfo=SHANGHAI) + late
        Visit.objects.filter(pk__gte=rows[0], pk__lte=rows[-1]).update(recorded_at=min(at, now))
    topics = dict(Topic.objects.filter(county=county).values_list("name", "pk"))
    about = Visit.topics.through
    about.objects.bulk_create(
        [about(visit_id=c.row.pk, topic_id=topics[name]) for c in contacts for name in c.topics if name in topics],
        batch_size=CHUNK,
    )
    joined = Visit.companions.through
    joined.objects.bulk_create(
        [joined(visit_id=c.row.pk, cadre_id=cadre.pk) for c in contacts for cadre in c.companions], batch_size=CHUNK
    )


def store_issues(told: list[Told], questions: list[VisitQuestion]) -> None:
    """Number the issues in the order of their registration, write them with their timelines."""
    last: dict[tuple[int, int], int] = defaultdict(int)
    courses = sorted((each.course for each in told), key=lambda course: course.issue.registered_at)
    for course in courses:
        issue = course.issue
        key = (issue.township.pk, issue.year)
        last[key] += 1
        issue.serial = last[key]
        issue.number = f"{issue.township.short_name}-{issue.year}-{issue.serial:05d}"
    Issue.objects.bulk_create([course.issue for course in courses], batch_size=CHUNK)
    _merge([course for course in courses if course.merging is not None])
    IssueStep.objects.bulk_create([step for course in courses for step in course.steps], batch_size=CHUNK)
    IssueResult.objects.bulk_create([row for course in courses for row in course.results], batch_size=CHUNK)
    Extension.objects.bulk_create([each for course in courses for each in course.extensions], batch_size=CHUNK)
    IssueRound.objects.bulk_create([each for course in courses for each in course.rounds], batch_size=CHUNK)
    NumberCounter.objects.bulk_create(
        NumberCounter(township_id=township, year=year, last=serial) for (township, year), serial in last.items()
    )
    helping = Issue.supporting.through
    helping.objects.bulk_create(
        helping(issue_id=course.issue.pk, organisation_id=unit.pk) for course in courses for unit in course.supporting
    )
    VisitQuestion.objects.bulk_create(questions, batch_size=CHUNK)


def _merge(courses: list[Course]) -> None:
    """The merges that waited for the keys of both."""
    for course in courses:
        course.merge()
    masters = [course.merging.master.issue for course in courses if course.merging is not None]
    Issue.objects.bulk_update([course.issue for course in courses], ["state", "master", "triage_due_on", *HANDS])
    for issue in [*masters, *(course.issue for course in courses)]:
        Issue.objects.filter(pk=issue.pk).update(version=issue.version)


def store_kept_columns(homes: list[Home]) -> None:
    """Last contact and open issues, from what was written."""
    rows = [home.row.pk for home in homes]
    for at in range(0, len(rows), CHUNK):
        refresh_dates(rows[at : at + CHUNK])
    open_ones = (
        Issue.objects.filter(Q(household=OuterRef("pk"), is_sensitive=False, state__in=OPEN_STATES))
        .order_by()
        .values("household")
        .annotate(count=Count("pk"))
        .values("count")
    )
    Household.objects.filter(pk__gte=rows[0], pk__lte=rows[-1]).update(open_issues=Coalesce(Subquery(open_ones), 0))
