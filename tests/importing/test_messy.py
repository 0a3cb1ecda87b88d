"""Rosters as offices keep them: what a person reads in them is what is read, or somebody is asked."""

from typing import Any

import pytest

from ledger.importing.columns import Role, layout_of
from ledger.importing.doubts import doubts_of
from ledger.importing.returned import read_sheets
from ledger.importing.row import Row
from ledger.importing.rows import read_rows
from tests.importing import messy_sheets  # noqa: F401  # adds its files to MESSY
from tests.importing.messy import MESSY, Messy
from tests.importing.workbooks import known

COMPARED = ("village", "group", "head", "id_no", "phone", "population", "since", "assigned_on", "remark", "cadre_name")


def said(row: Row) -> dict[str, Any]:
    values = {name: row.fields.get(name) for name in COMPARED}
    return values | {"village": getattr(values["village"], "name", None)}


def wrong(row: Row, wanted: dict[str, Any]) -> dict[str, Any]:
    """What differs from what a person reads: nothing, or field → (read, wanted)."""
    codes = {str(finding.code) for finding in row.findings}
    if "codes" in wanted:
        return {} if row.refused and wanted["codes"] <= codes else {"codes": (codes, wanted["codes"])}
    found = {name: (said(row)[name], value) for name, value in wanted.items() if name != "told"}
    faults = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    if row.refused or (wanted.get("told") and wanted["told"] not in codes):
        faults["codes"] = (codes, wanted.get("told"))
    return faults


@pytest.mark.parametrize("name", MESSY)
def test_what_a_person_reads(name: str) -> None:
    case: Messy = MESSY[name]()
    sheets = [sheet for sheet in read_sheets(case.data) if not sheet.hidden]
    layouts = [(sheet, layout_of(sheet)) for sheet in sheets]
    doubts = [doubt for sheet, layout in layouts for doubt in doubts_of(sheet, layout, known().villages)]
    data = [(sheet, layout) for sheet, layout in layouts if layout.role != Role.NOT_DATA]
    rows = [row for row in read_rows(data, known()) if not row.ignored]
    households = [row for row in rows if row.role == Role.HOUSEHOLDS]
    assert len(rows) - len(households) == case.members
    assert [wrong(row, wanted) for row, wanted in zip(households, case.rows, strict=False)] == [{}] * len(case.rows)
    assert len(households) == len(case.rows)
    assert bool(doubts) == case.asked, doubts


def test_a_member_is_not_given_the_heads_numbers() -> None:
    """Beside 户主信息 the band 家庭成员 has no numbers of its own: they stay empty."""
    (sheet,) = read_sheets(MESSY["heads_of_members_beside_them"]().data)
    rows = [row for row in read_rows([(sheet, layout_of(sheet))], known()) if not row.ignored]
    assert [(row.fields["name"], row.fields.get("id_no"), row.fields.get("phone")) for row in rows] == [
        ("李小", "", None), ("", "", None), ("欧阳小", "", None),
    ]  # fmt: skip
