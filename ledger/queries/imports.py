"""Batches and their rows, as pages show them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from ledger.models import Cadre, ColumnMapping, Household, ImportBatch, ImportRow, Village
from ledger.rules.masking import mask_id, mask_phone

_MASKED = {"id_no": mask_id, "phone": mask_phone}
NOTICED = "noticed"
"""The lane of rows that come in with a notice."""
LEFT = "left"
"""The lane of rows that undoing left as they were."""


@dataclass
class ShownRow:
    """A row with its notices and what it changes; numbers masked."""

    row: ImportRow
    notes: list[list[str]] = field(default_factory=list)
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    """(field, before, after)"""


def batches(user: Any) -> QuerySet[ImportBatch]:
    """The imports of one's townships, the latest first."""
    found: QuerySet[ImportBatch] = ImportBatch.objects.visible_to(user)
    return found.select_related("uploaded_by", "applied_by", "undone_by").prefetch_related("townships")


def remembered_columns(batch: ImportBatch) -> ColumnMapping | None:
    """The latest choice of columns that the batch was read with unasked; None when none was."""
    used = batch.mapping.get("remembered", ())
    if not used:
        return None
    kept = ColumnMapping.objects.filter(pk__in=used, township__in=batch.townships.all())
    return kept.select_related("saved_by").order_by("saved_at").last()


def with_villages(sheets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sheets with the name of the village that somebody said for the whole of one, in place of its code."""
    codes = {sheet["village"] for sheet in sheets if sheet["village"]}
    names = dict(Village.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [sheet | {"village": names.get(sheet["village"], "")} for sheet in sheets]


def batch_rows(batch: ImportBatch, *, outcome: str = "", code: str = "") -> QuerySet[ImportRow]:
    """Rows of one outcome (or with a notice), of one reason, in the file's order."""
    rows = ImportRow.objects.filter(batch=batch).order_by("pk")
    if outcome == NOTICED:
        rows = rows.exclude(outcome__in=["refused", "ignored"]).exclude(codes=[])
    elif outcome == LEFT:
        rows = rows.exclude(left_because="")
    elif outcome:
        rows = rows.filter(outcome=outcome)
    if code:
        rows = rows.annotate(said=Cast("codes", TextField())).filter(said__contains=f'"{code}"')
    return rows


def linked(rows: Iterable[ImportRow], user: Any) -> frozenset[int]:
    """The households of these rows that ``user`` sees; one query."""
    wanted = {row.household_id for row in rows if row.household_id}
    return frozenset(Household.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))


def shown(rows: Iterable[ImportRow]) -> list[ShownRow]:
    """The rows of one page, opened: one query for the names of cadres."""
    opened = [(row, *_opened(row)) for row in rows]
    wanted = {value for _r, new, old in opened for value in (new.get("cadre"), old.get("cadre")) if value}
    names = dict(Cadre.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return [ShownRow(row, row.notes, list(_pairs(new, old, names))) for row, new, old in opened]


def _opened(row: ImportRow) -> tuple[dict[str, Any], dict[str, Any]]:
    if row.outcome != "updated" or not row.values:
        return {}, {}
    return json.loads(row.values), json.loads(row.before) if row.before else {}


def _pairs(new: dict[str, Any], old: dict[str, Any], names: dict[int, str]) -> Iterable[tuple[str, Any, Any]]:
    for name, after in new.items():
        before = old.get(name)
        if name == "cadre":
            yield name, names.get(before or 0, ""), names.get(after, "")
        elif name in _MASKED:
            yield name, _MASKED[name](before or ""), _MASKED[name](after or "")
        else:
            yield name, _text(before), _text(after)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    return "" if value is None else str(value)
