"""导入结果: the uploaded workbook back, for its uploader alone, while its file is kept."""

from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from ledger.importing.batches import record_batch
from ledger.importing.kept_files import is_kept
from ledger.importing.workbook import CONTENT_TYPES, NotReturned, returned_workbook
from ledger.models import BatchState, ImportBatch
from ledger.queries.imports import batches
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

SHOWN_IN = (BatchState.PLANNED, BatchState.APPLIED, BatchState.UNDONE)


@contract(Permission.IMPORT_HOUSEHOLDS)
def import_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook with what became of each row; taking it is recorded, since it holds full numbers."""
    batch = get_object_or_404(batches(request.user), pk=pk)
    if not is_uploader(request.user, batch):
        raise PermissionDenied
    try:
        if not may_take(request.user, batch):
            raise NotReturned
        made, kind = returned_workbook(batch)
    except NotReturned:
        messages.error(request, _("The workbook could not be made. The rows stand on this page all the same."))
        return redirect("import_detail", pk=pk)
    record_batch("import.returned", request.user, batch, batch.townships.all())
    name = _("%(file)s with results") % {"file": Path(batch.file_name).stem}
    response = HttpResponse(made, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.{kind}") or ""
    response["Cache-Control"] = "no-store"
    return response


def may_take(user: object, batch: ImportBatch) -> bool:
    """Whether there is a workbook to be had: by who handed it in, while the file is kept."""
    return is_uploader(user, batch) and batch.state in SHOWN_IN and is_kept(batch)


def is_uploader(user: object, batch: ImportBatch) -> bool:
    """Whether this person handed the file in: nobody else gets its full numbers back (design.md 10)."""
    return batch.uploaded_by_id is not None and batch.uploaded_by_id == getattr(user, "pk", None)
