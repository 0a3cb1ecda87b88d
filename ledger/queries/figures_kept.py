"""The same figures out of the kept counts: for periods that end today, whatever happened in how many years before.

Each key here counts what the function of the same key in ``queries/figures`` says; a test compares the two on random
worlds. What is not kept (or a period in the past, whose households and matters stand as they stood then) is counted
from the rows.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection

from ledger.models import Village
from ledger.queries import figures
from ledger.queries.counts import ALWAYS, NOTHING_LEFT, Areas, Ask, Left, Sum, read
from ledger.queries.counts import Window as Days
from ledger.queries.figures_issues import ANSWERS
from ledger.queries.figures_window import ONE_DAY, STALE_DAYS, Source, Window
from ledger.rules.counting import NO_DAY, AreaLevel, Sort
from ledger.rules.days import day_start
from ledger.rules.households import COUNTED_STATUSES, HouseholdStatus
from ledger.rules.issue_steps import Step
from ledger.rules.issues import DUE_STATES, OPEN_STATES, Answer, IssueKind, State
from ledger.rules.permissions import Level
from ledger.rules.visits import CONTACT_KINDS, VisitKind

FIRST_DAY = NO_DAY + ONE_DAY
"""Since when there are days at all: leaves out what has none."""
Found = Iterator[tuple[int, str, int]]
"""Area, key of the figure, what to add."""


@dataclass(frozen=True)
class Homes:
    """Households by status and by the step between ``cuts`` in which their last contact lies; step 0 is never."""

    cuts: Sequence[datetime.date]
    lines: Sequence[Sum]

    def is_since(self, line: Sum, day: datetime.date) -> bool:
        """Whether the line's households were last met on that day, one of the cuts, or later."""
        return line.step > self.cuts.index(day)

    def first_day(self, line: Sum) -> datetime.date | None:
        """The first day of the line's step; None of those never met."""
        return self.cuts[line.step - 1] if line.step else None


def _stale(window: Window) -> datetime.date:
    return window.last - STALE_DAYS * ONE_DAY


@dataclass(frozen=True)
class Asked:
    """Which figures, for which areas and days, and what is left out; ``cuts``: days that households are cut at too."""

    keys: Collection[str]
    areas: Areas
    window: Window
    left: Left
    cuts: tuple[datetime.date, ...] = ()

    @cached_property
    def kept(self) -> frozenset[str]:
        """Those of the figures that the kept counts tell."""
        is_told = self.window.is_now
        return frozenset(
            key for key in self.keys if key in KEPT and (is_told or figures.FIGURES[key].source == Source.VISITS)
        )

    @cached_property
    def home_cuts(self) -> tuple[datetime.date, ...]:
        """The days that households are cut at."""
        return tuple(sorted({FIRST_DAY, self.window.first or FIRST_DAY, _stale(self.window), *self.cuts}))

    @cached_property
    def villages(self) -> Mapping[int, int]:
        """The villages of the areas, each with its area."""
        return self.areas.villages if self.areas.villages is not None else _villages(self.areas)

    @property
    def days(self) -> Days:
        """The period as days of the counts."""
        return Days(self.window.first or FIRST_DAY, self.window.last)


def counted(
    keys: Collection[str], areas: Areas, window: Window, *, about: int | None = None
) -> dict[int, figures.Counts]:
    """Area → key → number; ``about``: the cadre who asks, whom no matter about them is counted for."""
    return counted_together([(keys, window)], areas, about=about)[0][0]


