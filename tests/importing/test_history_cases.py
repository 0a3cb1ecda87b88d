"""The shared history of a real office comes in whole: its published figures can be counted from the rows."""

import datetime
import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db.models import Count, Max, Q, QuerySet, Sum

from ledger.actions.divisions import load_divisions
from ledger.importing.divisions import read_divisions
from ledger.importing.history_batches import import_history_at_once
from ledger.models import Cadre, Household, Issue, Township, Village, VillageLink, Visit
from ledger.models.cadres import LinkKind
from ledger.rules.cadre_lists import Rank
from ledger.rules.history import OUTCOMES
from ledger.rules.issues import Answer, Outcome, State
from ledger.rules.visits import CONTACT_KINDS, VisitKind
from tests.drill import DRILLING
from tests.guards.sources import ROOT

CASES = ROOT.parent / "shared" / "cases"
FOLDER = CASES / "history_luoshe"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the shared history is not here")
KINDS = {
    VisitKind.ENTERPRISE: "enterprise_visit", VisitKind.TALK: "heart_talk", VisitKind.HOUSEHOLD: "household_visit",
    VisitKind.MEETING: "symposium",
}  # fmt: skip
PENDING = (State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS)
STATES = {
    State.REGISTERED: "open", State.ASSIGNED: "open", State.IN_PROGRESS: "in_progress", State.RESOLVED: "resolved",
    State.CLOSED: "closed",
}  # fmt: skip
ANSWERS = {"": "未评价", Answer.SATISFIED: "满意", Answer.ACCEPTABLE: "基本满意", Answer.DISSATISFIED: "不满意"}


@pytest.fixture
def luoshe(db: None) -> dict[str, Any]:
    """The office with its past, and what must come out."""
    lines = read_divisions((CASES / "reference" / "divisions.csv").read_bytes())
    load_divisions(by="system", lines=lines, file_name="divisions.csv")
    files = [(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.csv"))]
    townships = list(Township.objects.filter(code="320206102").select_related("county"))
    plan = import_history_at_once(by="system", townships=townships, name="history_luoshe", files=files)
    assert (plan.counts["created"], plan.counts["refused"]) == (12_870, 0)
    again = import_history_at_once(by="system", townships=townships, name="history_luoshe", files=files)
    assert not again.has_changes
    assert again.counts["unchanged"] == len(again.rows)
    answers: dict[str, Any] = json.loads((FOLDER / "expected_answers.json").read_text(encoding="utf-8"))
    return answers


def percent(part: int, whole: int) -> float:
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP))


def met() -> QuerySet[Visit]:
    counted: QuerySet[Visit] = Visit.objects.filter(voided_at=None)
    return counted


def visits_of(answers: dict[str, Any]) -> dict[str, Any]:
    today = datetime.date.fromisoformat(answers["today"])
    last = dict(
        met()
        .filter(kind__in=CONTACT_KINDS, household__isnull=False)
        .values_list("household")
        .annotate(Max("occurred_on"))
    )
    active = set(Household.objects.filter(status="active").values_list("pk", flat=True))
    stale = sum(1 for home in active if home not in last or (today - last[home]).days > 90)
    joint = met().annotate(others=Count("companions")).filter(others__gt=0).count()
    kinds = met().order_by().values_list("kind")
    return {
        "events_by_kind": {KINDS[VisitKind(kind)]: n for kind, n in kinds.annotate(n=Count("pk"))},
        "person_times_by_kind": {KINDS[VisitKind(kind)]: n for kind, n in kinds.annotate(n=Sum("people_met"))},
        "void_events": Visit.objects.exclude(voided_at=None).count(), "joint_events": joint,
        "distinct_enterprises_visited": met().exclude(enterprise=None).values("enterprise").distinct().count(),
        "opinions_solicited_persons": met().aggregate(n=Sum("opinions_heard"))["n"],
        "households_visited": len(active & last.keys()),
        "coverage_pct": percent(len(active & last.keys()), len(active)), "stale_90d": stale,
    }  # fmt: skip


def issues_of(answers: dict[str, Any]) -> dict[str, Any]:
    today = datetime.date.fromisoformat(answers["today"])
    pending = Issue.objects.filter(state__in=PENDING)
    soon = today + datetime.timedelta(days=7)
    solved = Issue.objects.filter(state__in=[State.RESOLVED, State.CLOSED])
    waited = [(issue.resolved_at - issue.registered_at).days for issue in solved if issue.resolved_at]
    words = {outcome: word for word, outcome in OUTCOMES.items() if outcome in list(Outcome)[:3]}
    return {
        "issues": Issue.objects.count(), "issues_solved": solved.count(), "issues_pending": pending.count(),
        "issues_overdue": pending.filter(due_on__lt=today).count(),
        "issues_due_soon": pending.filter(due_on__gte=today, due_on__lte=soon).count(),
        "issues_due_today": pending.filter(due_on=today).count(),
        "issues_closed_late": solved.filter(resolved_in_time=False).count(),
        "issues_by_status": Counter(STATES[State(state)] for state in Issue.objects.values_list("state", flat=True)),
        "issues_by_category": Counter(Issue.objects.values_list("category__name", flat=True)),
        "issues_by_outcome": Counter(words[outcomes[0]] for outcomes in solved.values_list("outcomes", flat=True)),
        "satisfaction": Counter(ANSWERS[answer] for answer in solved.values_list("answer", flat=True)),
        "mean_days_to_solve": round(sum(waited) / len(waited), 2),
    }  # fmt: skip


