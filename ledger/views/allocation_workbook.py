"""分配方案进出 Excel: taken out as a workbook, handed in again, its difference looked at, then taken over."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.allocation import StaleProposal
from ledger.actions.allocation_edit import take_over
from ledger.exporting.allocation_workbook import allocation_workbook as workbook_of
from ledger.filters.exports import head_for
from ledger.forms.allocation import WorkbookForm
from ledger.forms.picks import number_of
from ledger.forms.uploads import seal, unseal
from ledger.importing.allocation_workbook import MAX_BYTES, read_returned
from ledger.importing.files import FileRefused
from ledger.models import Allocation
from ledger.rules.days import local_today
from ledger.rules.lists import ListRefused
from ledger.rules.permissions import Permission
from ledger.views.allocation import ASSIGN, allocation_asked
from ledger.views.contract import contract, require
from ledger.views.exports import XLSX, file_response
from ledger.views.records import sent

SHOWN = 300
"""Changes and missing households named one by one; all of them count."""


@contract(ASSIGN, methods=("POST",))
def allocation_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the proposal out as a workbook; on record."""
    allocation = allocation_asked(request, pk)
    require(request.user, Permission.EXPORT, allocation)
    data, name = workbook_of(by=request.user, allocation=allocation, head=head_for(request.user, local_today()))
    return file_response(data, name, XLSX)


@contract(ASSIGN, methods=("GET", "POST"))
def allocation_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the workbook in again; look at the difference; nothing is written yet."""
    allocation = allocation_asked(request, pk)
    if not allocation.is_open:
        messages.info(request, _("Only an open proposal can be changed."))
        return redirect("allocation_detail", pk)
    form = WorkbookForm(sent(request), request.FILES or None)
    context: dict[str, Any] = {"allocation": allocation, "form": form, "limit": MAX_BYTES // 1024 // 1024}
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        context["file_name"] = upload.name
        try:
            found = read_returned(upload.read(), allocation)
        except (FileRefused, ListRefused) as refused:
            context["faults"] = [refused.message] if isinstance(refused, FileRefused) else refused.sentences()
        else:
            given = [change.given for change in found.changes]
            context |= {
                "found": found, "changes": found.changes[:SHOWN], "missing": found.missing[:SHOWN],
                "more": max(len(found.changes) - SHOWN, 0),
                "sealed": seal(request.user, _sealed_as(allocation, allocation.version), given, upload.name),
            }  # fmt: skip
    return render(request, "ledger/allocation/allocation_return.html", context)


@contract(ASSIGN, methods=("POST",))
def allocation_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what was looked at into the proposal."""
    allocation = allocation_asked(request, pk)
    version = number_of(request.POST.get("version", ""))
    kept = unseal(request.user, _sealed_as(allocation, version), request.POST.get("sealed", ""))
    if kept is None:
        messages.error(request, _("The list has to be handed in again: it was looked at too long ago."))
        return redirect("allocation_return", pk)
    given = {row["household"]: row["cadre"] for row in kept[1]}
    try:
        moved = take_over(by=request.user, allocation=allocation, version=version, given=given)
    except StaleProposal:
        said = _("The proposal was changed meanwhile. Nothing was taken over: hand the file in again.")
        messages.warning(request, said)
        return redirect("allocation_return", pk)
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect("allocation_return", pk)
    said = ngettext(
        "%(n)s household of the proposal was changed.", "%(n)s households of the proposal were changed.", moved
    )
    messages.success(request, said % {"n": moved})
    return redirect("allocation_detail", pk)


def _sealed_as(allocation: Allocation, version: int) -> str:
    return f"allocation-{allocation.pk}-{version}"
