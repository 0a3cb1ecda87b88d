"""撤销导入, 取消导入: end an import before it is written, or undo it afterwards."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.forms.picks import number_of
from ledger.importing.cancelling import cancel
from ledger.importing.jobs import undo_import
from ledger.importing.past_undo_check import PastUndo, undo_plan
from ledger.importing.plan import Outcome
from ledger.importing.undo import request_undo
from ledger.importing.undo_check import SENTENCES, UndoPlan, by_reason
from ledger.models import BatchState, ImportBatch, ImportRow
from ledger.queries.imports import batches
from ledger.rules.cleaning import storable
from ledger.rules.history import Table
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.import_rows import ROWS_ON_PAGE, lines

IMPORT = Permission.IMPORT_HOUSEHOLDS


@contract(IMPORT, methods=("POST",))
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an import that is not written yet; work under way stops at its next step and keeps nothing."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if cancel(by=request.user, batch=batch):
        messages.success(request, _("The import is cancelled. Nothing was written."))
    else:
        batch.refresh_from_db()
        messages.info(request, _too_late(batch))
    return redirect("import_detail", pk=pk)


@contract(IMPORT, methods=("GET", "POST"))
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What undoing would take back and what stays, row by row; a POST undoes just that."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if request.method == "POST":
        return _undo(request, batch)
    if batch.state != BatchState.APPLIED:
        messages.info(request, _overtaken(batch))
        return redirect("import_detail", pk=pk)
    plan = undo_plan(batch)
    lanes = _lanes(batch, plan, request.GET.get("outcome", ""))
    chosen = next(lane for lane in lanes if lane["active"])
    page = Paginator(chosen["rows"], ROWS_ON_PAGE).get_page(request.GET.get("page"))
    why = {row.pk: SENTENCES[row.left] for row in page.object_list if row.left}
    found = ImportRow.objects.filter(pk__in=[row.pk for row in page.object_list]).order_by("pk")
    listed = lines(found, request.user)
    for line in listed:
        line["left"] = why.get(line["row"].pk, "")
    context = {
        "batch": batch, "plan": plan, "digest": plan.digest(), "lanes": lanes, "page": page, "rows": listed,
        "outcome": chosen["key"], "reasons": by_reason(plan.left), "stays": sum(plan.left.values()),
        "goes": len(plan.rows) - sum(plan.left.values()), "figures": _figures(plan),
        "is_past": isinstance(plan, PastUndo),
        "several_sheets": len(batch.layout.get("sheets", ())) > 1,
    }  # fmt: skip
    return render(request, "ledger/imports/import_undo.html", context)


def _undo(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    version, digest = number_of(request.POST.get("version", "")), storable(request.POST.get("digest", "")[:64])
    if request_undo(by=request.user, batch=batch, version=version, digest=digest):
        undo_import.enqueue(batch.pk)
    else:
        batch.refresh_from_db()
        messages.info(request, _overtaken(batch))
    return redirect("import_detail", pk=batch.pk)


def _figures(plan: UndoPlan) -> list[tuple[str, int]]:
    """What goes, of each kind, and how many rows are put back."""
    if isinstance(plan, PastUndo):
        places = sum(len(plan.made[table]) for table in (Table.UNITS, Table.CADRES, Table.ENTERPRISES))
        parts = [
            (_("Issues taken away"), len(plan.made[Table.ISSUES])),
            (_("Visits taken away"), len(plan.made[Table.EVENTS])),
            (_("Households taken away"), len(plan.households)),
            (_("Units, cadres and enterprises taken away"), places),
        ]  # fmt: skip
    else:
        parts = [
            (_("Households taken away"), len(plan.households)),
            (_("Members taken away from others"), len(plan.members)),
        ]
    return [*parts, (_("Rows put back"), len(plan.restored))]


def _lanes(batch: ImportBatch, plan: UndoPlan, chosen: str) -> list[dict[str, Any]]:
    url = reverse("import_undo", args=[batch.pk])
    parts = (
        ("left", _("Stay as they are"), [row for row in plan.rows if row.left], "due"),
        ("removed", _("Taken away"), [r for r in plan.rows if r.outcome == Outcome.CREATED and not r.left], ""),
        ("restored", _("Put back"), plan.restored, ""),
    )
    known = {key for key, _label, rows, _state in parts if rows}
    chosen = chosen if chosen in known else next((key for key, _l, rows, _s in parts if rows), "removed")
    return [
        {"key": key, "label": label, "rows": rows, "count": f"{len(rows):,}", "state": state if rows else "",
         "url": f"{url}?outcome={key}", "active": key == chosen}
        for key, label, rows, state in parts
    ]  # fmt: skip


def _too_late(batch: ImportBatch) -> str:
    if batch.state == BatchState.APPLIED:
        return _("It was written already, before it could be cancelled. You can undo it.")
    if batch.state == BatchState.CANCELLED:
        return _("This import was cancelled already.")
    return _("This import has ended already.")


def _overtaken(batch: ImportBatch) -> str:
    who = getattr(batch.undone_by, "name", "")
    if batch.state == BatchState.UNDONE:
        return _("%(who)s undid this import already.") % {"who": who}
    if batch.state == BatchState.UNDOING:
        return _("%(who)s is undoing this import at this moment.") % {"who": who}
    if batch.state == BatchState.APPLIED:
        return _("Something was recorded since you looked, so nothing was undone. Look again, then undo it.")
    return _("Only an import that was applied can be undone.")
