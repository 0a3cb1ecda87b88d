"""What is noted of every row of an office's past that was written, so that it can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from ledger.importing.plan import WRITTEN, Outcome, Planned
from ledger.models import Cadre, Enterprise, Organisation
from ledger.rules.history import Table

CHUNK = 5_000
_UNCOMPARED = frozenset({"id", "sort_order", "pinyin", "initials"})
"""Columns that say nothing of their own; somebody else's new row may move the order."""


@dataclass
class Written:
    """``rows``: of each written row (by ``id``) what goes into ``ImportRow.versions`` and, sealed, into ``before``.

    ``beside``: what the rows brought with them that has no row of its own, by kind, for the batch's layout.
    """

    rows: dict[int, tuple[dict[str, Any] | None, dict[str, Any] | None]]
    beside: dict[str, Any]


def written_rows(tables: dict[Table, list[Planned]]) -> dict[int, tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Row → the keys of what it made (``made``, ``links``, ``assignment``), and the columns as they were written."""
    found: dict[int, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {}
    for table, rows in tables.items():
        written = [planned for planned in rows if planned.outcome in WRITTEN]
        made = {id(p): key for p in written if (key := _key(table, p)) is not None}
        columns = as_written(_MODELS[table], made.values()) if table in _MODELS else {}
        for planned in written:
            found[id(planned)] = (_versions(planned, made[id(planned)]), _before(planned, columns, made[id(planned)]))
    return found


def as_written(model: type[Model], keys: Iterable[int]) -> dict[int, dict[str, str]]:
    """Key → the columns of that row as text."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in _UNCOMPARED]
    listed, found = list(keys), dict[int, dict[str, str]]()
    for at in range(0, len(listed), CHUNK):
        for row in model._base_manager.filter(pk__in=listed[at : at + CHUNK]).values("pk", *names):
            found[row.pop("pk")] = {name: str(value) for name, value in row.items()}
    return found


_MODELS: dict[Table, type[Model]] = {
    Table.UNITS: Organisation, Table.CADRES: Cadre, Table.ENTERPRISES: Enterprise,
}  # fmt: skip
"""Tables whose rows carry no version: they are compared column by column."""
_FIELDS = {
    Table.UNITS: "unit", Table.CADRES: "person", Table.ENTERPRISES: "firm", Table.HOUSEHOLDS: "home",
    Table.EVENTS: "contact",
}  # fmt: skip
FILLED = {"unit": "organisation_id", "rank": "rank", "phone": "phone"}
"""Name of what was filled → its column."""


def _key(table: Table, planned: Planned) -> int | None:
    fields = planned.row.fields
    key = fields["pk"] if table == Table.ISSUES else fields[_FIELDS[table]].pk
    return int(key)


def _versions(planned: Planned, key: int) -> dict[str, Any]:
    fields = planned.row.fields
    versions: dict[str, Any] = {"made": key, "links": fields.get("links", [])}
    if "assignment" in fields:
        versions["assignment"] = fields["assignment"]
    if planned.outcome == Outcome.CREATED and "home" in fields and planned.household:
        person = fields["person"]
        versions["cadre"] = person.pk if person else None
    return versions


def _before(planned: Planned, columns: dict[int, dict[str, str]], key: int) -> dict[str, Any] | None:
    if not columns:
        return None
    if planned.outcome == Outcome.CREATED:
        return {"as": columns[key]}
    fills: Sequence[str] = planned.row.fields.get("fills", ())
    return {"fills": {FILLED[name]: columns[key][FILLED[name]] for name in fills}}
