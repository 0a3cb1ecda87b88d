"""The figures of an area as one document: ``manage.py figures --json`` and who compares it with another office's.

Every part has its function; numbers are plain, days are ISO, percentages have two decimals, half up.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from ledger.models import Issue, Organisation, Village, VillageLink, Visit
from ledger.models.cadres import UNIT_LINKS
from ledger.queries.figures import FIGURES, RATIOS, percent, rounded, rows_of, tally
from ledger.queries.figures_people import MONTHLY_RULE, CadreFigures, cadres_of, caseload, missing_months, per_cadre
from ledger.queries.figures_visits import visits_in
from ledger.queries.figures_window import Window
from ledger.rules.cadre_lists import Rank
from ledger.rules.days import SHANGHAI, local_day
from ledger.rules.figure_names import ANSWER_NAMES, EVENT_NAMES, OUTCOME_NAMES, STATE_NAMES
from ledger.rules.issues import State
from ledger.rules.visits import CONTACT_KINDS

TOTALS = {
    "households_active": "households", "households_closed": "closed_households",
    "households_without_cadre": "without_cadre", "households_visited": "visited", "stale_90d": "stale",
    "joint_events": "joint", "distinct_enterprises_visited": "enterprises", "opinions_solicited_persons": "opinions",
    "issues": "collected", "issues_solved": "resolved", "issues_pending": "pending", "issues_overdue": "overdue",
    "issues_due_soon": "due_soon", "issues_due_today": "due_today", "issues_closed_late": "late",
}  # fmt: skip
"""Name in the document → figure."""
PER_VILLAGE = {
    "households": "households", "visited": "visited", "household_visits": "household_visits",
    "visit_person_times": "visit_people", "issues": "collected", "solved": "resolved", "overdue": "overdue",
}  # fmt: skip


def report(villages: QuerySet[Village], window: Window) -> dict[str, Any]:
    """All parts; ``window`` has a beginning."""
    lines = per_cadre(villages, window)
    return {
        "from": str(window.first), "as_of": str(window.last),
        "totals": totals(villages, window, lines),
        "caseload": caseload_part(lines),
        "per_village": per_village(villages, window),
        "per_month": per_month(villages, window),
        "per_cadre": [cadre_part(line) for line in lines],
        "cadres_no_event_at_all": sum(not line.events for line in lines),
        "per_department": per_department(villages, window),
        "monthly_rule": monthly_rule(villages, window),
        "overdue_issue_ids": overdue_ids(villages, window),
    }  # fmt: skip


def definitions() -> dict[str, str]:
    """Key → the sentence of each figure."""
    return {key: str(each.definition) for key, each in (FIGURES | RATIOS).items()}


def totals(villages: QuerySet[Village], window: Window, lines: list[CadreFigures]) -> dict[str, Any]:
    """The figures of the whole area."""
    counts = tally(TOTALS.values(), villages, window, by=None)[None]
    people = cadres_of(villages, window)
    return {
        "villages": villages.filter(successor__isnull=True).count(), "units": _units(villages, window).count(),
        "leaders": people.filter(rank=Rank.LEADER).count(),
        "cadres_not_leaders": people.exclude(rank=Rank.LEADER).count(),
        "cadres_with_households": sum(line.households > 0 for line in lines),
        **{name: counts[key] for name, key in TOTALS.items()},
        "coverage_pct": share(counts["visited"], counts["households"]),
        **_events(villages, window), **_issues(villages, window),
    }  # fmt: skip


def share(part: int, whole: int) -> float:
    """Per cent as the document says it; 0 of nothing."""
    return float(percent(part, whole) or 0)


def _units(villages: QuerySet[Village], window: Window) -> QuerySet[Organisation]:
    """The units tied to these villages on the last day."""
    tied = VillageLink.objects.open_on(window.last).filter(kind__in=UNIT_LINKS, village__in=villages)
    units: QuerySet[Organisation] = Organisation.objects.filter(pk__in=tied.values("organisation"))
    return units


def _events(villages: QuerySet[Village], window: Window) -> dict[str, Any]:
    """Entries and people by kind; void ones only here, and only as their own number."""
    kinds, people = (Counter(dict.fromkeys(EVENT_NAMES.values(), 0)) for _ in range(2))
    here = visits_in(window).filter(village__in=villages).order_by()
    for kind, number, met in here.values_list("kind").annotate(Count("pk"), Sum("people_met")):
        name = EVENT_NAMES.get(kind, kind)
        kinds[name] += number
        people[name] += met
    void = Visit.objects.filter(window.days("occurred_on"), voided_at__isnull=False, village__in=villages)
    return {
        "events_by_kind": dict(kinds), "person_times_by_kind": dict(people), "void_events": void.count(),
    }  # fmt: skip


def _issues(villages: QuerySet[Village], window: Window) -> dict[str, Any]:
    """Matters by category, and how those resolved ended."""
    received = rows_of("collected", villages, window).order_by()
    states = Counter(dict.fromkeys(STATE_NAMES.values(), 0))
    standing = received.annotate(then=F("at_state")).values_list("then").annotate(Count("pk"))
    for state, number in standing:
        states[STATE_NAMES[State(state)]] += number
    return {
        "issues_by_status": dict(states),
        "issues_by_category": dict(received.values_list("category__name").annotate(Count("pk"))),
        **_ended(villages, window),
        "issues_sensitive": _sensitive(villages, window),
    }  # fmt: skip


def _ended(villages: QuerySet[Village], window: Window) -> dict[str, Any]:
    outcomes = Counter(dict.fromkeys(OUTCOME_NAMES.values(), 0))
    answers = Counter(dict.fromkeys(list(ANSWER_NAMES.values())[:4], 0))
    days: list[int] = []
    solved = rows_of("resolved", villages, window).order_by()
    at = solved.annotate(ended=F("at_resolved"), said=F("at_answer"))
    for begun, ended, said, how in at.values_list("registered_at", "ended", "said", "outcomes").iterator():
        days.append((local_day(ended) - local_day(begun)).days)
        answers[ANSWER_NAMES[said or ""]] += 1
        outcomes.update(OUTCOME_NAMES.get(each, each) for each in how)
    mean = rounded(Decimal(sum(days)) / len(days)) if days else 0
    return {"issues_by_outcome": dict(outcomes), "satisfaction": dict(answers), "mean_days_to_solve": float(mean)}


def _sensitive(villages: QuerySet[Village], window: Window) -> int:
    """Sensitive matters received, counted apart and nowhere else."""
    rows = Issue.objects.filter(window.moments("registered_at"), village__in=villages, is_sensitive=True)
    return int(rows.exclude(state=State.VOID).count())


def caseload_part(lines: list[CadreFigures]) -> dict[str, Any]:
    """Over the cadres with households."""
    load = caseload(lines)
    return {
        "under_20": load.under_20, "from_20_to_30": load.from_20_to_30, "over_30": load.over_30,
        "min": min(load.counts, default=0), "max": max(load.counts, default=0), "mean": float(load.mean),
    }  # fmt: skip


def per_village(villages: QuerySet[Village], window: Window) -> list[dict[str, Any]]:
    """Each village by its code; one merged into another only with what it had before."""
    counts = tally(PER_VILLAGE.values(), villages, window)
    found = []
    for village in villages.order_by("code"):
        one = counts[village.pk]
        if village.successor_id is not None and not any(one.values()):
            continue
        line = {name: one[key] for name, key in PER_VILLAGE.items()}
        covered = share(one["visited"], one["households"])
        found.append({"code": village.code, "name": village.name, **line, "coverage_pct": covered})
    return found


def per_month(villages: QuerySet[Village], window: Window) -> list[dict[str, Any]]:
    """Each calendar month in China that the period touches."""
    nothing = dict.fromkeys(
        ("household_visits", "visit_person_times", "all_events", "issues_created", "issues_solved"), 0
    )
    lines = {f"{month:%Y-%m}": {"month": f"{month:%Y-%m}", **nothing} for month in window.months()}
    visits: Any = visits_in(window).filter(village__in=villages).order_by()
    visits = visits.annotate(month=TruncMonth("occurred_on"))
    home = Q(kind__in=CONTACT_KINDS)
    sums = {"all": Count("pk"), "home": Count("pk", filter=home), "met": Sum("people_met", filter=home)}
    for one in visits.values("month").annotate(**sums):
        lines[f"{one['month']:%Y-%m}"] |= {
            "all_events": one["all"], "household_visits": one["home"], "visit_person_times": one["met"] or 0,
        }  # fmt: skip
    for name, key, moment in (
        ("issues_created", "collected", "registered_at"), ("issues_solved", "resolved", "at_resolved"),
    ):  # fmt: skip
        rows = rows_of(key, villages, window).order_by().annotate(month=TruncMonth(moment, tzinfo=SHANGHAI))
        for month, number in rows.values_list("month").annotate(Count("pk")):
            lines[f"{month:%Y-%m}"][name] = number
    return list(lines.values())


def cadre_part(line: CadreFigures) -> dict[str, Any]:
    """One cadre, under the number."""
    names = ("households", "visited", "household_visits", "events", "days_out")
    return {"cadre_no": line.cadre.cadre_no, **{name: getattr(line, name) for name in names}}


def per_department(villages: QuerySet[Village], window: Window) -> dict[str, dict[str, int]]:
    """Each unit tied to these villages or in charge of a matter; under no name what no unit is in charge of."""
    counts = tally(("collected", "overdue"), villages, window, by="unit")
    tied = set(_units(villages, window).values_list("pk", flat=True))
    names = dict(Organisation.objects.filter(pk__in=tied | (counts.keys() - {None})).values_list("pk", "name"))
    found: dict[str, Counter[str]] = {name: Counter(issues=0, overdue=0) for name in sorted(names.values())}
    for unit, one in counts.items():
        line = found.setdefault(names.get(unit, ""), Counter(issues=0, overdue=0))
        line.update(issues=one["collected"], overdue=one["overdue"])
    return {name: dict(line) for name, line in found.items()}


def monthly_rule(villages: QuerySet[Village], window: Window) -> dict[str, Any]:
    """Who of those held to it was not out in which months."""
    missing = missing_months(villages, window)
    return {
        "rule": str(MONTHLY_RULE),
        "missing": [
            {"cadre_no": cadre.cadre_no, "months": [f"{month:%Y-%m}" for month in months]} for cadre, months in missing
        ],
    }


def overdue_ids(villages: QuerySet[Village], window: Window) -> list[str]:
    """The numbers of the overdue matters: the one they were brought in with, else our own."""
    rows = rows_of("overdue", villages, window).values_list("earlier_number", "number")
    return sorted(earlier or number for earlier, number in rows)
