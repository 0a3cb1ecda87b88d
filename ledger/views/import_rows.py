"""The rows of an import as its pages list them: by outcome, by reason, with what they change."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.importing.field_names import FIELD_NAMES
from ledger.importing.findings import Finding, short
from ledger.importing.history import KIND
from ledger.importing.history_words import tables_of
from ledger.importing.layout_words import described, outcome_word, quiet_words
from ledger.importing.undo_check import SENTENCES as LEFT_BECAUSE
from ledger.models import BatchState, ImportBatch, ImportRow
from ledger.queries.imports import LEFT, NOTICED, batch_rows, linked, remembered_columns, shown, with_villages

ROWS_ON_PAGE = 50
QUIET = ("unchanged", "ignored")
"""Lanes whose rows are not kept one by one, only where they stand."""


def rows_of(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    """The rows of a plan or report: refused ones first; a reason alone lists all rows that have it."""
    outcome, code = request.GET.get("outcome", ""), request.GET.get("reason", "")
    code = code if code in batch.counts.get("codes", {}) else ""
    lanes = _lanes(batch)
    known = {lane["key"] for lane in lanes}
    if outcome not in known:
        outcome = "" if code else next((lane["key"] for lane in lanes if lane["count"]), "refused")
    for lane in lanes:
        lane["active"] = lane["key"] == outcome
    rows = ImportRow.objects.none() if outcome in QUIET else batch_rows(batch, outcome=outcome, code=code)
    page = Paginator(rows, ROWS_ON_PAGE).get_page(request.GET.get("page"))
    layout = with_villages(described(batch.layout, history=batch.kind == KIND))
    return {
        "lanes": lanes, "page": page, "rows": lines(page.object_list, request.user), "outcome": outcome,
        "reasons": [] if outcome in (*QUIET, LEFT) else _reasons(batch, code), "reason": code, "counts": batch.counts,
        "quiet": quiet_words(batch.layout, outcome) if outcome in QUIET else [], "is_quiet": outcome in QUIET,
        "layout": layout, "tables": tables_of(batch),
        "several_sheets": len(batch.layout.get("sheets", ())) > 1,
        "is_applied": batch.state in (BatchState.APPLIED, BatchState.UNDONE),
        "households": reverse("household_list"), "remembered": remembered_columns(batch),
        "to_write": batch.counts.get("created", 0) + batch.counts.get("updated", 0),
    }  # fmt: skip


def lines(rows: Iterable[ImportRow], user: Any) -> list[dict[str, Any]]:
    """The rows of one page as the table shows them, with links to the households that ``user`` sees."""
    listed = shown(rows)
    links = linked([one.row for one in listed], user)
    return [_line(one, links) for one in listed]


def _lanes(batch: ImportBatch) -> list[dict[str, Any]]:
    counts = batch.counts
    applied = batch.state in (BatchState.APPLIED, BatchState.UNDONE)
    words = [
        ("refused", _("Refused"), counts.get("refused", 0), "late"),
        (NOTICED, _("With a notice"), counts.get("warned", 0), "due"),
        ("created", _("Added") if applied else _("New"), counts.get("created", 0), ""),
        ("updated", _("Changed"), counts.get("updated", 0), ""),
        ("unchanged", _("Unchanged"), counts.get("unchanged", 0), ""),
        (
            "ignored",
            _("No rows of data") if batch.kind == KIND else _("No household rows"),
            counts.get("ignored", 0),
            "",
        ),
    ]
    if batch.state == BatchState.UNDONE:
        words.insert(0, (LEFT, _("Not undone"), counts.get("undone", {}).get("left", 0), "due"))
    url = reverse("import_detail", args=[batch.pk])
    return [
        {"key": key, "label": label, "count": f"{count:,}" if count else 0, "state": state if count else "",
         "url": f"{url}?outcome={key}"}
        for key, label, count, state in words
    ]  # fmt: skip


def _reasons(batch: ImportBatch, chosen: str) -> list[dict[str, Any]]:
    codes = batch.counts.get("codes", {})
    ordered = sorted(codes.items(), key=lambda item: -item[1])
    return [{"code": code, "label": short(code), "count": count, "active": code == chosen} for code, count in ordered]


def _line(one: Any, links: frozenset[int]) -> dict[str, Any]:
    """One row of the table: what is said of it, and what it changes."""
    notes = [Finding(*note) for note in one.notes]
    names = {name: FIELD_NAMES.get(name, "") for name, _before, _after in one.changes}
    row, is_in = one.row, one.row.outcome != "refused"  # a row that was held is in by a decision
    return {
        "row": row,
        "url": reverse("household_detail", args=[row.household_id]) if row.household_id in links else "",
        "outcome": outcome_word(row.outcome),
        "left": LEFT_BECAUSE.get(row.left_because, ""),
        "notes": [
            {"column": note.column, "field": FIELD_NAMES.get(note.field, ""), "sentence": note.sentence,
             "short": short(note.code), "is_soft": note.is_soft or is_in, "is_decided": is_in and not note.is_soft}
            for note in notes
        ],
        "changes": [(names[name], before, after) for name, before, after in one.changes if names[name]],
    }  # fmt: skip
