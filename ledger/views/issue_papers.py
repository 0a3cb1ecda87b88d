"""交办(转办)单 and 告知书 of an issue, as Word documents."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ledger.actions.reveals import TooManyReveals
from ledger.exporting.issue_papers import NothingToPrint, print_covering, print_reply
from ledger.exporting.word import PaperRefused
from ledger.forms.papers import PrintForm
from ledger.models.papers import ISSUE_PAPERS, PaperKind
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.exports import file_response
from ledger.views.issues import scoped

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@contract(Permission.EXPORT, methods=("POST",))
def issue_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """One paper of an issue; printing is on record, and a covering document gets its number by it."""
    issue = get_object_or_404(scoped(request.user), pk=pk)
    require(request.user, Permission.EXPORT, issue)
    form = PrintForm(request.POST)
    if kind not in ISSUE_PAPERS:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("The basis is longer than 500 characters. Nothing was printed."))
        return redirect("issue_detail", pk)
    try:
        if kind == PaperKind.COVERING:
            printed = print_covering(by=request.user, issue=issue, with_phone=form.cleaned_data["with_phone"])
        else:
            printed = print_reply(by=request.user, issue=issue, basis=form.cleaned_data["basis"])
    except NothingToPrint:
        raise PermissionDenied(_("The matter has no such paper now.")) from None
    except TooManyReveals as refused:
        said = _("More than %(n)s numbers in an hour: print it without the full number.") % {"n": refused.limit}
        messages.error(request, said)
    except PaperRefused as refused:
        messages.error(request, _("The county's template could not be filled: %(why)s") % {"why": refused})
    else:
        return file_response(printed.data, printed.file_name, DOCX)
    return redirect("issue_detail", pk)
