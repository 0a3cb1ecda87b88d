"""Blank workbooks to fill in, with the names of one's own area in their drop-downs."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from ledger.exporting.blanks import TEMPLATES, Lists, blank_template
from ledger.importing.batches import ROSTER
from ledger.importing.history import KIND as HISTORY
from ledger.queries.template_lists import template_lists
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


OFFERED = {ROSTER: ("households", "residents"), HISTORY: ("history",)}
"""Kind of import → the templates offered beside its form."""


def offered(kind: str) -> list[dict[str, Any]]:
    """The templates for one kind of import."""
    return [{"kind": name, "title": TEMPLATES[name].title} for name in OFFERED[kind]]


@contract(Permission.IMPORT_HOUSEHOLDS)
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The template of one kind; it holds no data but names of places, units and types of one's own area."""
    template = TEMPLATES.get(kind)
    if template is None:
        raise Http404
    made = blank_template(kind, Lists(**template_lists(request.user)))
    name = content_disposition_header(as_attachment=True, filename=f"{template.file_name}.xlsx")
    return HttpResponse(made, content_type=XLSX, headers={"Content-Disposition": name})
