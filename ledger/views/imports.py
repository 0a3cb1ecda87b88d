"""导入名册: hand in, look at the plan, apply it, read the report."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from ledger.actions.submissions import submit
from ledger.forms.imports import ImportForm
from ledger.forms.picks import number_of
from ledger.importing.batches import create_batch, request_apply, seems_dead, take_back
from ledger.importing.field_names import EXAMPLES, FIELD_NAMES
from ledger.importing.files import SENTENCES
from ledger.importing.findings import Finding, short
from ledger.importing.jobs import apply_import, plan_import
from ledger.importing.layout_words import described
from ledger.models import BatchState, ImportBatch
from ledger.queries.imports import NOTICED, batch_rows, batches, remembered_columns, shown
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent

IMPORT = Permission.IMPORT_HOUSEHOLDS
ROWS_ON_PAGE, BATCHES_ON_PAGE = 50, 20
BUSY = (BatchState.WAITING, BatchState.PLANNING, BatchState.APPLYING)


@contract(IMPORT)
def import_list(request: HttpRequest) -> HttpResponse:
    """What was imported for one's townships, by oneself and by others."""
    page = Paginator(batches(request.user), BATCHES_ON_PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/imports/import_list.html", {"page": page, "busy": BUSY})


@contract(IMPORT, methods=("GET", "POST"))
def import_create(request: HttpRequest) -> HttpResponse:
    """Hand in a roster; a file that can be read is planned in the background, nothing else is written."""
    form = ImportForm(sent(request), request.FILES or None, user=request.user)
    status = 200
    if form.is_bound and form.is_valid():
        made = form.attempt(lambda: _hand_in(request.user, form))
        if made is not None:
            return redirect("import_detail", pk=made)
    if form.is_bound:
        status = form.status if form.status != 200 else 400
    context = {
        "form": form, "limit": settings.ROSTER_MAX_BYTES // 1024 // 1024,
        "columns": [(FIELD_NAMES[name], words, needed) for name, words, needed in EXAMPLES],
    }  # fmt: skip
    return render(request, "ledger/imports/import_create.html", context, status=status)


def _hand_in(user: Any, form: ImportForm) -> int:
    upload, townships = form.cleaned_data["file"], form.cleaned_data["townships"]

    def write() -> int:
        batch = create_batch(by=user, townships=townships, file_name=upload.name, data=form.data_read)
        return int(batch.pk)

    client_id = form.cleaned_data["client_id"]
    made, is_new = submit(user=user, form="import", client_id=client_id, body=form.body, write=write)
    if is_new:
        plan_import.enqueue(made)
    return made


@contract(IMPORT)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its progress, its plan, or its report."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if batch.state == BatchState.COLUMNS:
        return redirect("import_columns", pk=pk)
    context: dict[str, Any] = {
        "batch": batch,
        "busy": batch.state in BUSY,
        "error": _error(batch),
        "dead": seems_dead(batch),
    }
    if batch.state in (BatchState.PLANNED, BatchState.APPLIED):
        context |= _plan(request, batch)
    return render(request, "ledger/imports/import_detail.html", context)


@contract(IMPORT)
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece that asks every other second; when the work is done the page is drawn anew."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if batch.state not in BUSY and request.htmx:
        return HttpResponseClientRefresh()
    return render(request, "ledger/imports/_progress.html", {"batch": batch, "dead": seems_dead(batch)})


@contract(IMPORT, methods=("POST",))
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the plan that was looked at; of two who do so the second sees who was first."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    version = number_of(request.POST.get("version", ""))
    if request_apply(by=request.user, batch=batch, version=version):
        apply_import.enqueue(batch.pk)
    else:
        batch.refresh_from_db()
        messages.info(request, _overtaken(batch))
    return redirect("import_detail", pk=pk)


@contract(IMPORT, methods=("POST",))
def import_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Start again what stopped: the plan is made anew, since nothing was written."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if take_back(by=request.user, batch=batch):
        plan_import.enqueue(batch.pk)
    return redirect("import_detail", pk=pk)


def _overtaken(batch: ImportBatch) -> str:
    who = getattr(batch.applied_by, "name", "")
    if batch.state == BatchState.APPLIED and who:
        return _("%(who)s applied this import already; it was written once.") % {"who": who}
    if batch.state == BatchState.APPLYING and who:
        return _("%(who)s is applying this import at this moment.") % {"who": who}
    return _("The plan changed meanwhile. Look at it again, then apply it.")


def _error(batch: ImportBatch) -> str:
    if batch.state == BatchState.REFUSED:
        return str(SENTENCES.get(batch.error_code, ""))
    known = {
        "stale": _(
            "The ledger changed since the plan was made. This is the new plan: look at it again, then apply it."
        ),
        "out_of_scope": _("The roster reached households outside your area. Nothing was written."),
        "failed": _("The work stopped before its end. Nothing was written; start it again."),
    }
    return known.get(batch.error_code, "")


def _plan(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    """The rows of a plan or report: refused ones first, by outcome and by reason."""
    outcome, code = request.GET.get("outcome", ""), request.GET.get("reason", "")
    code = code if code in batch.counts.get("codes", {}) else ""
    lanes = _lanes(batch)
    known = {lane["key"] for lane in lanes}
    outcome = outcome if outcome in known else next((lane["key"] for lane in lanes if lane["count"]), "refused")
    rows = batch_rows(batch, outcome=outcome, code=code)
    page = Paginator(rows, ROWS_ON_PAGE).get_page(request.GET.get("page"))
    for lane in lanes:
        lane["active"] = lane["key"] == outcome
    return {
        "lanes": lanes, "page": page, "rows": [_line(row) for row in shown(page.object_list)], "outcome": outcome,
        "reasons": _reasons(batch, code), "reason": code, "counts": batch.counts, "layout": described(batch.layout),
        "several_sheets": len(batch.layout.get("sheets", ())) > 1, "is_applied": batch.state == BatchState.APPLIED,
        "households": reverse("household_list"), "remembered": remembered_columns(batch),
        "to_write": batch.counts.get("created", 0) + batch.counts.get("updated", 0),
    }  # fmt: skip


def _lanes(batch: ImportBatch) -> list[dict[str, Any]]:
    counts = batch.counts
    applied = batch.state == BatchState.APPLIED
    words = (
        ("refused", _("Refused"), counts.get("refused", 0), "late"),
        (NOTICED, _("With a notice"), counts.get("warned", 0), "due"),
        ("created", _("Added") if applied else _("New"), counts.get("created", 0), ""),
        ("updated", _("Changed"), counts.get("updated", 0), ""),
    )
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


def _line(row: Any) -> dict[str, Any]:
    """One row of the table: what is said of it, and what it changes."""
    notes = [Finding(*note) for note in row.notes]
    names = {name: FIELD_NAMES.get(name, "") for name, _before, _after in row.changes}
    return {
        "row": row.row,
        "notes": [
            {"column": note.column, "field": FIELD_NAMES.get(note.field, ""), "sentence": note.sentence,
             "is_soft": note.is_soft}
            for note in notes
        ],
        "changes": [(names[name], before, after) for name, before, after in row.changes if names[name]],
    }  # fmt: skip
