"""What the tables of the past and their columns are called on screen."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.importing.history_tables import SPECS
from ledger.models import ImportBatch
from ledger.rules.history import Table

TABLE_NAMES: dict[str, Promise | str] = {
    Table.VILLAGES: _("Villages"), Table.UNITS: pgettext_lazy("unit", "Units"), Table.CADRES: _("Cadres"),
    Table.ENTERPRISES: _("Enterprises"), Table.HOUSEHOLDS: _("Households"), Table.EVENTS: _("Visits"),
    Table.ISSUES: _("Issues"),
}  # fmt: skip
_OUTCOMES = ("created", "updated", "unchanged", "refused")


def table_of(role: str) -> str:
    """The name of the table that a row or sheet of this role belongs to; empty for a roster's."""
    return str(TABLE_NAMES.get(role, ""))


def heading_of(role: str, column: str) -> str:
    """What the offices call a column of a table: their own heading, in Chinese in both faces."""
    spec = SPECS[Table(role)]
    return spec.columns[column][0] if column in spec.columns else ""


def tables_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """The rows of each table by outcome, in the order in which tables are brought in."""
    counted = batch.counts.get("tables", {})
    return [
        {"name": table_of(table), **{outcome: counted[table].get(outcome, 0) for outcome in _OUTCOMES}}
        for table in Table
        if table in counted
    ]


def understood() -> list[dict[str, Any]]:
    """For the page that takes a workbook: each table, its sheet's name, its columns with those it needs marked."""
    return [
        {
            "name": table_of(table), "sheet": spec.names[1],
            "columns": [(words[0], column in spec.required) for column, words in spec.columns.items()],
        }
        for table, spec in SPECS.items()
    ]  # fmt: skip
