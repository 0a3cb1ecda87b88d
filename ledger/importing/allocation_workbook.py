"""分配联系户方案 handed in again as a workbook: every row checked, what it would change, nothing written.

Only what was changed in the workbook counts: the hidden column says what was proposed when it was made, and a row that
still says so leaves the proposal as it is by now. Without that column every cell counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ledger.exporting.allocation_workbook import CHOSEN, CODE, HOUSEHOLD_HEAD, PROPOSED, VILLAGE
from ledger.importing.lists import text_of
from ledger.importing.reading import Sheet, read_file
from ledger.models import Allocation, AllocationRow, Cadre
from ledger.queries.allocation_sheets import VillageSheet, loads_of, sheets_of, word_of
from ledger.rules.lists import LineFault, ListRefused

MAX_BYTES = 8 * 1024 * 1024
MOST_LINES = 60_000
_HEAD_WITHIN = 12
"""The headings stand in one of the first rows."""
_NAMES = {
    "village": VILLAGE, "code": CODE, "head": HOUSEHOLD_HEAD, "chosen": CHOSEN, "proposed": PROPOSED,
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A household and the cadre it is to go to (ids): what travels on to the act."""

    household: int
    cadre: int


@dataclass
class Change:
    """One household of the proposal and who has it in the workbook."""

    row: AllocationRow
    to: Cadre
    village: str

    @property
    def given(self) -> Given:
        return Given(self.row.household_id, self.to.pk)


@dataclass
class Load:
    """A cadre whose list becomes longer or shorter."""

    cadre: Cadre
    village: str
    before: int
    after: int


@dataclass
class Returned:
    """What a workbook would change of a proposal, which rows can't be taken, and which households it leaves out."""

    changes: list[Change] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    missing: list[AllocationRow] = field(default_factory=list)
    unchanged: int = 0
    loads: list[Load] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """The faults, each with its row and what to do."""
        return ListRefused(self.faults).sentences()


@dataclass(frozen=True)
class _Line:
    """One row of the file; ``number`` as its program shows it."""

    sheet: str
    number: int
    village: str
    code: str
    head: str
    chosen: str
    proposed: str | None


def read_returned(data: bytes, allocation: Allocation) -> Returned:
    """Compare the workbook with the proposal as it stands. Raises FileRefused, and ListRefused for one that is no
    workbook of a proposal."""
    lines = list(_lines(read_file(data)))
    if not lines:
        said = _("No sheet has the columns %(columns)s with rows below them. Take the workbook out once more.")
        raise ListRefused([LineFault(0, said % {"columns": "、".join((CODE, CHOSEN))})])
    if len(lines) > MOST_LINES:
        raise ListRefused([LineFault(0, _("The file has more than %(limit)s lines.") % {"limit": MOST_LINES})])
    return _Check(sheets_of(allocation)).run(lines)


def _lines(sheets: Sequence[Sheet]) -> Iterator[_Line]:
    for sheet in sheets:
        rows = [[text_of(cell) for cell in row] for row in sheet.rows]
        head = next((at for at, row in enumerate(rows[:_HEAD_WITHIN]) if CODE in row and CHOSEN in row), None)
        if sheet.hidden or head is None:
            continue
        places = {name: rows[head].index(heading) for name, heading in _NAMES.items() if heading in rows[head]}
        for number, row in enumerate(rows[head + 1 :], start=head + 2):
            said = {name: row[at] if at < len(row) else "" for name, at in places.items()}
            if any(said.values()):
                yield _Line(
                    sheet.name, number, said.get("village", ""), said["code"], said.get("head", ""), said["chosen"],
                    said.get("proposed"),
                )  # fmt: skip


class _Refused(Exception):
    """Why one row can't be taken, as a sentence."""


