"""What is counted, said once in SQL: the same text counts the tables themselves, what waits, and what is left out.

A *source* is a table of ours with the columns that matter and the condition that its row counts at all; its *relation*
yields these columns and ``n``. A *line* says of one sort how a relation's row is added up. Only names of our own enter
the texts; values are parameters.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from ledger.rules.counting import NO_DAY, Sort
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.issues import DUE_STATES, Answer, IssueKind, State
from ledger.rules.visits import CONTACT_KINDS, VisitResult

CHANGES = "ledger_{name}change"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(map(str, words)))


COUNTED = f"IN ({_listed(COUNTED_STATUSES)})"
CONTACT = (
    "{row}voided_at IS NULL AND {row}household_id IS NOT NULL "
    f"AND {{row}}kind IN ({_listed(CONTACT_KINDS)}) AND {{row}}result = '{VisitResult.MET}'"
)
"""A contact: a household met at home (design.md 6)."""


@dataclass(frozen=True)
class Source:
    """A table whose rows are counted: how each column of its change is read from a row, and which rows count."""

    name: str
    columns: dict[str, str]
    condition: str
    watched: tuple[str, ...]
    """Columns whose update changes what is counted."""

    @property
    def table(self) -> str:
        return f"ledger_{self.name}"

    @property
    def changes(self) -> str:
        return CHANGES.format(name=self.name)

    def read(self, row: str) -> str:
        """The columns of a change, read from ``row`` ("NEW.", "h." or nothing)."""
        return ", ".join(f"{text.format(row=row)} AS {name}" for name, text in self.columns.items())

    def relation(self, n: str = "1", where: str = "") -> str:
        """All rows that count, or those of ``where``, as a change would say them."""
        more = f" AND ({where})" if where else ""
        return f"SELECT {n} AS n, {self.read('')} FROM {self.table} WHERE {self.condition.format(row='')}{more}"


def _plain(*names: str) -> dict[str, str]:
    return {name: f"{{row}}{name}" for name in names}


VISIT = Source(
    "visit", _plain("village_id", "kind", "result", "occurred_on", "people_met", "opinions_heard"),
    "{row}voided_at IS NULL",
    ("village_id", "kind", "result", "occurred_on", "people_met", "opinions_heard", "voided_at"),
)  # fmt: skip
HOUSEHOLD = Source(
    "household",
    _plain("village_id", "status", "last_met_on") | {"has_cadre": "({row}cadre_id IS NOT NULL)"},
    "{row}id IS NOT NULL", ("village_id", "status", "last_met_on", "cadre_id"),
)  # fmt: skip
_ISSUE = (
    "village_id", "state", "kind", "level", "category_id", "is_supervised", "due_on", "deferred_until",
    "registered_at", "resolved_at", "resolved_in_time", "answer", "called_back_at", "closed_at", "close_basis",
    "round", "call_back_tries",
)  # fmt: skip
_LEVEL = (
    f"(CASE WHEN {{row}}state = '{State.CLOSED}' AND {{row}}highest_level <> '' THEN {{row}}highest_level "
    "ELSE {row}level END)"
)
"""Where a matter lies; once it is struck off, the highest desk it ever lay on (contained at a level)."""
ISSUE = Source(
    "issue", _plain(*_ISSUE) | {"level": _LEVEL}, "NOT {row}is_sensitive", (*_ISSUE, "highest_level", "is_sensitive")
)
WATCHED = (VISIT, HOUSEHOLD, ISSUE)
"""Sources with triggers of the common form; contacts follow from visits and households by triggers of their own."""
CONTACT_COLUMNS = ("village_id", "is_counted", "day", "previous")


def spans(contacts: str) -> str:
    """Contact days of households with the one before; ``contacts`` yields household_id and day, doubles allowed."""
    return (
        "SELECT h.village_id AS village_id, (h.status " + COUNTED + ") AS is_counted, s.day AS day, "
        "s.previous AS previous FROM (SELECT household_id, day, LAG(day) OVER (PARTITION BY household_id ORDER BY day) "
        f"AS previous FROM (SELECT DISTINCT household_id, day FROM ({contacts}) c) d) s "
        "JOIN ledger_household h ON h.id = s.household_id"
    )


def contacts(where: str = "") -> str:
    """All contacts, or those of ``where`` (a condition on ``ledger_visit``)."""
    more = f" AND {where}" if where else ""
    return f"SELECT household_id, occurred_on AS day FROM ledger_visit WHERE {CONTACT.format(row='')}{more}"


def contact_relation(n: str = "1", where: str = "") -> str:
    """As ``Source.relation``; ``where`` on ``ledger_visit``."""
    return f"SELECT {n} AS n, {', '.join(CONTACT_COLUMNS)} FROM ({spans(contacts(where))}) s"


NEVER = f"'{NO_DAY.isoformat()}'"


def _day(text: str) -> str:
    return f"CAST({text} AS date)" if connection.vendor == "postgresql" else text


def _local(column: str) -> str:
    """The local day of a moment (the first that is known of several), NO_DAY where none is."""
    is_postgres = connection.vendor == "postgresql"
    column = f"COALESCE({column})" if "," in column else column
    day = f"({column} AT TIME ZONE 'Asia/Shanghai')::date" if is_postgres else f"date({column}, '+8 hours')"
    return f"COALESCE({day}, {_day(NEVER)})"


@dataclass(frozen=True)
class Line:
    """One sort: how a row of a relation (named ``r``) is added up."""

    source: str
    key: str
    day: str = ""
    """A day column, ``@`` before moments; nothing for no day."""
    other: str = ""
    where: str = ""
    people: str = "0"
    opinions: str = "0"


_DUE = _listed(DUE_STATES)
_RESOLVED = _listed((State.RESOLVED, State.CLOSED))
_IN_TIME = "CASE WHEN r.resolved_in_time IS NULL THEN '' WHEN r.resolved_in_time THEN '1' ELSE '0' END"
_ONE_CALL = (
    f"r.call_back_tries = 0 AND r.answer NOT IN ('', '{Answer.UNREACHABLE}') "
    f"OR r.call_back_tries = 1 AND r.answer = '{Answer.UNREACHABLE}'"
)
"""Called back a single time, so that the day and the answer are those of the issue's own row."""
LINES: dict[Sort, Line] = {
    Sort.VISIT: Line("visit", "r.kind || ':' || r.result", "occurred_on", people="r.people_met",
                     opinions="r.opinions_heard"),
    Sort.HOUSEHOLD: Line("household", "r.status", "last_met_on"),
    Sort.NO_CADRE: Line("household", "r.status", where="NOT r.has_cadre"),
    Sort.CONTACT: Line("contact", "CASE WHEN r.is_counted THEN '1' ELSE '0' END", "day", "previous"),
    Sort.ISSUE: Line("issue", "r.state || ':' || r.kind || ':' || r.level"),
    Sort.ISSUE_CATEGORY: Line("issue", "r.state || ':' || CAST(r.category_id AS varchar(20))",
                              where=f"r.kind <> '{IssueKind.WISH}'"),
    Sort.ISSUE_DUE: Line("issue", "r.state || ':' || r.kind",
                         f"CASE WHEN r.state = '{State.DEFERRED}' THEN r.deferred_until ELSE r.due_on END",
                         where=f"r.state = '{State.DEFERRED}' OR r.state IN ({_DUE}) AND r.due_on IS NOT NULL"),
    Sort.ISSUE_REGISTERED: Line("issue", "r.kind || ':' || r.state", "@r.registered_at"),
    Sort.ISSUE_RESOLVED: Line("issue", f"r.kind || ':' || {_IN_TIME}", "@r.resolved_at",
                              where=f"r.state IN ({_RESOLVED})"),
    Sort.ISSUE_CLOSED: Line("issue", "r.kind || ':' || r.level || ':' || r.close_basis", "@r.closed_at, r.resolved_at",
                            where=f"r.state = '{State.CLOSED}'"),
    Sort.ISSUE_ANSWER: Line("issue", "r.kind || ':' || r.answer", "@r.called_back_at, r.resolved_at",
                            where=f"r.round = 1 AND ({_ONE_CALL})"),
    Sort.ISSUE_SUPERVISED: Line("issue", "r.state || ':' || r.kind", where="r.is_supervised"),
}  # fmt: skip
SOURCES = ("visit", "household", "contact", "issue")


