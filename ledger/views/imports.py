"""导入名册: hand in, look at the plan, apply it, read the report."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from ledger.actions.submissions import submit
from ledger.forms.imports import ImportForm
from ledger.forms.picks import number_of
from ledger.importing.batches import ROSTER, create_batch, request_apply, seems_dead, take_back
from ledger.importing.cancelling import CANCELLABLE
from ledger.importing.field_names import EXAMPLES, FIELD_NAMES
from ledger.importing.files import SENTENCES
from ledger.importing.history import KIND as HISTORY
from ledger.importing.history_words import understood
from ledger.importing.jobs import apply_import, plan_import
from ledger.importing.pulse import progress_of
from ledger.importing.undo import give_up_undo
from ledger.models import BatchState, ImportBatch
from ledger.models.scope import may
from ledger.queries.held_rows import held_rows, to_decide
from ledger.queries.imports import batches
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.import_rows import rows_of
from ledger.views.import_templates import offered
from ledger.views.import_workbook import may_take
from ledger.views.records import sent

IMPORT = Permission.IMPORT_HOUSEHOLDS
BATCHES_ON_PAGE = 20
BUSY = (BatchState.WAITING, BatchState.PLANNING, BatchState.APPLYING, BatchState.UNDOING)


@contract(IMPORT)
def import_list(request: HttpRequest) -> HttpResponse:
    """What was imported for one's townships, by oneself and by others."""
    page = Paginator(batches(request.user), BATCHES_ON_PAGE).get_page(request.GET.get("page"))
    held = to_decide(held_rows(request.user)).count()
    return render(request, "ledger/imports/import_list.html", {
        "page": page, "busy": BUSY, "held": held, "compares": may(request.user, Permission.MANAGE_DIVISIONS),
    })  # fmt: skip


@contract(IMPORT, methods=("GET", "POST"))
def import_create(request: HttpRequest) -> HttpResponse:
    """Hand in a roster; a file that can be read is planned in the background, nothing else is written."""
    wanted = HISTORY if request.GET.get("kind") == HISTORY else ROSTER
    form = ImportForm(sent(request), request.FILES or None, user=request.user, initial={"kind": wanted})
    status = 200
    if form.is_bound and form.is_valid():
        made = form.attempt(lambda: _hand_in(request.user, form))
        if made is not None:
            return redirect("import_detail", pk=made)
    if form.is_bound:
        status = form.status if form.status != 200 else 400
    kind = HISTORY if form["kind"].value() == HISTORY else ROSTER
    context = {
        "form": form, "limit": settings.ROSTER_MAX_BYTES // 1024 // 1024,
        "columns": [(FIELD_NAMES[name], words, needed) for name, words, needed in EXAMPLES],
        "is_past": kind == HISTORY, "tables": understood(), "templates": offered(kind),
    }  # fmt: skip
    return render(request, "ledger/imports/import_create.html", context, status=status)


def _hand_in(user: Any, form: ImportForm) -> int:
    upload, townships, kind = (form.cleaned_data[name] for name in ("file", "townships", "kind"))

    def write() -> int:
        batch = create_batch(by=user, townships=townships, file_name=upload.name, data=form.data_read, kind=kind)
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
    if batch.state == BatchState.COLUMNS and batch.sample:
        return redirect("import_columns", pk=pk)
    context: dict[str, Any] = {
        "batch": batch,
        "busy": batch.state in BUSY,
        "error": _error(batch),
        "dead": seems_dead(batch),
        "progress": progress_of(batch),
        "can_cancel": batch.state in CANCELLABLE,
        "may_take": may_take(request.user, batch),
    }
    if batch.state in (BatchState.PLANNED, BatchState.APPLIED, BatchState.UNDONE):
        context |= rows_of(request, batch)
    return render(request, "ledger/imports/import_detail.html", context)


@contract(IMPORT)
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece that asks every other second; when the work is done the page is drawn anew."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if batch.state not in BUSY and request.htmx:
        return HttpResponseClientRefresh()
    context = {
        "batch": batch, "dead": seems_dead(batch), "progress": progress_of(batch),
        "can_cancel": batch.state in CANCELLABLE,
    }  # fmt: skip
    return render(request, "ledger/imports/_progress.html", context)


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
    if batch.state == BatchState.UNDOING:
        give_up_undo(by=request.user, batch=batch)
    elif take_back(by=request.user, batch=batch):
        plan_import.enqueue(batch.pk)
    return redirect("import_detail", pk=pk)


def _overtaken(batch: ImportBatch) -> str:
    who = getattr(batch.applied_by, "name", "")
    if batch.state == BatchState.APPLIED and who:
        return _("%(who)s applied this import already; it was written once.") % {"who": who}
    if batch.state == BatchState.APPLYING and who:
        return _("%(who)s is applying this import at this moment.") % {"who": who}
    if batch.state == BatchState.CANCELLED:
        return _("This import was cancelled meanwhile. Nothing was written.")
    return _("The plan changed meanwhile. Look at it again, then apply it.")


def _error(batch: ImportBatch) -> str:
    if batch.state == BatchState.REFUSED:
        return batch.error_detail or str(SENTENCES.get(batch.error_code, ""))
    known = {
        "stale": _(
            "The ledger changed since the plan was made. This is the new plan: look at it again, then apply it."
        ),
        "out_of_scope": _("The roster reached households outside your area. Nothing was written."),
        "failed": _("The work stopped before its end. Nothing was written; start it again."),
        "expired": _("Nobody applied it in time, so it has ended and its file was deleted. Nothing was written."),
        "undo_stale": _("Something was recorded since you looked, so nothing was undone. Look again, then undo it."),
        "undo_failed": _("Undoing stopped before its end. Nothing was undone."),
    }
    return known.get(batch.error_code, "")