def people() -> dict[str, Any]:
    others = Cadre.objects.exclude(rank=Rank.LEADER)
    households = Household.objects.filter(status="active")
    return {
        "villages": Village.objects.filter(households__isnull=False).distinct().count(),
        "units": VillageLink.objects.filter(kind=LinkKind.TOWNSHIP_UNIT).values("organisation").distinct().count(),
        "leaders": Cadre.objects.filter(rank=Rank.LEADER).count(), "cadres_not_leaders": others.count(),
        "cadres_with_households": Cadre.objects.filter(households__isnull=False).distinct().count(),
        "households_active": households.count(), "households_closed": Household.objects.filter(status="closed").count(),
        "households_without_cadre": households.filter(cadre=None).count(),
    }  # fmt: skip


def village_figures(answers: dict[str, Any], code: str) -> dict[str, Any]:
    today = datetime.date.fromisoformat(answers["today"])
    homes = Household.objects.filter(village__code=code, status="active")
    visits = met().filter(village__code=code, kind=VisitKind.HOUSEHOLD)
    issues = Issue.objects.filter(village__code=code)
    visited = homes.filter(pk__in=visits.values("household")).count()
    return {
        "code": code, "name": Village.objects.get(code=code).name, "households": homes.count(), "visited": visited,
        "coverage_pct": percent(visited, homes.count()), "household_visits": visits.count(),
        "visit_person_times": visits.aggregate(n=Sum("people_met"))["n"], "issues": issues.count(),
        "solved": issues.filter(state__in=[State.RESOLVED, State.CLOSED]).count(),
        "overdue": issues.filter(state__in=PENDING, due_on__lt=today).count(),
    }  # fmt: skip


def month_figures(row: dict[str, Any]) -> dict[str, Any]:
    year, month = map(int, row["month"].split("-"))
    visits = met().filter(occurred_on__year=year, occurred_on__month=month)
    at_home = visits.filter(kind=VisitKind.HOUSEHOLD)
    return {
        "household_visits": at_home.count(), "visit_person_times": at_home.aggregate(n=Sum("people_met"))["n"],
        "all_events": visits.count(),
        "issues_created": Issue.objects.filter(registered_at__year=year, registered_at__month=month).count(),
        "issues_solved": Issue.objects.filter(resolved_at__year=year, resolved_at__month=month).count(),
    }  # fmt: skip


def test_the_published_figures_can_be_counted(luoshe: dict[str, Any]) -> None:
    assert people() | visits_of(luoshe) | issues_of(luoshe) == luoshe["totals"]
    assert [village_figures(luoshe, row["code"]) for row in luoshe["per_village"]] == luoshe["per_village"]
    for row in luoshe["per_month"]:
        assert month_figures(row).items() <= row.items()
    overdue = Issue.objects.filter(state__in=PENDING, due_on__lt=luoshe["today"])
    assert sorted(overdue.values_list("earlier_number", flat=True)) == luoshe["overdue_issue_ids"]
    led = (
        Issue.objects.order_by()
        .values_list("lead_organisation__name")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(state__in=PENDING, due_on__lt=luoshe["today"])))
    )
    assert {name: {"issues": n, "overdue": late} for name, n, late in led} == luoshe["per_department"]
    for row in luoshe["per_cadre"][:: 1 if DRILLING else 40]:
        assert cadre_figures(row["cadre_no"]) == row


def cadre_figures(number: str) -> dict[str, Any]:
    """A joint visit counts once for each who took part."""
    cadre = Cadre.objects.get(cadre_no=number)
    joined = Visit.companions.through.objects.filter(cadre_id=cadre.pk).values("visit_id")
    mine = met().filter(Q(lead=cadre) | Q(pk__in=joined))
    homes = Household.objects.filter(cadre=cadre, status="active")
    contacts = met().filter(kind=VisitKind.HOUSEHOLD)
    return {
        "cadre_no": number, "households": homes.count(),
        "visited": homes.filter(pk__in=contacts.values("household")).count(),
        "household_visits": mine.filter(kind=VisitKind.HOUSEHOLD).count(), "events": mine.count(),
        "days_out": mine.values("occurred_on").distinct().count(),
    }  # fmt: skip
