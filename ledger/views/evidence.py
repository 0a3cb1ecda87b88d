"""Photos and PDFs: adding them to an issue, and the one view that serves a stored file."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext

from ledger.actions import evidence
from ledger.actions.audit import record
from ledger.actions.submissions import once
from ledger.forms.evidence import EvidenceForm
from ledger.models import Evidence, EvidenceKind, Issue
from ledger.queries.issues import may_add_evidence
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.issues import scoped

P = Permission
PAPER_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
PHOTO_POLICY = (
    "script-src 'none'; object-src 'none'; connect-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""Nothing is said of styles: a browser's own viewer fits a photo to the screen by them."""


@contract(P.VIEW, P.HANDLE_ISSUE, methods=("GET", "POST"))
def issue_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add photos or PDFs to an unfinished issue."""
    issue = get_object_or_404(scoped(request.user), pk=pk)
    if not may_add_evidence(request.user, issue):
        raise PermissionDenied
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        files, client_id = form.cleaned_data["files"], form.cleaned_data["client_id"]
        made = form.save_by(
            lambda: once(
                user=request.user, form="evidence", client_id=client_id, body={"issue": issue, "files": files},
                write=lambda: _keep(request, files, issue, client_id),
            )
        )  # fmt: skip
        if made:
            count = len(files)
            messages.success(request, ngettext("%(n)s file kept.", "%(n)s files kept.", count) % {"n": count})
            return redirect("issue_detail", issue.pk)
    context = {"issue": issue, "form": form}
    return render(request, "ledger/issues/issue_evidence.html", context, status=form.status)


def _keep(request: HttpRequest, files: list[Any], issue: Issue, client_id: uuid.UUID | None) -> int:
    return evidence.store_all(by=request.user, files=files, issue=issue, client_id=client_id)[0].pk


@contract()
def evidence_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stored file, to who sees its visit or issue; ``?small`` is a photo's small copy. Never run by a browser."""
    found = get_object_or_404(
        Evidence.objects.visible_to(request.user).select_related("issue__village__township"), pk=pk
    )
    if found.issue is not None and found.issue.is_sensitive:
        record(verb="evidence.read", by=request.user, obj=found.issue, label=found.issue.number)
    is_photo = found.kind == EvidenceKind.PHOTO
    name = evidence.thumbnail_of(found.stored_as) if is_photo and "small" in request.GET else found.stored_as
    if not default_storage.exists(name):
        raise Http404
    response = FileResponse(
        default_storage.open(name), as_attachment=not is_photo, filename=found.name,
        content_type="image/jpeg" if is_photo else "application/pdf",
    )  # fmt: skip
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = PHOTO_POLICY if is_photo else PAPER_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"  # no foreign page shows or measures it
    return response
