"""The issues of the demonstration went their way by the same table of steps as live ones."""

from collections import defaultdict

from django.utils import timezone

from ledger.demonstration.load import Loaded
from ledger.demonstration.matters import matters
from ledger.models import Category, Extension, Household, Issue, IssueStep, NumberCounter
from ledger.queries.issue_desks import lowest_desk
from ledger.rules.days import local_day
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.issues import (
    OUTCOMES_BY_KIND,
    UNFINISHED_STATES,
    CloseBasis,
    IssueKind,
    State,
    counts_as_open,
    must_be_sensitive,
)

HANDLED = {State.ASSIGNED, State.IN_PROGRESS, State.RESOLVED}


def _timelines() -> dict[Issue, list[IssueStep]]:
    issues = Issue.objects.prefetch_related("steps").select_related("category", "village__township", "household")
    return {issue: sorted(issue.steps.all(), key=lambda step: step.pk) for issue in issues}


def test_every_state_is_there(loaded: Loaded) -> None:
    assert loaded.issues == Issue.objects.count()
    assert set(Issue.objects.values_list("state", flat=True)) == HANDLED | {
        State.REGISTERED, State.CLOSED, State.DEFERRED, State.VOID, State.MERGED,
    }  # fmt: skip
    assert (
        Extension.objects.filter(decided_at__isnull=True).count() == Issue.objects.exclude(extension_level="").count()
    )
    assert set(Extension.objects.values_list("is_granted", flat=True)) == {None, True, False}
    assert Issue.objects.filter(is_supervised=True, state=State.IN_PROGRESS).exists()
    assert IssueStep.objects.filter(step=Step.INSTRUCT, acting_for__isnull=False).exists()
    assert set(Issue.objects.exclude(close_basis="").values_list("close_basis", flat=True)) == {
        CloseBasis.CALLED_BACK,
        CloseBasis.UNREACHABLE,
    }


def test_steps_follow_the_table_and_time(loaded: Loaded) -> None:
    now = timezone.now()
    for issue, steps in _timelines().items():
        assert steps[0].step == Step.REGISTER
        assert steps[0].at == issue.registered_at
        state = ""
        for before, step in zip([None, *steps], steps, strict=False):
            assert step.step == Step.REGISTER or step.from_state in STEPS[step.step].sources
            assert step.from_state == state
            assert step.to_state == (state if "merged" in step.data else STEPS[step.step].target or state)
            assert step.at <= now
            assert before is None or before.at <= step.at
            state = step.to_state
        assert state == issue.state
        assert issue.version == len(steps)


def test_steps_have_what_they_need(loaded: Loaded) -> None:
    for issue, steps in _timelines().items():
        for step in steps:
            assert "{" not in step.text
            if step.step == Step.ASSIGN:
                assert (step.to_cadre_id is None) != (step.to_organisation_id is None)
                assert step.due_on is not None
                assert step.due_on >= local_day(step.at)
            if step.step in {Step.RETURN, Step.PROGRESS, Step.RESOLVE, Step.REOPEN}:
                assert step.text
            if step.step == Step.RESOLVE:
                assert step.data["outcomes"]
                assert set(step.data["outcomes"]) <= set(OUTCOMES_BY_KIND[issue.kind])


def test_nobody_strikes_off_what_they_resolved(loaded: Loaded) -> None:
    for _issue, steps in _timelines().items():
        resolver = None
        asked = False
        for step in steps:
            if step.step == Step.RESOLVE:
                resolver, asked = step.by_id, False
            if step.step in {Step.CALL_BACK, Step.CLOSE}:
                assert step.by_id != resolver
            if step.step == Step.CLOSE:
                assert asked
            asked = asked or step.step == Step.CALL_BACK


def test_every_open_issue_has_an_owner(loaded: Loaded) -> None:
    for issue in Issue.objects.filter(state__in=UNFINISHED_STATES).select_related("village__township"):
        if issue.state == State.REGISTERED:
            assert lowest_desk(issue.village, at_least=issue.level) == issue.level
        else:
            assert issue.handler_id or issue.lead_organisation.postings.filter(role="department_handler").exists()


def test_numbers_run_without_a_gap_in_order_of_registration(loaded: Loaded) -> None:
    given: dict[tuple[int, int], list[int]] = defaultdict(list)
    for issue in Issue.objects.order_by("registered_at").select_related("township"):
        given[issue.township_id, issue.year].append(issue.serial)
        assert issue.year == local_day(issue.registered_at).year
        assert issue.number == f"{issue.township.short_name}-{issue.year}-{issue.serial:05d}"
    assert all(serials == list(range(1, len(serials) + 1)) for serials in given.values())
    counters = {(row.township_id, row.year): row.last for row in NumberCounter.objects.all()}
    assert counters == {key: len(serials) for key, serials in given.items()}


def test_the_count_beside_the_household_is_right(loaded: Loaded) -> None:
    counted: dict[int, int] = defaultdict(int)
    for issue in Issue.objects.filter(household__isnull=False):
        counted[issue.household_id] += counts_as_open(issue.state, sensitive=issue.is_sensitive)
    for household in Household.objects.all():
        assert household.open_issues == counted[household.pk]


def test_what_is_delicate_is_kept_to_its_circle(loaded: Loaded) -> None:
    for issue in Issue.objects.select_related("category"):
        assert issue.is_sensitive or not must_be_sensitive(issue.kind, restricted=issue.category.is_restricted)
        if issue.kind == IssueKind.COMPLAINT:
            assert issue.about_cadre_id not in {None, issue.handler_id, issue.registered_by_id, issue.called_back_by_id}
            assert issue.lead_organisation.is_discipline


def test_an_issue_from_a_visit_lies_at_its_household(loaded: Loaded) -> None:
    for issue in Issue.objects.filter(visit__isnull=False).select_related("visit"):
        assert issue.household_id == issue.visit.household_id
        assert issue.registered_by_id == issue.visit.lead_id
        assert local_day(issue.registered_at) == issue.visit.occurred_on
        assert (issue.title in issue.visit.content) is not issue.is_sensitive, "who reads the visit may not know of it"


def test_the_bank_is_large_and_fits_the_rules(loaded: Loaded) -> None:
    titles = {title for matter in matters() for title in matter.titles}
    assert len(matters()) >= 120
    assert len(titles) == sum(len(matter.titles) for matter in matters())
    rows = Category.objects.select_related("parent")
    known = {(row.parent.name, row.name) if row.parent else (row.name, "") for row in rows}
    for matter in matters():
        assert matter.category in known
        assert matter.outcome in OUTCOMES_BY_KIND[matter.kind]
        assert all(len(title) <= 40 for title in matter.titles)
