"""Adding up the kept counts of areas: the folded lines and what waits, in one statement that sees one moment.

The caller asks for areas in scope; ordinary issues only, sensitive ones enter no count (decision 0002).
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries.count_sources import (
    CHANGES,
    HOUSEHOLD,
    ISSUE,
    LINES,
    contact_relation,
    lines_of,
)
from ledger.rules.counting import AreaLevel, Sort

_VILLAGE_OF = {
    AreaLevel.VILLAGE: "v.id", AreaLevel.TOWNSHIP: "v.township_id", AreaLevel.COUNTY: "t.county_id",
}  # fmt: skip


class Sum(NamedTuple):
    """One line of an answer; what was not asked for is empty."""

    area: int
    key: str
    day: datetime.date | None
    step: int
    """Which of the steps given by ``cuts`` the day lies in, from 0."""
    n: int
    people: int
    opinions: int
    is_left: bool = False
    """Whether these are what was left out, asked for by ``is_left``."""


@dataclass(frozen=True)
class Areas:
    """Areas of one level, by id."""

    level: AreaLevel
    ids: Sequence[int]


@dataclass(frozen=True)
class Left:
    """What is not counted though the tables hold it: households excluded on a day, issues about the one who asks."""

    excluded_on: datetime.date | None = None
    about_cadre: int | None = None

    def relation(self, source: str) -> tuple[str, list[Any]]:
        """The rows with ``n`` of -1, as SQL and its parameters; nothing where there is nothing to leave out."""
        day = self.excluded_on
        if source in {"household", "contact"} and day is not None:
            adapted = connection.ops.adapt_datefield_value(day)
            mine = "household_id" if source == "contact" else "id"
            where = (
                f"{mine} IN (SELECT household_id FROM ledger_exclusion WHERE start_on <= %s "
                "AND (end_on IS NULL OR end_on > %s))"
            )
            relation = contact_relation("-1", where) if source == "contact" else HOUSEHOLD.relation("-1", where)
            return relation, [adapted, adapted]
        if source == "issue" and self.about_cadre is not None:
            return ISSUE.relation("-1", "about_cadre_id = %s"), [self.about_cadre]
        return "", []


NOTHING_LEFT = Left()


@dataclass(frozen=True)
class Window:
    """Days that count, both included; None is open. ``other_before``: the other day lies before it."""

    since: datetime.date | None = None
    until: datetime.date | None = None
    other_before: datetime.date | None = None

    def condition(self) -> tuple[str, list[Any]]:
        parts, values = [], []
        for text, day in (("day >= %s", self.since), ("day <= %s", self.until), ("other_day < %s", self.other_before)):
            if day is not None:
                parts.append(text)
                values.append(connection.ops.adapt_datefield_value(day))
        return " AND ".join(parts) or "1 = 1", values


ALWAYS = Window()


@dataclass
class _Statement:
    """SELECT … UNION ALL … with its parameters."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, values: Iterable[Any]) -> None:
        self.parts.append(text)
        self.values += values


def summed(
    sort: Sort,
    areas: Areas,
    *,
    window: Window = ALWAYS,
    by: Iterable[str] = ("key",),
    left: Left = NOTHING_LEFT,
    cuts: Sequence[datetime.date] = (),
) -> list[Sum]:
    """The sums of one sort by area and whatever of ``key day is_left`` ``by`` names; zeros are left out.

    ``cuts``: rising days that part the days into steps; a day on a cut belongs to the later step.
    """
    if not areas.ids:
        return []
    wanted: dict[str, str] = {name: name for name in ("key", "day", "is_left") if name in set(by)}
    step, steps = _step(cuts)
    if cuts:
        wanted["step"] = step
    group = ", ".join(["area", *(f"{name}_" for name in wanted)])
    chosen = "".join(f", {text} AS {name}_" for name, text in wanted.items())
    source, statement = LINES[sort].source, _Statement()
    _add_folded(statement, sort, areas, window, wanted, steps)
    _add_rows(statement, sort, areas, window, f"SELECT * FROM {CHANGES.format(name=source)}", [], chosen, steps)
    relation, values = left.relation(source)
    if relation:
        _add_rows(statement, sort, areas, window, relation, values, chosen, steps, is_left=1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {group}, SUM(n), SUM(people), SUM(opinions) FROM ({' UNION ALL '.join(statement.parts)}) x "
            f"GROUP BY {group} HAVING SUM(n) <> 0 OR SUM(people) <> 0 OR SUM(opinions) <> 0",
            statement.values,
        )
        rows = cursor.fetchall()
    return _sums(rows, list(wanted))


def _step(cuts: Sequence[datetime.date], first: int = 0) -> tuple[str, list[Any]]:
    """The number of the step that ``day`` lies in, as SQL and its parameters; halved, for few comparisons of a row."""
    if not cuts:
        return str(first), []
    middle = len(cuts) // 2
    before, its = _step(cuts[:middle], first)
    since, others = _step(cuts[middle + 1 :], first + middle + 1)
    day = connection.ops.adapt_datefield_value(cuts[middle])
    return f"CASE WHEN day < %s THEN {before} ELSE {since} END", [day, *its, *others]


def _add_folded(
    statement: _Statement, sort: Sort, areas: Areas, window: Window, wanted: dict[str, str], steps: list[Any]
) -> None:
    """Added up here already: what waits is little, and thousands of lines go through one sum instead of two."""
    condition, days = window.condition()
    marks = ", ".join(["%s"] * len(areas.ids))
    chosen = "".join(f", {'0' if name == 'is_left' else text} AS {name}_" for name, text in wanted.items())
    group = "".join(f", {name}_" for name in wanted if name != "is_left")
    statement.add(
        f"SELECT area_id AS area{chosen}, SUM(n) AS n, SUM(people) AS people, SUM(opinions) AS opinions "
        f"FROM ledger_countline WHERE level = {int(areas.level)} AND area_id IN ({marks}) AND sort = {int(sort)} "
        f"AND {condition} GROUP BY area_id{group}",
        [*steps, *areas.ids, *days],
    )


def _add_rows(
    statement: _Statement, sort: Sort, areas: Areas, window: Window, relation: str, values: list[Any], chosen: str,
    steps: list[Any], is_left: int = 0,
) -> None:  # fmt: skip
    condition, days = window.condition()
    marks = ", ".join(["%s"] * len(areas.ids))
    area = _VILLAGE_OF[areas.level]
    statement.add(
        f"SELECT area{chosen}, n, people, opinions FROM (SELECT {area} AS area, key, day, n, people, opinions, "
        f"{is_left} AS is_left FROM ({lines_of([sort], relation)}) w "
        "JOIN ledger_village v ON v.id = w.village_id JOIN ledger_township t ON t.id = v.township_id "
        f"WHERE {area} IN ({marks}) AND {condition}) l",
        [*steps, *values, *areas.ids, *days],
    )


def _sums(rows: Iterable[Sequence[Any]], names: list[str]) -> list[Sum]:
    """The lines as they were read: the area, what was asked for by name, then the three numbers."""
    at = {name: place for place, name in enumerate(names, 1)}
    key, day, step, left = (at.get(name, 0) for name in ("key", "day", "step", "is_left"))
    return [
        Sum(
            int(row[0]), row[key] if key else "", _day(row[day]) if day else None, row[step] if step else 0,
            int(row[-3]), int(row[-2]), int(row[-1]), bool(left and row[left]),
        )
        for row in rows
    ]  # fmt: skip


def _day(stored: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(stored) if isinstance(stored, str) else stored
