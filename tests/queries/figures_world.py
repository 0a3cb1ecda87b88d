"""Random little worlds told as plain events, and the same written into the tables as the product would have left them.

The plain events are what the oracle counts; nothing here or there knows how the figures are asked of the database.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ledger.models import (
    Assignment,
    Cadre,
    Category,
    County,
    Enterprise,
    Exclusion,
    Household,
    HouseholdCode,
    Issue,
    IssueRound,
    IssueStep,
    Organisation,
    StatusPeriod,
    Township,
    Village,
    Visit,
)
from tests.world import User, make_county

ZONE = ZoneInfo("Asia/Shanghai")
Date = datetime.date
ONE_DAY = datetime.timedelta(days=1)
HOURS = ((0, 0, 0), (0, 10, 0), (7, 59, 59), (8, 0, 0), (12, 0, 0), (15, 59, 59), (16, 0, 0), (23, 59, 59))
"""Around both midnights: the one in China and the one in London."""
KINDS = ("household", "household", "household", "night", "phone", "talk", "meeting", "enterprise", "patrol")
ANSWERS = ("satisfied", "acceptable", "dissatisfied", "unreachable")


@dataclass
class PlainHome:
    """A household: from which day on it had which status, cadre (None: none) and village; spans of exclusion."""

    statuses: list[tuple[Date, str]]
    cadres: list[tuple[Date, int | None]]
    villages: list[tuple[Date, int]]
    exclusions: list[tuple[Date, Date | None]]


@dataclass
class PlainVisit:
    kind: str
    result: str
    day: Date
    lead: int
    companions: list[int]
    village: int
    home: int | None
    firm: int | None
    people: int
    opinions: int
    is_void: bool


@dataclass
class PlainMatter:
    """A matter: its moves as (moment, step, state after, due day or answer); ``given`` tells to whom the moves of
    that number gave it: ("unit", 1) or ("cadre", 3)."""

    village: int
    kind: str
    is_sensitive: bool
    is_imported: bool
    first_due: Date | None
    moves: list[tuple[datetime.datetime, str, str, Any]] = field(default_factory=list)
    given: dict[int, tuple[str, int]] = field(default_factory=dict)
    is_fulfilled: bool = False


@dataclass
class PlainWorld:
    """Numbers stand for things: villages 0-2 (2 is the neighbour), cadres 0-4, units 0-1, enterprises 0-2."""

    today: Date
    ranks: tuple[str, ...] = ("leader", "dept_head", "member", "", "member")
    units: tuple[int, ...] = (0, 0, 1, 1, 0)
    homes: list[PlainHome] = field(default_factory=list)
    visits: list[PlainVisit] = field(default_factory=list)
    matters: list[PlainMatter] = field(default_factory=list)


def day_in(rng: Random, today: Date, most: int = 130) -> Date:
    """Some day up to today, often one beside a border of months."""
    day = today - datetime.timedelta(days=rng.randrange(most))
    return min(today, day.replace(day=1) - datetime.timedelta(days=rng.randrange(2))) if rng.random() < 0.3 else day


def draw(rng: Random, today: Date) -> PlainWorld:
    """One world."""
    world = PlainWorld(today)
    world.homes = [_home(rng, today) for _ in range(9)]
    world.visits = [_visit(rng, world) for _ in range(40)]
    world.matters = [_matter(rng, today) for _ in range(16)]
    return world


def _home(rng: Random, today: Date) -> PlainHome:
    old = today - datetime.timedelta(days=rng.choice((400, 400, 60)))
    later = sorted({max(old + ONE_DAY, day_in(rng, today, 50)) for _ in range(2)})
    statuses = [(old, rng.choice(("active", "active", "away", "vacant", "closed")))]
    cadres: list[tuple[Date, int | None]] = [(old, rng.choice((0, 1, 2, None)))]
    villages = [(old, rng.randrange(3))]
    for day in later:
        if rng.random() < 0.4:
            statuses.append((day, rng.choice(("active", "away", "vacant", "merged", "moved", "closed"))))
        if rng.random() < 0.4:
            cadres.append((day, rng.choice((0, 2, 3, 4, None))))
        if rng.random() < 0.2:
            villages.append((day, rng.randrange(3)))
    out = [(later[0], rng.choice((None, today)))] if rng.random() < 0.2 else []
    return PlainHome(statuses, cadres, villages, out)


def _visit(rng: Random, world: PlainWorld) -> PlainVisit:
    kind, day = rng.choice(KINDS), day_in(rng, world.today)
    at_home = kind in {"household", "night", "phone", "talk"}
    home = rng.randrange(len(world.homes)) if at_home else None
    firm = rng.randrange(3) if kind == "enterprise" and rng.random() < 0.9 else None
    lead = rng.randrange(5)
    others = rng.sample([each for each in range(5) if each != lead], rng.choice((0, 0, 1, 2)))
    village = rng.randrange(3) if home is None else world.homes[home].villages[-1][1]
    result = rng.choice(("met", "met", "met", "absent", "declined")) if home is not None else ""
    opinions = rng.randrange(3)
    return PlainVisit(
        kind, result, day, lead, others, village, home, firm, rng.randrange(4), opinions, rng.random() < 0.1
    )


def _moment(rng: Random, day: Date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(*rng.choice(HOURS)), tzinfo=ZONE)


def _matter(rng: Random, today: Date) -> PlainMatter:
    day, imported = day_in(rng, today), rng.random() < 0.2
    kind = rng.choice(("request", "request", "dispute", "wish"))
    due = day + datetime.timedelta(days=rng.randrange(40)) if imported else None
    made = PlainMatter(rng.randrange(3), kind, rng.random() < 0.1, imported, due)
    at, state = _moment(rng, day), "registered"
    made.moves.append((at, "register", state, None))
    made.is_fulfilled = kind == "wish" and rng.random() < 0.6
    for _step in range(rng.randrange(9)):
        at = max(at, _moment(rng, at.astimezone(ZONE).date() + datetime.timedelta(days=rng.choice((0, 1, 3, 9, 20)))))
        if at.astimezone(ZONE).date() > today or state in {"merged", "void"}:
            break
        step, state, said = _next(rng, state, at.astimezone(ZONE).date(), made)
        if step in {"assign", "hand_over"}:
            kind = rng.choice(("unit", "cadre")) if step == "assign" else "cadre"
            made.given[len(made.moves)] = (kind, rng.randrange(2 if kind == "unit" else 5))
        made.moves.append((at, step, state, said))
    return made


def _next(rng: Random, state: str, day: Date, made: PlainMatter) -> tuple[str, str, Any]:
    """What may happen to a matter in this state: (step, state after, due day or answer)."""
    soon = day + datetime.timedelta(days=rng.choice((0, 1, 5, 15)))
    if state == "registered":
        return rng.choice((*[("assign", "assigned", soon)] * 6, ("merge", "merged", None), ("void", "void", None)))
    given = ("hand_over", state, due_of(made))
    if state == "assigned":
        anew, up = ("assign", "assigned", soon), ("escalate", "registered", rng.choice(("township", "county")))
        return rng.choice((*[("accept", "in_progress", None)] * 4, ("return", "registered", None), anew, up, given))
    if state == "deferred":
        return ("resume", "in_progress", soon)
    if state == "in_progress":
        later = day + datetime.timedelta(days=rng.choice((1, 10, 30)))
        return rng.choice((
            ("grant_extension", "in_progress", soon), ("defer", "deferred", later), given,
            ("supervise", "in_progress", None), ("release", "in_progress", None), *[("resolve", "resolved", None)] * 3,
        ))  # fmt: skip
    if state == "closed":
        return ("reopen", "registered", None)
    last = made.moves[-1]
    if last[1] == "call_back" and last[3] != "unreachable":
        return ("reopen", "registered", None) if last[3] == "dissatisfied" else ("close", "closed", None)
    return ("call_back", "resolved", rng.choice(ANSWERS))


def due_of(made: PlainMatter) -> Date | None:
    """The due day after the moves so far."""
    due = made.first_due if made.is_imported else None
    for _at, step, _state, value in made.moves:
        if step in {"return", "reopen", "escalate"}:
            due = None
        if step in {"assign", "grant_extension", "resume", "hand_over"}:
            due = value
    return due


@dataclass
class Stored:
    """The rows that the numbers of the plain world stand for."""

    villages: list[Village]
    cadres: list[Cadre]
    units: list[Organisation]


def store(world: PlainWorld) -> Stored:
    """Write the world as it stands today, with its dated history."""
    county = make_county("330100", "随县")
    township = Township.objects.create(county=county, code="330100101", name="随镇", short_name="随")
    villages = [
        Village.objects.create(township=township, code=f"330100101{n:03d}", name=f"村{n}") for n in range(201, 204)
    ]
    units = [Organisation.objects.create(county=county, township=township, name=f"单位{n}") for n in range(2)]
    cadres = [
        Cadre.objects.create(
            county=county, township=township, cadre_no=f"C{n}", name=f"干部{n}", rank=rank, organisation=units[unit]
        )
        for n, (rank, unit) in enumerate(zip(world.ranks, world.units, strict=True))
    ]
    found = Stored(villages, cadres, units)
    firms = [Enterprise.objects.create(village=villages[n], name=f"企业{n}") for n in range(3)]
    homes = [_store_home(world, found, number) for number in range(len(world.homes))]
    _store_visits(world, found, homes, firms)
    _store_matters(world, found, county, township)
    return found


def _spans(changes: list[tuple[Date, Any]]) -> list[tuple[Date, Date | None, Any]]:
    ends = [day for day, _value in changes[1:]] + [None]
    return [(day, end, value) for (day, value), end in zip(changes, ends, strict=True)]


def _store_home(world: PlainWorld, found: Stored, number: int) -> Household:
    plain = world.homes[number]
    met = [
        v.day for v in world.visits
        if v.home == number and v.kind in {"household", "night"} and v.result == "met" and not v.is_void
    ]  # fmt: skip
    cadre, place = plain.cadres[-1][1], found.villages[plain.villages[-1][1]]
    home = Household.objects.create(
        village=place, code=f"H{number}", head_name=f"户主{number}", status=plain.statuses[-1][1],
        cadre=found.cadres[cadre] if cadre is not None else None, last_met_on=max(met, default=None),
    )  # fmt: skip
    StatusPeriod.objects.bulk_create(
        StatusPeriod(household=home, status=s, start_on=a, end_on=b) for a, b, s in _spans(plain.statuses)
    )
    Assignment.objects.bulk_create(
        Assignment(household=home, cadre=found.cadres[c], start_on=a, end_on=b)
        for a, b, c in _spans(plain.cadres) if c is not None
    )  # fmt: skip
    HouseholdCode.objects.bulk_create(
        HouseholdCode(household=home, code=f"H{number}", start_on=a, end_on=b, village=found.villages[v] if b else None)
        for a, b, v in _spans(plain.villages)
    )
    approver, _new = User.objects.get_or_create(username="approver")
    for a, b in plain.exclusions:
        at = datetime.datetime.combine(a, datetime.time(), tzinfo=ZONE)
        Exclusion.objects.create(
            household=home, start_on=a, end_on=b, reason="随", approved_by=approver, approved_at=at
        )
    return home


def _store_visits(world: PlainWorld, found: Stored, homes: list[Household], firms: list[Enterprise]) -> None:
    now = datetime.datetime.now(tz=ZONE)
    rows = Visit.objects.bulk_create(
        Visit(
            kind=v.kind, result=v.result, occurred_on=v.day, lead=found.cadres[v.lead],
            village=found.villages[v.village],
            household=homes[v.home] if v.home is not None else None, people_met=v.people, opinions_heard=v.opinions,
            enterprise=firms[v.firm] if v.firm is not None else None, earlier_number=f"V{n}",
            voided_at=now if v.is_void else None,
        )
        for n, v in enumerate(world.visits)
    )  # fmt: skip
    through = Visit.companions.through
    through.objects.bulk_create(
        through(visit_id=row.pk, cadre_id=found.cadres[other].pk)
        for row, v in zip(rows, world.visits, strict=True) for other in v.companions
    )  # fmt: skip


def _store_matters(world: PlainWorld, found: Stored, county: County, township: Township) -> None:
    category = Category.objects.filter(county=county).first()
    master = None
    for number, plain in enumerate(world.matters):
        kept = _kept(plain, found)
        if kept["state"] == "merged":
            kept["master"] = master = master or Issue.objects.create(
                township=township, year=2000, number="主", category=category, village=found.villages[2], title="主件",
                registered_at=plain.moves[0][0], kind="enquiry", is_sensitive=True,
            )  # fmt: skip
        rounds = kept.pop("rounds")
        issue = Issue.objects.create(
            township=township, year=2026, number=f"N{number}", category=category, village=found.villages[plain.village],
            title=f"事{number}", kind=plain.kind, is_sensitive=plain.is_sensitive, first_due_on=plain.first_due,
            source="imported" if plain.is_imported else "visit", registered_at=plain.moves[0][0], **kept,
        )  # fmt: skip
        IssueRound.objects.bulk_create(IssueRound(issue=issue, **each) for each in rounds)
        for each in rounds:
            issue.results.create(round=each["round"], is_fulfilled=plain.is_fulfilled)
        _store_steps(issue, plain, found)


def _store_steps(issue: Issue, plain: PlainMatter, found: Stored) -> None:
    before, number = "", 1
    for at, step, state, said, to in _moves(plain, found):
        number += step == "reopen"
        due = said if isinstance(said, datetime.date) else None
        data: dict[str, Any] = {"answer": said} if step == "call_back" else {}
        if step == "escalate":
            data = {"level": said}
        if step == "hand_over":  # the product writes it as an assignment that is marked
            step, data = "assign", {"hand_over": 1}
        IssueStep.objects.create(
            issue=issue, step=step, from_state=before, to_state=state, at=at, round=number, due_on=due, data=data,
            to_organisation=to if isinstance(to, Organisation) else None,
            to_cadre=to if isinstance(to, Cadre) else None,
        )  # fmt: skip
        before = state


def _moves(plain: PlainMatter, found: Stored) -> Iterator[tuple[datetime.datetime, str, str, Any, Any]]:
    """The moves, each with whom it gives the matter to."""
    for number, move in enumerate(plain.moves):
        sort, which = plain.given.get(number, ("", 0))
        yield *move, {"unit": found.units, "cadre": found.cadres}[sort][which] if sort else None


NOBODY: dict[str, Any] = {"due_on": None, "lead_organisation": None, "handler": None}


def _kept(plain: PlainMatter, found: Stored) -> dict[str, Any]:
    """The columns as the last step left them, and the rounds."""
    row: dict[str, Any] = {
        "round": 1,
        "call_back_tries": 0,
        **NOBODY,
        "due_on": plain.first_due,
        "rounds": [],
    }
    for at, step, _state, said, to in _moves(plain, found):
        day = at.astimezone(ZONE).date()
        if step in {"return", "reopen", "escalate", "merge", "void"}:
            row |= NOBODY
        if step == "reopen":
            row |= {"round": row["round"] + 1, "resolved_at": None, "resolved_in_time": None, "answer": "",
                    "call_back_tries": 0,
                    "called_back_at": None, "closed_at": None, "close_basis": ""}  # fmt: skip
        elif step == "assign":
            is_unit = isinstance(to, Organisation)
            row |= {"due_on": said, "lead_organisation": to if is_unit else None, "handler": None if is_unit else to}
        elif step == "hand_over":
            row |= {"handler": to}
        if step == "escalate":
            is_higher = row.get("highest_level") != "county"
            row |= {"level": said, "highest_level": said if is_higher else "county"}
        elif step in {"supervise", "release"}:
            row |= {"is_supervised": step == "supervise"}
        elif step in {"grant_extension", "resume"}:
            row |= {"due_on": said, "deferred_until": None, "review_on": None}
        elif step == "defer":
            row |= {"deferred_until": said, "review_on": said}
        elif step == "resolve":
            row |= {"resolved_at": at, "resolved_in_time": day <= row["due_on"]}
            row["rounds"].append({"round": row["round"], "resolved_at": at, "in_time": day <= row["due_on"]})
        elif step == "call_back":
            row |= {"answer": said, "called_back_at": at}
            row["call_back_tries"] += said == "unreachable"
            row["rounds"][-1] |= {"answer": said, "called_back_at": at}
        elif step == "close":
            row |= {"closed_at": at, "close_basis": "called_back", "is_supervised": False}
            row["rounds"][-1] |= {"closed_at": at, "close_basis": "called_back"}
    row["state"] = plain.moves[-1][2]
    return row
