"""文书模板: download the template in use, hand in an own one, go back to the default; the list of its fields."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.exporting.paper_fields import FIELDS, FILE_NAMES, LISTS, ROW, SHOWN_IF
from ledger.exporting.paper_templates import own_template, restore_default, take_template, template_of
from ledger.exporting.word import MOST_UPLOADED, PaperRefused
from ledger.forms.papers import TemplateForm
from ledger.models import County, PaperKind
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.exports import file_response
from ledger.views.issue_papers import DOCX

SET = Permission.MANAGE_DEFAULTS


@contract(SET)
def paper_template_list(request: HttpRequest) -> HttpResponse:
    """Every paper with the template in use."""
    county = _county(request)
    papers = [
        {
            "kind": str(kind),
            "label": kind.label,
            "own": own_template(county, kind),
            "fields": FIELDS[kind],
            "lists": LISTS[kind],
            "shown_if": SHOWN_IF[kind],
        }
        for kind in PaperKind
    ]
    context = {
        "papers": papers,
        "row": ROW,
        "limit": MOST_UPLOADED // 1024 // 1024,
        "county": county,
    }
    return render(request, "ledger/paper_templates/paper_template_list.html", context)


@contract(SET)
def paper_template_download(request: HttpRequest, paper: str) -> HttpResponseBase:
    """The template in use, to be changed in Word or WPS."""
    kind = _kind(paper)
    return file_response(template_of(_county(request), kind), FILE_NAMES[kind], DOCX)


@contract(SET, methods=("POST",))
def paper_template_upload(request: HttpRequest, paper: str) -> HttpResponse:
    """Take an own template, or say what is wrong with it and where; the one in use stays then."""
    kind, county, form = _kind(paper), _county(request), TemplateForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("paper_template_list")
    file = form.cleaned_data["file"]
    try:
        take_template(by=request.user, county=county, kind=kind, file_name=file.name, data=file.read(MOST_UPLOADED))
    except PaperRefused as refused:
        messages.error(request, _("Not taken, the template in use stays: %(why)s") % {"why": refused})
    else:
        messages.success(request, _("Taken: papers are printed with this template from now on."))
    return redirect("paper_template_list")


@contract(SET, methods=("POST",))
def paper_template_restore(request: HttpRequest, paper: str) -> HttpResponse:
    """The default again."""
    if restore_default(by=request.user, county=_county(request), kind=_kind(paper)):
        messages.success(request, _("The default template is in use again."))
    return redirect("paper_template_list")


def _county(request: HttpRequest) -> Any:
    return get_object_or_404(County.objects.visible_to(request.user, SET).order_by("pk")[:1])


def _kind(paper: str) -> PaperKind:
    if paper not in PaperKind.values:
        raise Http404
    return PaperKind(paper)
