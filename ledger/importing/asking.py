"""Reading a file for its plan, and asking where the columns are unsure.

Chosen columns are used as they are; else those that were remembered for the layout; else what the recogniser found.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ledger.importing.columns import Layout, Role, layout_of, mapped_layouts, why_nothing
from ledger.importing.doubts import Doubt, Why, doubts_of
from ledger.importing.files import FileError, FileRefused
from ledger.importing.ledger_now import ledger_for
from ledger.importing.pulse import Pulse
from ledger.importing.reading import Sheet
from ledger.importing.remembered import Remembered
from ledger.importing.returned import read_sheets
from ledger.importing.roster import Roster, RosterPlan, plan_roster
from ledger.importing.samples import entry_of, sample_of
from ledger.importing.values import is_blank
from ledger.importing.villages import Villages
from ledger.models import Township

ASKED_ABOUT = (FileError.NO_HEADER, FileError.MISSING_REQUIRED_COLUMN)
"""Refusals that other columns may cure."""
_PLACES = frozenset({"village", "village_group"})


@dataclass
class Reading:
    """A file's sheets, each with its layout (None where somebody left the sheet out) and its doubts."""

    sheets: list[Sheet]
    layouts: list[Layout | None]
    doubts: list[list[Doubt]] = field(default_factory=list)
    remembered: list[int] = field(default_factory=list)
    """The remembered columns that were used."""
    refusal: FileRefused | None = None
    """Why the file is no roster as it stands."""
    sample: dict[str, Any] = field(default_factory=dict)

    @property
    def roster(self) -> Roster:
        pairs = list(zip(self.sheets, self.layouts, strict=True))
        found = [(sheet, layout) for sheet, layout in pairs if layout and layout.role != Role.NOT_DATA]
        used = {id(sheet) for sheet, _layout in found}
        return Roster(found, [sheet.name for sheet in self.sheets if id(sheet) not in used and sheet.count])

    @property
    def must_ask(self) -> bool:
        return self.refusal is not None or any(self.doubts)

    @property
    def mapping(self) -> dict[str, Any]:
        """All that was used, so that applying reads the file as planning did; empty where the recogniser knew all."""
        if not self.remembered:
            return {}
        return {"sheets": [entry_of(*pair) for pair in self.roster.found], "remembered": self.remembered}

    def lacks_village(self) -> dict[str, Any]:
        """The sample, saying at each list of households without a village column that this is what is missing."""
        for at, layout in enumerate(self.layouts):
            if layout is not None and layout.role == Role.HOUSEHOLDS and not _PLACES & set(layout.columns):
                self.doubts[at] = [Doubt(Why.NO_VILLAGE), *self.doubts[at]]
        return sample_of(self.sheets, self.layouts, self.doubts)


def plan_or_ask(
    data: bytes, mapping: dict[str, Any], townships: list[Township], pulse: Pulse
) -> tuple[Reading, RosterPlan | None]:
    """The file and its plan; no plan where the columns have to be chosen first. Raises FileRefused, Cancelled."""
    reading = read_for_plan(data, mapping, townships)
    pulse.stop_if_asked()
    if reading.must_ask:
        return reading, None
    try:
        return reading, plan_roster(reading.roster, townships, progress=pulse.tell)
    except FileRefused as refusal:
        if refusal.code not in ASKED_ABOUT:
            raise
        reading.refusal = refusal
        reading.sample = reading.lacks_village()
        return reading, None


def read_for_plan(data: bytes, mapping: dict[str, Any], townships: Iterable[Township]) -> Reading:
    """The file with its layouts and doubts; raises FileRefused where no choice of columns could make it a roster."""
    sheets = read_sheets(data)
    reading = _as_chosen(sheets, mapping) if mapping.get("sheets") else _as_found(sheets, list(townships))
    if reading.refusal is not None and not any(_may_be_roster(sheet) for sheet in sheets):
        raise reading.refusal
    reading.sample = sample_of(sheets, reading.layouts, reading.doubts)
    return reading


def _as_chosen(sheets: list[Sheet], mapping: dict[str, Any]) -> Reading:
    chosen = {id(sheet): layout for sheet, layout in mapped_layouts(sheets, mapping)}
    used = list(mapping.get("remembered", ()))
    return Reading(sheets, [chosen.get(id(sheet)) for sheet in sheets], [[] for _sheet in sheets], used)


def _as_found(sheets: list[Sheet], townships: list[Township]) -> Reading:
    kept = Remembered(townships)
    found = [_found(sheet, kept) for sheet in sheets]
    reading = Reading(sheets, [layout for layout, _decided in found])
    reading.remembered = kept.used
    doubts = partial(_doubts, sheets, found)
    reading.doubts = doubts(None)
    if any(doubt.column is not None for asked in reading.doubts for doubt in asked):
        reading.doubts = doubts(ledger_for(townships).villages)
    layouts = [layout for layout in reading.layouts if layout is not None]
    if all(layout.role == Role.NOT_DATA for layout in layouts):
        reading.refusal = FileRefused(why_nothing(layouts, sheets))
    return reading


def _found(sheet: Sheet, kept: Remembered) -> tuple[Layout | None, set[int]]:
    """The sheet's layout, and the columns that somebody left out before; no layout for a sheet they left out."""
    if sheet.hidden:
        return None, set()
    known = kept.layout(sheet)
    if known is None:
        return layout_of(sheet), set()
    layout, decided = known
    return (None if layout.role == Role.NOT_DATA else layout), decided


def _doubts(
    sheets: list[Sheet], found: list[tuple[Layout | None, set[int]]], villages: Villages | None
) -> list[list[Doubt]]:
    return [
        [] if layout is None else doubts_of(sheet, layout, villages, decided)
        for sheet, (layout, decided) in zip(sheets, found, strict=True)
    ]


def _may_be_roster(sheet: Sheet) -> bool:
    """At least two rows of two cells: less is prose, whatever columns somebody chooses."""
    rows = [row for row in sheet.rows if sum(not is_blank(cell) for cell in row) > 1]
    return not sheet.hidden and len(rows) > 1
