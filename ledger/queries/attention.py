"""What a leader should ask about: households that answered "dissatisfied", then what is overdue longest."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger.models import Issue
from ledger.queries.figures_window import ONE_DAY
from ledger.rules.issues import DUE_STATES, Answer, IssueKind, State
from ledger.rules.permissions import Permission

NO_WISH = f"kind <> '{IssueKind.WISH}'"


@dataclass(frozen=True)
class _Kind:
    """Ordinary matters in some states, by a day.

    Words stand in the statement as they are: SQLite uses an index with a condition only where it reads the words.
    """

    states: Collection[str]
    day: str
    condition: str
    is_angry: bool = False
    is_indexed: bool = True
    """Whether an index has the days of a village and state in order."""
    is_late: bool = True
    """Whether only days before today count."""
    is_dated: bool = True
    """Whether only those with a day count, or only those without."""

    @property
    def where(self) -> str:
        """What holds of each, as SQL."""
        return f"NOT is_sensitive AND {self.condition}"

    def last(self, today: datetime.date) -> str:
        """The last day that counts, as SQL."""
        return f"'{(today - ONE_DAY if self.is_late else datetime.date.max).isoformat()}'"


ANGRY = f"answer = '{Answer.DISSATISFIED}'"
KINDS = (  # overdue as queries/issue_dates says; a test compares the two
    _Kind([State.RESOLVED], "due_on", ANGRY, is_angry=True, is_late=False),
    _Kind([State.RESOLVED], "due_on", f"{ANGRY} AND due_on IS NULL", is_angry=True, is_indexed=False, is_dated=False),
    _Kind(sorted(DUE_STATES), "due_on", NO_WISH),
    _Kind([State.DEFERRED], "deferred_until", NO_WISH, is_indexed=False),
)


SHOWN = (
    "number", "year", "serial", "title", "state", "answer", "due_on", "deferred_until", "village__name",
    "handler__name", "lead_organisation__name",
)  # fmt: skip


def needs_attention(user: Any, villages: list[int], today: datetime.date, most: int = 5) -> list[Issue]:
    """At most so many of the matters of these villages (ids) that the person sees, in the order to ask about them.

    Only the few that may be shown are read whole, and what of them is none of this person's falls out.
    """
    mine = Issue.objects.visible_to(user, Permission.SEE_DASHBOARD).filter(is_sensitive=False)
    mine = mine.select_related("village", "handler", "lead_organisation").only(*SHOWN)
    enough = most
    while True:
        angry, late = _asking(villages, today, enough)
        found = mine.in_bulk([*angry, *late]) if angry or late else {}
        shown = [found[pk] for pk in (*angry, *late) if pk in found]
        if len(shown) == len(angry) + len(late) or max(len(angry), len(late)) < enough:
            return shown[:most]
        enough *= 4


def _asking(villages: list[int], today: datetime.date, most: int) -> tuple[list[int], list[int]]:
    """Ids of the first ``most`` that are dissatisfied and of as many that are overdue; longest ago first."""
    if not villages:
        return [], []
    listed = ", ".join(str(int(pk)) for pk in villages)
    parts = [f"SELECT * FROM ({_first(kind, listed, today, most)}) k{n}" for n, kind in enumerate(KINDS)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        rows = cursor.fetchall()
    angry = sorted((day is None, day, pk) for is_angry, day, pk in rows if is_angry and day is not None)
    undated = sorted((day is None, "", pk) for is_angry, day, pk in rows if is_angry and day is None)
    late = sorted((False, day, pk) for is_angry, day, pk in rows if not is_angry)
    return [pk for *_day, pk in (*angry, *undated)][:most], [pk for *_day, pk in late][:most]


def _first(kind: _Kind, villages: str, today: datetime.date, most: int) -> str:
    """The first ``most`` of a kind, as SQL: numbers, days and our own words."""
    states = ", ".join(f"'{state}'" for state in kind.states)
    where = f"village_id IN ({villages}) AND state IN ({states}) AND {kind.where}"
    # One limit of the day only: SQLite looks up one and compares each row with the other.
    if kind.is_dated:
        last = f"({_by(kind, villages, today, most)})" if kind.is_indexed else kind.last(today)
        where = f"{where} AND {kind.day} <= {last}"
    return (
        f"SELECT {int(kind.is_angry)} AS is_angry, {kind.day} AS day, id FROM ledger_issue "  # noqa: S608 - our words
        f"WHERE {where} ORDER BY {kind.day}, id LIMIT {int(most)}"
    )


def _by(kind: _Kind, villages: str, today: datetime.date, most: int) -> str:
    """A day by which there are at least ``most`` of a kind, the last that counts where that is not known.

    The earliest of each village and state is the first entry of an index, however many thousands wait behind it.
    """
    last = kind.last(today)
    firsts = " UNION ALL ".join(
        f"SELECT COALESCE((SELECT {kind.day} FROM ledger_issue i WHERE i.village_id = v.id "  # noqa: S608 - our words
        f"AND i.state = '{state}' AND {kind.where} AND {kind.day} <= {last} ORDER BY {kind.day} LIMIT 1), {last}) "
        f"AS day FROM ledger_village v WHERE v.id IN ({villages})"
        for state in kind.states
    )
    return (
        f"SELECT CASE WHEN COUNT(*) < {int(most)} THEN {last} ELSE MAX(day) END "  # noqa: S608 - our words
        f"FROM (SELECT day FROM ({firsts}) f ORDER BY day LIMIT {int(most)}) e"
    )
