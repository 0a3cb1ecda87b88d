"""The report of an import as JSON (issue C, point 9): counts, and for every row its outcome, codes and sentences."""

from typing import Any, Protocol

from ledger.importing.files import FileRefused
from ledger.importing.plan import Outcome, Planned, plain_fields

_CONTRACT = {"relation": "relation_"}
_INTERNAL = frozenset({"cadre", "relation_code", "hh_no_generated", "township", "county", "village_group"})


class Plan(Protocol):
    """What a report is made of: the plan of a roster, or of an office's past."""

    @property
    def rows(self) -> list[Planned]: ...

    @property
    def counts(self) -> dict[str, Any]: ...


def report_of(plan: Plan, *, fields: bool = False) -> dict[str, Any]:
    """The report; with ``fields`` it holds the stored values in full, so its maker records that.

    ``sheets`` says how each sheet was read and which columns were left out; it can be changed and given as a mapping.
    """
    return {
        "outcome": "ok",
        "error": None,
        "counts": plan.counts,
        "sheets": getattr(plan, "sheets", []),
        "rows": [_row(planned, fields=fields) for planned in plan.rows],
    }


def refused_report(refusal: FileRefused) -> dict[str, Any]:
    """The report of a file that was refused as a whole."""
    error = {"code": refusal.code.value, "message": str(refusal.message)}
    return {"outcome": "refused", "error": error, "counts": {}, "rows": []}


def _row(planned: Planned, *, fields: bool) -> dict[str, Any]:
    row = planned.row
    said = {
        "sheet": row.sheet,
        "row": row.row,
        "role": str(row.role),
        "outcome": planned.outcome.value,
        "codes": list(dict.fromkeys(str(finding.code) for finding in row.findings)),
        "messages": [
            f"{finding.column}: {finding.sentence}" if finding.column else finding.sentence for finding in row.findings
        ],
    }
    if fields and planned.outcome not in (Outcome.REFUSED, Outcome.IGNORED):
        said["fields"] = _fields(planned)
    return said


def _fields(planned: Planned) -> dict[str, Any]:
    return {
        _CONTRACT.get(name, name): value
        for name, value in plain_fields(planned.row.fields).items()
        if name not in _INTERNAL
    }
