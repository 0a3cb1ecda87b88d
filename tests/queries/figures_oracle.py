"""Every figure counted by hand over the plain events of ``figures_world``: loops and comparisons, nothing else."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.queries.figures_world import ZONE, Date, PlainHome, PlainMatter, PlainVisit, PlainWorld

AREA = (0, 1)
"""The villages that are counted; the third is the neighbour's."""
HOME_KINDS = {"household", "night"}
OPEN = {"registered", "assigned", "in_progress", "deferred"}


def then(changes: list[tuple[Date, Any]], day: Date) -> Any:
    """What held on that day; None before anything did."""
    held = [value for start, value in changes if start <= day]
    return held[-1] if held else None


@dataclass
class Span:
    """Local days, both ends included."""

    first: Date | None
    last: Date

    def has(self, day: Date | None) -> bool:
        return day is not None and (self.first is None or self.first <= day) and day <= self.last


def home_figures(world: PlainWorld, number: int, span: Span) -> tuple[int | None, dict[str, int]]:
    """The village on the last day, and what the household adds to each figure."""
    home = world.homes[number]
    status, cadre = then(home.statuses, span.last), then(home.cadres, span.last)
    present, out = status in {"active", "away"}, is_excluded(home, span.last)
    counted = present and not out
    met = [
        v.day for v in world.visits
        if v.home == number and v.kind in HOME_KINDS and v.result == "met" and not v.is_void and v.day <= span.last
    ]  # fmt: skip
    visited = any(span.has(day) for day in met)
    fresh = any((span.last - day).days <= 90 for day in met)
    # Before its first day a household had no village either; it counts nowhere then.
    village = then(home.villages, span.last)
    return village, {
        "households": int(counted), "visited": int(counted and visited), "unvisited": int(counted and not visited),
        "stale": int(counted and not fresh), "without_cadre": int(counted and cadre is None),
        "excluded": int(present and out), "closed_households": int(status == "closed"),
    }  # fmt: skip


def is_excluded(home: PlainHome, day: Date) -> bool:
    return any(start <= day and (end is None or day < end) for start, end in home.exclusions)


def visit_figures(visits: list[PlainVisit]) -> dict[str, int]:
    """Of the entries given, all standing and in the period."""
    return {
        "events": len(visits), "household_visits": sum(v.kind in HOME_KINDS for v in visits),
        "visit_people": sum(v.people for v in visits if v.kind in HOME_KINDS),
        "meetings": sum(v.kind == "meeting" for v in visits),
        "meeting_people": sum(v.people for v in visits if v.kind == "meeting"),
        "talk_people": sum(v.people for v in visits if v.kind == "talk"),
        "enterprises": len({v.firm for v in visits if v.kind == "enterprise" and v.firm is not None}),
        "opinions": sum(v.opinions for v in visits), "joint": sum(bool(v.companions) for v in visits),
    }  # fmt: skip


def day_of(moment: datetime.datetime) -> Date:
    return moment.astimezone(ZONE).date()


def matter_figures(matter: PlainMatter, span: Span) -> dict[str, int]:
    """What the matter adds to each figure."""
    none = dict.fromkeys(MATTER_KEYS, 0)
    moves = [move for move in matter.moves if day_of(move[0]) <= span.last]
    if not moves or matter.is_sensitive or matter.moves[-1][2] == "void":
        return none
    state, due, until = moves[-1][2], matter.first_due if matter.is_imported else None, None
    resolved = closed = in_time = None
    is_supervised, desks = False, {"village"}
    said = []
    for at, step, _state, value in moves:
        day = day_of(at)
        if step in {"return", "reopen", "escalate"}:
            due = None
        if step in {"supervise", "release", "close"}:
            is_supervised = step == "supervise"
        if step == "escalate":
            desks.add(value)
        if step in {"assign", "hand_over", "grant_extension", "resume"}:
            due = value
        if step == "defer":
            until = value
        if step == "resolve":
            resolved, in_time = day, day <= due
        if step == "call_back" and span.has(day):
            said.append(value)
        if step == "close":
            closed = day
    struck_off = state == "closed" and span.has(closed)
    received, solved = span.has(day_of(moves[0][0])), state in {"resolved", "closed"} and span.has(resolved)
    if matter.kind == "wish":
        return none | {
            "wishes": int(received and state != "merged"),
            "wishes_done": int(solved and matter.is_fulfilled),
        }
    runs = state in OPEN - {"deferred"}
    late = (runs and due is not None and due < span.last) or (state == "deferred" and until < span.last)
    left = (due - span.last).days if runs and due is not None else None
    answered = [each for each in said if each != "unreachable"]
    return none | {
        "collected": int(received and state != "merged"), "resolved": int(solved),
        "struck_off": int(struck_off), "contained_village": int(struck_off and desks == {"village"}),
        "contained_township": int(struck_off and "county" not in desks), "pending": int(state in OPEN),
        "under_way": int(runs), "overdue": int(late), "deferred": int(state == "deferred"),
        "due_soon": int(left is not None and 0 <= left <= 7), "due_today": int(left == 0),
        "late": int(solved and not in_time), "in_time": int(solved and bool(in_time)), "asked": int(bool(said)),
        "answered": int(bool(answered)), "satisfied": int(bool(answered) and "dissatisfied" not in answered),
        "dissatisfied": int("dissatisfied" in answered), "supervised": int(state in OPEN and is_supervised),
    }  # fmt: skip


