"""Adding up the kept counts of areas: the folded lines and what waits, in one statement that sees one moment.

The caller asks for areas in scope; ordinary issues only, sensitive ones enter no count (decision 0002).
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """Areas of one level, by id; ``villages``, where they were read already: each with its area."""

    level: AreaLevel
    ids: Sequence[int]
    villages: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Left:
    """What is not counted though the tables hold it: households excluded on a day, issues about the one who asks."""

    excluded_on: datetime.date | None = None
    about_cadre: int | None = None

    def relation(self, source: str) -> str:
        """The rows with ``n`` of -1, as SQL; nothing where there is nothing to leave out."""
        if source in {"household", "contact"} and self.excluded_on is not None:
            day = _quoted(self.excluded_on)
            mine = "household_id" if source == "contact" else "id"
            where = (
                f"{mine} IN (SELECT household_id FROM ledger_exclusion WHERE start_on <= {day} "
                f"AND (end_on IS NULL OR end_on > {day}))"
            )
            return contact_relation("-1", where) if source == "contact" else HOUSEHOLD.relation("-1", where)
        if source == "issue" and self.about_cadre is not None:
            return ISSUE.relation("-1", f"about_cadre_id = {int(self.about_cadre)}")
        return ""


NOTHING_LEFT = Left()


@dataclass(frozen=True)
class Window:
    """Days that count, both included; None is open. ``other_before``: the other day lies before it."""

    since: datetime.date | None = None
    until: datetime.date | None = None
    other_before: datetime.date | None = None

    def condition(self) -> str:
        """As SQL."""
        days = (("day >=", self.since), ("day <=", self.until), ("other_day <", self.other_before))
        return " AND ".join(f"{text} {_quoted(day)}" for text, day in days if day is not None) or "1 = 1"


ALWAYS = Window()


@dataclass(frozen=True)
class Ask:
    """The sums of one sort by area and whatever of ``key day is_left`` ``by`` names.

    ``cuts``: rising days that part the days into steps; a day on a cut belongs to the later step.
    """

    sort: Sort
    window: Window = ALWAYS
    by: tuple[str, ...] = ("key",)
    left: Left = NOTHING_LEFT
    cuts: tuple[datetime.date, ...] = ()

    @property
    def source(self) -> str:
        """Which table feeds it."""
        return LINES[self.sort].source

    def columns(self, number: int, *, is_left: int) -> str:
        """What is told of a line (``key`` and ``day``), as SQL: the same columns for each ask."""
        key = "key" if "key" in self.by else "''"
        day = "day" if "day" in self.by else "CAST(NULL AS date)"
        left = is_left if "is_left" in self.by else 0
        step = _step(self.cuts)
        return f"{int(number)} AS ask, {key} AS key_, {day} AS day_, {int(left)} AS is_left, {step} AS step"


COLUMNS = "ask, area, key_, day_, is_left, step"


def read(areas: Areas, asks: Sequence[Ask]) -> list[list[Sum]]:
    """The lines of each ask, in one statement; zeros are left out.

    Numbers and days stand in its text: to bind hundreds of them, each several times, would cost more than the sums.
    """
    found: list[list[Sum]] = [[] for _ask in asks]
    if not areas.ids or not asks:
        return found
    parts = [_folded(ask, number, areas) for number, ask in enumerate(asks)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, SUM(n), SUM(people), SUM(opinions) "
            f"FROM ({' UNION ALL '.join([*parts, _waiting(asks, areas)])}) x "
            f"GROUP BY {COLUMNS} HAVING SUM(n) <> 0 OR SUM(people) <> 0 OR SUM(opinions) <> 0"
        )
        rows = cursor.fetchall()
    for ask, area, key, day, is_left, step, n, people, opinions in rows:
        found[ask].append(Sum(area, key, _day(day), step, int(n), int(people), int(opinions), bool(is_left)))
    return found


def _step(cuts: Sequence[datetime.date], first: int = 0) -> str:
    """The number of the step that ``day`` lies in, as SQL; halved, for few comparisons of a row."""
    if not cuts:
        return str(first)
    middle = len(cuts) // 2
    before, since = _step(cuts[:middle], first), _step(cuts[middle + 1 :], first + middle + 1)
    return f"CASE WHEN day < {_quoted(cuts[middle])} THEN {before} ELSE {since} END"


def _folded(ask: Ask, number: int, areas: Areas) -> str:
    """Added up here already: what waits is little, and thousands of lines go through one sum instead of two."""
    told = {"key_": "key" in ask.by, "day_": "day" in ask.by, "step": bool(ask.cuts)}
    group = ", ".join(["area_id", *(name for name, is_told in told.items() if is_told)])
    return (
        f"SELECT area_id AS area, {ask.columns(number, is_left=0)}, SUM(n) AS n, SUM(people) AS people, "
        f"SUM(opinions) AS opinions FROM ledger_countline WHERE level = {int(areas.level)} "
        f"AND area_id IN ({_ids(areas)}) AND sort = {int(ask.sort)} AND {ask.window.condition()} GROUP BY {group}"
    )


def _waiting(asks: Sequence[Ask], areas: Areas) -> str:
    """The changes that are not folded yet, and what is left out: joined with their areas once for all asks."""
    parts = [
        f"SELECT village_id, {ask.columns(number, is_left=is_left)}, n, people, opinions "
        f"FROM ({lines_of([ask.sort], relation)}) l{number}_{is_left} WHERE {ask.window.condition()}"
        for number, ask in enumerate(asks)
        for is_left, relation in (
            (0, f"SELECT * FROM {CHANGES.format(name=ask.source)}"), (1, ask.left.relation(ask.source))
        )
        if relation
    ]  # fmt: skip
    area = _VILLAGE_OF[areas.level]
    return (
        f"SELECT {area} AS area, ask, key_, day_, is_left, step, n, people, opinions "
        f"FROM ({' UNION ALL '.join(parts)}) w JOIN ledger_village v ON v.id = w.village_id "
        f"JOIN ledger_township t ON t.id = v.township_id WHERE {area} IN ({_ids(areas)})"
    )


def _ids(areas: Areas) -> str:
    return ", ".join(str(int(pk)) for pk in areas.ids)


def _quoted(day: datetime.date) -> str:
    return f"'{datetime.date.isoformat(day)}'"


def _day(stored: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(stored) if isinstance(stored, str) else stored
