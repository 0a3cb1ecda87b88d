"""Write the visits and matters of an earlier ledger, inside the caller's transaction.

Steps are written for what the earlier ledger says happened. Of some it does not say when: those lie on the last
day known before them and are marked ``day_known: false``, and no page shows a day for them.
"""

import datetime
from collections import defaultdict
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.issue_numbers import next_numbers
from ledger.actions.issue_rounds import round_of
from ledger.actions.visits import refresh_dates
from ledger.importing.history_now import PastNow
from ledger.importing.history_write import CHUNK, PeopleWriter
from ledger.importing.plan import Planned
from ledger.models import Category, Household, Issue, IssueRound, IssueStep, Township, Village, Visit
from ledger.queries.calendar import calendar_of
from ledger.queries.issue_desks import lowest_desk
from ledger.rules.days import day_start
from ledger.rules.issue_steps import Step
from ledger.rules.issues import OPEN_STATES, CloseBasis, Source, State, Urgency
from ledger.rules.permissions import Level

LATE_SORT = 9_990
"""Categories of the past stand at the end of the county's list."""


class MattersWriter:
    """Writes new visits and issues; all they name has its key by now."""

    def __init__(self, *, by: Any, now: PastNow, people: PeopleWriter) -> None:
        self.user = by if hasattr(by, "pk") else None
        self.now, self.people = now, people
        self.townships = {township.pk: township for township in now.ledger.townships}
        self.levels: dict[int, str] = {}
        self.triage: dict[int, datetime.date] = {}
        self.moment = timezone.now()
        self.added_categories: list[int] = []

    def write(self, events: list[Planned], issues: list[Planned]) -> None:
        """Visits, then issues with their steps, then what is kept beside the households."""
        self._visits(events)
        self._issues(issues)
        met = [p.row.fields["home"].pk for p in events if p.row.fields["home"]]
        for at in range(0, len(met), 5_000):
            refresh_dates(met[at : at + 5_000])
        count_open({p.row.fields["home"].pk for p in issues if p.row.fields["home"]})

    # Visits

    def _visits(self, events: list[Planned]) -> None:
        rows = Visit.objects.bulk_create([self._visit(p.row.fields) for p in events], batch_size=CHUNK)
        joined = Visit.companions.through
        links = []
        for planned, row in zip(events, rows, strict=True):
            planned.row.fields["contact"].pk = row.pk
            links += [joined(visit_id=row.pk, cadre_id=person.pk) for person in planned.row.fields["companions"]]
        joined.objects.bulk_create(links, batch_size=CHUNK)

    def _visit(self, fields: dict[str, Any]) -> Visit:
        home, firm = fields["home"], fields["firm"]
        return Visit(
            kind=fields["kind"], earlier_number=fields["number"], meeting_form=fields["form"],
            result=fields["result"], occurred_on=fields["day"], occurred_time=fields["hour"] or None,
            lead_id=fields["lead"].pk, village_id=fields["village"].pk, group_id=self.people.group_of(fields),
            household_id=home.pk if home else None, enterprise_id=firm.pk if firm else None,
            people_met=fields["persons"], opinions_heard=fields["opinions"], content=fields["content"],
            recorded_by=self.user, voided_at=self.moment if fields["void"] else None,
            voided_by=self.user if fields["void"] else None,
            void_reason=_("Void in the earlier ledger") if fields["void"] else "",
        )  # fmt: skip

    # Issues

    def _issues(self, issues: list[Planned]) -> None:
        self._categories(issues)
        yearly: dict[tuple[int, int], list[Planned]] = defaultdict(list)
        for planned in issues:
            fields = planned.row.fields
            yearly[fields["village"].township_id, int(fields["day"][:4])].append(planned)
        drafts: list[tuple[Issue, dict[str, Any]]] = []
        for (township, year), rows in yearly.items():
            rows.sort(key=lambda p: p.row.fields["day"])
            numbers = next_numbers(self.townships[township], year, len(rows))
            for planned, number in zip(rows, numbers, strict=True):
                issue = self._issue(planned.row.fields)
                issue.year, issue.serial, issue.number = number.year, number.serial, number.text
                drafts.append((issue, planned.row.fields))
        Issue.objects.bulk_create([issue for issue, _fields in drafts], batch_size=CHUNK)
        for issue, fields in drafts:
            fields["pk"] = issue.pk
        steps = [step for issue, fields in drafts for step in self._steps(issue, fields)]
        IssueStep.objects.bulk_create(steps, batch_size=CHUNK)
        rounds = [round_of(issue) for issue, _fields in drafts if issue.resolved_at is not None]
        IssueRound.objects.bulk_create(rounds, batch_size=CHUNK)

    def _categories(self, issues: list[Planned]) -> None:
        """Categories that the county does not list: kept for the past, not in use for new matters."""
        for planned in issues:
            fields = planned.row.fields
            county = self.now.counties[fields["village"].township_id]
            key = (county, fields["category"])
            if self.now.categories[key][0] is None:
                made = Category.objects.create(county_id=county, name=key[1], is_active=False, sort_order=LATE_SORT)
                self.now.categories[key] = (made.pk, False)
                self.added_categories.append(made.pk)

    def _issue(self, fields: dict[str, Any]) -> Issue:
        place, home, unit, person = fields["village"], fields["home"], fields["unit"], fields["person"]
        state, due, closed = fields["state"], fields["due"] or None, fields["closed"]
        category, restricted = self.now.categories[self.now.counties[place.township_id], fields["category"]]
        assert category is not None
        return Issue(
            township_id=place.township_id, village_id=place.pk, household_id=home.pk if home else None,
            group_id=home.group_pk if home else None, earlier_number=fields["number"], category_id=category,
            source=Source.IMPORTED, urgency=fields["urgency"], title=fields["title"], text=fields["text"],
            is_sensitive=restricted, visit_id=fields["contact"].pk if fields["contact"] else None,
            registered_by_id=person.pk if person else None, registered_at=_at(fields["day"]),
            level=self._level(fields), state=state, lead_organisation_id=unit.pk if unit else None,
            first_due_on=due, due_on=due,
            triage_due_on=self._triage(place.township_id) if state == State.REGISTERED else None,
            resolved_at=_at(closed) if closed else None, resolved_in_time=closed <= due if closed and due else None,
            outcomes=[str(fields["outcome"])] if fields["outcome"] else [], result_text=fields["result_text"],
            answer=fields["answer"], close_basis=CloseBasis.IMPORTED if state == State.CLOSED else "",
        )  # fmt: skip

    def _level(self, fields: dict[str, Any]) -> str:
        """What the township's offices handle lies on the township's desk, all else on the village's or the next up."""
        unit, place = fields["unit"], fields["village"]
        if unit is not None and not unit.is_committee:
            return Level.TOWNSHIP
        if place.pk not in self.levels:
            village = Village.objects.select_related("township").get(pk=place.pk)
            self.levels[place.pk] = lowest_desk(village)
        return self.levels[place.pk]

    def _triage(self, township: int) -> datetime.date:
        """The desk's limit counts from the import: before that it had no such list."""
        if township not in self.triage:
            county = Township.objects.select_related("county").get(pk=township).county
            self.triage[township] = calendar_of(county).triage_due_on(Urgency.NORMAL)
        return self.triage[township]

    def _steps(self, issue: Issue, fields: dict[str, Any]) -> list[IssueStep]:
        """The moves that brought it where it stands, each from the state before it."""
        created, state, unit = issue.registered_at, issue.state, fields["unit"]
        steps = [_step(issue, Step.REGISTER, "", State.REGISTERED, created, by_id=issue.registered_by_id,
                       to_organisation_id=unit.pk if unit is not None and state == State.REGISTERED else None,
                       data={"level": str(issue.level)})]  # fmt: skip
        if unit is not None and state != State.REGISTERED:
            steps.append(_step(
                issue, Step.ASSIGN, State.REGISTERED, State.ASSIGNED, created, to_organisation_id=unit.pk,
                due_on=issue.due_on, data={"outside": unit.is_outside, "day_known": False},
            ))  # fmt: skip
            if state != State.ASSIGNED:
                steps.append(_step(issue, Step.ACCEPT, State.ASSIGNED, State.IN_PROGRESS, created,
                                   data={"day_known": False}))  # fmt: skip
        if issue.resolved_at is not None:
            before = State.IN_PROGRESS if unit is not None else State.REGISTERED
            facts = {"outcomes": issue.outcomes, "in_time": issue.resolved_in_time}
            steps.append(_step(issue, Step.RESOLVE, before, State.RESOLVED, issue.resolved_at, due_on=issue.due_on,
                               text=issue.result_text, data=facts))  # fmt: skip
            if issue.answer:
                said = {"answer": str(issue.answer), "day_known": False}
                steps.append(_step(issue, Step.CALL_BACK, State.RESOLVED, State.RESOLVED, issue.resolved_at, data=said))
            if state == State.CLOSED:
                basis = {"basis": str(issue.close_basis), "day_known": False}
                steps.append(_step(issue, Step.CLOSE, State.RESOLVED, State.CLOSED, issue.resolved_at, data=basis))
        return steps


def count_open(households: set[int]) -> None:
    """``open_issues`` of these households, from their issues."""
    counted = (
        Issue.objects.filter(Q(household=OuterRef("pk"), is_sensitive=False, state__in=OPEN_STATES))
        .order_by().values("household").annotate(count=Count("pk")).values("count")
    )  # fmt: skip
    listed = sorted(households)
    for at in range(0, len(listed), 5_000):
        some = Household.objects.filter(pk__in=listed[at : at + 5_000])
        some.update(open_issues=Coalesce(Subquery(counted), 0))


def _at(day: str) -> datetime.datetime:
    """The first moment of that local day: the tables name no hour."""
    return day_start(datetime.date.fromisoformat(day))


def _step(
    issue: Issue, step: str, before: str, after: str, at: datetime.datetime, *, data: dict[str, Any], **more: Any
) -> IssueStep:
    return IssueStep(
        issue=issue, step=step, from_state=before, to_state=after, at=at, data={**data, "imported": True}, **more
    )