class _Check:
    """The rows of a file against the villages of a proposal."""

    def __init__(self, sheets: Sequence[VillageSheet]) -> None:
        self.villages = {sheet.name: sheet for sheet in sheets}
        self.homes = {
            (sheet.name, row.household.code): row for sheet in sheets for row in sheet.rows
        }  # fmt: skip
        self.found = Returned()
        self.at: dict[int, _Line] = {}
        """Household → the row that named it first."""

    def run(self, lines: Sequence[_Line]) -> Returned:
        for line in lines:
            try:
                self._line(line)
            except _Refused as refused:
                text = str(refused)
                if len(self.villages) > 1:
                    text = _("sheet “%(sheet)s”: %(text)s") % {"sheet": line.sheet[:31], "text": text}
                self.found.faults.append(LineFault(line.number, text))
        self.found.missing = [row for row in self.homes.values() if row.household_id not in self.at]
        self.found.loads = list(self._loads())
        return self.found

    def _line(self, line: _Line) -> None:
        sheet = self._village(line)
        row = self._home(line, sheet)
        if row.household_id in self.at:
            said = _("household %(code)s stands in row %(row)s already; keep one of the two.")
            raise _Refused(said % {"code": line.code, "row": self.at[row.household_id].number})
        self.at[row.household_id] = line
        chosen = _same(line.chosen)
        if chosen == _same(word_of(row.after)) or (line.proposed is not None and chosen == _same(line.proposed)):
            self.found.unchanged += 1
            return
        to = self._cadre(line, sheet, row)
        if to.pk == row.after_id:
            self.found.unchanged += 1
        else:
            self.found.changes.append(Change(row, to, sheet.name))

    def _village(self, line: _Line) -> VillageSheet:
        if not line.code:
            raise _Refused(_("the household code is missing; put it back or take the workbook out once more."))
        name = line.village or (next(iter(self.villages)) if len(self.villages) == 1 else line.sheet)
        if name not in self.villages:
            raise _Refused(_("%(village)s is not in this proposal.") % {"village": name[:30]})
        return self.villages[name]

    def _home(self, line: _Line, sheet: VillageSheet) -> AllocationRow:
        row = self.homes.get((sheet.name, line.code))
        if row is None:
            said = _("%(village)s has no household %(code)s in this proposal; correct the code or delete the row.")
            raise _Refused(said % {"village": sheet.name, "code": line.code[:30]})
        if line.head and _same(line.head) != _same(row.household.head_name):
            said = _(
                "household %(code)s is that of %(head)s, but the row says %(other)s: rows have slipped. "
                "Take the workbook out once more."
            )
            raise _Refused(
                said % {"code": line.code[:30], "head": row.household.head_name, "other": line.head[:30]}
            )  # fmt: skip
        return row

    def _cadre(self, line: _Line, sheet: VillageSheet, row: AllocationRow) -> Cadre:
        words = {"head": row.household.head_name, "said": line.chosen[:40], "village": sheet.name}
        if not line.chosen:
            raise _Refused(_("nobody is chosen for the household of %(head)s: choose a cadre.") % words)
        fits = _fitting(line.chosen, sheet.cadres)
        if not fits:
            said = _(
                "“%(said)s” takes no part in %(village)s: choose from the list, or add them under “Who takes part” and "
                "propose again."
            )
            raise _Refused(said % words)
        if len(fits) > 1:
            raise _Refused(_("several cadres are called “%(said)s”: put the cadre number before the name.") % words)
        words["cadre"] = fits[0].name
        if row.is_pinned:
            raise _Refused(_("the household of %(head)s is pinned: lift that first.") % words)
        if (fits[0].pk, row.household_id) in sheet.avoided:
            raise _Refused(_("%(cadre)s must not have the household of %(head)s.") % words)
        return fits[0]

    def _loads(self) -> Iterator[Load]:
        given: dict[str, dict[int, int | None]] = {}
        for change in self.found.changes:
            given.setdefault(change.village, {})[change.row.household_id] = change.to.pk
        for name, rows in given.items():
            sheet = self.villages[name]
            before, after = loads_of(sheet, {}), loads_of(sheet, rows)
            for cadre in sheet.cadres:
                then, now = after.get(cadre.pk, 0), before.get(cadre.pk, 0)
                if then != now:
                    yield Load(cadre, name, now, then)


def _same(text: str) -> str:
    """Without blanks and with one kind of letters: how two cells are compared."""
    return "".join(text.split()).casefold()


def _fitting(said: str, cadres: Sequence[Cadre]) -> list[Cadre]:
    """Whom a cell names: by number and name, by number alone, by name alone."""
    text = _same(said)
    ways: tuple[Any, ...] = (word_of, lambda cadre: cadre.cadre_no, lambda cadre: cadre.name)
    for way in ways:
        found = [cadre for cadre in cadres if _same(way(cadre)) == text]
        if found:
            return found
    return []