def counted_together(
    spans: Sequence[tuple[Collection[str], Window]], areas: Areas, *, about: int | None = None,
    cuts: Iterable[datetime.date] = (),
) -> tuple[list[dict[int, figures.Counts]], Homes | None]:  # fmt: skip
    """``counted`` of several periods by one statement; and the households of the first, cut at ``cuts`` as well.

    No households where the first period does not end today.
    """
    all_asked = [Asked(keys, areas, window, Left(window.last, about), tuple(cuts)) for keys, window in spans]
    plans = [[(each, each.ask(asked)) for each in COUNTERS if asked.kept & each.keys] for asked in all_asked]
    asks = [ask for plan in plans for _counter, ask in plan if ask is not None]
    lines_of = dict(zip(asks, read(areas, asks), strict=True))
    found, homes = [], None
    for asked, plan in zip(all_asked, plans, strict=True):
        counts: dict[int, figures.Counts] = {pk: dict.fromkeys(asked.keys, 0) for pk in areas.ids}
        for counter, ask in plan:
            lines = lines_of[ask] if ask is not None else []
            if counter.found is _households and asked is all_asked[0]:
                homes = Homes(asked.home_cuts, lines)
            for area, key, n in counter.found(asked, lines):
                if key in asked.kept:
                    counts[area][key] += n
        if rest := [key for key in asked.keys if key not in asked.kept]:
            _from_rows(counts, rest, asked)
        found.append(counts)
    return found, homes


def _from_rows(found: dict[int, figures.Counts], keys: Collection[str], asked: Asked) -> None:
    """Counted from the tables, village by village."""
    for village, counts in figures.tally(keys, list(asked.villages), asked.window).items():
        for key, n in counts.items():
            found[asked.villages[village]][key] += n


def _villages(areas: Areas) -> dict[int, int]:
    """The villages of the areas, each with its area."""
    if areas.level == AreaLevel.VILLAGE:
        return {pk: pk for pk in areas.ids}
    path = "township_id" if areas.level == AreaLevel.TOWNSHIP else "township__county_id"
    return dict(Village.objects.filter(**{f"{path}__in": areas.ids}).values_list("pk", path))


def _households(asked: Asked, lines: Sequence[Sum]) -> Found:
    """By the day of the last contact: a household met since a day is one whose last contact is not before it."""
    homes = Homes(asked.home_cuts, lines)
    first, stale = asked.window.first or FIRST_DAY, _stale(asked.window)
    for line in homes.lines:
        if line.key in COUNTED_STATUSES:
            yield line.area, "households", line.n
            yield line.area, "visited" if homes.is_since(line, first) else "unvisited", line.n
            if not homes.is_since(line, stale):
                yield line.area, "stale", line.n
            if line.step == 0:
                yield line.area, "never", line.n
            if line.is_left:
                yield line.area, "excluded", -line.n
        elif line.key == HouseholdStatus.CLOSED and not line.is_left:
            yield line.area, "closed_households", line.n