def base_relation(source: str) -> str:
    """The rows of the tables themselves."""
    if source == "contact":
        return contact_relation()
    return {each.name: each for each in WATCHED}[source].relation()


def lines_of(sorts: Iterable[Sort], relation: str) -> str:
    """``(sort, village_id, day, key, other_day, n, people, opinions)`` of a relation's rows, not yet added up."""
    return " UNION ALL ".join(_lines(sort, LINES[sort], relation) for sort in sorts)


def of_source(source: str) -> tuple[Sort, ...]:
    """The sorts that a source feeds."""
    return tuple(sort for sort, line in LINES.items() if line.source == source)


def _lines(sort: Sort, line: Line, relation: str) -> str:
    where = f" WHERE {line.where}" if line.where else ""
    return (
        f"SELECT {int(sort)} AS sort, r.village_id AS village_id, {_day_of(line.day)} AS day, {line.key} AS key, "
        f"{_day_of(line.other)} AS other_day, r.n AS n, r.n * {line.people} AS people, r.n * {line.opinions} "
        f"AS opinions FROM ({relation}) r{where}"
    )


def _day_of(text: str) -> str:
    if text.startswith("@"):
        return _local(text[1:])
    if not text:
        return _day(NEVER)
    return f"COALESCE({text if ' ' in text else f'r.{text}'}, {_day(NEVER)})"