MATTER_KEYS = (
    "collected", "resolved", "struck_off", "pending", "under_way", "overdue", "deferred", "due_soon", "due_today",
    "late", "in_time", "asked", "answered", "satisfied", "dissatisfied", "supervised", "wishes",
    "wishes_done", "contained_village", "contained_township",
)  # fmt: skip


def unit_of(world: PlainWorld, matter: PlainMatter, day: Date) -> int | None:
    """The unit in charge at the end of that day: the one it was given to, else that of the person who had it."""
    unit = person = None
    for number, (at, step, _state, _value) in enumerate(matter.moves):
        if day_of(at) > day:
            break
        if step in {"return", "reopen", "escalate"}:
            unit = person = None
        if number in matter.given:
            sort, which = matter.given[number]
            person = which if sort == "cadre" else None
            unit = unit if step == "hand_over" else which if sort == "unit" else None
    return unit if unit is not None or person is None else world.units[person]


def by_unit(world: PlainWorld, span: Span) -> dict[int | None, dict[str, int]]:
    """Unit → every figure that is not zero there: households by their cadre's, entries by their leader's."""
    found: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for unit in set(world.units):
        mine = [v for v in standing(world, span) if world.units[v.lead] == unit]
        found[unit].update(visit_figures(mine))
    for number, home in enumerate(world.homes):
        place, adds = home_figures(world, number, span)
        cadre = then(home.cadres, span.last)
        for key, value in adds.items():
            found[None if cadre is None else world.units[cadre]][key] += value * (place in AREA)
    for matter in world.matters:
        for key, value in matter_figures(matter, span).items():
            found[unit_of(world, matter, span.last)][key] += value * (matter.village in AREA)
    return {unit: told for unit, line in found.items() if (told := {key: n for key, n in line.items() if n})}


def standing(world: PlainWorld, span: Span) -> list[PlainVisit]:
    return [v for v in world.visits if not v.is_void and v.village in AREA and span.has(v.day)]


def by_village(world: PlainWorld, span: Span) -> dict[int, dict[str, int]]:
    """Village → every figure."""
    found: dict[int, dict[str, int]] = {}
    for village in AREA:
        line: dict[str, int] = defaultdict(
            int, visit_figures([v for v in standing(world, span) if v.village == village])
        )
        for number in range(len(world.homes)):
            place, adds = home_figures(world, number, span)
            for key, value in adds.items():
                line[key] += value * (place == village)
        for matter in world.matters:
            for key, value in matter_figures(matter, span).items():
                line[key] += value * (matter.village == village)
        found[village] = dict(line)
    return found


def by_cadre(world: PlainWorld, span: Span) -> dict[int, tuple[int, int, int, int, int]]:
    """Cadre → households, visited, household visits, entries, days out."""
    found = {}
    for cadre in range(len(world.ranks)):
        mine = [v for v in standing(world, span) if cadre in (v.lead, *v.companions)]
        held = [
            adds for number, home in enumerate(world.homes) if then(home.cadres, span.last) == cadre
            for place, adds in [home_figures(world, number, span)] if place in AREA
        ]  # fmt: skip
        found[cadre] = (
            sum(adds["households"] for adds in held), sum(adds["visited"] for adds in held),
            sum(v.kind in HOME_KINDS for v in mine), len(mine), len({v.day for v in mine}),
        )  # fmt: skip
    return found


def months(span: Span) -> list[str]:
    """The months that the span touches, as ``2026-03``."""
    assert span.first is not None
    return sorted({
        f"{span.first + datetime.timedelta(days=n):%Y-%m}" for n in range((span.last - span.first).days + 1)
    })  # fmt: skip


def by_month(world: PlainWorld, span: Span) -> dict[str, tuple[int, int, int, int, int]]:
    """Month → household visits, people at home, entries, matters received, matters resolved."""
    found = {month: [0] * 5 for month in months(span)}
    for v in standing(world, span):
        at_home = v.kind in HOME_KINDS
        for at, value in enumerate((int(at_home), v.people * at_home, 1)):
            found[f"{v.day:%Y-%m}"][at] += value
    for matter in world.matters:
        adds = matter_figures(matter, span)
        if matter.village not in AREA:
            continue
        resolves = [day_of(at) for at, step, *_rest in matter.moves if step == "resolve" and day_of(at) <= span.last]
        if adds["collected"]:
            found[f"{day_of(matter.moves[0][0]):%Y-%m}"][3] += 1
        if adds["resolved"]:
            found[f"{resolves[-1]:%Y-%m}"][4] += 1
    return {month: tuple(line) for month, line in found.items()}  # type: ignore[misc]


def idle_months(world: PlainWorld, span: Span) -> dict[int, list[str]]:
    """Leader or head of a department → months without an entry."""
    found = {}
    for cadre, rank in enumerate(world.ranks):
        if rank not in {"leader", "dept_head"}:
            continue
        out = {f"{v.day:%Y-%m}" for v in standing(world, span) if cadre in (v.lead, *v.companions)}
        idle = [month for month in months(span) if month not in out]
        if idle:
            found[cadre] = idle
    return found