def _without_cadre(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        if line.key in COUNTED_STATUSES:
            yield line.area, "without_cadre", line.n


def _visits(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        kind = line.key.partition(":")[0]
        yield line.area, "events", line.n
        yield line.area, "opinions", line.opinions
        if kind in CONTACT_KINDS:
            yield line.area, "household_visits", line.n
            yield line.area, "visit_people", line.people
        if kind == VisitKind.MEETING:
            yield line.area, "meetings", line.n
            yield line.area, "meeting_people", line.people
        if kind == VisitKind.TALK:
            yield line.area, "talk_people", line.people


def _standing(asked: Asked, lines: Sequence[Sum]) -> Found:
    """By state; small wishes apart."""
    for line in lines:
        state, kind, _level = line.key.split(":")
        if kind == IssueKind.WISH:
            continue
        if state in OPEN_STATES:
            yield line.area, "pending", line.n
        if state in DUE_STATES:
            yield line.area, "under_way", line.n
        if state == State.DEFERRED:
            yield line.area, "deferred", line.n
        if state == State.RESOLVED:
            yield line.area, "call_back", line.n


def _supervised(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        state, kind = line.key.split(":")
        if state in OPEN_STATES and kind != IssueKind.WISH:
            yield line.area, "supervised", line.n


def _due(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        state, kind = line.key.split(":")
        if kind == IssueKind.WISH:
            continue
        if line.step == 0:
            yield line.area, "overdue", line.n
        if state in DUE_STATES and line.step == 1:
            yield line.area, "due_today", line.n
        if state in DUE_STATES and line.step in {1, 2}:
            yield line.area, "due_soon", line.n


def _registered(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        kind, state = line.key.split(":")
        if state not in {State.MERGED, State.VOID}:
            yield line.area, "wishes" if kind == IssueKind.WISH else "collected", line.n


def _resolved(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        kind, in_time = line.key.split(":")
        if kind != IssueKind.WISH:
            yield line.area, "resolved", line.n
            if in_time:
                yield line.area, "in_time" if in_time == "1" else "late", line.n


def _closed(asked: Asked, lines: Sequence[Sum]) -> Found:
    for line in lines:
        kind, level, _basis = line.key.split(":")
        if kind == IssueKind.WISH:
            continue
        yield line.area, "struck_off", line.n
        if level == Level.VILLAGE:
            yield line.area, "contained_village", line.n
        if level != Level.COUNTY:
            yield line.area, "contained_township", line.n


def _answers(asked: Asked, lines: Sequence[Sum]) -> Found:
    """Most matters are called back once and kept by their answer; of the few others the steps are read."""
    for line in lines:
        kind, answer = line.key.split(":")
        if kind == IssueKind.WISH:
            continue
        for figure in _answered({answer}):
            yield line.area, figure, line.n
    yield from _called_again(asked)


def _wishes_done(asked: Asked, _lines: Sequence[Sum]) -> Found:
    """Not kept: how a wish ended stands with its result. They are few, and an index has them by day."""
    where, values = _moments("i.resolved_at", asked.window)
    rows = _rows(
        f"{_FULFILLED} AND i.village_id IN ({_listed(asked.villages)}) AND {where} GROUP BY i.village_id", values
    )
    for village, n in rows:
        yield asked.villages[village], "wishes_done", n


def _called_again(asked: Asked) -> Found:
    """By their steps: each call of the period counts, whatever was said since."""
    parents, about = asked.villages, asked.left.about_cadre
    if not parents:
        return
    where, values = _moments("s.at", asked.window)
    if about is not None:
        where, values = f"{where} AND (i.about_cadre_id IS NULL OR i.about_cadre_id <> %s)", [*values, about]
    rows = _rows(f"{_AGAIN} AND i.village_id IN ({_listed(parents)}) AND {where}", values)
    said: dict[tuple[int, int], set[str]] = defaultdict(set)
    for issue, village, answer in rows:
        said[issue, parents[village]].add(answer)
    for (_issue, area), answers in said.items():
        for key in _answered(answers):
            yield area, key, 1


def _listed(ids: Iterable[int]) -> str:
    """As SQL, nothing being in an empty list."""
    return ", ".join(str(int(pk)) for pk in ids) or "NULL"


def _moments(column: str, window: Window) -> tuple[str, list[Any]]:
    """``Window.moments`` as SQL and its parameters."""
    end = connection.ops.adapt_datetimefield_value(window.end)
    if window.first is None:
        return f"{column} < %s", [end]
    return f"{column} >= %s AND {column} < %s", [connection.ops.adapt_datetimefield_value(day_start(window.first)), end]


def _rows(text: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())


def _answered(answers: set[str]) -> Iterator[str]:
    """The figures that a matter with these answers in the period counts in."""
    if answers & {*ANSWERS, Answer.UNREACHABLE}:
        yield "asked"
    if answers & set(ANSWERS):
        yield "answered"
    if answers & {Answer.SATISFIED, Answer.ACCEPTABLE} and Answer.DISSATISFIED not in answers:
        yield "satisfied"
    if Answer.DISSATISFIED in answers:
        yield "dissatisfied"


_AGAIN = (  # words and no parameters, so that SQLite uses the index of those called again
    "SELECT s.issue_id, i.village_id, s.data ->> 'answer' FROM ledger_issue i "  # noqa: S608 - our words
    f"JOIN ledger_issuestep s ON s.issue_id = i.id AND s.step = '{Step.CALL_BACK}' "
    "WHERE (i.round > 1 OR i.call_back_tries > 0) AND NOT i.is_sensitive "
    f"AND i.kind <> '{IssueKind.WISH}' AND i.state <> '{State.VOID}' AND NOT (i.round = 1 AND ("
    f"i.answer <> '{Answer.UNREACHABLE}' AND i.call_back_tries = 0 "
    f"OR i.answer = '{Answer.UNREACHABLE}' AND i.call_back_tries = 1))"
)
_FULFILLED = (
    "SELECT i.village_id, COUNT(*) FROM ledger_issue i "  # noqa: S608 - our words
    f"WHERE i.kind = '{IssueKind.WISH}' AND NOT i.is_sensitive AND i.state IN ('{State.RESOLVED}', '{State.CLOSED}') "
    "AND EXISTS (SELECT 1 FROM ledger_issueresult r WHERE r.issue_id = i.id AND r.round = i.round AND r.is_fulfilled)"
)


def _about(asked: Asked) -> Left:
    return Left(about_cadre=asked.left.about_cadre) if asked.left.about_cadre is not None else NOTHING_LEFT


_ANSWERS = ("asked", "answered", "satisfied", "dissatisfied")


@dataclass(frozen=True)
class Counter:
    """Figures that come from one sort of lines: what is asked, and what each line adds to which figure."""

    keys: frozenset[str]
    ask: Callable[[Asked], Ask | None]
    found: Callable[[Asked, Sequence[Sum]], Found]


def _of_issues(sort: Sort, *, is_dated: bool = True) -> Callable[[Asked], Ask]:
    """Of the period's days, or of all there are."""
    return lambda asked: Ask(sort, asked.days if is_dated else ALWAYS, left=_about(asked))


def _ask_due(asked: Asked) -> Ask:
    last = asked.window.last
    return Ask(Sort.ISSUE_DUE, cuts=(last, last + ONE_DAY, last + 8 * ONE_DAY), left=_about(asked))


COUNTERS = (
    Counter(
        frozenset({"households", "visited", "unvisited", "stale", "never", "excluded", "closed_households"}),
        lambda asked: Ask(
            Sort.HOUSEHOLD, cuts=asked.home_cuts, left=Left(asked.window.last), by=("key", "is_left")
        ), _households,
    ),
    Counter(
        frozenset({"without_cadre"}), lambda asked: Ask(Sort.NO_CADRE, left=Left(asked.left.excluded_on)),
        _without_cadre,
    ),
    Counter(
        frozenset({"events", "opinions", "household_visits", "visit_people", "meetings", "meeting_people",
                   "talk_people"}),
        lambda asked: Ask(Sort.VISIT, Days(asked.window.first, asked.window.last)), _visits,
    ),
    Counter(
        frozenset({"pending", "under_way", "deferred", "call_back"}), _of_issues(Sort.ISSUE, is_dated=False), _standing
    ),
    Counter(frozenset({"supervised"}), _of_issues(Sort.ISSUE_SUPERVISED, is_dated=False), _supervised),
    Counter(frozenset({"overdue", "due_today", "due_soon"}), _ask_due, _due),
    Counter(frozenset({"collected", "wishes"}), _of_issues(Sort.ISSUE_REGISTERED), _registered),
    Counter(frozenset({"resolved", "in_time", "late"}), _of_issues(Sort.ISSUE_RESOLVED), _resolved),
    Counter(
        frozenset({"struck_off", "contained_village", "contained_township"}), _of_issues(Sort.ISSUE_CLOSED), _closed
    ),
    Counter(frozenset(_ANSWERS), _of_issues(Sort.ISSUE_ANSWER), _answers),
    Counter(frozenset({"wishes_done"}), lambda _asked: None, _wishes_done),
)  # fmt: skip
KEPT = frozenset().union(*(each.keys for each in COUNTERS))
